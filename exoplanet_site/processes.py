"""Programs of the site that one supervisor starts,
watches and stops: `make run` and `make stack`."""

from __future__ import annotations

import os
import signal
import subprocess  # nosec B404
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO, Final

from exoplanet_site.places import PROJECT
from training.background.parents import die_with_parent

# As compose.yaml has them, after the name of Python.
WEB_COMMAND: Final = (
    "-m",
    "gunicorn",
    "--config",
    "exoplanet_site/gunicorn_settings.py",
    "exoplanet_site.wsgi",
)
WORKER_COMMAND: Final = ("manage.py", "work")

STOP_SECONDS = 40  # what is still running after this time is killed; gunicorn gives its requests 30
RESTARTS_PER_MINUTE = (
    3  # of a program that dies; more than that is a fault to look at, not to repeat
)
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class CannotStart(Exception):
    """A sentence for the person at the terminal."""


class Stop(Exception):
    """Ctrl-C, or a polite kill."""


def say(sentence: str) -> None:
    print(sentence, flush=True)


def stop_on_signals() -> None:
    for number in SIGNALS:
        signal.signal(number, _stop)


def _stop(number: int, frame: FrameType | None) -> None:
    for again in SIGNALS:
        signal.signal(
            again, signal.SIG_IGN
        )  # stopping has begun: a second Ctrl-C must not leave a part behind
    raise Stop


def run_until_stopped(run: Callable[[], None], name: str) -> int:
    """The exit status of a supervisor that runs until a signal ends it, or that cannot start."""
    stop_on_signals()
    try:
        run()
    except Stop:
        say(f"The {name} has stopped.")
    except CannotStart as error:
        print(error, file=sys.stderr)
        return 1
    return 0


@dataclass
class Part:
    """One program of the site, running in a process group of its own."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    stop_signal: signal.Signals = signal.SIGTERM
    inherited: Mapping[str, str] = field(default_factory=lambda: os.environ)
    folder: Path | None = (
        None  # where its number (as NAME.pid) and what it says (as NAME.log) are kept
    )
    starts: deque[float] = field(default_factory=lambda: deque(maxlen=RESTARTS_PER_MINUTE + 1))
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.starts.append(time.monotonic())
        self.kill()  # what a killed program has left of its children
        # A group of its own: Ctrl-C reaches this supervisor only, which then stops the parts in
        # order.
        self.process = subprocess.Popen(  # noqa: S603  # nosec B603  # our own commands
            self.command,
            env={**self.inherited, "OMP_NUM_THREADS": "1", **self.environment},
            cwd=PROJECT,
            process_group=0,
            preexec_fn=die_with_parent,
            stdin=subprocess.DEVNULL,
            stdout=self._log(),
            stderr=subprocess.STDOUT if self.folder else None,
        )
        if self.folder:
            (self.folder / f"{self.name}.pid").write_text(f"{self.process.pid}\n")

    def _log(self) -> IO[bytes] | None:
        return (self.folder / f"{self.name}.log").open("ab") if self.folder else None

    @property
    def ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    @property
    def is_crash_looping(self) -> bool:
        return len(self.starts) > RESTARTS_PER_MINUTE and time.monotonic() - self.starts[0] < 60

    def terminate(self) -> None:
        if self.process and not self.ended:
            self.process.send_signal(self.stop_signal)

    def kill(self) -> None:
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def wait(self, deadline: float) -> None:
        if not self.process:
            return
        try:
            self.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            say(f"The {self.name} did not stop in {STOP_SECONDS} s and is killed.")
            self.kill()
            self.process.wait()


def restart(part: Part) -> None:
    if part.is_crash_looping:
        raise CannotStart(
            f"The {part.name} ended {len(part.starts)} times within a minute, so the site stops."
        )
    say(f"The {part.name} has ended and is started again.")
    part.start()


def stop(parts: list[Part]) -> None:
    for part in parts:
        part.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for part in parts:
        part.wait(deadline)

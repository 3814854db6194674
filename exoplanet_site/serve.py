"""`python -m exoplanet_site.serve`: the whole site on one machine — web server and background workers together.

`make run` starts it. It prepares the database and the files, prints the address, and stops everything at Ctrl-C.
Several machines use the same parts apart from each other: gunicorn, `manage.py qcluster`, `manage.py migrate`.
"""

from __future__ import annotations

import ctypes
import os
import secrets
import signal
import socket
import subprocess  # nosec B404
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from types import FrameType

import django
from django.core.management import call_command

HOST = os.environ.get("HOST") or "127.0.0.1"
PORT = os.environ.get("PORT") or "8000"
WEB_PROCESSES = os.environ.get("WEB_PROCESSES") or "2"
WEB_THREADS = os.environ.get("WEB_THREADS") or "4"

FIRST_ADMINISTRATOR = "admin"
START_SECONDS = 60  # the web server must answer within this time
STOP_SECONDS = 20  # what is still running after this time is killed
RESTARTS_PER_MINUTE = 3  # of a worker that dies; more than that is a fault to look at, not to repeat


class CannotStart(Exception):
    """A sentence for the person at the terminal."""


class Stop(Exception):
    """Ctrl-C, or a polite kill."""


# --- Before the start ------------------------------------------------------------------------------------------------


def check_port(host: str, port: str) -> None:
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise CannotStart(f"PORT must be a number from 1 to 65535, not “{port}”.")
    try:
        with socket.create_server((host, int(port))):
            pass
    except OSError as error:
        raise CannotStart(
            f"The site cannot listen on {host}:{port} ({os.strerror(error.errno or 0)}). "
            f"Stop what is using it, or choose another: PORT={int(port) % 65535 + 1} make run"
        ) from error


def prepare() -> str | None:
    """Database, bundled classifier, static files, first account. Returns a new account's password."""
    from training.models import ModelVersion

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    if not ModelVersion.objects.filter(is_active=True).exists():
        say(
            "No model version is in service yet, so nothing can be classified; "
            "train one: manage.py train_model --kepler FILE --tess FILE --k2 FILE --activate"
        )
    return first_administrator_create()


def first_administrator_create() -> str | None:
    """The first account of an empty site; None when there are accounts already."""
    from django.contrib.auth.models import Group, User

    if User.objects.exists():
        return None
    password = secrets.token_urlsafe(12)
    user = User.objects.create_superuser(FIRST_ADMINISTRATOR, password=password)
    user.groups.set(Group.objects.filter(name__in=("member", "curator", "administrator")))
    return password


# --- The processes ---------------------------------------------------------------------------------------------------


@dataclass
class Part:
    """One program of the site, running in a process group of its own."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    starts: deque[float] = field(default_factory=lambda: deque(maxlen=RESTARTS_PER_MINUTE + 1))
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.starts.append(time.monotonic())
        # A group of its own: Ctrl-C reaches this supervisor only, which then stops the parts in order.
        self.process = subprocess.Popen(  # noqa: S603  # nosec B603  # our own commands
            self.command,
            env={**os.environ, "OMP_NUM_THREADS": "1", **self.environment},
            process_group=0,
            preexec_fn=die_with_parent,
            stdin=subprocess.DEVNULL,
        )

    @property
    def ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    @property
    def keeps_dying(self) -> bool:
        return len(self.starts) > RESTARTS_PER_MINUTE and time.monotonic() - self.starts[0] < 60

    def terminate(self) -> None:
        if self.process and not self.ended:
            self.process.terminate()

    def wait(self, deadline: float) -> None:
        if not self.process:
            return
        try:
            self.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            say(f"The {self.name} did not stop in {STOP_SECONDS} s and is killed.")
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def die_with_parent() -> None:
    """On Linux, ask the kernel to stop this child when the supervisor is killed and can no longer do it."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


def web_server(host: str, port: str) -> Part:
    options = {
        "--bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        "--worker-class": "gthread",
        "--workers": WEB_PROCESSES,
        "--threads": WEB_THREADS,
        "--timeout": "120",
        "--graceful-timeout": "10",
        "--log-level": "warning",
    }
    # No --preload: a child forked after LightGBM has loaded a model hangs. No control socket: it would lie in $HOME.
    arguments = [text for option in options.items() for text in option]
    command = [sys.executable, "-m", "gunicorn", "exoplanet_site.wsgi", "--no-control-socket", *arguments]
    return Part("web server", command)


def worker(queue: str) -> Part:
    command = [sys.executable, "manage.py", "qcluster"]
    return Part(f"worker for {queue}", command, {"Q_CLUSTER_NAME": queue})


def wait_until_answering(web: Part, host: str, port: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if web.ended:
            raise CannotStart("The web server ended while it was starting; the lines above say why.")
        try:
            with socket.create_connection((reachable(host), int(port)), timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise CannotStart(f"The web server did not answer within {START_SECONDS} s.")


def reachable(host: str) -> str:
    """An address to visit: listening on 0.0.0.0 means on every one."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # nosec B104  # compared, not bound


def watch(web: Part, workers: list[Part]) -> None:
    """Return never while all is well: the web server's end ends the site, a worker is started again."""
    while True:
        time.sleep(0.5)
        if web.ended:
            raise CannotStart("The web server has ended, so the site stops.")
        for part in workers:
            if part.ended:
                restart(part)


def restart(part: Part) -> None:
    if part.keeps_dying:
        raise CannotStart(f"The {part.name} ended {len(part.starts)} times within a minute, so the site stops.")
    say(f"The {part.name} has ended and is started again.")
    part.start()


def stop(parts: list[Part]) -> None:
    for part in parts:
        part.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for part in parts:
        part.wait(deadline)


# --- All of it -------------------------------------------------------------------------------------------------------


def say(sentence: str) -> None:
    print(sentence, flush=True)


def greet(password: str | None) -> None:
    host = reachable(HOST)
    say(f"\n  The Exoplanet Site is at http://{f'[{host}]' if ':' in host else host}:{PORT}")
    if password:
        say(f"  Sign in as “{FIRST_ADMINISTRATOR}” with the password {password} (shown only this once).")
    else:
        reset = f"{os.path.relpath(sys.executable)} manage.py changepassword {FIRST_ADMINISTRATOR}"
        say(f"  Sign in with your account; to give “{FIRST_ADMINISTRATOR}” a new password: {reset}")
    say("  Ctrl-C stops it.\n")


def serve() -> None:
    check_port(HOST, PORT)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exoplanet_site.settings")
    django.setup()
    say("Preparing the database and the files …")
    password = prepare()
    web, workers = web_server(HOST, PORT), [worker("batches"), worker("training")]
    parts = [web, *workers]
    try:
        for part in parts:
            part.start()
        wait_until_answering(web, HOST, PORT)
        greet(password)
        watch(web, workers)
    finally:
        stop(parts)


def main() -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    try:
        serve()
    except Stop:
        say("The site has stopped.")
    except CannotStart as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _stop(number: int, frame: FrameType | None) -> None:
    for again in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(again, signal.SIG_IGN)  # stopping has begun: a second Ctrl-C must not leave a part behind
    raise Stop


if __name__ == "__main__":
    sys.exit(main())

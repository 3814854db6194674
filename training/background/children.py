"""Long work in a process of its own, which can be killed, gives its memory back and has as many
threads as it likes: how a worker starts it, watches it and finds it again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess  # nosec B404
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from training.background import tracing
from training.background.parents import die_with_parent
from training.background.stopping import stop_asked
from training.background.waiting import nap

PARENT = "EXOPLANET_PARENT"


def child_command(*words: object) -> list[str]:
    """A command of the site."""
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), *map(str, words)]


def child_watch(
    command: list[str], is_wanted: Callable[[], bool], more: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """Run ``command`` until it ends, this worker is told to stop or nobody wants it any more; the
    ended process. ``more``: variables of its environment."""
    environment = {**os.environ, PARENT: str(os.getpid()), **more}
    environment[tracing.VARIABLE] = tracing.request_id.get()
    process = subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR)  # noqa: S603  # nosec B603  # our own command
    try:
        while process.poll() is None:
            nap(0.5)
            if stop_asked() or not is_wanted():
                process.kill()
    finally:
        process.kill()
        process.wait()
    return process


def child_begin(reason: str) -> None:
    """In the child: end with the worker, for nobody would watch it any more."""
    if not (parent := os.environ.get(PARENT)):
        return  # started by hand
    die_with_parent(signal.SIGKILL)
    if os.getppid() != int(parent):  # it died before we could ask
        sys.exit(reason)


def is_child(host: str, pid: int | None, *words: object) -> bool:
    """Whether the process ``pid`` of ``host`` is here and is a command with these ``words``: a
    number alone may belong to somebody else's process by now."""
    if host != socket.gethostname() or not pid:
        return False
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    # A process that has died but was not waited for has no command line.
    return all(str(word).encode() in command for word in words)


def child_kill(host: str, pid: int | None, *words: object) -> None:
    if pid and is_child(host, pid, *words):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

"""`make stack` in a folder and on ports of its own: PostgreSQL, Redis, nginx, two web processes,
two workers."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from tests.conftest import PROJECT

SIGNAL = {
    "mission": "Kepler",
    "orbital_period": 9.488,
    "transit_duration": 2.9575,
    "transit_depth": 615.8,
    "planet_radius": 2.26,
    "stellar_teff": 5455,
    "stellar_radius": 0.927,
}
WAIT = (
    120.0  # seconds in which whatever was broken is well again; a test never waits for it to pass
)
PASSWORD = "a long enough password"
PEOPLE = f"""
from django.contrib.auth.models import User
User.objects.create_superuser("driller", password="{PASSWORD}")
"""


def until(condition: Callable[[], Any], what: str, seconds: float = WAIT) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(requests.RequestException):
            if found := condition():
                return found
        time.sleep(0.2)
    raise AssertionError(f"after {seconds:.0f} s still not: {what}")


@dataclass
class Stack:
    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    token: str = ""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def pid(self, part: str) -> int:
        return int((self.folder / "parts" / f"{part}.pid").read_text())

    def log(self, part: str) -> str:
        return (self.folder / "parts" / f"{part}.log").read_text(errors="replace")

    def kill(self, part: str, number: signal.Signals = signal.SIGKILL) -> None:
        """The part with all its processes, as when the power of its host goes."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid(part), number)

    @contextmanager
    def held(self, part: str) -> Iterator[None]:
        """Stopped, and not started again before the end of the block."""
        pid = self.pid(part)
        (self.folder / "hold" / part).touch()
        os.kill(
            pid, signal.SIGTERM
        )  # to the first process alone, as Docker does; django-q2 stops its own
        until(
            lambda: (
                not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
            ),
            "it stops",
        )
        try:
            yield
        finally:
            (self.folder / "hold" / part).unlink()

    def environment(self, part: str) -> dict[str, str]:
        found: dict[str, str] = psutil.Process(self.pid(part)).environ()
        return found

    def manage(self, *command: str, part: str = "web-1") -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=PROJECT,
            env=self.environment(part),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout.strip()

    def python(self, code: str) -> str:
        return self.manage("shell", "-v0", "-c", code)

    def program(self, code: str) -> subprocess.Popen[str]:
        """The same beside the test."""
        command = [sys.executable, "manage.py", "shell", "-v0", "-c", code]
        return subprocess.Popen(
            command, cwd=PROJECT, env=self.environment("web-1"), stdout=subprocess.PIPE, text=True
        )

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:
        headers = {"Authorization": f"Token {self.token}", **options.pop("headers", {})}
        return requests.request(method, self.address + path, headers=headers, timeout=60, **options)

    def predict(self) -> requests.Response:
        return self.ask("POST", "/predict", json=SIGNAL)

    def send(self, table: str, name: str = "table.csv") -> str:
        answer = self.ask("POST", "/predict_batch", files={"file": (name, table)})
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    def batch(self, key: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ask("GET", f"/api/v1/batches/{key}").json()
        return found

    def is_well(self) -> bool:
        """A signal is answered, and nginx passes requests to both web processes again."""
        answers = [self.predict() for _ in range(8)]
        numbers = [answer.headers.get("X-Request-ID", "none") for answer in answers]
        busy = [
            part
            for part in ("web-1", "web-2")
            if any(number in self.log(part) for number in numbers)
        ]
        return {answer.status_code for answer in answers} == {200} and len(busy) == 2


@dataclass
class Load:
    """People who ask one thing after the other, and what they were answered."""

    stack: Stack
    method: str = "GET"
    path: str = "/accounts/login/"
    body: Any = None
    statuses: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                answer = self.stack.ask(self.method, self.path, json=self.body)
                self.statuses.append(answer.status_code)
                if answer.status_code != 200:
                    self.texts.append(answer.text)
            except requests.RequestException as error:
                self.statuses.append(0)
                self.texts.append(repr(error))

    @contextmanager
    def running(self, people: int = 4) -> Iterator[Load]:
        threads = [threading.Thread(target=self._work) for _ in range(people)]
        for thread in threads:
            thread.start()
        until(lambda: len(self.statuses) >= 2 * people, "under load")
        try:
            yield self
            begun = len(self.statuses)
            until(lambda: len(self.statuses) >= begun + 2 * people, "still under load")
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()


def free_ports() -> int:
    """The first of twenty that nobody has."""
    for port in range(18700, 28700, 20):
        with suppress(OSError):
            for number in (*range(3), *range(10, 12)):
                socket.create_server(("127.0.0.1", port + number)).close()
            return port
    raise AssertionError("no ports are free")


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with tempfile.TemporaryDirectory(prefix="exoplanet-stack-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL runs as another user
        (folder / "site.env").write_text(
            "BATCH_SILENCE=5\nMETRICS=on\nLOG_FORMAT=json\nLOG_LEVEL=INFO\nTRAINING_NICE=0\n"
        )
        port = free_ports()
        environment = {
            key: value
            for key, value in os.environ.items()
            if key in ("PATH", "HOME", "LANG", "PYTHONPATH")
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy.stack.stack"],
            cwd=PROJECT,
            env=environment | {"STACK_DIR": name, "STACK_PORT": str(port)},
            stdout=(folder / "stack.log").open("wb"),
            stderr=subprocess.STDOUT,
        )
        made = Stack(folder, port, process)
        try:
            until(lambda: _answers(made), "the stack answers", 300)
            made.python(PEOPLE)
            made.token = made.manage("create_token", "driller", *_scopes()).split()[-1]
            yield made
        finally:
            process.terminate()
            process.wait(120)


def _answers(stack: Stack) -> bool:
    assert stack.process.poll() is None, (stack.folder / "stack.log").read_text()[-3000:]
    return "The stack is at" in (stack.folder / "stack.log").read_text()


def _scopes() -> list[str]:
    from training.accounts.models import Scope

    return [word for scope in Scope.values for word in ("--scope", scope)]


def line_of(log: str, **facts: Any) -> dict[str, Any]:
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    found: dict[str, Any] = next(line for line in lines if facts.items() <= line.items())
    return found

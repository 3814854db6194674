"""A whole site of its own for a measurement, and a client that costs as little as possible."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psutil
import requests

from benchmarks.real_tables import widest_tables

PROJECT: Final = Path(__file__).resolve().parent.parent
NO_LIMITS: Final = {
    f"RATE_{work}": "token=1000000/minute,user=1000000/minute,address=1000000/minute"
    for work in ("CLASSIFY", "BATCH", "TRAIN")
}
"""The site's limits are there to stop exactly what a benchmark does."""
PASSWORD: Final = "only for this benchmark"  # noqa: S105
_USER: Final = f"""
from django.contrib.auth.models import User
User.objects.create_superuser("bench", password="{PASSWORD}")
"""


def python(*arguments: str, environment: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        env=environment,
        cwd=PROJECT,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def one_thread() -> dict[str, str]:
    return {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "DJANGO_SETTINGS_MODULE": "exoplanet_site.settings",
    }


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


class Site:
    """The whole site on a free port, with its data in ``folder``."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.port = free_port()
        self.environment = environment | {"DATA_DIR": str(folder), "PORT": str(self.port)}
        self.address = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def manage(self, *command: str) -> str:
        return python("manage.py", *command, environment=self.environment)

    @contextmanager
    def running(self, **environment: str) -> Iterator[None]:
        command = [sys.executable, "-m", "exoplanet_site.serve"]
        process = subprocess.Popen(
            command, env=self.environment | environment, cwd=PROJECT, stdout=subprocess.DEVNULL
        )
        self.process = process
        try:
            wait_until_answering(f"{self.address}/accounts/login/")
            yield
        finally:
            process.terminate()
            process.wait()

    def processes(self) -> list[psutil.Process]:
        """Everything that the site has started, web server and workers."""
        assert self.process is not None
        children: list[psutil.Process] = psutil.Process(self.process.pid).children(recursive=True)
        return children

    def web_processes(self) -> list[psutil.Process]:
        return [
            process for process in self.processes() if "gunicorn" in " ".join(process.cmdline())
        ]

    def token(self, *scopes: str) -> str:
        """A token of a new administrator, or of the one that is there."""
        if '"bench"' not in self.manage("shell", "-v0", "-c", _NAMES):
            self.manage("shell", "-v0", "-c", _USER)
        wanted = [part for scope in scopes for part in ("--scope", scope)]
        return self.manage("create_token", "bench", *wanted).strip().splitlines()[-1].split()[-1]

    def sign_in(self) -> requests.Session:
        session = requests.Session()
        session.headers["Authorization"] = f"Token {self.token()}"
        return session

    def upload(self, paths: Iterable[Path] = ()) -> list[int]:
        """These tables as datasets, or the archive's three."""
        tables = list(paths) or list(widest_tables().values())
        said = [self.manage("dataset", "upload", str(path), "--json") for path in tables]
        return [json.loads(text)["id"] for text in said]

    def start(self, datasets: list[int]) -> int:
        return int(
            json.loads(self.manage("training_run", "start", *map(str, datasets), "--json"))["id"]
        )

    def run(self, number: int) -> dict[str, Any]:
        runs = json.loads(self.manage("training_run", "list", "--json"))
        return next(run for run in runs if run["id"] == number)

    def wait_for(self, number: int, statuses: tuple[str, ...]) -> dict[str, Any]:
        while (run := self.run(number))["status"] not in statuses:
            time.sleep(10)  # each look costs a process
        return run


_NAMES: Final = """
import json
from django.contrib.auth.models import User
print(json.dumps(list(User.objects.values_list("username", flat=True))))
"""


def wait_until_answering(address: str) -> None:
    for _ in range(900):
        try:
            requests.get(address, timeout=30)
            return
        except requests.RequestException:
            time.sleep(0.3)
    raise SystemExit(f"Nothing answers at {address}.")


class Caller:
    """One kept connection that sends the same kind of request again and again, and costs next to
    nothing itself."""

    def __init__(self, port: int, token: str = "") -> None:
        self.port = port
        self.head = f"Host: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        if token:
            self.head += f"Authorization: Token {token}\r\n"
        self.connection: socket.socket | None = None

    def post(self, path: str, body: bytes) -> tuple[float, bytes]:
        """Milliseconds until the whole answer was there, and the answer. Whatever is not 200 ends
        the benchmark."""
        try:
            return self._post(path, body)
        except OSError:  # the server closes what has been idle for two seconds
            self.connection = None
            return self._post(path, body)

    def _post(self, path: str, body: bytes) -> tuple[float, bytes]:
        if self.connection is None:
            self.connection = socket.create_connection(("127.0.0.1", self.port), timeout=120)
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        request = (
            f"POST {path} HTTP/1.1\r\n{self.head}Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        began = time.perf_counter()
        self.connection.sendall(request)
        head, answer = self._read(self.connection)
        taken = 1000 * (time.perf_counter() - began)
        if not head.startswith(b"HTTP/1.1 200 "):
            raise SystemExit(f"{path}: {head[:60]!r} {answer[:300]!r}")
        if b"\r\nconnection: close" in head.lower():
            self.connection = None
        return taken, answer

    @staticmethod
    def _read(connection: socket.socket) -> tuple[bytes, bytes]:
        """Head and body of one answer, which must say how long it is."""
        read = b""
        while b"\r\n\r\n" not in read:
            read += _received(connection)
        head, _, body = read.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0])
        while len(body) < length:
            body += _received(connection)
        return head, body


def _received(connection: socket.socket) -> bytes:
    if not (some := connection.recv(1 << 16)):
        raise ConnectionResetError
    return some

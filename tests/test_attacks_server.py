"""What has to be refused before Django sees it: a real web server, and bytes that no browser would
send."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from exoplanet_site.serve import web_server
from tests.conftest import PROJECT

BOOT_SECONDS = 180  # the machine may be busy


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Where our web server listens, started with the site's own options."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        number = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("server")
    part = web_server("127.0.0.1", str(number))
    environment = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(folder),
        "WEB_PROCESSES": "1",
        **part.environment,
    }
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            part.command, cwd=PROJECT, env=environment, stdout=log, stderr=log
        )
    try:
        _wait(number, folder / "log")
        yield number
    finally:
        server.terminate()
        server.wait(20)


def _wait(port: int, log: Path) -> None:
    deadline = time.monotonic() + BOOT_SECONDS
    while time.monotonic() < deadline:
        try:
            if (
                status(
                    port, b"GET /glossary/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                )
                == 200
            ):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(log.read_text())


def status(port: int, request: bytes) -> int:
    """The first answer to these bytes; 0 where the server just closes the line."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        line.sendall(request)
        answer = line.recv(4096)
    return int(answer.split()[1]) if answer else 0


HEAD = b"GET /glossary/ HTTP/1.1\r\nHost: localhost\r\n"
ATTACKS = {
    "a long address": (
        b"GET /glossary/?q=" + b"a" * 10_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        {400, 414},
    ),
    "a long header": (HEAD + b"X-Long: " + b"a" * 20_000 + b"\r\n\r\n", {400, 431}),
    "a thousand headers": (
        HEAD + b"".join(b"X-%d: 1\r\n" % n for n in range(1000)) + b"\r\n",
        {400, 431},
    ),
    "a header across lines": (HEAD + b"X-A: a\r\n b\r\n\r\n", {400}),
    "a name with a space": (HEAD + b"X A: a\r\n\r\n", {400}),
    "two lengths": (HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", {400}),
    "a length and chunks": (
        HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        {400},
    ),
    "no protocol of ours": (b"GET /glossary/ HTTP/9.9\r\nHost: localhost\r\n\r\n", {400, 505}),
    "a host that is not ours": (b"GET /glossary/ HTTP/1.1\r\nHost: evil.example\r\n\r\n", {400}),
    "nothing but noise": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", {0, 400}),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_it_is_refused_and_the_next_one_is_served(port: int, name: str) -> None:
    request, expected = ATTACKS[name]
    assert status(port, request) in expected
    assert status(port, HEAD + b"Connection: close\r\n\r\n") == 200

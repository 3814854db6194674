"""nginx with the template of the containers, before a site that only says who has signed in."""

from __future__ import annotations

import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

from deploy.stack.compose import nginx_configuration
from deploy.stack.stack import PATH

NGINX = "/usr/sbin/nginx"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path(NGINX).exists(), reason="there is no nginx here"),
]
UPLOADS = ("/batches/new/", "/predict_batch", "/api/v1/batches/preview", "/datasets/upload/")
SIGNED_IN = {"Authorization": "Token right"}


class Site(BaseHTTPRequestHandler):
    """Answers with what arrived."""

    def answer(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(size)
        known = "Authorization" in self.headers
        if self.path == "/accounts/signed-in/":
            self.send_response(204 if known else 401)
            self.end_headers()
            return
        body = f"{self.command} {size}".encode()
        self.send_response(200 if known else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer

    def log_message(self, *_: object) -> None:
        """Quiet."""


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as found:
        port: int = found.getsockname()[1]
        return port


class Front:
    """nginx on a port of its own, and the site behind it."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.site = ThreadingHTTPServer(("127.0.0.1", 0), Site)
        threading.Thread(target=self.site.serve_forever, daemon=True).start()
        for name in ("extra", "cache"):
            (folder / name).mkdir()
        configuration = folder / "nginx.conf"
        configuration.write_text(
            nginx_configuration(
                {
                    "NGINX_LISTEN": f"127.0.0.1:{self.port}",
                    "NGINX_TEMP": str(folder / "cache"),
                    "NGINX_PID": str(folder / "pid"),
                    "NGINX_EXTRA": str(folder / "extra"),
                    "NGINX_RESOLVER": "127.0.0.1",
                    "NGINX_MAX_BODY": "32m",
                    "NGINX_BEHIND_PROXY": "on",
                    "WEB_SERVERS": f"server 127.0.0.1:{self.site.server_port};",
                }
            )
        )
        command = [NGINX, "-e", "stderr", "-c", str(configuration), "-g", "daemon off;"]
        self.process = subprocess.Popen(
            command,
            env={"PATH": PATH},
        )

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def wait(self) -> None:
        for _ in range(200):
            with suppress(requests.ConnectionError):
                if requests.get(self.address("/nginx/alive"), timeout=5).ok:
                    return
            time.sleep(0.05)
        raise AssertionError("nginx does not answer")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)
        self.site.shutdown()

    def begin(self, path: str, size: int, sender: str, token: str = "") -> socket.socket:
        """A POST of which no byte of the body has been sent."""
        opened = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        signed = f"Authorization: Token {token}\r\n" if token else ""
        head = (
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {sender}\r\n"
            f"{signed}Content-Length: {size}\r\n\r\n"
        )
        opened.sendall(head.encode())
        return opened


@pytest.fixture(scope="module")
def front() -> Iterator[Front]:
    with tempfile.TemporaryDirectory(prefix="nginx-") as folder:
        Path(folder).chmod(0o755)  # started by root, it works as nobody
        front = Front(Path(folder))
        try:
            front.wait()
            yield front
        finally:
            front.stop()


@pytest.mark.parametrize("path", UPLOADS)
def test_a_stranger_is_answered_before_any_of_the_file_is_taken(front: Front, path: str) -> None:
    with closing(front.begin(path, 30_000_000, "192.0.2.1")) as opened:
        answer = opened.recv(4096)
    if path.startswith(("/predict", "/api")):
        assert answer.startswith(b"HTTP/1.1 401")
        assert b'"code": "not_authenticated"' in answer
    else:
        assert answer.startswith(b"HTTP/1.1 302")
        assert f"Location: /accounts/login/?next={path}\r\n".encode() in answer


@pytest.mark.parametrize("path", UPLOADS)
def test_who_has_signed_in_sends_files(front: Front, path: str) -> None:
    answer = requests.post(front.address(path), b"x" * 10_000_000, headers=SIGNED_IN, timeout=60)
    assert (answer.status_code, answer.text) == (200, "POST 10000000")


@pytest.mark.parametrize("path", ["/accounts/login/", "/classify/", "/batches/", "/admin/"])
def test_where_no_file_is_expected_bodies_are_small(front: Front, path: str) -> None:
    answer = requests.post(front.address(path), b"x" * 5_000_000, headers=SIGNED_IN, timeout=60)
    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "text/html"
    assert "Nothing was stored." in answer.text
    assert "up to 32m" in answer.text


def test_programs_are_told_in_json(front: Front) -> None:
    answer = requests.post(
        front.address("/predict"), b"x" * 5_000_000, headers=SIGNED_IN, timeout=60
    )
    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json()["error"]["code"] == "too_large"
    larger = requests.post(
        front.address("/predict_batch"), b"x" * 34_000_000, headers=SIGNED_IN, timeout=60
    )
    assert (larger.status_code, larger.json()["error"]["code"]) == (413, "too_large")


def test_one_address_uploads_four_files_at_once_and_others_go_on(front: Front) -> None:
    begun = [front.begin("/predict_batch", 1000, "192.0.2.7", "right") for _ in range(4)]
    try:
        time.sleep(0.5)
        with closing(front.begin("/predict_batch", 1000, "192.0.2.7", "right")) as fifth:
            answer = fifth.recv(4096)
        assert answer.startswith(b"HTTP/1.1 429")
        assert b'"code": "too_many"' in answer
        assert b"Retry-After: 10" in answer
        other = {**SIGNED_IN, "X-Forwarded-For": "192.0.2.7, 192.0.2.8"}
        assert requests.post(front.address("/predict_batch"), b"x", headers=other, timeout=60).ok
    finally:
        for opened in begun:
            opened.close()


def test_a_site_that_is_away_says_so_as_a_page_or_as_json(front: Front) -> None:
    front.site.shutdown()
    front.site.server_close()
    page = requests.get(front.address("/batches/"), timeout=60)
    program = requests.get(front.address("/api/v1/batches"), timeout=60)
    assert (page.status_code, page.headers["Content-Type"]) == (503, "text/html")
    assert "The site is away for a moment" in page.text
    assert (program.status_code, program.headers["Content-Type"]) == (503, "application/json")
    assert program.json()["error"]["code"] == "site_away"
    assert program.headers["Retry-After"] == "10"

"""`python -m exoplanet_site.serve`, for real: started, visited, signed in to, hurt and stopped."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from exoplanet_site.processes import CannotStart
from exoplanet_site.serve import check_host, check_port
from tests.conftest import PROJECT

PATIENCE = 90  # seconds; the machine may be busy


class Site:
    """The running program and what it has printed so far."""

    def __init__(self, folder: Path, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.log = folder / f"{time.monotonic_ns()}.log"
        environment = {"PATH": "/usr/bin:/bin", "DATA_DIR": str(folder / "data"), "PORT": str(port)}
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "exoplanet_site.serve"],
                cwd=PROJECT,
                env={**environment, "WEB_PROCESSES": "1"},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        return self.log.read_text()

    def wait_for(self, sentence: str) -> None:
        wait_until(lambda: sentence in self.said or self.process.poll() is not None, self.log)
        assert sentence in self.said, self.said

    def parts(self) -> dict[int, str]:
        """The direct children and their command lines."""
        pids = (
            Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        )
        return {int(pid): Path(f"/proc/{pid}/cmdline").read_text() for pid in pids}

    def part(self, name: str) -> int:
        return next(pid for pid, command in self.parts().items() if name in command)


def wait_until(happened: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, f"waited {PATIENCE} s in vain:\n{log.read_text()}"
        time.sleep(0.1)


def gone(pids: list[int]) -> bool:
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def start(tmp_path: Path, free_port: int) -> Iterator[Callable[[], Site]]:
    sites: list[Site] = []

    def begin() -> Site:
        sites.append(Site(tmp_path, free_port))
        return sites[-1]

    yield begin
    for site in sites:
        if site.process.poll() is None:
            site.process.terminate()
            site.process.wait(PATIENCE)


def open_to_others(folder: Path) -> list[Path]:
    """Without the styles and scripts, which everybody is served."""
    paths = [path for path in (folder, *folder.rglob("*")) if folder / "static" not in path.parents]
    return [path for path in paths if path.stat().st_mode & 0o077]


def sign_in(site: Site, name: str, password: str) -> int:
    with requests.Session() as session:
        session.get(f"{site.address}/admin/login/")
        form = {
            "username": name,
            "password": password,
            "csrfmiddlewaretoken": session.cookies["csrftoken"],
        }
        answer = session.post(
            f"{site.address}/admin/login/?next=/admin/", form, allow_redirects=False
        )
        return answer.status_code


def test_first_start_prints_a_password_once_and_stopping_stops_everything(
    start: Callable[[], Site],
) -> None:
    site = start()
    site.wait_for("Ctrl-C stops it.")
    assert f"The Exoplanet Site is at {site.address}" in site.said
    match = re.search(r"Sign in as “admin” with the password (\S+)", site.said)
    assert match, site.said
    assert sign_in(site, "admin", match[1]) == 302
    assert sign_in(site, "admin", "not the password") == 200
    pids = list(site.parts())
    assert len(pids) == 2  # web server and worker
    os.killpg(site.process.pid, signal.SIGINT)  # what Ctrl-C does
    assert site.process.wait(PATIENCE) == 0
    assert "The site has stopped." in site.said
    assert gone(pids)

    data = site.log.parent / "data"
    assert open_to_others(data) == []
    data.chmod(0o755)  # as a release before made it
    (data / "db.sqlite3").chmod(0o644)
    again = start()
    again.wait_for("Ctrl-C stops it.")
    assert "Other users of this machine could read 2 of the files and folders" in again.said
    assert open_to_others(data) == []
    assert match[1] not in again.said
    assert "with the password" not in again.said
    assert "manage.py changepassword admin" in again.said
    assert sign_in(again, "admin", match[1]) == 302


def test_a_worker_that_dies_is_started_again_and_a_dead_web_server_ends_the_site(
    start: Callable[[], Site],
) -> None:
    site = start()
    site.wait_for("Ctrl-C stops it.")
    os.kill(site.part("manage.py\0work"), signal.SIGKILL)
    site.wait_for("has ended and is started again.")
    wait_until(lambda: len(site.parts()) == 2, site.log)
    pids = list(site.parts())
    os.kill(site.part("gunicorn"), signal.SIGKILL)
    assert site.process.wait(PATIENCE) == 1
    assert "The web server has ended, so the site stops." in site.said
    assert gone(pids)


def test_killing_the_supervisor_leaves_nothing_behind(start: Callable[[], Site]) -> None:
    site = start()
    site.wait_for("Ctrl-C stops it.")
    pids = list(site.parts())
    site.process.kill()
    site.process.wait()
    wait_until(lambda: gone(pids), site.log)


def test_a_port_in_use_is_said_plainly(start: Callable[[], Site], free_port: int) -> None:
    with socket.create_server(("127.0.0.1", free_port)):
        site = start()
        assert site.process.wait(PATIENCE) == 1
    assert f"cannot listen on 127.0.0.1:{free_port} (Address already in use)" in site.said
    assert "Traceback" not in site.said


@pytest.mark.parametrize("port", ["eighty", "0", "65536", "-1", ""])
def test_a_port_must_be_a_port(port: str) -> None:
    with pytest.raises(CannotStart, match="PORT must be a number from 1 to 65535"):
        check_port("127.0.0.1", port)


def test_an_open_host_without_a_proxy_is_refused() -> None:
    for host in ("0.0.0.0", "::", "192.168.1.7", "my-machine"):  # noqa: S104 - refused
        with pytest.raises(CannotStart, match=f"HOST={host} opens the site .* set OPEN_HOST=on"):
            check_host(host, {"TRUSTED_PROXIES": "0"})
        check_host(host, {"TRUSTED_PROXIES": "1"})
        check_host(host, {"OPEN_HOST": "on"})
    for host in ("127.0.0.1", "::1", "localhost", "127.0.0.53"):
        check_host(host, {})

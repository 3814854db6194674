"""The wheel, built and installed into an environment outside the project, serves the site."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.conftest import PROJECT

pytestmark = pytest.mark.slow
PATIENCE = 120  # seconds; the machine may be busy
UV = Path(sys.executable).with_name("uv")
SIGNAL = {
    "mission": "Kepler",
    "orbital_period": 9.488,
    "transit_duration": 2.9575,
    "transit_depth": 615.8,
    "planet_radius": 2.26,
    "stellar_teff": 5455,
    "stellar_radius": 0.927,
}


def uv(*arguments: str | Path, folder: Path) -> None:
    """Skips where packages can neither be fetched nor were fetched before."""
    if not UV.exists():
        pytest.skip("needs uv in the environment, as `make tools` installs it")
    done = subprocess.run([UV, *arguments], cwd=folder, capture_output=True, text=True)
    if done.returncode and re.search("Failed to fetch|error sending request", done.stderr):
        pytest.skip(f"needs the network: {done.stderr[-300:]}")
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    uv("build", "--quiet", "--wheel", "--out-dir", folder, PROJECT, folder=folder)
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def programs(wheel: Path) -> Path:
    """Where a fresh environment has its programs."""
    environment = wheel.parent / "environment"
    uv("venv", "--quiet", "--python", sys.executable, environment, folder=wheel.parent)
    python = environment / "bin" / "python"
    uv("pip", "install", "--quiet", "--python", python, wheel, folder=wheel.parent)
    return python.parent


class Served:
    def __init__(self, programs: Path, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        self.address, self.log = f"http://127.0.0.1:{port}", folder / "log"
        self.folder, self.program = folder, programs / "exoplanet-site"
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "PORT": str(port),
            "WEB_PROCESSES": "1",
        }
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [self.program],
                cwd=folder,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def manage(self, *words: str) -> str:
        command = [str(self.program), *words]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def wait(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while "Ctrl-C stops it." not in self.log.read_text():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.2)


@pytest.fixture
def served(programs: Path, tmp_path: Path) -> Iterator[Served]:
    site = Served(programs, tmp_path)
    try:
        site.wait()
        yield site
    finally:
        site.process.send_signal(signal.SIGTERM)
        site.process.wait(PATIENCE)


def test_the_wheel_names_its_release_and_what_it_needs(wheel: Path) -> None:
    changes = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
    release = re.search(r"^## (\d+\.\d+\.\d+) – ", changes, re.MULTILINE)
    assert release
    assert wheel.name == f"exoplanet_site-{release[1]}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith("/METADATA"))
        metadata = archive.read(name).decode()
    locked = (PROJECT / "locked" / "requirements.txt").read_text(encoding="utf-8")
    wanted = re.findall(r"^\S+==[^\s;]+", locked, re.MULTILINE)
    assert len(wanted) > 40
    found = re.findall(r"^Requires-Dist: (\S+==[^\s;]+)", metadata, re.MULTILINE)
    assert sorted(found) == sorted(wanted)


def test_an_installed_wheel_serves_pages_and_answers(served: Served) -> None:
    page = requests.get(served.address, timeout=30)
    assert page.status_code == 200
    assert "Exoplanet Site" in page.text
    style = re.search(r'href="(/static/site[^"]+css)"', page.text)
    assert style
    assert requests.get(served.address + style[1], timeout=30).status_code == 200
    token = served.manage("create_token", "admin")
    answer = requests.post(
        f"{served.address}/predict",
        json=SIGNAL,
        headers={"Authorization": f"Token {token}"},
        timeout=60,
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["disposition"] == "CONFIRMED"
    # Nothing was written where the package lies: an upgrade of it keeps the data.
    assert (served.folder / ".local" / "share" / "exoplanet-site" / "db.sqlite3").exists()

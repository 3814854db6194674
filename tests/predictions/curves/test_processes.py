"""Searches that go wrong, for real: a process that is killed, one that is cancelled, a task that is
handed out twice."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.training.conftest import Site, site_in

pytestmark = pytest.mark.slow

LONG = """
from django.contrib.auth.models import User
from tests.predictions.curves import searches
from tests.training.ml.curves.simulated import Planet, flux, tess_fits, times
owner, _ = User.objects.get_or_create(username="ada")
time = times(days=900.0, minutes=20.0)
print(searches.make_queued(owner, tess_fits(time, flux(time, Planet(31.0)))).pk)
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = site_in(tmp_path_factory.mktemp("site"))
    site.run("migrate", "-v0")
    yield site
    for process in site.processes:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def search(site: Site) -> str:
    """One that takes longer than any of these tests."""
    return site.run("shell", "-v0", "-c", LONG).split()[-1]


def supervise(site: Site, search: str) -> subprocess.Popen[bytes]:
    """What a worker does when the queue hands it the task."""
    code = f"from predictions.curves.tasks import execute_search; execute_search('{search}')"
    return site.start("shell", "-v0", "-c", code)


def row(site: Site, search: str) -> dict[str, Any]:
    key = search.replace("-", "")
    return site.rows("select * from predictions_curvesearch where id = ?", key)[0]


def wait(
    site: Site, search: str, until: Callable[[dict[str, Any]], bool], seconds: float = 90
) -> dict[str, Any]:
    deadline = time.monotonic() + seconds
    while not until(found := row(site, search)):
        assert time.monotonic() < deadline, f"still {found['status']}: {found['stage']}"
        time.sleep(0.2)
    return found


def searching(found: dict[str, Any]) -> bool:
    return str(found["stage"]).startswith("Looking for signal")


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_a_killed_process_fails_with_a_reason_and_keeps_the_files(site: Site, search: str) -> None:
    worker = supervise(site, search)
    os.kill(wait(site, search, searching)["pid"], signal.SIGKILL)
    assert worker.wait(30) == 0
    found = row(site, search)
    assert found["status"] == "FAILED"
    assert "killed from outside" in found["reason"]
    assert list((site.folder / "media" / "curves" / search).iterdir())


def test_cancelling_ends_the_process(site: Site, search: str) -> None:
    workers = [supervise(site, search) for _ in range(2)]  # handed out twice
    pid = wait(site, search, searching)["pid"]
    site.write(
        "update predictions_curvesearch set status = 'CANCELLED' where id = ?",
        search.replace("-", ""),
    )
    for worker in workers:
        assert worker.wait(30) == 0
    assert not alive(pid)
    assert (row(site, search)["status"], row(site, search)["result"]) == ("CANCELLED", None)

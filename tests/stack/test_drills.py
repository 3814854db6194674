"""What breaks in production, broken on `make stack`. After each: nothing lost, nothing double, and
somebody is told."""

from __future__ import annotations

import csv
import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from tests.conftest import PROJECT
from tests.simulator import simulate
from tests.stack.conftest import SIGNAL, WAIT, Load, Stack, line_of, until
from training.ml.schema import Mission

pytestmark = pytest.mark.slow
ROWS = 20_000  # four chunks
ENDED = ("succeeded", "failed", "cancelled")


@pytest.fixture(scope="module")
def table() -> str:
    return simulate(Mission.KEPLER, ROWS, 1).to_csv(index=False)


@pytest.fixture(scope="module")
def dataset(stack: Stack) -> int:
    small = simulate(Mission.KEPLER, 400, 2).to_csv(index=False)
    answer = stack.ask("POST", "/api/v1/datasets", files={"file": ("koi.csv", small)})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


@pytest.fixture(autouse=True)
def well(stack: Stack) -> Iterator[None]:
    """Each drill begins and ends with a site that answers."""
    until(stack.is_well, "the site answers")
    yield
    until(stack.is_well, "the site answers again")


def ended(stack: Stack, batch: str) -> dict[str, Any]:
    found: dict[str, Any] = until(
        lambda: (b := stack.batch(batch)).get("status") in ENDED and b, "the batch ends", 240
    )
    return found


def each_row_once(stack: Stack, batch: str) -> None:
    facts = ended(stack, batch)
    assert (facts["status"], facts["rows"]) == ("succeeded", ROWS), facts
    answer = stack.ask("GET", f"/api/v1/batches/{batch}/results/csv")
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert answer.status_code == 200
    assert len(rows) == ROWS + 1
    assert len({tuple(row) for row in rows}) == ROWS + 1


@contextmanager
def watching_for_a_claim(stack: Stack) -> Iterator[Callable[[], None]]:
    """Gives what waits until a worker holds a chunk. The process that looks is up before the batch
    is sent: on a fast machine one that started then would come when all is done."""
    with stack.program(_CLAIM) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"

        def wait() -> None:
            assert program.wait(WAIT) == 0, "no chunk was ever claimed"

        yield wait


_CLAIM = f"""
import time
from predictions.batches.models import BatchChunk
print("ready", flush=True)
end = time.monotonic() + {WAIT}
while not BatchChunk.objects.filter(status="claimed").exists():
    assert time.monotonic() < end
    time.sleep(0.01)
"""


def run_of(stack: Stack, number: int) -> dict[str, Any]:
    found: dict[str, Any] = stack.ask("GET", f"/api/v1/training-runs/{number}").json()
    return found


def train(stack: Stack, dataset: int, **choices: Any) -> int:
    answer = stack.ask("POST", "/api/v1/training-runs", json={"datasets": [dataset], **choices})
    assert answer.status_code == 202, answer.text
    return int(answer.json()["id"])


def versions(stack: Stack) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = stack.ask("GET", "/api/v1/model-versions").json()
    return found


# --- First, that all is well ----------------------------------------------------------------------


def test_ready_measured_and_followed_into_the_task(stack: Stack, table: str) -> None:
    checks = ("database", "queue", "artifact", "disk")
    assert stack.ask("GET", "/readyz").json()["checks"] == dict.fromkeys(checks, "ok")
    assert stack.ask("GET", "/metrics").status_code == 403, "nginx lets nobody through"
    web = stack.environment("web-1")
    text = requests.get(f"http://127.0.0.1:{web['PORT']}/metrics", timeout=60).text
    assert "exoplanet_queue_tasks" in text
    answer = stack.ask("POST", "/predict_batch", files={"file": ("koi.csv", table)})
    number = answer.headers["X-Request-ID"]
    each_row_once(stack, answer.json()["id"])
    assert any(f'"request_id": "{number}"' in stack.log(web) for web in ("web-1", "web-2"))
    assert line_of(stack.log("worker-batches-1"), request_id=number)


# --- Processes ------------------------------------------------------------------------------------


def test_a_web_process_is_killed_under_load(stack: Stack) -> None:
    people = 6
    load = Load(stack, "POST", "/predict", SIGNAL)
    with load.running(people):
        before = stack.pid("web-1")
        stack.kill("web-1")
        until(lambda: stack.pid("web-1") != before, "it is started again")
    failed = [status for status in load.statuses if status != 200]
    assert len(failed) <= people, f"only what it had begun may fail: {failed}"
    # An answer whose head had been sent ends without its body: an error as well, never half of it.
    assert all("site_away" in text or "IncompleteRead(0 bytes" in text for text in load.texts)
    assert set(failed) <= {0, 503}, load.texts


def test_pages_fail_nobody_when_a_web_process_is_killed(stack: Stack) -> None:
    load = Load(stack)
    with load.running():
        before = stack.pid("web-2")
        stack.kill("web-2")
        until(lambda: stack.pid("web-2") != before, "it is started again")
    # A GET that was not answered goes to the other process; one whose answer had begun ends early.
    assert len([status for status in load.statuses if status != 200]) <= 4, load.texts


def test_the_worker_is_killed_amid_a_batch(stack: Stack, table: str) -> None:
    with watching_for_a_claim(stack) as wait:
        batch = stack.send(table)
        wait()
    stack.kill("worker-batches-1")
    each_row_once(stack, batch)


def test_the_worker_is_killed_amid_a_training(stack: Stack, dataset: int) -> None:
    before = versions(stack)
    run = train(stack, dataset, rounds=4000)
    until(lambda: run_of(stack, run)["status"] == "RUNNING", "the training runs")
    stack.kill("worker-training-1")
    facts = until(
        lambda: (r := run_of(stack, run))["status"] in ("FAILED", "SUCCEEDED") and r,
        "the run ends",
        240,
    )
    assert facts["status"] == "FAILED"
    assert facts["reason"]
    page = stack.ask("GET", f"/api/v1/training-runs/{run}").text
    assert facts["reason"][:20] in page
    assert versions(stack) == before
    again = train(stack, dataset, rounds=20)
    until(lambda: run_of(stack, again)["status"] == "SUCCEEDED", "the next training succeeds", 300)
    assert len(versions(stack)) == len(before) + 1


# --- Engines --------------------------------------------------------------------------------------


def test_postgresql_restarts_under_load(stack: Stack, table: str) -> None:
    batch = stack.send(table)
    load = Load(stack, "POST", "/predict", SIGNAL)
    with load.running():
        before = stack.pid("postgres")
        os.kill(before, signal.SIGINT)
        until(lambda: stack.pid("postgres") != before, "PostgreSQL is started again")
        until(stack.is_well, "the site answers again")
    assert set(load.statuses) <= {200, 503}, load.texts
    assert all("database_away" in text for text in load.texts), load.texts
    each_row_once(stack, batch)


def test_redis_stops(stack: Stack) -> None:
    with stack.held("redis"):
        until(
            lambda: not psutil.pid_exists(stack.pid("redis")) or _zombie(stack.pid("redis")),
            "Redis is gone",
        )
        load = Load(stack, "POST", "/predict", SIGNAL)
        with load.running():
            pass
        assert set(load.statuses) == {200}, load.texts
    until(
        lambda: "RateLimit-Limit" in stack.predict().headers or stack.is_well(),
        "limits are counted again",
    )


def _zombie(pid: int) -> bool:
    return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)


# --- Disk -----------------------------------------------------------------------------------------


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of 24 MB in place of the folder; yields a file that can fill it."""
    if os.getuid():
        pytest.skip("mounting a file system needs root")
    folder.mkdir(parents=True, exist_ok=True)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)]).returncode:
        pytest.skip("this machine lets nobody mount a file system")
    try:
        yield folder / "filler"
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(filler: Path) -> None:
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            return


def test_the_disk_fills_up(stack: Stack, table: str) -> None:
    with small_disk(stack.folder / "data" / "media" / "batches") as filler:
        with stack.held("worker-batches-1"):
            batch = stack.send(table)
            fill(filler)
            refused = stack.ask("POST", "/predict_batch", files={"file": ("koi.csv", table)})
            assert refused.status_code >= 400
            assert "disk is full" in refused.text
            assert stack.predict().status_code == 200
        facts = ended(stack, batch)
        assert facts["status"] == "failed"
        assert "disk is full" in facts["reason"]
        filler.unlink()
        assert stack.ask("POST", f"/api/v1/batches/{batch}/resume").status_code in (200, 202)
        each_row_once(stack, batch)
        assert stack.ask("DELETE", f"/api/v1/batches/{batch}").status_code == 204


# --- Two at once, and clocks ----------------------------------------------------------------------


def test_two_activations_at_one_instant(stack: Stack, dataset: int) -> None:
    run = train(stack, dataset, rounds=20, seed=3)
    until(lambda: run_of(stack, run)["status"] == "SUCCEEDED", "the training succeeds", 300)
    names = [version["name"] for version in versions(stack)]
    pair = names[:2]

    def activate(name: str) -> int:
        body = {"reason": "a drill", "override": True}
        return stack.ask("POST", f"/api/v1/model-versions/{name}/activate", json=body).status_code

    for _ in range(5):
        with ThreadPoolExecutor(4) as pool:
            statuses = list(pool.map(activate, pair * 2))
        assert set(statuses) <= {200, 409}, statuses
        assert 200 in statuses
        served = {stack.predict().json()["model_version"] for _ in range(8)}
        active = stack.python(
            "from training.models import ModelVersion as V;"
            "print(*V.objects.filter(is_active=True).values_list('name', flat=True))"
        )
        assert {active} == served, "one is in service, and every process knows it"


@pytest.mark.parametrize("skew", ["+60s", "-60s"])
def test_a_host_whose_clock_is_wrong_by_a_minute(stack: Stack, table: str, skew: str) -> None:
    """Its worker and the one that is right share a batch; neither takes the other for dead after
    five seconds."""
    environment = stack.environment("worker-batches-1") | {"FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    command = ["faketime", "-f", skew, sys.executable, "manage.py", "work"]
    with (stack.folder / "skewed.log").open("wb") as log:
        other = subprocess.Popen(
            command,
            cwd=PROJECT,
            env=environment,
            stdout=log,
            stderr=log,
            process_group=0,
            stdin=subprocess.DEVNULL,
        )
    try:
        batches = [stack.send(table) for _ in range(2)]
        for batch in batches:
            each_row_once(stack, batch)
    finally:
        for worker in psutil.Process(other.pid).children():  # faketime itself passes no signal on
            worker.terminate()
        other.wait(60)


# --- Other users of the machine -------------------------------------------------------------------


@pytest.mark.parametrize("user", ["nobody", "postgres", "root"])
def test_nobody_is_let_into_the_database_without_its_password(stack: Stack, user: str) -> None:
    if os.getuid():
        pytest.skip("to become another user needs root")
    socket = ("--host", str(stack.folder / "postgres"))
    loopback = ("--host", "127.0.0.1")
    for where in (socket, loopback):
        who = ["setpriv", f"--reuid={user}", "--clear-groups", "--"]
        command = ["psql", "--no-password", *where, "--port", str(stack.port + 1)]
        query = ["--username", "exoplanet", "--dbname", "exoplanet", "--command", "select 1"]
        done = subprocess.run([*who, *command, *query], capture_output=True, text=True, cwd="/")
        assert done.returncode == 2, done.stdout
        assert "password" in done.stderr or "Permission denied" in done.stderr


def test_the_sites_role_rules_over_its_own_database_alone(stack: Stack) -> None:
    """What a hole in the site could do: not read files of the host, nor run programs there."""
    found = stack.python(
        "from django.db import connection; c = connection.cursor(); c.execute('select rolsuper or"
        " rolcreatedb or rolcreaterole, (select count(*) from pg_database where datdba = r.oid)"
        " from pg_roles r where rolname = current_user'); print(*c.fetchone())"
    )
    assert found.split() == ["False", "1"]


# --- Backup ---------------------------------------------------------------------------------------


def test_a_backup_of_postgresql_is_restored(stack: Stack) -> None:
    names = (
        "from django.contrib.auth.models import User; print(*User.objects.values_list('username',"
        " flat=True))"
    )
    before, backup = stack.python(names), stack.folder / "backup"
    stack.manage("backup", str(backup))
    stack.python("from django.contrib.auth.models import User; User.objects.create_user('later')")
    assert stack.python(names) != before
    with stack.held("worker-batches-1"), stack.held("worker-training-1"):
        stack.manage("restore", "--yes", str(backup))
    assert stack.python(names) == before

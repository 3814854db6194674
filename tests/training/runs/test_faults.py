"""Trainings that go wrong, for real: processes killed, disks full, databases locked, tasks
delivered again.

Whatever happens, the run ends with a reason or carries on; never two versions, half an artifact, a
run that stays RUNNING, or a change of what is in service.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.training.conftest import Site

pytestmark = pytest.mark.slow
LONG = "4000"  # boosting rounds that take longer than any of these tests


def running(row: dict[str, Any]) -> bool:
    return row["status"] == "RUNNING" and bool(
        row["stage"].startswith(("Cross-validating", "Fold"))
    )


def ended(row: dict[str, Any]) -> bool:
    return row["status"] in ("SUCCEEDED", "FAILED", "CANCELLED")


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def supervise(site: Site, run: int) -> subprocess.Popen[bytes]:
    """What a worker does when the queue hands it the task."""
    code = f"from training.tasks import execute_training_run; execute_training_run({run})"
    return site.start("shell", "-v0", "-c", code)


def test_a_run_that_goes_well_makes_one_version_and_serves_nobody(site: Site) -> None:
    before = site.in_service
    run = site.queue()
    supervise(site, run)
    row = site.wait(run, ended)
    assert (row["status"], row["reason"]) == ("SUCCEEDED", "")
    assert [version["id"] for version in site.made] == [row["model_version_id"]]
    assert site.in_service == before
    assert site.artifact_folders == {
        version["name"] for version in site.rows("select name from training_modelversion")
    }


def test_a_task_delivered_three_times_trains_once(site: Site) -> None:
    run = site.queue()
    workers = [supervise(site, run) for _ in range(3)]
    row = site.wait(run, ended)
    for worker in workers:
        assert worker.wait(60) == 0
    supervise(site, run).wait(60)  # and once more, long after
    assert row["status"] == "SUCCEEDED"
    assert len(site.made) == 1
    assert site.run_row(run)["claim"] == row["claim"]


def test_a_killed_training_process_fails_with_a_reason(site: Site) -> None:
    before, run = site.state, site.queue(LONG)
    supervise(site, run)
    os.kill(site.wait(run, running)["pid"], signal.SIGKILL)
    row = site.wait(run, ended, 15)
    assert row["status"] == "FAILED"
    assert "killed from outside" in row["reason"]
    site.expect_nothing_left(before)


def test_a_killed_worker_takes_its_training_along_and_the_janitor_says_so(site: Site) -> None:
    before, run = site.state, site.queue(LONG)
    worker = supervise(site, run)
    pid = site.wait(run, running)["pid"]
    began = time.monotonic()
    worker.kill()
    worker.wait()
    deadline = time.monotonic() + 10
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not alive(pid)
    # As after a minute: nobody is left who would write a sign of life.
    site.write(
        "update training_trainingrun set heartbeat_at = datetime('now', '-60 seconds')"
        " where id = ?",
        run,
    )
    site.run("training_run", "clean-up")
    row = site.run_row(run)
    assert row["status"] == "FAILED"
    assert "process is gone" in row["reason"]
    assert time.monotonic() - began < 60  # and the janitor comes at least every 90 s
    site.expect_nothing_left(before)


def test_a_frozen_training_is_failed_and_ended(site: Site) -> None:
    before, run = site.state, site.queue(LONG)
    supervise(site, run)
    pid = site.wait(run, running)["pid"]
    os.kill(pid, signal.SIGSTOP)
    time.sleep(22)
    site.run("training_run", "clean-up")
    row = site.run_row(run)
    assert row["status"] == "FAILED", (row["heartbeat_at"], Path(f"/proc/{pid}/stat").read_text())
    assert "no sign of life" in row["reason"]
    deadline = time.monotonic() + 10
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not alive(pid)
    site.expect_nothing_left(before)


def test_a_training_that_lives_but_gets_no_further_is_ended(site: Site) -> None:
    """A heartbeat that goes on for ever proves nothing."""
    before, run = site.state, site.queue()
    stuck = site.start(
        "shell",
        "-v0",
        "-c",
        "import time; import training.ml.train as module; from training.runs.process import"
        " training_run_execute\ndef train(tables, *, progress, **choices):\n    progress('Fold 1"
        " of 5 done', 0.2, {})\n    time.sleep(3600)\nmodule.train ="
        f" train\ntraining_run_execute({run})",
        TRAINING_STALL_MINUTES="0.1",
    )
    assert stuck.wait(60) == 75
    row = site.run_row(run)
    assert row["status"] == "FAILED"
    assert "no further for 0.1 minutes" in row["reason"]
    assert row["stage"] == "Fold 1 of 5 done"
    site.expect_nothing_left(before)


def test_the_janitor_leaves_a_living_training_alone(site: Site) -> None:
    run = site.queue(LONG)
    supervise(site, run)
    site.wait(run, running)
    site.write(
        "update training_trainingrun set heartbeat_at = '2020-01-01 00:00:00' where id = ?", run
    )
    site.run("training_run", "clean-up")  # looks twice, and sees a sign in between
    assert site.run_row(run)["status"] == "RUNNING"


def test_cancelling_really_ends_the_process(site: Site) -> None:
    before, run = site.state, site.queue(LONG)
    worker = supervise(site, run)
    pid = site.wait(run, running)["pid"]
    site.run("training_run", "cancel", str(run))
    deadline = time.monotonic() + 5
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(pid)
    assert worker.wait(20) == 0
    assert site.run_row(run)["status"] == "CANCELLED"
    site.expect_nothing_left(before)


def test_a_training_on_another_host_notices_that_it_was_cancelled(site: Site) -> None:
    """Nobody here can kill it: its own heartbeat finds out."""
    run = site.queue(LONG)
    process = site.start("training_run_execute", str(run))
    site.wait(run, running)
    site.write("update training_trainingrun set status = 'CANCELLED' where id = ?", run)
    assert process.wait(15) == 75


def test_a_dataset_file_that_has_changed_is_not_trained_on(site: Site) -> None:
    before, run = site.state, site.queue()
    file = site.rows("select file from training_dataset")[0]["file"]
    with (site.folder / "media" / file).open("r+b") as damaged:
        damaged.seek(5000)
        damaged.write(b"9999")
    site.start("training_run_execute", str(run)).wait(60)
    row = site.run_row(run)
    assert row["status"] == "FAILED"
    assert "no longer what was uploaded" in row["reason"]
    site.expect_nothing_left(before)


@pytest.fixture
def small_disk(site: Site) -> Iterator[Path]:
    """The artifacts on a file system of their own, with room for little."""
    if os.geteuid() != 0:
        pytest.skip("mounting a file system needs root")
    artifacts = site.folder / "media" / "artifacts"
    kept = site.folder / "kept"
    artifacts.rename(kept)
    artifacts.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(artifacts)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("this machine lets nobody mount a file system")
    for folder in kept.iterdir():
        subprocess.run(["cp", "-r", str(folder), str(artifacts)], check=True)
    yield artifacts
    subprocess.run(["umount", "-l", str(artifacts)], check=True)


def test_a_full_disk_leaves_no_half_artifact(site: Site, small_disk: Path) -> None:
    before = site.state
    filler = small_disk / "filler"
    with pytest.raises(OSError, match="No space left"), filler.open("wb") as file:
        while True:
            file.write(b"0" * 65536)
            file.flush()
    before = (before[0], before[1] | {"filler"})
    run = site.queue()
    site.start("training_run_execute", str(run)).wait(90)
    row = site.run_row(run)
    assert row["status"] == "FAILED"
    assert "disk is full" in row["reason"]
    site.expect_nothing_left(before)


def test_memory_that_runs_out_fails_the_run(site: Site) -> None:
    """A limit on the address space, as a container sets one."""
    before, run = site.state, site.queue()
    limited = site.start(
        "shell",
        "-v0",
        "-c",
        "import resource; from training.runs.process import training_run_execute\n"
        "import training.ml.train\n"
        "size = int(open('/proc/self/statm').read().split()[0]) * 4096 + 14_000_000\n"
        "resource.setrlimit(resource.RLIMIT_AS, (size, size))\n"
        f"training_run_execute({run})",
    )
    deadline = time.monotonic() + 45
    while limited.poll() is None and time.monotonic() < deadline:
        time.sleep(0.5)
    if not ended(
        site.run_row(run)
    ):  # Python itself can hang where not even a thread's stack can be had
        site.run("training_run", "clean-up")
    row = site.run_row(run)
    assert row["status"] == "FAILED"
    assert row["reason"]
    site.expect_nothing_left(before)


def test_a_database_that_is_away_for_a_minute_costs_nothing(site: Site) -> None:
    """Nobody can write for longer than a connection waits: heartbeats fail, the training carries
    on."""
    run = site.queue()
    locked = threading.Event()

    def lock() -> None:
        connection = sqlite3.connect(site.folder / "db.sqlite3", timeout=30, isolation_level=None)
        connection.execute("begin exclusive")
        locked.set()
        time.sleep(60)
        connection.execute("rollback")
        connection.close()

    process = site.start("training_run_execute", str(run))
    site.wait(run, lambda row: bool(row["status"] == "RUNNING"))
    thread = threading.Thread(target=lock)
    thread.start()
    assert locked.wait(30)
    thread.join()
    site.run("training_run", "clean-up")  # comes the moment the database is back
    assert process.wait(120) == 0
    row = site.run_row(run)
    assert (row["status"], row["reason"]) == ("SUCCEEDED", "")
    assert len(site.made) == 1

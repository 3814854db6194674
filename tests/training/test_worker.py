"""`manage.py work`, for real: one process that waits, one more while there is something to do."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.training.conftest import Site
from training.background.labour import Timer
from training.background.queues import Queue, queue_names, with_companions

PATIENCE = 60.0
FAKETIME = next(map(str, Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), "")


def until(condition: Callable[[], Any], what: str) -> Any:
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline, f"still not: {what}"
        time.sleep(0.1)
    return found


def put(site: Site, task: str, *arguments: Any, queue: str = "batches") -> None:
    words = ", ".join(map(repr, (task, *arguments)))
    code = f"from django_q.tasks import async_task; async_task({words}, cluster={queue!r})"
    site.run("shell", "-v0", "-c", code)


def done(site: Site) -> list[tuple[str, str, bool]]:
    rows = site.rows("select func, cluster, success from django_q_task order by stopped")
    return [(row["func"], row["cluster"], bool(row["success"])) for row in rows]


def has_done_more(site: Site, before: int) -> bool:
    return len(done(site)) > before


def waiting(site: Site) -> int:
    return len(site.rows("select id from django_q_ormq"))


def is_taken(site: Site) -> bool:
    """Whether somebody has begun a task."""
    return bool(site.rows("select id from django_q_ormq where lock > datetime('now', '+1 minute')"))


def below(worker: subprocess.Popen[bytes]) -> list[psutil.Process]:
    found = psutil.Process(worker.pid).children(recursive=True)
    return [process for process in found if process.status() != psutil.STATUS_ZOMBIE]


def test_one_worker_serves_both_queues_and_is_alone_when_all_is_done(site: Site) -> None:
    worker = site.start("work")
    put(site, "math.sqrt", 4.0)
    put(site, "math.floor", 4.5, queue="training")
    put(site, "math.sqrt", -1.0)  # fails
    until(lambda: len(done(site)) == 3, "all three are done")
    assert sorted(done(site)) == [
        ("math.floor", "training", True),
        ("math.sqrt", "batches", False),
        ("math.sqrt", "batches", True),
    ]
    until(lambda: not waiting(site) and not below(worker), "nothing is left, and it is alone")
    worker.terminate()
    assert worker.wait(PATIENCE) == 0


def test_a_worker_of_one_queue_leaves_the_other_alone(site: Site) -> None:
    site.start("work", Q_CLUSTER_NAME="training")
    put(site, "math.sqrt", 4.0)
    put(site, "math.floor", 4.5, queue="training")
    until(lambda: done(site), "its own task is done")
    assert done(site) == [("math.floor", "training", True)]
    until(lambda: waiting(site) == 1, "only the other one's task is left")
    site.start("work", Q_CLUSTER_NAME="batches")
    until(lambda: not waiting(site), "the other worker does the other task")


def test_a_training_does_not_hold_up_a_batch(site: Site) -> None:
    site.start("work")
    put(site, "time.sleep", 3600, queue="training")
    until(lambda: is_taken(site), "taken")
    put(site, "math.sqrt", 4.0)
    until(lambda: done(site) == [("math.sqrt", "batches", True)], "the other is done meanwhile")


def test_a_process_that_is_killed_is_followed_by_another(site: Site) -> None:
    worker = site.start("work")
    put(site, "time.sleep", 3600)
    (victim,) = until(lambda: below(worker), "it is at work")
    put(site, "math.sqrt", 4.0)
    victim.kill()
    until(lambda: done(site) == [("math.sqrt", "batches", True)], "the next task is done")
    assert worker.poll() is None


def test_nothing_outlives_a_worker_that_is_killed(site: Site) -> None:
    worker = site.start("work")
    put(site, "time.sleep", 3600)
    (child,) = until(lambda: below(worker), "it is at work")
    worker.kill()
    until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, "it is gone")


def test_a_worker_ends_when_its_whole_group_is_told_to(site: Site) -> None:
    """Its process finishes the task, and holds the lock that both look at while it is suspended."""
    worker = site.start("work")
    put(site, "time.sleep", 5)
    until(lambda: is_taken(site), "it is at work")
    (child,) = below(worker)
    child.suspend()
    os.killpg(worker.pid, signal.SIGTERM)
    time.sleep(0.5)  # the first process tells the other one
    child.resume()
    assert worker.wait(PATIENCE) == 0
    assert not psutil.wait_procs([child], timeout=PATIENCE)[1]
    assert done(site) == [("time.sleep", "batches", True)]


@pytest.mark.parametrize("jumps", [("+1h", "+2h"), ("-1h", "-2h"), ("+1d", "-1d")])
def test_a_clock_that_jumps_stops_no_worker(site: Site, jumps: tuple[str, ...]) -> None:
    """As when a machine wakes up, or finds out what time it is. Everything on it sees the jump."""
    if not FAKETIME:
        pytest.skip("libfaketime is not installed: apt-get install faketime")
    clock = site.folder / "clock"
    clock.write_text("+0")
    site.environment |= {
        "LD_PRELOAD": FAKETIME,
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",  # no jump moves that one
    }
    worker = site.start("work")
    for jump in ("+0", *jumps):
        clock.write_text(jump)
        before = len(done(site))
        put(site, "math.sqrt", 4.0)
        until(partial(has_done_more, site, before), f"the task after {jump} is done")
    assert worker.poll() is None
    worker.terminate()
    assert worker.wait(PATIENCE) == 0


def test_a_queue_that_does_not_exist_is_said(site: Site) -> None:
    site.environment["Q_CLUSTER_NAME"] = "trainings"
    said = site.run("work", check=False)
    assert "Q_CLUSTER_NAME must be one of batches, training, not “trainings”." in said


def test_each_queue_has_its_own_patience() -> None:
    batches, training = map(Queue.named, queue_names())
    assert (batches.name, training.name) == ("batches", "training")
    assert training.timeout > batches.timeout
    assert all(queue.retry > queue.timeout for queue in (batches, training))


def test_who_works_at_batches_searches_light_curves_too() -> None:
    assert with_companions(["batches"]) == ["batches", "curves", "watching"]
    assert with_companions(["training"]) == ["training"]
    assert with_companions(queue_names()) == ["batches", "training", "curves", "watching"]
    assert Queue.named("curves").retry > Queue.named("curves").timeout


def test_a_task_has_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    timer = Timer()
    assert timer.value < 0, "nothing is counted"
    timer.value = 7200
    timer.value += 3  # as django-q2 does
    now += 7202
    assert timer.value == 1
    now += 2
    assert timer.value == 0, "it is over"
    timer.value = -1
    assert timer.value < 0

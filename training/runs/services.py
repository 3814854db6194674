"""Training runs: started by a person, claimed by one process, ended exactly once — by success, failure or a person.

Every change of status is one UPDATE that names the status it expects: of two that come at once, one touches no row.
"""

from __future__ import annotations

import os
import signal
import socket
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django_q.models import OrmQ
from django_q.tasks import async_task

from training.artifacts import artifact_parts_sweep
from training.audit import ADDITION, record
from training.ml.errors import UserError
from training.models import Dataset, TrainingRun

Status = TrainingRun.Status
QUEUE: Final = "training"
SILENT: Final = timedelta(seconds=20)  # a living training gives a sign every few seconds
SILENT_ON_A_PAGE: Final = timedelta(seconds=100)  # who only looks does not wait to look twice
SECOND_LOOK: Final = 8.0  # seconds; after the database was gone, the living have had time to give a sign
LOST: Final = timedelta(seconds=90)
HALF_WRITTEN: Final = 3600.0
MOST_TRIALS: Final = 200
FITS: Final = 7.0  # of a training without a search: one to find the rounds, five folds, one on all stars


class NoDatasets(UserError):
    code = "no_datasets"

    def __init__(self) -> None:
        super().__init__("Choose at least one dataset that is ready and not archived.")


class RunEnded(UserError):
    code = "training_run_ended"

    def __init__(self, run: TrainingRun) -> None:
        super().__init__(f"{run} has {run.get_status_display()} already; there is nothing to cancel.")


@dataclass(frozen=True)
class Choices:
    """What a person decides about a training."""

    seed: int = 0
    balance: str = "smote"
    masking: bool = True
    search_trials: int = 0
    rounds: int | None = None
    search_minutes: int | None = None

    def as_json(self) -> dict[str, Any]:
        trials = self.search_trials or (MOST_TRIALS if self.search_minutes else 0)
        facts = {"balance": self.balance, "masking": self.masking, "search_trials": trials}
        if self.search_minutes:
            facts["search_minutes"] = self.search_minutes
        return facts | ({"rounds": self.rounds} if self.rounds else {})


# --- Starting --------------------------------------------------------------------------------------------------------


@transaction.atomic
def training_run_start(
    *, datasets: Sequence[Dataset], choices: Choices, user: User | None = None, notes: str = "", enqueue: bool = True
) -> TrainingRun:
    """Queue a training. ``enqueue=False`` where the caller itself runs it."""
    usable = Dataset.objects.usable().filter(pk__in=[dataset.pk for dataset in datasets])
    if not usable or len(usable) != len(set(datasets)):
        raise NoDatasets
    run = TrainingRun.objects.create(
        seed=choices.seed, parameters=choices.as_json(), notes=notes, created_at=timezone.now(), created_by=user,
        enqueued_at=timezone.now(), stage="Waiting for a worker",
    )  # fmt: skip
    run.datasets.set(usable)
    record(user, run, f"Started a training on {', '.join(map(str, usable))}.", ADDITION)
    if enqueue:
        transaction.on_commit(lambda: _enqueue(run.pk))
    return run


def _enqueue(run_id: int) -> None:
    async_task("training.tasks.execute_training_run", run_id, cluster=QUEUE)


def seconds_expected(signals: int, parameters: dict[str, Any]) -> float | None:
    """By the pace of the last successful runs with as many boosting rounds; None before there was one."""
    done = TrainingRun.objects.filter(status=Status.SUCCEEDED).exclude(model_version=None)
    alike = [
        run
        for run in done.select_related("model_version")[:20]
        if run.parameters.get("rounds") == parameters.get("rounds")
    ]
    paces = [pace for run in alike[:5] if (pace := _pace(run))]
    if not paces:
        return None
    pace = statistics.median(paces) * signals
    trials, minutes = parameters.get("search_trials", 0), parameters.get("search_minutes")
    searching = pace * _search_work(trials)
    return pace * FITS + (min(searching, 60 * minutes) if minutes else searching)


def _pace(run: TrainingRun) -> float | None:
    """Seconds per signal and fit."""
    metadata = run.model_version.metadata if run.model_version else {}
    if not run.duration or not metadata.get("signals"):
        return None
    tried = metadata.get("search", {}).get("tried", 0)
    signals = int(metadata["signals"])
    return run.duration.total_seconds() / signals / (FITS + _search_work(tried))


def _search_work(trials: int) -> float:
    """In fits: a trial takes three on two thirds of the signals, and the usual parameters compete too."""
    return 2.0 * (trials + 1) if trials else 0.0


def place_in_queue(run: TrainingRun) -> int:
    """How many runs are before this one."""
    before = TrainingRun.objects.open().filter(Q(status=Status.RUNNING) | Q(pk__lt=run.pk))
    return before.exclude(pk=run.pk).count()


# --- Claiming and ending ---------------------------------------------------------------------------------------------


def training_run_claim(run_id: int, claim: str) -> bool:
    """True for the one process that may run it."""
    return bool(
        TrainingRun.objects.filter(pk=run_id, status=Status.QUEUED).update(
            status=Status.RUNNING,
            claim=claim,
            host=socket.gethostname(),
            pid=os.getpid(),
            started_at=timezone.now(),
            heartbeat_at=Now(),
            stage="Reading the datasets",
        )
    )


def training_run_fail(run_id: int, reason: str, *, claim: str = "") -> bool:
    """End an open run as failed; with a claim, only if it is still the claimed one."""
    runs = TrainingRun.objects.open().filter(pk=run_id)
    if claim:
        runs = runs.filter(claim=claim)
    return bool(runs.update(status=Status.FAILED, reason=reason, finished_at=timezone.now()))


def training_run_cancel(run: TrainingRun, user: User | None = None) -> None:
    """Stop it, whether it waits or runs. Its process, wherever it is, notices within seconds; a local one is killed."""
    who = f" by {user}" if user else ""
    open_run = TrainingRun.objects.open().filter(pk=run.pk)
    if not open_run.update(status=Status.CANCELLED, reason=f"Cancelled{who}.", finished_at=timezone.now()):
        run.refresh_from_db()
        raise RunEnded(run)
    record(user, run, "Cancelled.")
    run.refresh_from_db()
    process_kill(run)


def training_run_give_back(run_id: int, pid: int) -> bool:
    """Its worker is stopping, and its process with it: the run waits again, for the next worker."""
    own = Q(status=Status.RUNNING, host=socket.gethostname(), pid=pid) | Q(status=Status.QUEUED)
    given = TrainingRun.objects.filter(own, pk=run_id).update(
        status=Status.QUEUED, claim="", pid=None, started_at=None, progress=0, folds=[], log=[],
        enqueued_at=timezone.now(), stage="Waiting for a worker; the one before was stopped, so it begins anew",
    )  # fmt: skip
    if given:
        _enqueue(run_id)
    return bool(given)


# --- The process of a run --------------------------------------------------------------------------------------------


def process_is_gone(run: TrainingRun) -> bool:
    """True if it ran on this host and does not any more; another host's processes we cannot see."""
    return run.host == socket.gethostname() and run.pid is not None and not _is_process_of(run)


def _is_process_of(run: TrainingRun) -> bool:
    """A number alone may belong to somebody else's process by now."""
    try:
        command = Path(f"/proc/{run.pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    # A process that has died but was not waited for has no command line.
    return b"training_run_execute" in command and str(run.pk).encode() in command


def process_kill(run: TrainingRun) -> None:
    if run.host == socket.gethostname() and run.pid and _is_process_of(run):
        with suppress(ProcessLookupError):
            os.kill(run.pid, signal.SIGKILL)


def exit_reason(code: int) -> str:
    """What the end of a training's process says about why."""
    if code == -signal.SIGKILL:
        return (
            "The training's process was killed from outside; most often the machine ran out of memory. "
            "Train on fewer signals, or on a machine with more memory."
        )
    if code < 0:
        return f"The training's process was ended by signal {-code} ({signal.Signals(-code).name}). Start it again."
    return f"The training's process ended with exit status {code}; the worker's log says more."


# --- Looking after them ----------------------------------------------------------------------------------------------


def training_runs_clean_up(*, second_look: float = SECOND_LOOK) -> int:
    """Fail the runs that have gone silent, and deliver again those that nobody has. Returns how many were failed."""
    artifact_parts_sweep(HALF_WRITTEN)
    _deliver_lost()
    suspects = list(_silent(SILENT))
    if suspects and second_look:
        time.sleep(second_look)
    return sum(_fail_silent(run) for run in suspects)


def training_runs_glance() -> int:
    """The same as far as it costs nothing, for a page that shows runs."""
    gone = [run for run in _silent(timedelta(seconds=5)) if process_is_gone(run)]
    return sum(_fail_silent(run) for run in {*gone, *_silent(SILENT_ON_A_PAGE)})


def _silent(silence: timedelta) -> Sequence[TrainingRun]:
    return list(TrainingRun.objects.filter(status=Status.RUNNING, heartbeat_at__lt=Now() - silence))


def _fail_silent(run: TrainingRun) -> bool:
    """Only if it has given no sign since we looked first. Not “=”: SQLite compares texts, its own being shorter."""
    unchanged = TrainingRun.objects.filter(pk=run.pk, status=Status.RUNNING, heartbeat_at__lte=run.heartbeat_at)
    reason = (
        "The training's process is gone: it was killed, or the machine was restarted. Start it again."
        if process_is_gone(run)
        else f"The training has given no sign of life since {run.heartbeat_at:%H:%M:%S} UTC. Start it again."
    )
    failed = unchanged.update(status=Status.FAILED, reason=reason, finished_at=timezone.now())
    if failed:
        process_kill(run)  # one that hangs would otherwise hold its memory for ever
    return bool(failed)


def _deliver_lost() -> None:
    """A queued run whose task a dead worker has taken with it."""
    now = timezone.now()
    if OrmQ.objects.filter(key=QUEUE, lock__lte=now).exists() or TrainingRun.objects.filter(status=Status.RUNNING):
        return  # somebody is at work, or nobody has come for the tasks yet
    for run in TrainingRun.objects.filter(status=Status.QUEUED, enqueued_at__lt=now - LOST).order_by("pk")[:1]:
        again = TrainingRun.objects.filter(pk=run.pk, status=Status.QUEUED, enqueued_at=run.enqueued_at)
        if again.update(enqueued_at=now):
            _enqueue(run.pk)


@dataclass
class Heartbeat:
    """A thread that says that this process lives, and ends it at once when the run is no longer its own, or stuck."""

    run_id: int
    claim: str
    is_stuck: Callable[[], bool] = lambda: False
    seconds: float = 3.0

    def __enter__(self) -> Heartbeat:
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join(timeout=30)

    def _beat(self) -> None:
        from django.db import Error, close_old_connections, connection

        while not self._stopped.wait(self.seconds):
            try:
                if self.is_stuck():
                    training_run_fail(self.run_id, _stuck_reason(), claim=self.claim)
                alive = TrainingRun.objects.owned(self.run_id, self.claim).update(heartbeat_at=Now())
            except Error:  # away for a while; the training goes on without it
                close_old_connections()
                connection.close()
                continue
            if not alive and not self._stopped.is_set():
                os._exit(EXIT_NOT_OURS)  # in the middle of LightGBM, nothing gentler works
        connection.close()


def _stuck_reason() -> str:
    return (
        f"The training had got no further for {settings.TRAINING_STALL_MINUTES:g} minutes, so it was ended. Start it "
        "again; if it needs longer for one step, an administrator can raise TRAINING_STALL_MINUTES."
    )


EXIT_NOT_OURS: Final = 75

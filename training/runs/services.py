"""Training runs: started by a person, claimed by one process, ended exactly once — by success,
failure or a person.

Every change of status is one UPDATE that names the status it expects: of two that come at once, one
touches no row.
"""

from __future__ import annotations

import os
import signal
import socket
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import OperationalError, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django_q.models import OrmQ
from django_q.tasks import async_task

from training.accounts.audit import ADDITION, record
from training.background.children import child_kill, is_child
from training.datasets.models import Dataset
from training.ml.errors import UserError
from training.runs.models import TrainingRun
from training.runs.shapes import RunParameters
from training.versions.artifacts import artifact_parts_sweep

Status = TrainingRun.Status
QUEUE: Final = "training"
EXECUTE: Final = "training_run_execute"
"""The command of a training's process."""
HEARTBEAT_TIMEOUT: Final = timedelta(seconds=20)  # a living training gives a sign every few seconds
RECHECK_SECONDS: Final = (
    8.0  # seconds; after the database was gone, the living have had time to give a sign
)
LOST: Final = timedelta(seconds=90)
PARTIAL_FILE_AGE: Final = 3600.0
MAX_TRIALS: Final = 200
ACCEPT_DOUBTS: Final = (
    "Upload the table again with the right unit, or say that these values are right"
    " (accept_doubts)."
)
FITS: Final = (
    7.0  # of a training without a search: one to find the rounds, five folds, one on all stars
)


class NoDatasets(UserError):
    code = "no_datasets"

    def __init__(self) -> None:
        super().__init__(
            "Choose at least one dataset that is ready, has dispositions and is not archived."
        )


class DatasetsDoubted(UserError):
    code = "datasets_doubted"

    def __init__(self, doubted: Sequence[Dataset]) -> None:
        said = " ".join(
            f"“{dataset}”: {sentence}" for dataset in doubted for sentence in dataset.doubts
        )
        super().__init__(f"{said} {ACCEPT_DOUBTS}")


class RunEnded(UserError):
    code = "training_run_ended"

    def __init__(self, run: TrainingRun) -> None:
        super().__init__(
            f"{run} has {run.get_status_display()} already; there is nothing to cancel."
        )


STORED_CHOICES: Final = ("balance", "masking", "search_trials", "rounds", "search_minutes")


@dataclass(frozen=True)
class Choices:
    """What a person decides about a training."""

    seed: int = 0
    balance: str = "smote"
    masking: bool = True
    search_trials: int = 0
    rounds: int | None = None
    search_minutes: int | None = None

    @classmethod
    def from_json(cls, seed: int, stored: Mapping[str, Any]) -> Choices:
        """What was stored with a run; one of an older site may know fewer."""
        return cls(seed, **{name: stored[name] for name in STORED_CHOICES if name in stored})

    def as_json(self) -> RunParameters:
        trials = self.search_trials or (MAX_TRIALS if self.search_minutes else 0)
        chosen = RunParameters(balance=self.balance, masking=self.masking, search_trials=trials)
        if self.search_minutes:
            chosen["search_minutes"] = self.search_minutes
        if self.rounds:
            chosen["rounds"] = self.rounds
        return chosen


# --- Starting -------------------------------------------------------------------------------------


@transaction.atomic
def training_run_start(
    *,
    datasets: Sequence[Dataset],
    choices: Choices,
    user: User | None = None,
    notes: str = "",
    accept_doubts: bool = False,
    enqueue: bool = True,
) -> TrainingRun:
    """Queue a training. ``enqueue=False`` where the caller itself runs it. Units that look mistaken
    have to be accepted: a classifier that learnt from them is wrong for everybody."""
    usable = Dataset.objects.usable().filter(pk__in=[dataset.pk for dataset in datasets])
    # One that was archived meanwhile is not silently left out.
    if not usable or len(usable) != len(set(datasets)):
        raise NoDatasets
    doubted = [dataset for dataset in usable if dataset.doubts]
    if doubted and not accept_doubts:
        raise DatasetsDoubted(doubted)
    run = TrainingRun.objects.create(
        seed=choices.seed,
        parameters=choices.as_json(),
        notes=notes,
        is_simulated=any(dataset.is_simulated for dataset in usable),
        created_at=timezone.now(),
        created_by=user,
        enqueued_at=timezone.now(),
        stage="Waiting for a worker",
    )
    run.datasets.set(usable)
    record(user, run, f"Started a training on {', '.join(map(str, usable))}.", ADDITION)
    if enqueue:
        # Not before: a worker would look for a row that is not there yet.
        transaction.on_commit(lambda: _enqueue(run.pk))
    return run


def _enqueue(run_id: int) -> None:
    async_task("training.tasks.execute_training_run", run_id, cluster=QUEUE)


def seconds_expected(signals: int, parameters: RunParameters) -> float | None:
    """By the pace of the last successful runs with as many boosting rounds; None before there was
    one."""
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
    """In fits: a trial takes three on two thirds of the signals, and the usual parameters compete
    too."""
    return 2.0 * (trials + 1) if trials else 0.0


def place_in_queue(run: TrainingRun) -> int:
    """How many runs are before this one."""
    before = TrainingRun.objects.open().filter(Q(status=Status.RUNNING) | Q(pk__lt=run.pk))
    return before.exclude(pk=run.pk).count()


# --- Claiming and ending --------------------------------------------------------------------------


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
    """Stop it, whether it waits or runs. Its process, wherever it is, notices within seconds; a
    local one is killed."""
    who = f" by {user}" if user else ""
    open_run = TrainingRun.objects.open().filter(pk=run.pk)
    if not open_run.update(
        status=Status.CANCELLED, reason=f"Cancelled{who}.", finished_at=timezone.now()
    ):
        run.refresh_from_db()
        raise RunEnded(run)
    record(user, run, "Cancelled.")
    run.refresh_from_db()
    process_kill(run)


def training_run_requeue(run_id: int, pid: int) -> bool:
    """Its worker is stopping, and its process with it: the run waits again, for the next worker."""
    own = Q(status=Status.RUNNING, host=socket.gethostname(), pid=pid) | Q(status=Status.QUEUED)
    given = TrainingRun.objects.filter(own, pk=run_id).update(
        status=Status.QUEUED,
        claim="",
        pid=None,
        started_at=None,
        progress=0,
        folds=[],
        log=[],
        enqueued_at=timezone.now(),
        stage="Waiting for a worker; the one before was stopped, so it begins anew",
    )
    if given:
        _enqueue(run_id)
    return bool(given)


# --- The process of a run -------------------------------------------------------------------------


def process_is_gone(run: TrainingRun) -> bool:
    """True if it ran on this host and does not any more; another host's processes we cannot see."""
    is_here = run.host == socket.gethostname() and run.pid is not None
    return is_here and not is_child(run.host, run.pid, EXECUTE, run.pk)


def process_kill(run: TrainingRun) -> None:
    child_kill(run.host, run.pid, EXECUTE, run.pk)


def exit_reason(code: int) -> str:
    """What the end of a training's process says about why."""
    if code == -signal.SIGKILL:
        return (
            "The training's process was killed from outside; most often the machine ran out of"
            " memory. Train on fewer signals, or on a machine with more memory."
        )
    if code < 0:
        return (
            f"The training's process was ended by signal {-code} ({signal.Signals(-code).name})."
            " Start it again."
        )
    return f"The training's process ended with exit status {code}; the worker's log says more."


# --- Looking after them ---------------------------------------------------------------------------


def training_runs_clean_up(*, second_look: float = RECHECK_SECONDS) -> int:
    """Fail the runs that have gone silent, and deliver again those that nobody has. Returns how
    many were failed."""
    artifact_parts_sweep(PARTIAL_FILE_AGE)
    _requeue_lost()
    suspects = list(_stale_runs(HEARTBEAT_TIMEOUT))
    # If the database was away, no sign of life came through: the living get time for another.
    if suspects and second_look:
        time.sleep(second_look)
    return sum(_fail_stale(run) for run in suspects)


def _stale_runs(silence: timedelta) -> Sequence[TrainingRun]:
    return list(TrainingRun.objects.filter(status=Status.RUNNING, heartbeat_at__lt=Now() - silence))


def _fail_stale(run: TrainingRun) -> bool:
    """Only if it has given no sign since we looked first."""
    silent = TrainingRun.objects.filter(
        pk=run.pk, status=Status.RUNNING, heartbeat_at__lt=Now() - HEARTBEAT_TIMEOUT
    )
    reason = (
        "The training's process is gone: it was killed, or the machine was restarted. Start it"
        " again."
        if process_is_gone(run)
        else (
            f"The training has given no sign of life since {run.heartbeat_at:%H:%M:%S} UTC. Start"
            " it again."
        )
    )
    ended = {"status": Status.FAILED, "reason": reason, "finished_at": timezone.now()}
    try:
        failed = silent.update(**ended)
    except OperationalError:  # frozen in the middle of a write, it holds SQLite's lock
        process_kill(run)
        failed = silent.update(**ended)
    if failed:
        process_kill(run)  # one that hangs would otherwise hold its memory for ever
    return bool(failed)


def _requeue_lost() -> None:
    """A queued run whose task a dead worker has taken with it."""
    now = timezone.now()
    if OrmQ.objects.filter(key=QUEUE, lock__lte=now).exists() or TrainingRun.objects.filter(
        status=Status.RUNNING
    ):
        return  # somebody is at work, or nobody has come for the tasks yet
    for run in TrainingRun.objects.filter(
        status=Status.QUEUED, enqueued_at__lt=now - LOST
    ).order_by("pk")[:1]:
        again = TrainingRun.objects.filter(
            pk=run.pk, status=Status.QUEUED, enqueued_at=run.enqueued_at
        )
        if again.update(enqueued_at=now):
            _enqueue(run.pk)

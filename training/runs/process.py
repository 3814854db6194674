"""What happens inside the process of one training run, and how a worker starts and watches that
process."""

from __future__ import annotations

import errno
import fcntl
import subprocess  # nosec B404
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.db import Error, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from training.background.children import child_command, child_watch
from training.background.stopping import stop_asked
from training.background.waiting import retry_until_database_is_back
from training.datasets.models import Dataset
from training.datasets.services import dataset_content, limits
from training.ml.errors import UserError
from training.ml.libraries import pandas as pd
from training.runs.heartbeat import run_heartbeat
from training.runs.models import TrainingRun
from training.runs.services import (
    EXECUTE,
    Choices,
    exit_reason,
    training_run_claim,
    training_run_fail,
    training_run_requeue,
)
from training.runs.training import classifier_train
from training.versions.artifacts import artifact_delete
from training.versions.models import ModelVersion
from training.versions.plots import plots_draw
from training.versions.services import model_version_create

if TYPE_CHECKING:
    from training.ml.fitting.lineage import TableFacts
    from training.ml.model import ExoplanetClassifier
    from training.ml.tables.signal_table import SignalTable

LOG_LINES: Final = 500


# --- In the worker --------------------------------------------------------------------------------


def training_run_supervise(run_id: int) -> None:
    """Run it in a process of its own, which can be killed, gives its memory back and has as many
    threads as it likes.

    A forked child of this worker would hang: LightGBM's threads do not survive a fork.
    """
    threads = {"OMP_NUM_THREADS": str(settings.TRAINING_THREADS)}
    process = child_watch(_command(run_id), lambda: _still_wanted(run_id), threads)
    if not (stop_asked() and training_run_requeue(run_id, process.pid)):
        _note_end(run_id, process)


def training_run_here(run: TrainingRun) -> None:
    """Run it for a command, which waits; in a process of its own all the same: it may have more
    threads than this one."""
    subprocess.run(_command(run.pk), check=False, cwd=settings.BASE_DIR)  # noqa: S603  # nosec B603  # our own command
    run.refresh_from_db()


def _command(run_id: int) -> list[str]:
    return child_command(EXECUTE, run_id)


def _still_wanted(run_id: int) -> bool:
    stopped = (TrainingRun.Status.CANCELLED, TrainingRun.Status.FAILED)
    try:
        return not TrainingRun.objects.filter(pk=run_id, status__in=stopped).exists()
    except Error:
        connection.close()
        return True


def _note_end(run_id: int, process: subprocess.Popen[bytes]) -> None:
    """The process has ended; if it could not say why, its exit status does. Another process's run
    is not ours."""
    if process.returncode == 0:
        return
    run = TrainingRun.objects.filter(
        pk=run_id, pid=process.pid, status=TrainingRun.Status.RUNNING
    ).first()
    if run:
        training_run_fail(run_id, exit_reason(process.returncode), claim=run.claim)


# --- In the training's own process ----------------------------------------------------------------


def training_run_execute(run_id: int) -> bool:
    """Claim the run, train, store the version.
    False where another process has it, or it has ended."""
    claim = uuid.uuid4().hex
    with _one_at_a_time():
        if not training_run_claim(run_id, claim):
            return False
        _execute(TrainingRun.objects.get(pk=run_id), claim)
    return True


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two trainings on one machine would take twice as long and twice the memory: the later one
    waits its turn."""
    with (settings.DATA_DIR / "training.lock").open("w") as lock:
        fcntl.flock(
            lock, fcntl.LOCK_EX
        )  # the kernel gives it back when the process ends, however it ends
        yield


def _execute(run: TrainingRun, claim: str) -> None:
    run_id = run.pk
    try:
        reporter = Reporter(run_id, claim)
        with run_heartbeat(run_id, claim, reporter.is_stuck):
            tables, facts = _tables(run)
            classifier = classifier_train(
                tables,
                facts,
                Choices.from_json(run.seed, run.parameters),
                threads=settings.TRAINING_THREADS,
                created=timezone.now(),
                progress=reporter,
            )
            version = retry_until_database_is_back(lambda: _store(run, claim, classifier))
        plots_draw(version, pd.concat([table.frame for table in tables], ignore_index=True))
    except UserError as error:
        _end(run_id, claim, error.message)
    except Exception as error:
        _end(run_id, claim, _fault(error))
        raise


def _end(run_id: int, claim: str, reason: str) -> None:
    retry_until_database_is_back(lambda: training_run_fail(run_id, reason, claim=claim))


def _fault(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return (
            "The machine ran out of memory. Train on fewer signals, or on a machine with more"
            " memory."
        )
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            "The site's disk is full, so the new version could not be stored. Free some space and"
            " start it again."
        )
    return (
        f"Something went wrong on our side ({type(error).__name__}: {str(error)[:300]}); the"
        " worker's log says more."
    )


def _tables(run: TrainingRun) -> tuple[list[SignalTable], list[TableFacts]]:
    """The tables of the run's datasets, each signal once, and what to remember about them."""
    from training.ml.fitting.selection import each_signal_once

    read = [_read(dataset) for dataset in run.datasets.order_by("created_at", "pk")]
    return each_signal_once([table for table, _ in read]), [facts for _, facts in read]


def _read(dataset: Dataset) -> tuple[SignalTable, TableFacts]:
    from training.ml.fitting.lineage import TableFacts, date_in
    from training.ml.schema import Mission
    from training.ml.tables.data_loader import ColumnMapping, open_table

    mapping = ColumnMapping.from_json(dataset.mapping) if dataset.mapping else None
    mission = Mission(dataset.mission) if dataset.mission and not mapping else None
    table = open_table(
        dataset_content(dataset), mission=mission, mapping=mapping, limits=limits()
    ).table()
    fetched = dataset.provenance.get("downloaded_at", "")[:10]
    facts = TableFacts(
        file=dataset.name,
        sha256=dataset.sha256 or "",
        date=fetched or date_in(dataset.name),
        mission=str(table.mission or ""),
        rows=dataset.rows,
        signals=dataset.signals,
    )
    return table, facts


def _store(run: TrainingRun, claim: str, classifier: ExoplanetClassifier) -> ModelVersion:
    """Version and success in one transaction: a run that is no longer ours leaves no version."""
    version: ModelVersion | None = None
    try:
        with transaction.atomic():
            version = model_version_create(
                classifier,
                origin=ModelVersion.Origin.TRAINING_RUN,
                created_by=run.created_by,
                notes=run.notes,
                is_simulated=run.is_simulated,
            )
            ended = TrainingRun.objects.owned(run.pk, claim).update(
                status=TrainingRun.Status.SUCCEEDED,
                model_version=version,
                finished_at=timezone.now(),
                progress=1,
                stage="Done",
            )
            if not ended:
                raise RunLost
    except BaseException:
        if version is not None:
            artifact_delete(version.artifact)
        raise
    return version


class RunLost(UserError):
    code = "training_run_lost"

    def __init__(self) -> None:
        super().__init__("The run was ended by somebody else before its version was stored.")


@dataclass
class Reporter:
    """Writes down how far a training is.
    A report that cannot be written is kept for the next one."""

    run_id: int
    claim: str
    began: float = field(default_factory=time.monotonic)
    folds: list[dict[str, Any]] = field(default_factory=list)
    log: list[tuple[int, str]] = field(default_factory=list)
    latest: float = field(default_factory=time.monotonic)

    def is_stuck(self) -> bool:
        """A process can be alive, heartbeat and all, and never finish its step."""
        stalled: float = settings.TRAINING_STALL_MINUTES
        return time.monotonic() - self.latest > 60 * stalled

    def __call__(self, stage: str, share: float, figures: dict[str, Any]) -> None:
        self.latest = time.monotonic()
        if "fold" in figures:
            self.folds.append(figures)
        self.log = [*self.log, (round(time.monotonic() - self.began), stage)][-LOG_LINES:]
        try:
            TrainingRun.objects.owned(self.run_id, self.claim).update(
                stage=stage[:200],
                progress=share,
                folds=self.folds,
                log=self.log,
                heartbeat_at=Now(),
            )
        except Error:
            connection.close()

"""Made-up tables to try the site with, what is trained on them, and how all of it goes again."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from training.accounts.audit import DELETION, record
from training.datasets.models import Dataset
from training.datasets.services import dataset_upload
from training.ml.schema import Mission
from training.runs.models import TrainingRun
from training.runs.services import Choices, process_kill, training_run_cancel, training_run_start
from training.versions.models import ModelVersion
from training.versions.services import version_delete

if TYPE_CHECKING:
    import pandas as pd

SIGNALS: Final = {Mission.KEPLER: 240, Mission.TESS: 180, Mission.K2: 120}
SEED: Final = 2026
ROUNDS: Final = 20  # enough to tell planets from binaries, and trained in seconds
NOTES: Final = "A simulated example."
EARLIER: Final = timedelta(days=180)


def simulated_csv(mission: Mission, signals: int, seed: int) -> io.BytesIO:
    """A file with ``mission``'s columns, of signals and stars whose names say that they are made
    up."""
    from training.ml.simulation.sky import simulate_named

    return _csv(simulate_named(mission, signals, seed))


def _csv(table: pd.DataFrame) -> io.BytesIO:
    return io.BytesIO(table.to_csv(index=False).encode())


# --- Tables ---------------------------------------------------------------------------------------


def simulated_datasets_bring(user: User) -> None:
    """One per mission. Safe to repeat: a table that is there already is recognised."""
    from training.ml.simulation.sky import simulate_sky

    for mission, table in simulate_sky(SIGNALS, SEED).items():
        _bring(table, f"Simulated {mission} table.csv", user)


def simulated_earlier_bring(user: User) -> Dataset:
    """The TESS table as it was half a year ago; its name says of which day it is."""
    from training.ml.simulation.sky import earlier_state, simulate_sky

    before = earlier_state(simulate_sky(SIGNALS, SEED)[Mission.TESS], SEED)
    day = timezone.now() - EARLIER
    return _bring(before, f"Simulated TESS table of {day:%Y-%m-%d}.csv", user)


def _bring(table: pd.DataFrame, name: str, user: User) -> Dataset:
    simulated = Dataset.Source.SIMULATED
    return dataset_upload(file=_csv(table), name=name, user=user, source=simulated).dataset


def simulated_datasets_remove(user: User) -> None:
    for dataset in Dataset.objects.simulated():
        files = (dataset.file, dataset.index_file)
        with transaction.atomic():
            record(user, dataset, "Deleted the simulated table.", DELETION)
            dataset.delete()
        for name in files:
            default_storage.delete(name)


# --- Trainings ------------------------------------------------------------------------------------


@transaction.atomic
def simulated_training_start(user: User, *, enqueue: bool = True) -> TrainingRun | None:
    """A short training on the simulated tables, unless there was one."""
    # Of two that come at once, one waits here for the other.
    datasets = list(Dataset.objects.select_for_update().simulated())
    if TrainingRun.objects.filter(is_simulated=True).exists():
        return None
    choices = Choices(rounds=ROUNDS)
    return training_run_start(
        datasets=datasets, choices=choices, user=user, notes=NOTES, enqueue=enqueue
    )


def simulated_trainings_remove(user: User) -> None:
    """Whatever learnt from simulated signals, also where somebody else has started it."""
    for run in TrainingRun.objects.filter(is_simulated=True):
        if run.is_open:
            training_run_cancel(run, user)
        process_kill(run)  # it may still draw plots of its version
        with transaction.atomic():
            record(user, run, "Deleted the simulated training.", DELETION)
            run.delete()
    for version in ModelVersion.objects.simulated():
        version_delete(version, user)

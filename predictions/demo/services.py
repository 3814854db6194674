"""A simulated example for a new site: filled by one command or click, removed by another.

Each part brings what it needs and takes it away again; a further one is one more line in `PARTS`.
Nothing of it is ever put in service, and nothing of it is left but its lines in the audit trail.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction

from predictions.batches.models import Batch
from predictions.batches.services import batch_create, batch_delete, batch_share, batch_start
from predictions.batches.work import batch_execute
from predictions.catalogue.filling.apart import is_real
from predictions.catalogue.filling.models import CatalogueFill
from predictions.demo.catalogue import catalogue_fill, catalogue_remove
from predictions.signals.models import Prediction
from training import simulated
from training.datasets.models import Dataset
from training.ml.errors import UserError
from training.ml.schema import Mission
from training.runs.models import TrainingRun
from training.runs.process import training_run_here
from training.versions.models import ModelVersion

BATCH_NAME: Final = "Simulated TESS signals.csv"
BATCH_SIGNALS: Final = 200
BATCH_SEED: Final = simulated.SEED + 1  # other signals than those that a training is given


@dataclass(frozen=True)
class Part:
    """Of the example. ``fill(user, here)`` is safe to repeat; ``here``: do the work now instead of
    leaving it to a worker."""

    words: str
    fill: Callable[[User, bool], None]
    remove: Callable[[User], None]
    is_possible: Callable[[], bool] = lambda: True


class NothingServes(UserError):
    code = "nothing_in_service"

    def __init__(self) -> None:
        super().__init__(
            "No model version is in service, so nothing can be classified. Put one in service, and"
            " fill the site then."
        )


def demo_fill(user: User, *, here: bool = False) -> None:
    if not ModelVersion.objects.filter(is_active=True).exists():
        raise NothingServes
    for part in parts_possible():
        part.fill(user, here)


def parts_possible() -> list[Part]:
    """What the example would bring to this site: a catalogue only where there is none."""
    return [part for part in PARTS if part.is_possible()]


def demo_remove(user: User) -> None:
    """The last part first: what rests on another goes before it."""
    for part in reversed(PARTS):
        part.remove(user)


def is_filled() -> bool:
    """The tables come first and go last."""
    return Dataset.objects.simulated().exists()


def is_empty() -> bool:
    """Whether nobody has done anything here yet."""
    trained = ModelVersion.objects.exclude(origin=ModelVersion.Origin.BUNDLED)
    return not any(
        found.exists()
        for found in (
            *(Prediction.objects, Batch.objects, Dataset.objects, TrainingRun.objects),
            *(CatalogueFill.objects, trained),
        )
    )


# --- The parts ------------------------------------------------------------------------------------


def _fill_tables(user: User, here: bool) -> None:
    simulated.simulated_datasets_bring(user)


def _fill_batch(user: User, here: bool) -> None:
    with transaction.atomic():
        # Of two that come at once, one waits here for the other.
        list(Dataset.objects.select_for_update().simulated())
        if Batch.objects.filter(is_simulated=True).exists():
            return
        file = simulated.simulated_csv(Mission.TESS, BATCH_SIGNALS, BATCH_SEED)
        batch = batch_create(owner=user, file=file, name=BATCH_NAME, is_simulated=True)
        batch_start(batch=batch, top_contributions=3)
        batch_share(batch=batch, shared=True)
    if here:
        batch_execute(batch_id=str(batch.pk))


def _remove_batches(user: User) -> None:
    for batch in Batch.objects.filter(is_simulated=True):
        batch_delete(batch=batch)


def _fill_training(user: User, here: bool) -> None:
    run = simulated.simulated_training_start(user, enqueue=not here)
    if run and here:
        training_run_here(run)


PARTS: Final = (
    Part(
        "A table each in the columns of Kepler, TESS and K2.",
        _fill_tables,
        simulated.simulated_datasets_remove,
    ),
    Part(
        f"A batch of {BATCH_SIGNALS} TESS signals, classified by the version in service.",
        _fill_batch,
        _remove_batches,
    ),
    Part(
        "A second model version, trained on the three tables; it is not put in service.",
        _fill_training,
        simulated.simulated_trainings_remove,
    ),
    Part(
        "A catalogue of the tables' signals, scored by the version in service, with what has"
        " changed since an earlier TESS table.",
        catalogue_fill,
        catalogue_remove,
        lambda: not is_real(),
    ),
)

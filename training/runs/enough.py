"""Whether tables hold enough of each disposition to learn from, by their indexes alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from django.core.files.storage import default_storage

from training.datasets.models import Dataset
from training.datasets.services import dataset_index
from training.ml.evaluation.dataset_report import SignalIndex
from training.ml.schema import DISPOSITIONS

if TYPE_CHECKING:
    from training.ml.fitting.training_set import TooFewSignals


def too_few_signals(datasets: Iterable[Dataset]) -> TooFewSignals | None:
    """What a training on them would end with, where that is certain: stars that two tables name
    differently are counted twice here."""
    # With everything that fits, which a process that only answers does without.
    from training.ml.fitting.training_set import MIN_PER_DISPOSITION, TooFewSignals

    chosen = list(datasets)
    if not all(default_storage.exists(dataset.index_file) for dataset in chosen):
        return None
    indexes = [dataset_index(dataset) for dataset in chosen]
    for number, disposition in enumerate(DISPOSITIONS):
        found = _stars_at_most(indexes, number)
        if found < MIN_PER_DISPOSITION:
            return TooFewSignals(disposition, found)
    return None


def _stars_at_most(indexes: list[SignalIndex], number: int) -> int:
    stars = np.concatenate([index.stars[index.truth == number] for index in indexes])
    named = np.unique(stars[stars != 0])
    return len(named) + int(np.count_nonzero(stars == 0))

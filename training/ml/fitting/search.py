"""Optional hyperparameter search: a few random choices,
judged by cross-validated log loss by star."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from sklearn.model_selection import ParameterGrid

from training.ml.calibrate import log_loss, softmax
from training.ml.fitting.cross_validation import OutOfFold
from training.ml.fitting.parameters import Parameters
from training.ml.fitting.training_set import TrainingSet
from training.ml.given import Regime

CHOICES: Final[Mapping[str, list[Any]]] = {
    "learning_rate": [0.03, 0.05, 0.08],
    "leaves": [15, 23, 31, 47],
    "min_leaf": [10, 20, 40, 80],
    "feature_share": [0.25, 0.4, 0.6],
    "row_share": [0.6, 0.8, 1.0],
    "l2": [0.1, 1.0, 5.0, 20.0],
}
SEARCH_FOLDS: Final = 3


@dataclass(frozen=True)
class Searched:
    best: Parameters
    tried: int = 0
    """How many changes of the given parameters were judged, besides these."""


def search(
    signals: TrainingSet,
    parameters: Parameters,
    *,
    trials: int,
    seed: int,
    cross_validate: Callable[[TrainingSet, Parameters], OutOfFold],
    time_is_up: Callable[[], bool] = lambda: False,
    on_trial: Callable[[int, float], None] | None = None,
) -> Searched:
    """The best of ``parameters`` and ``trials`` random changes of them, by mean log loss over all
    regimes.

    ``signals`` must not hold test stars. Once ``time_is_up``, no further choice is begun. The same
    seed tries the same choices in the same order, however many: what a search in a given time
    found, one of as many trials finds again.
    """
    best, least, tried = parameters, float("inf"), -1
    for number, candidate in enumerate([parameters, *_changes(parameters, trials, seed)]):
        if time_is_up():
            break
        tried = number
        scores = cross_validate(signals, candidate)
        loss = sum(log_loss(softmax(scores.raw[regime]), signals.truth) for regime in Regime) / len(
            Regime
        )
        if on_trial is not None:
            on_trial(number, loss)
        if loss < least:
            best, least = candidate, loss
    return Searched(best, max(tried, 0))


def _changes(parameters: Parameters, trials: int, seed: int) -> list[Parameters]:
    every = ParameterGrid(CHOICES)
    drawn = np.random.default_rng(seed).permutation(len(every))[:trials]
    return [replace(parameters, **every[number]) for number in drawn]

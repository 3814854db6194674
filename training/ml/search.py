"""Optional hyperparameter search: a few random choices, judged by cross-validated log loss by star."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from sklearn.model_selection import ParameterSampler

from training.ml.calibrate import log_loss, softmax
from training.ml.preprocess import Parameters, Regime

if TYPE_CHECKING:
    from training.ml.train import OutOfFold, TrainingSet

CHOICES: Final[Mapping[str, list[Any]]] = {
    "learning_rate": [0.03, 0.05, 0.08],
    "leaves": [15, 23, 31, 47],
    "min_leaf": [10, 20, 40, 80],
    "feature_share": [0.25, 0.4, 0.6],
    "row_share": [0.6, 0.8, 1.0],
    "l2": [0.1, 1.0, 5.0, 20.0],
}
SEARCH_FOLDS: Final = 3


def search(
    signals: TrainingSet,
    parameters: Parameters,
    *,
    trials: int,
    seed: int,
    cross_validate: Callable[[TrainingSet, Parameters], OutOfFold],
    on_trial: Callable[[int, float], None] | None = None,
) -> Parameters:
    """The best of ``parameters`` and ``trials`` random changes of them, by mean log loss over all regimes.

    ``signals`` must not hold test stars. The same seed tries the same choices.
    """
    tried = [
        parameters,
        *(replace(parameters, **choice) for choice in ParameterSampler(CHOICES, trials, random_state=seed)),
    ]
    best, least = parameters, float("inf")
    for number, candidate in enumerate(tried):
        scores = cross_validate(signals, candidate)
        loss = sum(log_loss(softmax(scores.raw[regime]), signals.truth) for regime in Regime) / len(Regime)
        if on_trial is not None:
            on_trial(number, loss)
        if loss < least:
            best, least = candidate, loss
    return best

"""What a version's folds say, fitted again as they were: the same tables, parameters and seed."""

from __future__ import annotations

from typing import Final

import numpy as np

from training.ml.conditional import ConditionalAnswers
from training.ml.evaluation.shapes import FirmnessFigures
from training.ml.fitting.cross_validation import OutOfFold, cross_validate
from training.ml.fitting.firmness import FirmnessProbe
from training.ml.fitting.parameters import Balance, Parameters
from training.ml.fitting.training_set import TrainingSet, folds_by_star
from training.ml.given import Regime
from training.ml.model import ExoplanetClassifier
from training.ml.train import TEST_FOLDS

SAME: Final = 0.03
"""Largest mean difference of probabilities: folds are calibrated by each other, and here by all."""


class OtherFolds(ValueError):
    """The folds are not those of the version."""


def firmness_of(
    classifier: ExoplanetClassifier, signals: TrainingSet, *, threads: int
) -> FirmnessFigures:
    """What its training would have measured. Raises ``OtherFolds`` where the folds answer otherwise
    than those whose answers the version keeps."""
    seed, stored = classifier.metadata["seed"], classifier.metadata["parameters"]
    # Before there was a booster for full signals nobody said how many rounds it has.
    known = {"full_rounds": 0, **stored, "balance": Balance(stored["balance"])}
    parameters = Parameters(**known)
    development = signals.take(folds_by_star(signals, TEST_FOLDS, seed)[0][0])
    probe = FirmnessProbe.of(development, seed)
    found = cross_validate(
        development, parameters, seed=seed, threads=threads, calibrate=False, ask=probe.score
    )
    answering = classifier.answering
    if not isinstance(answering, ConditionalAnswers):
        raise OtherFolds("A version of an older format cannot be measured again.")
    _check_same(classifier, development, found, answering)
    return probe.figures(development, found, answering)


def _check_same(
    classifier: ExoplanetClassifier,
    development: TrainingSet,
    found: OutOfFold,
    answering: ConditionalAnswers,
) -> None:
    now = answering.answer(
        found.raw[Regime.ALL], found.open[Regime.ALL], found.rows[Regime.ALL]
    ).probabilities
    held_out = classifier.held_out
    order = np.argsort(held_out.signals)
    at = order[np.searchsorted(held_out.signals, development.signals, sorter=order)]
    apart = float(np.abs(now - held_out.probabilities[at]).mean())
    if apart > SAME:
        raise OtherFolds(
            f"The folds answer otherwise than those of the version (by {apart:.3f} on average)."
        )

"""Which further inputs help: how much better signals with few inputs are judged once they have
more.

Measured on the test stars, per mission, by giving one bundle of inputs to signals of which only a
few are known. What no signal of a mission has is not measured there, so nobody is told to give what
that mission never measures.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from training.ml.calibrate import log_loss
from training.ml.evaluation.measures import headlines
from training.ml.evaluation.shapes import InputGain
from training.ml.fitting.bundles import BUNDLES, Bundle
from training.ml.fitting.training_set import TrainingSet
from training.ml.model import ExoplanetClassifier
from training.ml.schema import FEATURE_NAMES, REQUIRED_NAMES, SIX_PARAMETERS

STARTS: Final = {"three": REQUIRED_NAMES, "six": SIX_PARAMETERS}
"""What is known before a bundle is given."""

SAMPLE: Final = 600
"""Signals per mission; more would only cost time."""
MIN_SIGNALS: Final = 60


def input_gain(classifier: ExoplanetClassifier, test: TrainingSet) -> list[InputGain]:
    """For each mission and start, every bundle that its signals have."""
    found: list[InputGain] = []
    names = test.frame["mission"].to_numpy()
    for mission in dict.fromkeys(names):
        rows = np.flatnonzero(names == mission)
        own = test.take(rows[:: max(1, -(-len(rows) // SAMPLE))])
        for start, known in STARTS.items():
            found += _gains(classifier, own, start, known)
    return found


def _gains(
    classifier: ExoplanetClassifier, signals: TrainingSet, start: str, known: Collection[str]
) -> list[InputGain]:
    before = _answers(classifier, signals.frame, known)
    mission, found = str(signals.frame["mission"].iloc[0]), []
    for bundle in BUNDLES:
        further = [name for name in bundle.names if name not in known]
        rows = np.flatnonzero(signals.frame[further].notna().any(axis=1))
        if len(rows) < MIN_SIGNALS:
            continue
        own = signals.take(rows)
        after = _answers(classifier, own.frame, {*known, *further})
        found.append(_gain(start, mission, bundle, own, before[rows], after))
    return found


def _answers(
    classifier: ExoplanetClassifier, frame: pd.DataFrame, known: Collection[str]
) -> npt.NDArray[np.float64]:
    hidden = [name for name in FEATURE_NAMES if name not in known]
    numbers = [name for name in hidden if name != "magnitude_band"]
    reduced = frame.assign(**dict.fromkeys(numbers, np.nan))
    if "magnitude_band" in hidden:
        reduced["magnitude_band"] = None
    return classifier.predict(reduced).probabilities


def _gain(
    start: str,
    mission: str,
    bundle: Bundle,
    signals: TrainingSet,
    before: npt.NDArray[np.float64],
    after: npt.NDArray[np.float64],
) -> InputGain:
    old, new = (headlines(signals.truth, found) for found in (before, after))
    return InputGain(
        start=start,
        mission=mission,
        bundle=bundle.key,
        signals=len(signals),
        accuracy=new["accuracy"],
        accuracy_gain=new["accuracy"] - old["accuracy"],
        log_loss_gain=log_loss(before, signals.truth) - log_loss(after, signals.truth),
        roc_auc_gain=_difference(new["roc_auc"], old["roc_auc"]),
    )


def _difference(first: Any, second: Any) -> float | None:
    return None if first is None or second is None else float(first - second)

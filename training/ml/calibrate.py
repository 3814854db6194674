"""From raw scores to probabilities that mean what they say, and to sets that hold the truth nine
times in ten.

Both are fitted on out-of-fold scores: no row calibrates a classifier that was fitted on it. Both
are kept per mission and per regime (how much of a signal is given), since a score means something
else with six numbers than with ninety.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from training.ml.schema import DISPOSITIONS, Mission

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int8]

MISSIONS: Final = tuple(Mission)
POOLED: Final = -1
"""The group that stands in where a mission was never seen."""
MIN_GROUP: Final = 100
"""Fewer rows than this calibrate nothing of their own; the pooled group serves them."""


def softmax(scores: Floats) -> Floats:
    """Row-wise softmax of shape (n, 3), written column by column so that a row's bits do not depend
    on its batch."""
    shifted = [np.ascontiguousarray(scores[:, c]) for c in range(scores.shape[1])]
    highest = np.maximum.reduce(shifted)
    powers = [np.exp(column - highest) for column in shifted]
    total = powers[0] + powers[1] + powers[2]
    return np.column_stack([power / total for power in powers])


def log_loss(probabilities: Floats, truth: Integers) -> float:
    """Mean negative log-likelihood in nats."""
    chosen = probabilities[np.arange(len(truth)), truth]
    return float(-np.log(np.clip(chosen, 1e-12, 1)).mean())


Scaling = tuple[float, float, float, float]
IDENTITY: Final[Scaling] = (1.0, 0.0, 0.0, 0.0)


def apply_scaling(raw: Floats, scaling: Scaling) -> Floats:
    """softmax(raw × slope + bias), shape (n, 3)."""
    slope, *bias = scaling
    return softmax(np.column_stack([raw[:, c] * slope + bias[c] for c in range(3)]))


def fit_scaling(
    raw: Floats, truth: Integers, start: Scaling = IDENTITY, pull: float = 0.0
) -> Scaling:
    """Slope and biases of least log loss; ``pull`` draws a small group towards ``start``."""
    from scipy.optimize import minimize  # needed to train, not to answer

    origin = np.asarray(start)

    def cost(parameters: Floats) -> float:
        scaling: Scaling = tuple(parameters)
        return log_loss(apply_scaling(raw, scaling), truth) + pull * float(
            ((parameters - origin) ** 2).sum()
        )

    best = minimize(cost, origin, method="L-BFGS-B", bounds=[(0.05, 5), *[(-5, 5)] * 3])
    slope, *bias = (float(value) for value in best.x)
    return (slope, bias[0], bias[1], bias[2])


@dataclass
class Calibration:
    """Vector scaling per (mission number, regime number), with a pooled one for missions never
    seen."""

    scalings: dict[tuple[int, int], Scaling] = field(default_factory=dict)

    @classmethod
    def fit(
        cls, raw: Floats, truth: Integers, missions: Integers, regimes: Integers
    ) -> Calibration:
        """From out-of-fold raw scores, shape (n, 3); the other arrays have shape (n,)."""
        calibration = cls()
        for regime in np.unique(regimes):
            rows = regimes == regime
            pooled = calibration.scalings[POOLED, int(regime)] = fit_scaling(raw[rows], truth[rows])
            for mission in np.unique(missions[rows]):
                own = rows & (missions == mission)
                if own.sum() >= MIN_GROUP:
                    scaling = fit_scaling(raw[own], truth[own], pooled, pull=20 / own.sum())
                    calibration.scalings[int(mission), int(regime)] = scaling
        return calibration

    def scaling(self, mission: int, regime: int) -> Scaling:
        pooled = self.scalings.get((POOLED, regime)) or self.scalings.get((POOLED, 0), IDENTITY)
        return self.scalings.get((mission, regime), pooled)

    def apply(self, raw: Floats, missions: Integers, regimes: Integers) -> Floats:
        """Probabilities of shape (n, 3), each row summing to 1."""
        probabilities = np.empty_like(raw)
        for mission, regime in {*zip(missions.tolist(), regimes.tolist(), strict=True)}:
            rows = (missions == mission) & (regimes == regime)
            probabilities[rows] = apply_scaling(raw[rows], self.scaling(mission, regime))
        return probabilities


@dataclass
class PredictionSets:
    """Class-conditional conformal sets (Vovk 2012, arXiv:1209.2673): a disposition is in the set
    where its probability reaches what ``level`` of the held-out signals of that disposition
    reached, per mission and regime."""

    level: float = 0.9
    thresholds: dict[tuple[int, int], tuple[float, float, float]] = field(default_factory=dict)

    @classmethod
    def fit(
        cls,
        probabilities: Floats,
        truth: Integers,
        missions: Integers,
        regimes: Integers,
        level: float = 0.9,
    ) -> PredictionSets:
        sets = cls(level)
        for regime in np.unique(regimes):
            rows = regimes == regime
            sets.thresholds[POOLED, int(regime)] = _thresholds(
                probabilities[rows], truth[rows], level
            )
            for mission in np.unique(missions[rows]):
                own = rows & (missions == mission)
                if own.sum() >= MIN_GROUP:
                    sets.thresholds[int(mission), int(regime)] = _thresholds(
                        probabilities[own], truth[own], level, sets.thresholds[POOLED, int(regime)]
                    )
        return sets

    def apply(
        self, probabilities: Floats, missions: Integers, regimes: Integers
    ) -> npt.NDArray[np.bool_]:
        """Membership of shape (n, 3)."""
        members = np.empty(probabilities.shape, dtype=bool)
        for mission, regime in {*zip(missions.tolist(), regimes.tolist(), strict=True)}:
            rows = (missions == mission) & (regimes == regime)
            fallback = self.thresholds.get((POOLED, regime)) or self.thresholds.get(
                (POOLED, 0), (0.0, 0.0, 0.0)
            )
            members[rows] = probabilities[rows] >= np.asarray(
                self.thresholds.get((mission, regime), fallback)
            )
        return members


def _thresholds(
    probabilities: Floats,
    truth: Integers,
    level: float,
    fallback: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> tuple[float, float, float]:
    """Per disposition the probability that a share ``level`` of its signals reaches (finite-sample
    corrected)."""
    found = list(fallback)
    for number in range(len(DISPOSITIONS)):
        own = np.sort(probabilities[truth == number, number])
        # Rounded, because 100 × (1 − 0.9) is 9.999… to a computer.
        position = int(np.floor(round((len(own) + 1) * (1 - level), 9))) - 1
        if len(own) >= 20 and position >= 0:
            found[number] = float(own[position])
    return (found[0], found[1], found[2])

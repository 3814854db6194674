"""The two regressions behind answers that depend on what is given: logistic ones for probabilities,
quantile ones for the thresholds of sets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from training.ml.calibrate import Floats
from training.ml.given import Booleans

SHRINKAGE: Final = 2.0
"""How strongly what is given must show that it matters, in signals."""
STEPS: Final = 25


def column_of(values: Floats) -> Floats:
    """Contiguous: numpy then computes one row and a million alike to the last bit."""
    return np.ascontiguousarray(values)


def row_by_row(design: Floats, weights: Floats) -> Floats:
    """Row by row in one order, which a matrix product does not promise."""
    total: Floats = (np.ascontiguousarray(design) * weights).sum(axis=1)
    return total


def sigmoid(log_odds: Floats) -> Floats:
    return 1 / (1 + np.exp(-np.clip(log_odds, -40, 40)))


@dataclass
class Logistic:
    """A fitted logistic regression, and the curvature that a fit on nearly the same rows reuses."""

    weights: Floats
    curvature: Floats | None

    def __getstate__(self) -> dict[str, Floats | None]:
        return {"weights": self.weights, "curvature": None}  # of no use once all is fitted


def fit_logistic(
    design: Floats, positive: Booleans, counts: Floats, columns: int, start: Logistic | None = None
) -> Logistic:
    """Ridge logistic regression by Newton's method; the first ``columns`` of ``design`` are the
    base, which is drawn towards the raw score as it is, all others towards nothing."""
    target = np.zeros(design.shape[1])
    target[1] = 1.0
    pull = np.where(np.arange(len(target)) < columns, 0.05, SHRINKAGE)
    weights = np.zeros(len(target)) if start is None else start.weights
    curvature = None if start is None else start.curvature

    def cost(weights: Floats) -> float:
        log_odds = design @ weights
        misses = np.logaddexp(0, log_odds) - log_odds * positive
        return float(counts @ misses + (pull * (weights - target) ** 2).sum() / 2)

    least = cost(weights)
    for _ in range(STEPS):
        said = sigmoid(design @ weights)
        if start is None:
            curvature = _curvature(design, counts * said * (1 - said), pull)
        slope = design.T @ (counts * (said - positive)) + pull * (weights - target)
        step = np.linalg.solve(np.asarray(curvature), slope)
        while (found := cost(weights - step)) > least + 1e-9 and np.abs(step).max() > 1e-3:
            step = step / 2
        weights, least = weights - step, found
        if np.abs(step).max() < 1e-3:
            break
    return Logistic(weights, np.asarray(curvature))


def _curvature(design: Floats, counts: Floats, pull: Floats) -> Floats:
    found: Floats = (design * counts[:, np.newaxis]).T @ design + np.diag(pull)
    return found


def fit_quantile(design: Floats, values: Floats, counts: Floats, share: float) -> Floats:
    """Weights of a ridge quantile regression: a ``share`` of ``values`` lies below it.

    Majorise and minimise (Hunter and Lange 2000, J. Comp. Graph. Stat. 9, 60). The first column of
    ``design`` is 1.
    """
    pull = np.full(design.shape[1], 1.0)
    pull[0] = 1e-6
    weights = np.zeros(design.shape[1])
    weights[0] = np.quantile(values, share)
    for _ in range(STEPS):
        off = np.maximum(np.abs(values - row_by_row(design, weights)), 1e-3)
        target = design.T @ (counts * (values / (2 * off) + share - 0.5))
        last = weights
        weights = np.linalg.solve(_curvature(design, counts / (2 * off), pull), target)
        if np.abs(weights - last).max() < 1e-3:
            break
    return weights

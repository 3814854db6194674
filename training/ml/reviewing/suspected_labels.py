"""Labels that are probably wrong, by confident learning.

Northcutt, Jiang & Chuang 2021, "Confident Learning: Estimating Uncertainty in Dataset Labels",
JAIR 70 (arXiv:1911.00068). A signal speaks for a class where its probability of that class reaches
the mean probability that signals of the class's own label have; one that speaks for another class
than its label names is suspected. Probabilities must come from what had not seen the signal's
label: what has learnt a wrong label repeats it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.integer]

UNLABELLED: Final = -1
FEW: Final = 20
"""A class with fewer labels than this has no mean worth comparing with."""
_ROUNDING: Final = 1e-9
"""Where all of a class are alike, each reaches their mean."""


@dataclass(frozen=True)
class Suspicions:
    """``suspected``: (n,). ``margin``: (n,), the probability of the likeliest other class less that
    of the label's own, −1 to 1; NaN where there is no label. ``joint``: (k, k), how many signals
    of each label (row) speak for each class (column)."""

    suspected: Booleans
    margin: Floats
    joint: npt.NDArray[np.int64]

    @property
    def noise(self) -> float:
        """The share of labels that are wrong, as the joint estimates it; 0 where it is empty."""
        counted = int(self.joint.sum())
        return float(1 - np.trace(self.joint) / counted) if counted else 0.0


def suspected_labels(
    labels: Integers, probabilities: Floats, groups: Integers | None = None
) -> Suspicions:
    """``labels``: (n,) positions in the columns of ``probabilities``, (n, k), or UNLABELLED.

    ``groups``: (n,), each of which is compared with itself alone: what is a high probability for
    one mission is none for another.
    """
    classes = probabilities.shape[1]
    found = Suspicions(
        np.zeros(len(labels), dtype=bool),
        _margins(labels, probabilities),
        np.zeros((classes, classes), dtype=np.int64),
    )
    labelled = (labels != UNLABELLED) & ~np.isnan(probabilities).any(axis=1)
    for group in np.unique(groups[labelled]) if groups is not None else (None,):
        rows = np.flatnonzero(labelled if groups is None else labelled & (groups == group))
        spoken = _spoken_for(labels[rows], probabilities[rows])
        speaks = spoken != UNLABELLED
        np.add.at(found.joint, (labels[rows][speaks], spoken[speaks]), 1)
        # Between two classes above their thresholds, the margin says which is the likelier.
        found.suspected[rows] = speaks & (spoken != labels[rows]) & (found.margin[rows] > 0)
    return found


def _margins(labels: Integers, probabilities: Floats) -> Floats:
    labelled = labels != UNLABELLED
    rows = np.arange(len(labels))
    own = probabilities[rows, np.where(labelled, labels, 0)]
    others = probabilities.copy()
    others[rows, np.where(labelled, labels, 0)] = -np.inf
    return np.where(labelled, others.max(axis=1, initial=-np.inf) - own, np.nan)


def _spoken_for(labels: Integers, probabilities: Floats) -> Integers:
    """(n,) the likeliest class whose threshold the signal reaches; UNLABELLED where none is."""
    thresholds = [
        probabilities[labels == number, number].mean()
        if (labels == number).sum() >= FEW
        else np.inf
        for number in range(probabilities.shape[1])
    ]
    reached = np.where(probabilities >= np.array(thresholds) - _ROUNDING, probabilities, -np.inf)
    return np.where(np.isfinite(reached).any(axis=1), reached.argmax(axis=1), UNLABELLED)

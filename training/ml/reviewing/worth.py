"""In which order signals are worth a person's look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
APART: Final = 0.4
"""From this difference of planet scores on, two versions disagree."""
UNLIKE: Final = 4
"""From so many things on that are unlike what was learnt from, more make no difference."""


class Reason(StrEnum):
    SUSPECTED_LABEL = "suspected-label"
    CONFLICT = "conflict"
    VERSIONS = "versions"
    UNFAMILIAR = "unfamiliar"
    SEVERAL = "several"


@dataclass(frozen=True)
class Weight:
    """A reason is worth ``least`` where it just holds and ``most`` where it could not hold more;
    ``measure`` says by what."""

    least: float
    most: float
    measure: str


WEIGHTS: Final[Mapping[Reason, Weight]] = {
    Reason.SUSPECTED_LABEL: Weight(
        60, 100, "how much likelier another label is than the one that the archive gives"
    ),
    Reason.CONFLICT: Weight(80, 80, "always alike"),
    Reason.VERSIONS: Weight(40, 70, "how far apart the planet scores of two versions are"),
    Reason.UNFAMILIAR: Weight(20, 40, "how many values are unlike those that were learnt from"),
    Reason.SEVERAL: Weight(0, 40, "how near the score is to one half"),
}
FURTHER: Final = 3.0
"""What each further reason adds."""


def worth(strengths: Mapping[Reason, Floats]) -> Floats:
    """(n,): the weight of the strongest reason, and ``FURTHER`` for each other one; NaN where there
    is no reason. ``strengths``: (n,) from 0 to 1, NaN where the reason does not hold."""
    weights = np.stack(
        [
            WEIGHTS[reason].least + (WEIGHTS[reason].most - WEIGHTS[reason].least) * strength
            for reason, strength in strengths.items()
        ]
    )
    reasons = (~np.isnan(weights)).sum(axis=0)
    strongest = np.where(np.isnan(weights), -np.inf, weights).max(axis=0)
    return np.where(reasons > 0, strongest + FURTHER * (reasons - 1), np.nan)


def evenness(scores: Floats) -> Floats:
    """1 for a score of one half, 0 for 0 and 1."""
    return 1 - np.abs(2 * scores - 1)


def apartness(scores: Floats, lowest: Floats, highest: Floats) -> Floats:
    """How far a score is from the farthest of others, given their lowest and highest: 0 at
    ``APART``, 1 at 1, NaN below."""
    apart = np.fmax(np.abs(scores - lowest), np.abs(highest - scores))
    return np.where(apart >= APART, (apart - APART) / (1 - APART), np.nan)


def unlikeness(sentences: npt.NDArray[np.integer]) -> Floats:
    """From how many things are unlike what was learnt from; NaN for none."""
    return np.where(sentences > 0, np.minimum((sentences - 1) / (UNLIKE - 1), 1.0), np.nan)

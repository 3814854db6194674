"""Any number of versions, judged on the same signals of stars that none of them had seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Final

import numpy as np
import numpy.typing as npt

from training.ml.answers import HeldOut
from training.ml.evaluation.compare import LABELS, MIN_STARS, SMALLER_IS_BETTER, measured, unique_at

SHOWN: Final = ("accuracy", "macro_f1", "roc_auc", "pr_auc", "log_loss", "calibration_error")


@dataclass(frozen=True)
class Together:
    """``figures``: of each version in the order in which they were given, values by name of
    ``SHOWN``, NaN where one is not defined; empty where too few stars are shared."""

    signals: int
    stars: int
    figures: tuple[dict[str, float], ...]

    def best(self, name: str) -> float | None:
        """The best value of a figure; None where nobody has one or all are equally good."""
        values = [figures[name] for figures in self.figures if np.isfinite(figures[name])]
        if len(set(values)) < 2:
            return None
        return min(values) if name in SMALLER_IS_BETTER else max(values)


def label_of(name: str) -> str:
    return LABELS[name]


def together(held_out: Sequence[HeldOut]) -> Together:
    """All versions on the signals that each of them held out and whose disposition is the same in
    the tables of all: no version is judged by what another's tables alone say."""
    places = _agreed(held_out, _shared(held_out))
    last = held_out[-1]
    truth, stars = last.truth[places[-1]], len(np.unique(last.stars[places[-1]]))
    if stars < MIN_STARS:
        return Together(len(truth), stars, ())
    figures = tuple(
        measured(truth, one.probabilities[at].astype(np.float64))
        for one, at in zip(held_out, places, strict=True)
    )
    chosen = tuple({name: values[name] for name in SHOWN} for values in figures)
    return Together(len(truth), stars, chosen)


def _agreed(
    held_out: Sequence[HeldOut], places: list[npt.NDArray[np.intp]]
) -> list[npt.NDArray[np.intp]]:
    truths = [one.truth[at] for one, at in zip(held_out, places, strict=True)]
    same = reduce(np.logical_and, [truth == truths[0] for truth in truths])
    return [at[same] for at in places]


def _shared(held_out: Sequence[HeldOut]) -> list[npt.NDArray[np.intp]]:
    """Of each, where the signals stand that all of them know, in one order; a key that stands twice
    names no signal."""
    single = [unique_at(one.signals) for one in held_out]
    known = [one.signals[at] for one, at in zip(held_out, single, strict=True)]
    common = reduce(lambda first, second: np.intersect1d(first, second), known)
    return [at[np.searchsorted(keys, common)] for keys, at in zip(known, single, strict=True)]

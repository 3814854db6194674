"""A signal drawn anew within its stated uncertainties."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from training.ml.schema import FEATURE_BY_NAME, NUMERIC_NAMES

Numbers = npt.NDArray[np.float64]

FIRM: Final = 0.9
"""The share of draws that an answer must keep so as not to be called fragile."""

_AT: Final = {name: place for place, name in enumerate(NUMERIC_NAMES)}


def uncertain_inputs(values: Numbers) -> list[str]:
    """Names of the inputs, among ``values`` in the order of ``NUMERIC_NAMES``, that come with an
    uncertainty."""
    return [name for name in _AT if f"{name}_error" in _AT and _is_uncertain(values, _AT, name)]


def drawn_within(values: Numbers, draws: int, seed: int) -> tuple[Numbers, list[str]]:
    """Normal draws, shape (draws, inputs), and the inputs that vary; none where nothing is
    uncertain."""
    names = uncertain_inputs(values)
    if not names:
        return np.empty((0, len(values))), []
    rows = np.repeat(values[None, :], draws, axis=0)
    noise = np.random.default_rng(seed).normal(size=(draws, len(names)))
    for number, name in enumerate(names):
        feature = FEATURE_BY_NAME[name]
        moved = values[_AT[name]] + noise[:, number] * values[_AT[f"{name}_error"]]
        rows[:, _AT[name]] = np.clip(moved, feature.low, feature.high)
    return rows, names


def _is_uncertain(values: Numbers, at: Mapping[str, int], name: str) -> bool:
    error = values[at[f"{name}_error"]]
    return bool(np.isfinite(values[at[name]]) and np.isfinite(error) and error > 0)

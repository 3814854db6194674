"""How the values of each feature are distributed: kept with a classifier, and compared with what
comes later.

A profile holds counts in the tenths of the training values, never a value of a row, and is plain
JSON.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from training.ml.libraries import pandas as pd
from training.ml.schema import NUMERIC_NAMES
from training.ml.signal_rows import Harmonised

POOLED: Final = "pooled"
BINS: Final = 10
MIN_GIVEN: Final = 100
"""Fewer given values than this make no tenths."""
MIN_COMPARED: Final = 100
"""Fewer new values than this raise no alarm: chance alone moves the index of 100 values in ten bins
by about 0.1."""
SHIFT_NOTED: Final = 0.1
SHIFT_LARGE: Final = 0.25

Profile = dict[str, dict[str, dict[str, Any]]]
"""group ("pooled" or a mission) → feature → {"edges": inner bin edges, "counts": per bin}."""


def feature_profile(frame: pd.DataFrame) -> Profile:
    """Tenths of every numeric feature of a harmonised frame, pooled and per mission."""
    groups = {POOLED: frame} | {
        str(mission): own for mission, own in frame.groupby("mission", sort=True)
    }
    return {name: dict(_tenths_of(own)) for name, own in groups.items()}


def _tenths_of(frame: pd.DataFrame) -> Iterator[tuple[str, dict[str, Any]]]:
    for feature in NUMERIC_NAMES:
        values = frame[feature].to_numpy(dtype=np.float64)
        given = values[np.isfinite(values)]
        if len(given) >= MIN_GIVEN:
            edges = _tenths(given)
            yield feature, {"edges": edges, "counts": count_bins(given, edges).tolist()}


def _tenths(given: npt.NDArray[np.float64]) -> list[float]:
    """Inner edges; values that many rows share make fewer bins, never an empty one."""
    quantiles = np.quantile(given, np.arange(1, BINS) / BINS)
    # Rounded, so that no edge is the value of a row.
    return [float(f"{edge:.6g}") for edge in np.unique(quantiles)]


def count_bins(values: npt.NDArray[np.float64], edges: list[float]) -> npt.NDArray[np.int64]:
    """How many values lie in each bin, an edge belonging to the bin below it; NaN lies in none."""
    given = values[np.isfinite(values)]
    return np.bincount(
        np.searchsorted(np.asarray(edges), given, side="left"), minlength=len(edges) + 1
    )


@dataclass(frozen=True)
class Shift:
    """How far the values of one feature have moved from those of the training."""

    feature: str
    index: float
    signals: int  # new values compared
    expected: tuple[float, ...]  # share of the training values per bin
    found: tuple[float, ...]  # share of the new values per bin
    edges: tuple[float, ...]

    @property
    def enough(self) -> bool:
        return self.signals >= MIN_COMPARED

    @property
    def size(self) -> str:
        """ "large", "noted" or "none"; always "none" where too few values were compared."""
        if not self.enough or self.index < SHIFT_NOTED:
            return "none"
        return "large" if self.index >= SHIFT_LARGE else "noted"


def stability_index(expected: npt.NDArray[np.int64], found: npt.NDArray[np.int64]) -> float:
    """Population stability index Σ (q − p) ln(q / p) over bins: 0.1 is customarily noted, 0.25
    called large.

    Siddiqi 2006, Credit Risk Scorecards, ch. 9. Half a value is added to every bin, so that an
    empty one stays finite.
    """
    p = (expected + 0.5) / (expected.sum() + 0.5 * len(expected))
    q = (found + 0.5) / (found.sum() + 0.5 * len(found))
    return float(((q - p) * np.log(q / p)).sum())


def shifts(
    group: Mapping[str, Mapping[str, Any]], counted: Mapping[str, npt.NDArray[np.int64]]
) -> list[Shift]:
    """The shift of each feature that both sides know, largest first; features with too few values
    last."""
    found = [
        _shift(name, group[name], counts)
        for name, counts in counted.items()
        if name in group and counts.sum()
    ]
    return sorted(found, key=lambda shift: (not shift.enough, -shift.index))


def _shift(feature: str, reference: Mapping[str, Any], counts: npt.NDArray[np.int64]) -> Shift:
    expected = np.asarray(reference["counts"])
    return Shift(
        feature,
        stability_index(expected, counts),
        int(counts.sum()),
        tuple(expected / expected.sum()),
        tuple(counts / counts.sum()),
        tuple(reference["edges"]),
    )


def reference_group(profile: Profile, mission: str | None) -> str:
    """The mission's own tenths where the training had that mission, else those of all missions."""
    return mission if mission in profile else POOLED


def count_bins_of(
    signals: Harmonised, group: Mapping[str, Mapping[str, Any]]
) -> dict[str, npt.NDArray[np.int64]]:
    """Per feature of ``group``, how many of n harmonised signals lie in each of its bins."""
    return {
        name: count_bins(np.asarray(signals[name], dtype=np.float64), profile["edges"])
        for name, profile in group.items()
    }

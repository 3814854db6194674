"""One period on two stars: contamination, as a warning that names the other signal.

The light of an eclipsing binary falls into the apertures of stars around it, and each of them shows
the binary's period (Coughlin et al. 2014, AJ 147, 119). ``ephemerides`` counts such neighbours for
the classifier, where both happen at the same time. Here each pair is told, whatever its phase: one
star's primary eclipse may be listed beside another's secondary, and two stars this close have one
period by chance in one of three thousand cases.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from training.ml.libraries import spatial
from training.ml.sky.ephemerides import EPOCH_DRIFT, PERIOD_TOLERANCE, Ephemerides, is_other_star

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]

WITHIN_ARCSEC: Final = 126.0
"""How far a match is looked for: six of TESS's pixels, 31 of Kepler's."""
RATIOS: Final = (0.5, 1.0, 2.0)
_USUAL_HOURS: Final = 3.0  # a transit whose duration is unknown


class Timing(StrEnum):
    """When the other star's event comes, seen from the signal's own."""

    SAME = "at the same time"
    HALF = "half a period later, as a secondary eclipse does"
    OTHER = "at another phase"
    UNKNOWN = "at a time that is not known"


@dataclass(frozen=True, eq=False)
class SamePeriod:
    """m matches, by the signal asked about and then by distance; each array (m,).

    ``asked`` and ``known`` are rows; ``separation`` in arcsec; ``ratio`` is the known period over
    the own, one of ``RATIOS``; ``timing`` holds ``Timing``.
    """

    asked: Rows
    known: Rows
    separation: Floats
    ratio: Floats
    timing: npt.NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.asked)

    def of(self, row: int) -> slice:
        """The matches of one signal that was asked about."""
        return slice(*np.searchsorted(self.asked, [row, row + 1]).tolist())


class SamePeriodIndex:
    """Known signals by place; what lacks place or period is never found."""

    def __init__(self, known: Ephemerides) -> None:
        self._known = known
        self._rows = _placed(known)
        self._tree = spatial.cKDTree(known.sky[self._rows].astype(np.float64))

    def matches(self, asked: Ephemerides, within: float = WITHIN_ARCSEC) -> SamePeriod:
        """Known signals of other stars within ``within`` arcsec that have the period, twice or half
        of it, up to ``PERIOD_TOLERANCE``. Epochs of one time scale tell the timing."""
        rows = _placed(asked)
        near = spatial.cKDTree(asked.sky[rows].astype(np.float64)).sparse_distance_matrix(
            self._tree, 2 * np.sin(np.radians(within / 3600) / 2), output_type="ndarray"
        )
        one, other = rows[near["i"]], self._rows[near["j"]]
        separation = np.degrees(2 * np.arcsin(near["v"] / 2)) * 3600
        ratio = period_ratio(asked.period[one], self._known.period[other])
        fits = np.isfinite(ratio) & is_other_star(asked, one, self._known, other, separation)
        return self._sorted(asked, one[fits], other[fits], separation[fits], ratio[fits])

    def _sorted(
        self, asked: Ephemerides, one: Rows, other: Rows, separation: Floats, ratio: Floats
    ) -> SamePeriod:
        order = np.lexsort((separation, one))
        one, other = one[order], other[order]
        timing = timings(asked, one, self._known, other)
        return SamePeriod(one, other, separation[order], ratio[order], timing)


def same_period_within(table: Ephemerides, within: float = WITHIN_ARCSEC) -> SamePeriod:
    """The matches of all signals of one table among each other: each pair is seen from both."""
    return SamePeriodIndex(table).matches(table, within)


def period_ratio(own: Floats, known: Floats, tolerance: float = PERIOD_TOLERANCE) -> Floats:
    """Which of ``RATIOS`` ``known`` over ``own`` periods is within the relative ``tolerance``, NaN
    where none; all (m,)."""
    found = np.full(len(own), np.nan)
    for ratio in RATIOS:
        found[np.abs(known / own / ratio - 1) <= tolerance] = ratio
    return found


def timings(
    asked: Ephemerides, one: Rows, known: Ephemerides, other: Rows
) -> npt.NDArray[np.object_]:
    """``Timing`` of each pair (one, other) of rows: by the shorter period, and as exact as the
    transits are long and the periods certain."""
    shorter = np.minimum(asked.period[one], known.period[other])
    apart = asked.epoch[one] - known.epoch[other]
    hours = _hours(asked)[one] + _hours(known)[other]
    allowed = np.minimum(hours / 48 + EPOCH_DRIFT * np.abs(apart), shorter / 8)
    late = np.abs(apart - shorter * np.rint(apart / shorter))
    found = np.array([Timing.OTHER] * len(one), dtype=object)
    found[shorter / 2 - late <= allowed] = Timing.HALF
    found[late <= allowed] = Timing.SAME
    found[np.isnan(apart)] = Timing.UNKNOWN
    return found


def contamination_sentence(
    name: str, separation: float, ratio: float, timing: str, disposition: str = ""
) -> str:
    """What is said beside a signal whose period another star shows, too."""
    period = {0.5: "half this period", 1.0: "this period", 2.0: "twice this period"}[ratio]
    known = f" ({disposition})" if disposition else ""
    return (
        f"{name}{known}, a signal of another star {separation:.0f}″ away, has {period}, {timing}:"
        " the light of one of them, or of an eclipsing binary beside both, may fall on the other."
    )


def _placed(signals: Ephemerides) -> Rows:
    placed = np.isfinite(signals.sky).all(axis=1) & (signals.period > 0)
    rows: Rows = np.flatnonzero(placed)
    return rows


def _hours(signals: Ephemerides) -> Floats:
    return np.nan_to_num(signals.duration.astype(np.float64), nan=_USUAL_HOURS)

"""One planet seen by two missions.

Two signals of different missions are twins where their stars are one and their periods are, within
the errors; or stand 1:2, as where one mission saw every other transit only. The archive's tables
name stars by different catalogues, so that places tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from training.ml.libraries import spatial
from training.ml.sky.same_period import RATIOS
from training.ml.sky.stars import MATCH_ARCSEC, sky_vectors

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]

SAME_PERIOD: Final = 1e-3
"""Relative difference that always counts as one period: of the archive's periods that differ by
less on one star, none is another planet's."""
MOST: Final = 5e-3
"""No error makes one of two periods that differ by more."""
SIGMAS: Final = 3.0
YEARS: Final = 16.0
"""Between the epochs of catalogues: J2000 of the KIC, J2015.5 of Gaia DR2."""


@dataclass(frozen=True, eq=False)
class MissionSignals:
    """n signals of several missions, each array (n,), NaN = unknown.

    ``ra``, ``dec`` in degrees; ``pm_ra`` (with cos δ) and ``pm_dec`` in mas/yr; ``period`` and its
    one-sigma ``period_error`` in days; ``mission``: any names.
    """

    ra: Floats
    dec: Floats
    pm_ra: Floats
    pm_dec: Floats
    period: Floats
    period_error: Floats
    mission: npt.NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Twins:
    """m pairs of rows, ``one`` < ``other``, each once; ``ratio`` is the other's period over the
    first one's, 0.5, 1 or 2; ``separation`` of the places as listed, in arcsec."""

    one: Rows
    other: Rows
    ratio: Floats
    separation: Floats

    def __len__(self) -> int:
        return len(self.one)


def find_twins(signals: MissionSignals) -> Twins:
    """All twins. A signal that has one with its own period at its own place has no other in the
    same mission: twice or half of it is another planet's period, and a star whose way leads past
    a neighbour (HAT-P-11 and KOI-1289) is not that neighbour."""
    one, other = _near(signals)
    residual, separation = _offsets(signals, one, other)
    ratio = _ratios(signals, one, other)
    fits = np.isfinite(ratio) & (residual <= MATCH_ARCSEC)
    fits &= np.asarray(signals.mission[one] != signals.mission[other], dtype=bool)
    one, other, ratio, separation = one[fits], other[fits], ratio[fits], separation[fits]
    good = (ratio == 1) & (separation <= MATCH_ARCSEC)
    kept = good | ~_has_better(signals, one, other, good)
    return Twins(one[kept], other[kept], ratio[kept], separation[kept])


def disagree(one: str, other: str) -> bool:
    """Whether two missions say different things about one planet; nothing disagrees with
    nobody's."""
    return bool(one and other) and one != other


def _near(signals: MissionSignals) -> tuple[Rows, Rows]:
    """Pairs of rows that may be one star: as near as ``MATCH_ARCSEC`` and the way that either may
    have gone."""
    vectors = sky_vectors(signals.ra, signals.dec)
    rows = np.flatnonzero(np.isfinite(vectors).all(axis=1))
    moved = np.nan_to_num(np.hypot(signals.pm_ra[rows], signals.pm_dec[rows])) / 1e3 * YEARS
    reach = 2 * np.sin(np.radians((MATCH_ARCSEC + moved) / 3600) / 2)
    tree = spatial.cKDTree(vectors[rows])
    near = tree.query_ball_point(vectors[rows], reach)
    sizes = [len(found) for found in near]
    one = np.repeat(np.arange(len(rows)), sizes)
    other = np.concatenate([np.zeros(0), *near]).astype(np.intp)
    pairs = np.unique(np.sort(np.column_stack([one, other]), axis=1), axis=0)
    pairs = rows[pairs[pairs[:, 0] < pairs[:, 1]]]
    return pairs[:, 0], pairs[:, 1]


def _offsets(signals: MissionSignals, one: Rows, other: Rows) -> tuple[Floats, Floats]:
    """(arcsec between the places where the stars came nearest in ``YEARS``, as listed).

    Which catalogue has which epoch is not known, so that either star may have moved either way.
    """
    dec = np.radians((signals.dec[one] + signals.dec[other]) / 2)
    east = (signals.ra[other] - signals.ra[one] + 180) % 360 - 180
    offset = np.stack([east * np.cos(dec), signals.dec[other] - signals.dec[one]]) * 3600
    separation = np.hypot(*offset)
    nearest = separation
    for rows in (one, other):
        motion = np.nan_to_num(np.stack([signals.pm_ra[rows], signals.pm_dec[rows]])) / 1e3
        speed = np.maximum((motion**2).sum(axis=0), 1e-12)
        years = np.clip((offset * motion).sum(axis=0) / speed, -YEARS, YEARS)
        nearest = np.minimum(nearest, np.hypot(*(offset - years * motion)))
    return nearest, separation


def _ratios(signals: MissionSignals, one: Rows, other: Rows) -> Floats:
    """One of ``RATIOS``, NaN where the periods are not one within their errors."""
    own, theirs = signals.period[one], signals.period[other]
    errors = [signals.period_error[rows] / signals.period[rows] for rows in (one, other)]
    allowed = np.clip(SIGMAS * np.nan_to_num(np.hypot(*errors)), SAME_PERIOD, MOST)
    found = np.full(len(one), np.nan)
    for ratio in RATIOS:
        found[np.abs(theirs / own / ratio - 1) <= allowed] = ratio
    return found


def _has_better(
    signals: MissionSignals, one: Rows, other: Rows, good: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Per pair, whether one of the ``good`` pairs joins either signal to the other's mission."""
    mission = signals.mission
    joined = list(zip(one[good].tolist(), other[good].tolist(), strict=True))
    matched = {(a, mission[b]) for a, b in joined} | {(b, mission[a]) for a, b in joined}
    pairs = zip(one.tolist(), other.tolist(), strict=True)
    found = [(a, mission[b]) in matched or (b, mission[a]) in matched for a, b in pairs]
    return np.array(found, dtype=bool)

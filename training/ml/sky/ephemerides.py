"""The same ephemeris on a neighbouring star: the light of one eclipsing binary falls on many.

A deep eclipse leaks into the apertures of stars around it, by the wings of its image within an
arcminute or two and by reflections and read-out up to degrees away, and each of them is then listed
with the binary's period and epoch (Coughlin et al. 2014, AJ 147, 119: 685 KOIs). What is counted
here are other stars' signals with a matching period (also twice or half of it) and a fitting epoch.
Nobody's disposition is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from training.ml.libraries import pandas as pd
from training.ml.libraries import spatial
from training.ml.schema import NEIGHBOUR_NAMES
from training.ml.sky.stars import MATCH_ARCSEC, sky_vectors

Floats = npt.NDArray[np.float64]

NEAR_ARCSEC: Final = 200.0
"""Within this distance matches are counted: Kepler's direct contamination ends there."""
FAR_ARCSEC: Final = 3600.0
"""The farthest match that is looked for, and the separation of a signal that has none."""
PERIOD_TOLERANCE: Final = 5e-4
"""Relative. Periods of one source agree to 1e-5;
chance matches reach a tenth of all pairs at 1e-3."""
EPOCH_DRIFT: Final = 2e-5
"""Days per day between two epochs that are compared: what the periods' own errors add up to."""
MAX_MATCHES: Final = 64
"""Counts end here; no neighbourhood of the archive's tables holds as many."""
_BLOCK: Final = 8_192


@dataclass(frozen=True, eq=False)
class Ephemerides:
    """n signals by place and time. NaN = unknown; ``star`` is a hash of its key, 0 = unknown.

    ``sky``: unit vectors (n, 3); ``period`` in days, ``epoch`` in days of one time scale,
    ``duration`` in hours, ``depth`` in ppm, each (n,).
    """

    sky: npt.NDArray[np.float32]
    period: Floats
    epoch: Floats
    duration: npt.NDArray[np.float32]
    depth: npt.NDArray[np.float32]
    star: npt.NDArray[np.uint64]

    @classmethod
    def of(
        cls,
        ra: Floats,
        dec: Floats,
        period: Floats,
        epoch: Floats,
        duration: Floats,
        depth: Floats,
        star: npt.NDArray[np.uint64],
    ) -> Ephemerides:
        """From positions in degrees."""
        sky = sky_vectors(ra, dec).astype(np.float32)
        return cls(sky, period, epoch, duration.astype(np.float32), depth.astype(np.float32), star)

    def __len__(self) -> int:
        return len(self.period)

    def __getstate__(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    def take(self, rows: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> Ephemerides:
        return Ephemerides(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Which signals have all that a match needs: place, period and epoch."""
        placed = np.isfinite(self.sky).all(axis=1)
        return placed & np.isfinite(self.period) & (self.period > 0) & np.isfinite(self.epoch)

    def compact(self) -> Ephemerides:
        """Only what can match, for keeping."""
        return self.take(self.known)

    @cached_property
    def octaves(self) -> Floats:
        """log2 of the period: whole numbers apart for 1:2 and 2:1."""
        octaves: Floats = np.log2(self.period)
        return octaves

    @cached_property
    def _tree(self) -> tuple[spatial.cKDTree, npt.NDArray[np.intp]]:
        """A tree over folded period and place, and the signal behind each of its leaves."""
        return _tree_of(self, np.arange(len(self)))

    def neighbours(self, queried: Ephemerides) -> Floats:
        """What these known ephemerides say about ``queried`` ones,
        (m, 3) as ``NEIGHBOUR_NAMES``; NaN = unknown.

        For a few queried signals: the tree over all of these is made once and kept.
        """
        if not len(self):  # who knows nothing cannot say that there is none
            return np.full((len(queried), len(NEIGHBOUR_NAMES)), np.nan)
        found = _blank(queried)
        rows = np.flatnonzero(queried.known)
        if len(rows):
            _count(found, queried, rows, self, *self._tree)
        return found


def join_ephemerides(parts: Sequence[Ephemerides]) -> Ephemerides:
    """All ``parts`` one after the other; there must be one at least."""
    names = Ephemerides.__dataclass_fields__
    return Ephemerides(*(np.concatenate([getattr(p, name) for p in parts]) for name in names))


def combine(one: Floats, other: Floats) -> Floats:
    """What two sources say about the same signals, (n, 3); the same match in both counts once."""
    return np.column_stack(
        [
            np.fmax(one[:, 0], other[:, 0]),
            np.fmin(one[:, 1], other[:, 1]),
            np.fmax(one[:, 2], other[:, 2]),
        ]
    )


def with_neighbours(frame: pd.DataFrame, queried: Ephemerides, known: Ephemerides) -> pd.DataFrame:
    """A copy of ``frame``, whose rows ``queried`` describes, that knows what ``known`` ephemerides
    say as well."""
    names = list(NEIGHBOUR_NAMES)
    own = frame[names].to_numpy(dtype=np.float64)
    return frame.assign(**dict(zip(names, combine(own, known.neighbours(queried)).T, strict=True)))


def neighbours_within(table: Ephemerides) -> Floats:
    """What the signals of one table say about each other,
    (n, 3) as ``NEIGHBOUR_NAMES``; NaN = unknown.

    Signals are looked at in the order of their folded period,
    so that memory does not grow with the table.
    """
    found = _blank(table)
    rows = np.flatnonzero(table.known)
    rows = rows[np.argsort(table.octaves[rows] % 1, kind="stable")]
    for block, others in _bands(table.octaves[rows] % 1):
        _count(found, table, rows[block], table, *_tree_of(table, rows[others]))
    return found


def _bands(folded: Floats) -> Iterator[tuple[slice, npt.NDArray[np.intp]]]:
    """Blocks of sorted folded periods, and the positions of all that can match one of a block."""
    reach = 2 * PERIOD_TOLERANCE
    for start in range(0, len(folded), _BLOCK):
        block = slice(start, start + _BLOCK)
        low, high = folded[block][0] - reach, folded[block][-1] + reach
        near = [
            np.arange(*np.searchsorted(folded, [low + turn, high + turn])) for turn in (-1, 0, 1)
        ]
        yield block, np.unique(np.concatenate(near))


def _blank(queried: Ephemerides) -> Floats:
    """No match for what is known, NaN for the rest."""
    found = np.full((len(queried), len(NEIGHBOUR_NAMES)), np.nan)
    found[queried.known] = (0, FAR_ARCSEC, 0)
    return found


_CHORD_OF_FAR: Final = 2 * np.sin(np.radians(FAR_ARCSEC / 3600) / 2)
_LOG2_TOLERANCE: Final = np.log2(1 + PERIOD_TOLERANCE)


def _points(signals: Ephemerides, rows: npt.NDArray[np.intp]) -> Floats:
    """(rows, 4) folded period and place, each in units of how far a match may be."""
    folded = signals.octaves[rows] % 1 / _LOG2_TOLERANCE
    return np.column_stack([folded, signals.sky[rows] / _CHORD_OF_FAR])


def _tree_of(
    signals: Ephemerides, rows: npt.NDArray[np.intp]
) -> tuple[spatial.cKDTree, npt.NDArray[np.intp]]:
    """The folded period closes on itself: what lies near either end stands at the other as well."""
    points, turn = _points(signals, rows), np.array([1 / _LOG2_TOLERANCE, 0, 0, 0])
    low, high = points[:, 0] < 2, points[:, 0] > turn[0] - 2
    both = np.concatenate([points, points[low] + turn, points[high] - turn])
    return spatial.cKDTree(both), np.concatenate([rows, rows[low], rows[high]])


def _count(
    found: Floats,
    queried: Ephemerides,
    rows: npt.NDArray[np.intp],
    known: Ephemerides,
    tree: spatial.cKDTree,
    leaves: npt.NDArray[np.intp],
) -> None:
    """Write what ``known`` says about ``rows`` of ``queried`` into ``found``."""
    for start in range(0, len(rows), _BLOCK):
        own = rows[start : start + _BLOCK]
        number = min(MAX_MATCHES, len(leaves))
        near = tree.query(
            _points(queried, own), k=range(1, number + 1), p=np.inf, distance_upper_bound=1
        )[1]
        which, place = np.nonzero(near < len(leaves))
        one, other = own[which], leaves[near[which, place]]
        separation = _separation(queried.sky[one], known.sky[other])
        fits = is_other_star(queried, one, known, other, separation)
        fits &= _is_same_time(queried, one, known, other) & (separation <= FAR_ARCSEC)
        _note(found, queried, one[fits], known, other[fits], separation[fits])


def _separation(one: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> Floats:
    """Arcsec between unit vectors."""
    chord = np.linalg.norm(one.astype(np.float64) - other, axis=1)
    separation: Floats = np.degrees(2 * np.arcsin(np.clip(chord / 2, 0, 1))) * 3600
    return separation


def is_other_star(
    queried: Ephemerides,
    one: npt.NDArray[np.intp],
    known: Ephemerides,
    other: npt.NDArray[np.intp],
    separation: Floats,
) -> npt.NDArray[np.bool_]:
    """A star's own signals never count: neither those under its key nor those at its place."""
    star = queried.star[one]
    return np.asarray((separation > MATCH_ARCSEC) & ((star == 0) | (star != known.star[other])))


def _is_same_time(
    queried: Ephemerides, one: npt.NDArray[np.intp], known: Ephemerides, other: npt.NDArray[np.intp]
) -> npt.NDArray[np.bool_]:
    """The periods stand 1:2, 1:1 or 2:1, and the transits overlap in time.

    Between two epochs, periods that differ within their errors drift apart by ``EPOCH_DRIFT``.
    """
    shorter = np.minimum(queried.period[one], known.period[other])
    apart = queried.epoch[one] - known.epoch[other]
    late = np.abs(apart - shorter * np.rint(apart / shorter))
    hours = np.nan_to_num(queried.duration[one], nan=3.0) + np.nan_to_num(
        known.duration[other], nan=3.0
    )
    overlap = hours / 48 + EPOCH_DRIFT * np.abs(apart)
    octaves = np.abs(queried.octaves[one] - known.octaves[other])
    return np.asarray((octaves < 1.5) & (late <= np.minimum(overlap, shorter / 4)))


def _note(
    found: Floats,
    queried: Ephemerides,
    one: npt.NDArray[np.intp],
    known: Ephemerides,
    other: npt.NDArray[np.intp],
    separation: Floats,
) -> None:
    np.add.at(found[:, 0], one[separation <= NEAR_ARCSEC], 1)
    np.minimum.at(found[:, 1], one, separation)
    deeper = known.depth[other].astype(np.float64) / queried.depth[one]
    np.maximum.at(found[:, 2], one, np.where(np.isfinite(deeper), deeper, 0))

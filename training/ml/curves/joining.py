"""From files to one curve in order of time: checked, cleaned of flares, averaged where exposures
are short."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from training.ml.curves.curve import LightCurve, Star, robust_sigma
from training.ml.curves.errors import CurveError

if TYPE_CHECKING:
    from training.ml.curves.curve import Flags, Floats, Whole
    from training.ml.curves.read import Part

SHORTEST_POINT: Final = 5 / 1_440  # days: what is shorter than five minutes is averaged
_LONGEST_CADENCE: Final = 0.1  # days: a transit of hours needs points within it
_LONGEST_SPAN: Final = 20 * 365.25  # days
_OVERLAP: Final = 1.0  # days that two files may share
_NEIGHBOURS: Final = 13  # points before, and as many after, from which flares stick out
_FLARE: Final = 5.0  # robust sigma above it


def joined(parts: Sequence[Part], star: Star) -> LightCurve:
    """One curve; ``CurveError`` where files overlap or their times cannot be days."""
    parts = sorted(parts, key=lambda part: float(part.time.min()))
    zero, notes = _common_zero(parts)
    times = [part.time + (part.zero or 0.0) - (zero or 0.0) for part in parts]
    _check_overlap(parts, times)
    kept = [_clean(time, part.flux) for time, part in zip(times, parts, strict=True)]
    pieces = [(t[at], part.flux[at]) for t, part, at in zip(times, parts, kept, strict=True)]
    cadence = float(np.median(np.concatenate([np.diff(time) for time, _ in pieces])))
    _check_times(pieces, cadence)
    exposure = max(cadence, SHORTEST_POINT)
    bins = [_bins(time, exposure, cadence) for time, _ in pieces]
    binned = [_binned(*piece, place) for piece, place in zip(pieces, bins, strict=True)]
    return LightCurve(
        time=np.concatenate([time for time, _, _ in binned]),
        flux=np.concatenate([flux for _, flux, _ in binned]),
        weight=np.concatenate([weight for _, _, weight in binned]),
        part=np.repeat(np.arange(len(binned)), [len(time) for time, _, _ in binned]),
        exposure=exposure,
        zero=zero,
        star=star,
        notes=[note for part in parts for note in part.notes] + notes,
        centroid=_centroids(parts, kept, bins),
    )


def _centroids(
    parts: Sequence[Part], kept: Sequence[Whole], bins: Sequence[Whole]
) -> Floats | None:
    """(n, 2) of all points, each file's from its own median: its pixels are other ones."""
    if all(part.centroid is None for part in parts):
        return None
    found = []
    for part, at, place in zip(parts, kept, bins, strict=True):
        count = np.bincount(place)
        means = np.full((int(np.count_nonzero(count)), 2), np.nan)
        if part.centroid is not None and np.isfinite(part.centroid[at]).any():
            moved = part.centroid[at] - np.nanmedian(part.centroid[at], axis=0)
            for axis in range(2):
                means[:, axis] = np.bincount(place, moved[:, axis])[count > 0] / count[count > 0]
        found.append(means)
    return np.concatenate(found)


def _common_zero(parts: Sequence[Part]) -> tuple[float | None, list[str]]:
    zeros = {part.zero for part in parts}
    if None in zeros and len(zeros) > 1:
        unknown = next(part.file for part in parts if part.zero is None)
        raise CurveError(
            "This file does not say from which date its times count, as the others do; "
            "state it with --time-zero (2457000 for BTJD, 2454833 for BKJD).",
            unknown,
        )
    if None in zeros:
        return None, [
            "No file says from which Julian date its times count, so the epoch is in the file's own"
            " time; --time-zero states it (2457000 for BTJD, 2454833 for BKJD)."
        ]
    known = sorted(zero for zero in zeros if zero is not None)
    # Small numbers keep their digits: full Julian dates are counted from the first whole day.
    return (float(np.floor(parts[0].time.min())) if known[0] == 0 else known[0]), []


def _check_overlap(parts: Sequence[Part], times: Sequence[Floats]) -> None:
    end, before = -np.inf, ""
    for part, time in zip(parts, times, strict=True):
        if time.min() < end - _OVERLAP:
            raise CurveError(
                f"This file covers the same time as {before}; give one of them.", part.file
            )
        if time.max() > end:
            end, before = float(time.max()), part.file


def _check_times(pieces: Sequence[tuple[Floats, Floats]], cadence: float) -> None:
    span = float(pieces[-1][0][-1] - pieces[0][0][0])
    if cadence > _LONGEST_CADENCE or span > _LONGEST_SPAN or cadence <= 0:
        raise CurveError(
            f"The points are {cadence:.3g} d apart and span {span:,.0f} d, if the times are days;"
            " a search for transits needs a cadence of at most 2.4 h and at most 20 years. State"
            " the unit of the time in the column's name or header."
        )
    if span < 1:
        raise CurveError(f"The curve spans {span * 24:.1f} h; at least a day is needed.")


def _clean(time: Floats, flux: Floats) -> Whole:
    """Which points count: in order of time, each time once, without what sticks out upward (flares
    and cosmic rays)."""
    from scipy.ndimage import median_filter  # of whoever looks at a light, not of each page

    order = np.argsort(time, kind="stable")
    order = order[_first_of_each(time[order])]
    flux = flux[order]
    half = _NEIGHBOURS // 2
    before, after = (
        median_filter(flux, _NEIGHBOURS, mode="nearest", origin=shift) for shift in (half, -half)
    )
    above = flux - np.maximum(before, after)  # a transit's ends stand out of one side alone
    quiet = above < _FLARE * max(robust_sigma(above), 1e-9)
    return np.asarray(order[quiet], dtype=np.intp)


def _first_of_each(time: Floats) -> Flags:
    return np.concatenate([[True], np.diff(time) > 1e-6])


def _bins(time: Floats, exposure: float, cadence: float) -> Whole:
    """(n,) the number of the average that each point goes into."""
    if cadence >= 0.9 * exposure:
        return np.arange(len(time))
    return np.asarray(np.floor((time - time[0]) / exposure), dtype=np.intp)


def _binned(time: Floats, flux: Floats, place: Whole) -> tuple[Floats, Floats, Floats]:
    """Averages, with how full each is."""
    count = np.bincount(place)
    filled = count > 0
    count = count[filled]
    times = np.bincount(place, time)[filled] / count
    fluxes = np.bincount(place, flux)[filled] / count
    return times, fluxes, count / np.median(count)

"""The numbers behind the plots of a search: binned, so that years of light fit on a page.

Flux is told in ppm from the level outside of transits, offsets from mid-transit in hours.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, TypedDict

import numpy as np

from training.ml.curves.detrend import flatten
from training.ml.curves.find import WINDOWS
from training.ml.curves.transits import transit_depths

if TYPE_CHECKING:
    from training.ml.curves.curve import Flags, FlatCurve, Floats, LightCurve, Whole
    from training.ml.curves.find import Seen
    from training.ml.curves.search import Periodogram
    from training.ml.curves.shape import Trapezoid

COLUMNS: Final = 420  # of the whole curve, and of a periodogram
GAP: Final = 5.0  # days without a point that are left out of the picture
AROUND: Final = 2.5  # durations on either side of mid-transit
FOLDED_BINS: Final = 61
PAIR_BINS: Final = 35
ORBIT_BINS: Final = 150
CLOUD: Final = 300  # points behind the folded curve
MOST_TRANSITS: Final = 12
TRANSIT_BINS: Final = 31
RIVER_ROWS: Final = 32
RIVER_COLUMNS: Final = 35
_UNTRENDED: Final = 2.0  # durations


class Bins(TypedDict):
    """``x`` of the middle of each bin that holds a point, mean ``y`` and its ``error``."""

    x: list[float]
    y: list[int]
    error: list[int]


class Piece(TypedDict):
    """A stretch of the curve: the lowest and the highest flux in each column."""

    start: float
    end: float
    time: list[float]
    low: list[int]
    high: list[int]
    flat_low: list[int]
    flat_high: list[int]


class Transit(TypedDict):
    number: int
    time: float
    depth: int
    error: int
    bins: Bins


class River(TypedDict):
    """Rows of transits, ``first`` to ``last`` number each; null where there is no point."""

    rows: list[list[int | None]]
    numbers: list[list[int]]


class SignalEvidence(TypedDict):
    """``ephemeris``: period, epoch, duration in days of the curve's time; ``half``: hours that the
    folded plots show on either side."""

    ephemeris: list[float]
    depth: float
    sde: float | None
    half: float
    folded: Bins
    cloud: list[list[float]]
    model: list[list[float]]
    odd: Bins
    even: Bins
    orbit: Bins
    secondary: Bins
    half_orbit: Bins
    transits: list[Transit]
    seen: int
    river: River


class PeriodogramNumbers(TypedDict):
    period: list[float]
    strength: list[float]


class Evidence(TypedDict):
    pieces: list[Piece]
    periodograms: list[PeriodogramNumbers | None]
    signals: list[SignalEvidence]


def evidence_of(curve: LightCurve, seen: Sequence[Seen], signals: int) -> tuple[Evidence, Floats]:
    """The numbers of all plots; and (n,) the light without trend, NaN where there is none.
    ``signals``: how many of ``seen``, the first ones, are signals."""
    real = seen[:signals]
    flat = _flat(curve, real)
    numbers: Evidence = {
        "pieces": _pieces(curve, flat),
        "periodograms": [_periodogram(one.peak.among) for one in seen],
        "signals": [_signal(one) for one in real],
    }
    return numbers, flat


def _flat(curve: LightCurve, seen: Sequence[Seen]) -> Floats:
    masked = np.zeros(len(curve), dtype=bool)
    longest = 0.0
    for one in seen:
        ephemeris = one.signal.shape.ephemeris
        masked |= ephemeris.during(curve.time, _UNTRENDED)
        longest = max(longest, ephemeris.duration)
    if masked.mean() > 0.6:  # a trend needs points between the transits
        masked[:] = False
    flat = flatten(curve, masked, WINDOWS[1] if longest > 0.3 else WINDOWS[0])
    whole = np.full(len(curve), np.nan)
    whole[np.searchsorted(curve.time, flat.time)] = flat.flux
    return whole


# --- the whole curve ------------------------------------------------------------------------------


def _pieces(curve: LightCurve, flat: Floats) -> list[Piece]:
    breaks = np.flatnonzero(np.diff(curve.time) > GAP) + 1
    parts = np.split(np.arange(len(curve)), breaks)
    length = sum(float(curve.time[part[-1]] - curve.time[part[0]]) for part in parts)
    return [_piece(curve.time[p], curve.flux[p], flat[p], length) for p in parts]


def _piece(time: Floats, flux: Floats, flat: Floats, whole: float) -> Piece:
    start, end = float(time[0]), float(time[-1])
    columns = max(1, round(COLUMNS * (end - start) / max(whole, 1e-9)))
    place = np.minimum(((time - start) / max(end - start, 1e-9) * columns).astype(int), columns - 1)
    begins = np.flatnonzero(np.diff(place, prepend=-1))
    known = np.where(np.isfinite(flat), flat, 1.0)
    low, high = (ppm(ends.reduceat(flux, begins) - 1) for ends in (np.minimum, np.maximum))
    flat_low, flat_high = (
        ppm(ends.reduceat(known, begins) - 1) for ends in (np.minimum, np.maximum)
    )
    return {
        "start": round(start, 4),
        "end": round(end, 4),
        "time": [round(float(t), 3) for t in time[begins]],
        "low": low,
        "high": high,
        "flat_low": flat_low,
        "flat_high": flat_high,
    }


def ppm(relative: Floats) -> list[int]:
    return [round(1e6 * float(value)) for value in relative]


def _periodogram(found: Periodogram | None) -> PeriodogramNumbers | None:
    """The strongest of each column, which are even in the logarithm of the period."""
    if found is None:
        return None
    logs = np.log(found.period)
    share = (logs - logs[0]) / max(float(logs[-1] - logs[0]), 1e-9)
    begins = np.flatnonzero(np.diff((share * COLUMNS).astype(int), prepend=-1))
    ends = np.append(begins[1:], len(logs))
    best = [a + int(np.argmax(found.strength[a:b])) for a, b in zip(begins, ends, strict=True)]
    return {
        "period": [float(f"{found.period[at]:.5g}") for at in best],
        "strength": [round(float(found.strength[at]), 2) for at in best],
    }


# --- one signal -----------------------------------------------------------------------------------


def _signal(seen: Seen) -> SignalEvidence:
    signal, flat = seen.signal, seen.flat
    shape = signal.shape
    ephemeris = shape.ephemeris
    half = min(AROUND * ephemeris.duration, ephemeris.period / 2)
    offset, number = ephemeris.offset(flat.time), ephemeris.number(flat.time)
    near = np.abs(offset) <= half
    odd = number % 2 == 1
    return {
        "ephemeris": [ephemeris.period, ephemeris.epoch, ephemeris.duration],
        "depth": shape.depth,
        "sde": float(signal.sde) if np.isfinite(signal.sde) else None,
        "half": round(24 * half, 4),
        "folded": _bins(offset, flat, near, half, FOLDED_BINS),
        "cloud": _cloud(offset, flat, near),
        "model": _model(shape, half, flat.exposure),
        "odd": _bins(offset, flat, near & odd, half, PAIR_BINS),
        "even": _bins(offset, flat, near & ~odd, half, PAIR_BINS),
        "orbit": _orbit(flat, shape),
        "secondary": _shifted(flat, shape, signal.secondary.phase, half),
        "half_orbit": _shifted(flat, shape, 0.5, half),
        "transits": _transits(flat, shape, half),
        "seen": signal.transits,
        "river": _river(offset, number, flat, near, half),
    }


def _bins(offset: Floats, flat: FlatCurve, kept: Flags, half: float, count: int) -> Bins:
    """Weighted means of the points that are ``kept``, in hours."""
    x, y, sigma = offset[kept], flat.flux[kept] - 1, flat.sigma[kept]
    return _means(24 * x, y, sigma, (-24 * half, 24 * half), count)


def _means(x: Floats, y: Floats, sigma: Floats, ends: tuple[float, float], count: int) -> Bins:
    low, high = ends
    width = (high - low) / count
    place = np.clip(((x - low) / width).astype(int), 0, count - 1)
    weight = np.bincount(place, sigma**-2, count)
    total = np.bincount(place, y / sigma**2, count)
    full = weight > 0
    middle = low + width * (np.arange(count) + 0.5)
    return {
        "x": [float(f"{value:.4g}") for value in middle[full]],
        "y": ppm(total[full] / weight[full]),
        "error": ppm(1 / np.sqrt(weight[full])),
    }


def _cloud(offset: Floats, flat: FlatCurve, near: Flags) -> list[list[float]]:
    """Some of the points themselves."""
    chosen = np.flatnonzero(near)
    chosen = chosen[:: max(1, len(chosen) // CLOUD)]
    return [
        [round(24 * float(offset[at]), 3), round(1e6 * (float(flat.flux[at]) - 1))] for at in chosen
    ]


def _model(shape: Trapezoid, half: float, exposure: float) -> list[list[float]]:
    offset = np.linspace(-half, half, 81)
    drawn = -1e6 * shape.depth * shape.profile(offset, exposure)
    return [[round(24 * float(x), 3), round(float(y))] for x, y in zip(offset, drawn, strict=True)]


def _orbit(flat: FlatCurve, shape: Trapezoid) -> Bins:
    """From a quarter of an orbit before the transit to three quarters after it."""
    ephemeris = shape.ephemeris
    phase = ((flat.time - ephemeris.epoch) / ephemeris.period + 0.25) % 1 - 0.25
    return _means(phase, flat.flux - 1, flat.sigma, (-0.25, 0.75), ORBIT_BINS)


def _shifted(flat: FlatCurve, shape: Trapezoid, phase: float, half: float) -> Bins:
    ephemeris = shape.ephemeris
    offset = ephemeris.offset(flat.time - phase * ephemeris.period)
    return _bins(offset, flat, np.abs(offset) <= half, half, PAIR_BINS)


def _transits(flat: FlatCurve, shape: Trapezoid, half: float) -> list[Transit]:
    """Up to a dozen of those that were seen, evenly spread."""
    ephemeris = shape.ephemeris
    depths = transit_depths(flat, shape, 1.0)
    if not len(depths):
        return []
    spread = np.linspace(0, len(depths) - 1, min(MOST_TRANSITS, len(depths)))
    found: list[Transit] = []
    for at in np.unique(np.rint(spread).astype(int)):
        middle = ephemeris.epoch + int(depths.number[at]) * ephemeris.period
        offset = flat.time - middle
        found.append(
            {
                "number": int(depths.number[at]),
                "time": round(float(middle), 4),
                "depth": round(1e6 * float(depths.depth[at])),
                "error": round(1e6 * float(depths.error[at])),
                "bins": _bins(offset, flat, np.abs(offset) <= half, half, TRANSIT_BINS),
            }
        )
    return found


def _river(offset: Floats, number: Whole, flat: FlatCurve, near: Flags, half: float) -> River:
    """One row for each transit; where they are many, for a few that follow each other."""
    names = np.unique(number[near])
    if not len(names):
        return {"rows": [], "numbers": []}
    groups = [group for group in np.array_split(names, min(RIVER_ROWS, len(names))) if len(group)]
    rows: list[list[int | None]] = []
    for group in groups:
        kept = near & (number >= group[0]) & (number <= group[-1])
        rows.append(_river_row(offset[kept], flat.flux[kept] - 1, half))
    return {"rows": rows, "numbers": [[int(g[0]), int(g[-1])] for g in groups]}


def _river_row(offset: Floats, light: Floats, half: float) -> list[int | None]:
    width = 2 * half / RIVER_COLUMNS
    place = np.clip(((offset + half) / width).astype(int), 0, RIVER_COLUMNS - 1)
    count = np.bincount(place, minlength=RIVER_COLUMNS)
    total = np.bincount(place, light, RIVER_COLUMNS)
    return [round(1e6 * t / n) if n else None for t, n in zip(total, count, strict=True)]

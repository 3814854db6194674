"""The star's own variation taken off: a sliding parabola, fitted robustly (Tukey's biweight).

The biweight is the best of the sliding windows that Hippke et al. 2019 (AJ 158, 143) compared for
keeping transits; a parabola instead of a level follows slow waves and the ends of each stretch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from training.ml.curves.curve import FlatCurve, LightCurve, robust_sigma

if TYPE_CHECKING:
    from training.ml.curves.curve import Flags, Floats, Whole

GAP: Final = 0.5  # days without a point divide a curve
WINDOW: Final = 1.0  # days; transits of a third of it are kept although nothing masks them
_NODES: Final = 16  # per window, between which the trend is a line
_TUNING: Final = 5.0  # robust sigma beyond which a point has no weight
_ROUNDS: Final = 4
_FEWEST: Final = 12  # points in a stretch or a window
_VALUES: Final = 2_000_000  # at once


def flatten(curve: LightCurve, masked: Flags | None = None, window: float = WINDOW) -> FlatCurve:
    """``curve`` without trend; points that are ``masked`` (n,) do not shape it, and stay.

    Stretches with too few points are left out.
    """
    free = np.ones(len(curve), dtype=bool) if masked is None else ~masked
    segment = segments(curve.time, curve.part)
    trend = np.full(len(curve), np.nan)
    for number in range(int(segment[-1]) + 1):
        here = np.flatnonzero(segment == number)
        if len(here) >= _FEWEST and free[here].sum() >= _FEWEST:
            trend[here] = _trend(curve.time[here], curve.flux[here], free[here], window)
    kept = np.isfinite(trend) & (trend > 0)
    flux = curve.flux[kept] / trend[kept]
    sigma = white_noise(flux, curve.weight[kept], curve.part[kept])
    return FlatCurve(curve.time[kept], flux, sigma, segment[kept], curve.exposure)


def segments(time: Floats, part: Whole) -> Whole:
    """(n,) the number of the stretch: a gap or the next file begins another."""
    begins = (np.diff(time) > GAP) | (np.diff(part) != 0)
    return np.concatenate([[0], np.cumsum(begins)]).astype(np.intp)


def white_noise(flux: Floats, weight: Floats, part: Whole) -> Floats:
    """(n,) noise from one point to the next, for each file on its own."""
    sigma = np.empty(len(flux))
    for number in np.unique(part):
        here = part == number
        steps = np.diff(flux[here]) * np.sqrt(weight[here][1:])
        sigma[here] = max(robust_sigma(steps) / np.sqrt(2), 1e-7) / np.sqrt(weight[here])
    return sigma


def _trend(time: Floats, flux: Floats, free: Flags, window: float) -> Floats:
    """(n,) the trend of one stretch."""
    span = float(time[-1] - time[0])
    nodes = np.linspace(time[0], time[-1], max(2, int(span / window * _NODES) + 2))
    seen, light = time[free], flux[free]
    # At the ends the window stays as long as elsewhere, moved inward.
    starts = np.clip(nodes - window / 2, time[0], max(time[0], time[-1] - window))
    first = np.searchsorted(seen, starts - 1e-9)
    last = np.searchsorted(seen, starts + window + 1e-9)
    enough = last - first >= _FEWEST
    if not enough.any():
        return np.full(len(time), float(np.median(light)))
    nodes, first, last = nodes[enough], first[enough], last[enough]
    longest = int((last - first).max())
    at_once = max(1, _VALUES // longest)
    values = [
        _parabolas(
            seen,
            light,
            nodes[at : at + at_once],
            first[at : at + at_once],
            last[at : at + at_once],
            longest,
        )
        for at in range(0, len(nodes), at_once)
    ]
    return np.asarray(np.interp(time, nodes, np.concatenate(values)))


def _parabolas(
    time: Floats, flux: Floats, nodes: Floats, first: Whole, last: Whole, longest: int
) -> Floats:
    """(nodes,) the robust parabola through the points of each window, at its node."""
    index = first[:, None] + np.arange(longest)
    inside = index < last[:, None]
    index = np.minimum(index, len(time) - 1)
    away = np.where(inside, time[index] - nodes[:, None], 0.0)
    light = np.where(inside, flux[index], np.nan)
    model = np.broadcast_to(_medians(light)[:, None], light.shape)
    light = np.where(inside, light, 0.0)
    level = model[:, 0]
    for _ in range(_ROUNDS):
        rest = light - model
        spread = _medians(np.where(inside, np.abs(rest), np.nan))
        scaled = rest / (_TUNING * np.maximum(1.4826 * spread, 1e-9))[:, None]
        weight = np.where(inside & (np.abs(scaled) < 1), (1 - scaled**2) ** 2, 0.0)
        terms = _weighted_parabolas(away, light, weight)
        level = terms[:, 0]
        model = level[:, None] + terms[:, 1, None] * away + terms[:, 2, None] * away**2
    return level


def _medians(values: Floats) -> Floats:
    """(rows,) of what is no NaN; each row has some. ``nanmedian`` takes six times as long."""
    ordered = np.sort(values, axis=1)  # NaN last
    count = np.isfinite(values).sum(axis=1)
    row = np.arange(len(values))
    return np.asarray((ordered[row, (count - 1) // 2] + ordered[row, count // 2]) / 2)


def _weighted_parabolas(away: Floats, light: Floats, weight: Floats) -> Floats:
    """(rows, 3) level, slope and curvature of each row's weighted least squares."""
    powers = [np.ones_like(away), away, away**2]
    weighted = [weight * power for power in powers]
    normal = np.array([[np.einsum("ij,ij->i", w, p) for p in powers] for w in weighted])
    right = np.array([np.einsum("ij,ij->i", w, light) for w in weighted])
    ridge = 1e-9 * np.eye(3)[:, :, None] * normal[0, 0]  # points that all lie together
    solved = np.linalg.solve(np.moveaxis(normal + ridge, 2, 0), right.T[:, :, None])
    return np.asarray(solved[:, :, 0])

"""How much noisier the mean of a transit's length is than independent points would make it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from training.ml.curves.curve import robust_sigma

if TYPE_CHECKING:
    from training.ml.curves.curve import FlatCurve, Floats

_OFFSETS: Final = 4
_DURATIONS: Final = 9
_LONGEST: Final = 1.0  # days
_FEWEST: Final = 8  # windows from which a spread is told


@dataclass(frozen=True, eq=False)
class RedNoise:
    """``red_factor`` of a curve at ``durations`` (k,) in days, rising."""

    durations: Floats
    at: Floats

    def factors(self, durations: Floats) -> Floats:
        return np.asarray(np.interp(durations, self.durations, self.at))


def red_noise(curve: FlatCurve) -> RedNoise:
    """Of all durations that are searched. Transits are left in: they are few of the windows."""
    durations = np.geomspace(1.5 * curve.exposure, max(_LONGEST, 3 * curve.exposure), _DURATIONS)
    factors = [red_factor(curve, float(duration)) for duration in durations]
    return RedNoise(durations, np.array(factors))


def red_factor(curve: FlatCurve, duration: float) -> float:
    """At least 1: spread of means over ``duration`` (days) over what white noise would give (Pont,
    Zucker & Queloz 2006, MNRAS 373, 231). ``curve`` without its transits."""
    spreads = [
        spread
        for offset in range(_OFFSETS)
        if (spread := _spread(curve, duration, offset * duration / _OFFSETS)) is not None
    ]
    return max(1.0, float(np.median(spreads))) if spreads else 1.0


def _spread(curve: FlatCurve, duration: float, offset: float) -> float | None:
    window = np.floor((curve.time - curve.time[0] + offset) / duration).astype(np.intp)
    scatter = (curve.flux - 1) / curve.sigma
    count = np.bincount(window)
    sums = np.bincount(window, scatter)
    full = count >= max(1.0, 0.6 * duration / curve.exposure)
    if full.sum() < _FEWEST:
        return None
    return robust_sigma(sums[full] / np.sqrt(count[full]))

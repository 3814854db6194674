"""Box least squares (Kovács, Zucker & Mazeh 2002, A&A 391, 369) on a grid of our own.

Frequencies are as dense as a transit's drift over the span demands (Ofir 2014, A&A 561, A138): a
uniform grid takes all memory for years of data.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from training.ml.curves.boxes import best_boxes
from training.ml.curves.curve import Ephemeris, FlatCurve, robust_sigma

if TYPE_CHECKING:
    from training.ml.curves.curve import Flags, Floats
    from training.ml.curves.noise import RedNoise

SHORTEST_PERIOD: Final = 0.3  # days
SUN_DURATION: Final = 0.076  # days: a central transit of the Sun in a period of one day
_OVERSAMPLING: Final = 3  # trial periods while a transit drifts by its own length
_FACTORS: Final = (0.3, 0.45, 0.65, 0.95, 1.4, 2.1, 3.1)  # of that duration, from M dwarf to giant
_BAND: Final = 1.2  # longest over shortest period that share their durations
_DUTY: Final = 0.25  # of the period is the longest transit
_PHASES: Final = 4  # steps per shortest duration
_AROUND: Final = 301  # trial periods whose median is the periodogram's own level
_FINE: Final = 60  # trial periods across the peak
_SAME: Final = 0.02  # relative width of a peak with what leaks out of it
_MULTIPLES: Final = 4


@dataclass(frozen=True, eq=False)
class Peak:
    """A strong box. ``strength``: S/N of its depth; ``sde``: how far the peak stands above the
    periodogram, in its robust sigma; ``among``: that periodogram, where there is one."""

    ephemeris: Ephemeris
    depth: float
    strength: float
    sde: float
    among: Periodogram | None = None


@dataclass(frozen=True, eq=False)
class Periodogram:
    """``period`` (m,) in days, rising; ``strength`` (S/N), ``depth``, ``duration``, ``epoch``
    (m,)."""

    period: Floats
    strength: Floats
    depth: Floats
    duration: Floats
    epoch: Floats

    def peak(self, at: int, sde: float) -> Peak:
        ephemeris = Ephemeris(
            float(self.period[at]), float(self.epoch[at]), float(self.duration[at])
        )
        return Peak(ephemeris, float(self.depth[at]), float(self.strength[at]), sde)


def trial_periods(span: float, shortest: float = SHORTEST_PERIOD) -> Floats:
    """Periods in days, rising, up to ``span``; even in the cube root of the frequency."""
    count = int(3 * _OVERSAMPLING * span / SUN_DURATION * (shortest ** (-1 / 3) - span ** (-1 / 3)))
    roots = np.linspace(shortest ** (-1 / 3), span ** (-1 / 3), max(count, 2))
    return np.asarray(roots**-3)


def strongest(curve: FlatCurve) -> Peak | None:
    """The strongest box of ``curve``; None where no trial period fits into its span."""
    return next(iter(peaks(curve, 1)), None)


def peaks(curve: FlatCurve, most: int, noise: RedNoise | None = None) -> list[Peak]:
    """Up to ``most`` boxes of unrelated periods, the strongest first. ``noise``: what their depths
    are measured against; without it white noise."""
    if curve.span <= 2 * SHORTEST_PERIOD or len(curve) < 50:
        return []
    found = periodogram(curve, trial_periods(0.95 * curve.span), noise)
    above = found.strength - _level(found.strength)
    spread = max(robust_sigma(above), 1e-9)
    free = np.ones(len(above), dtype=bool)
    chosen: list[Peak] = []
    while len(chosen) < most and free.any():
        best = int(np.argmax(np.where(free, found.strength, -1.0)))
        chosen.append(_sharpened(curve, found, best, float(above[best] / spread), noise))
        free &= ~related(found.period, float(found.period[best]))
    return chosen


def periodogram(curve: FlatCurve, periods: Floats, noise: RedNoise | None = None) -> Periodogram:
    """The best box at each of ``periods`` (rising)."""
    bands = [
        _power(curve, band, durations, noise) for band, durations in _bands(periods, curve.exposure)
    ]
    columns = [np.concatenate(parts) for parts in zip(*bands, strict=True)]
    return Periodogram(periods, *columns)


def related(periods: Floats, period: float) -> Flags:
    """Those that fold the same dips onto one another: the period itself, its multiples and
    parts."""
    ratio = np.maximum(periods, period) / np.minimum(periods, period)
    whole = np.rint(ratio)
    return np.asarray((np.abs(ratio / whole - 1) < _SAME) & (whole <= _MULTIPLES))


def _bands(periods: Floats, exposure: float) -> Iterator[tuple[Floats, Floats]]:
    start = 0
    while start < len(periods):
        end = int(np.searchsorted(periods, periods[start] * _BAND, side="right"))
        yield periods[start:end], _durations(float(periods[start]), exposure)
        start = end


def _durations(period: float, exposure: float) -> Floats:
    """Days, rising; at least one and a half exposures, at most a quarter of the period."""
    usual = SUN_DURATION * (period * np.sqrt(_BAND)) ** (1 / 3)
    longest = _DUTY * period
    wanted = np.clip(np.array(_FACTORS) * usual, min(1.5 * exposure, longest), longest)
    return np.unique(wanted)


def _power(
    curve: FlatCurve, periods: Floats, durations: Floats, noise: RedNoise | None
) -> tuple[Floats, Floats, Floats, Floats]:
    """Strength, depth, duration and epoch at each period. Where noise is red, long boxes are worth
    less than white noise says."""
    factors = noise.factors(durations) if noise else np.ones(len(durations))
    return best_boxes(curve, periods, durations, factors, _PHASES)


def _level(strength: Floats) -> Floats:
    """The periodogram's own, from neighbouring trial periods."""
    from scipy.ndimage import median_filter  # of whoever looks at a light, not of each page

    size = min(_AROUND, len(strength) // 2 * 2 - 1)
    return np.asarray(median_filter(strength, size, mode="nearest"))


def _sharpened(
    curve: FlatCurve, whole: Periodogram, best: int, sde: float, noise: RedNoise | None
) -> Peak:
    """The peak on a finer grid, between the trial periods that surround it."""
    found = whole
    low, high = found.period[max(best - 2, 0)], found.period[min(best + 2, len(found.period) - 1)]
    fine = periodogram(curve, np.linspace(low, high, _FINE), noise)
    if fine.strength.max() > found.strength[best]:
        found, best = fine, int(np.argmax(fine.strength))
    return replace(found.peak(best, sde), among=whole)

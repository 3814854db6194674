"""Box least squares (Kovács, Zucker & Mazeh 2002, A&A 391, 369) on a grid of our own.

Frequencies are as dense as a transit's drift over the span demands (Ofir 2014, A&A 561, A138):
astropy's own grid is uniform, and takes all memory for years of data.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from training.ml.curves.curve import Ephemeris, FlatCurve, robust_sigma

if TYPE_CHECKING:
    from training.ml.curves.curve import Floats

SHORTEST_PERIOD: Final = 0.3  # days
SUN_DURATION: Final = 0.076  # days: a central transit of the Sun in a period of one day
_OVERSAMPLING: Final = 3  # trial periods while a transit drifts by its own length
_FACTORS: Final = (0.3, 0.45, 0.65, 0.95, 1.4, 2.1, 3.1)  # of that duration, from M dwarf to giant
_BAND: Final = 1.5  # longest over shortest period that share their durations
_DUTY: Final = 0.25  # of the period is the longest transit
_PHASES: Final = 4  # steps per shortest duration
_AROUND: Final = 301  # trial periods whose median is the periodogram's own level
_FINE: Final = 60  # trial periods across the peak


@dataclass(frozen=True, eq=False)
class Peak:
    """The strongest box. ``strength``: S/N of its depth with white noise; ``sde``: how far the peak
    stands above the periodogram, in its robust sigma; ``among``: that periodogram, where there is
    one."""

    ephemeris: Ephemeris
    depth: float
    strength: float
    sde: float
    among: Periodogram | None = None


@dataclass(frozen=True, eq=False)
class Periodogram:
    """``period`` (m,) in days, rising; ``strength``, ``depth``, ``duration``, ``epoch`` (m,)."""

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
    if curve.span <= 2 * SHORTEST_PERIOD or len(curve) < 50:
        return None
    found = periodogram(curve, trial_periods(0.95 * curve.span))
    best = int(np.argmax(found.strength))
    sde = _sde(found.strength, best)
    return _sharpened(curve, found, best, sde)


def periodogram(curve: FlatCurve, periods: Floats) -> Periodogram:
    """The best box at each of ``periods`` (rising)."""
    bands = [_power(curve, band, durations) for band, durations in _bands(periods, curve.exposure)]
    columns = [np.concatenate(parts) for parts in zip(*bands, strict=True)]
    return Periodogram(periods, *columns)


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
    curve: FlatCurve, periods: Floats, durations: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    from astropy.timeseries import BoxLeastSquares

    model = BoxLeastSquares(curve.time, curve.flux, curve.sigma)
    found = model.power(periods, durations, objective="likelihood", oversample=_PHASES)
    strength = np.sqrt(2 * np.clip(np.nan_to_num(found.log_likelihood), 0, None))
    return strength, found.depth, found.duration, found.transit_time


def _sde(strength: Floats, best: int) -> float:
    """Signal detection efficiency, against the level of neighbouring trial periods."""
    from scipy.ndimage import median_filter  # of whoever looks at a light, not of each page

    size = min(_AROUND, len(strength) // 2 * 2 - 1)
    above = strength - median_filter(strength, size, mode="nearest")
    return float(above[best] / max(robust_sigma(above), 1e-9))


def _sharpened(curve: FlatCurve, whole: Periodogram, best: int, sde: float) -> Peak:
    """The peak on a finer grid, between the trial periods that surround it."""
    found = whole
    low, high = found.period[max(best - 2, 0)], found.period[min(best + 2, len(found.period) - 1)]
    fine = periodogram(curve, np.linspace(low, high, _FINE))
    if fine.strength.max() > found.strength[best]:
        found, best = fine, int(np.argmax(fine.strength))
    return replace(found.peak(best, sde), among=whole)

"""What a trapezoid's numbers are worth for real transits, which are darker at the limb.

Corrections and factors were fitted to injections into every other star of the shared curves, and
judged on the stars between: `python -m benchmarks.curves`, docs/curves.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from training.ml.schema import Mission

if TYPE_CHECKING:
    from training.ml.curves.curve import LightCurve
    from training.ml.curves.measure import Signal

LIMB: Final = 1.07  # Rp/R★ from the depth: where planets cross, discs are brighter than their mean
_DEEPER: Final = (0.125, -0.61)  # ln of true over fitted depth: without ingress, and per ingress
_SHORTER: Final = (0.104, 0.86)  # ln of the durations' ratio, and per ln of what is no ingress
_CERTAIN: Final = 60.0  # S/N from which on ingress is measured, and corrections of it fade
_ONE_SECTOR: Final = 35.0  # days
_SHORT: Final = 15.0  # minutes


@dataclass(frozen=True)
class Factors:
    """On the formal errors."""

    period: float
    epoch: float
    duration: float
    depth: float


_SHORT_POINTS: Final = Factors(period=1.5, epoch=1.3, duration=1.3, depth=1.4)
_LONG_POINTS: Final = Factors(period=1.03, epoch=1.2, duration=0.81, depth=1.05)
"""Missions and spans differed by no more than chance among those with points of one length."""


def group_of(curve: LightCurve) -> str:
    """Mission, span and points, by which the benchmark tells how far errors hold."""
    mission = curve.star.mission or Mission.OTHER
    span = "up to" if curve.span <= _ONE_SECTOR else "over"
    points = "under" if _is_short(curve) else "over"
    return f"{mission}, {span} {_ONE_SECTOR:g} d, points {points} {_SHORT:g} min"


def _is_short(curve: LightCurve) -> bool:
    return 1_440 * curve.exposure < _SHORT


def calibrated(signal: Signal, curve: LightCurve) -> Signal:
    """``signal``, as it was fitted, with errors within which 68 % of the truths lie."""
    factors = _SHORT_POINTS if _is_short(curve) else _LONG_POINTS
    return replace(
        signal,
        period_error=factors.period * signal.period_error,
        epoch_error=factors.epoch * signal.epoch_error,
        duration_error=factors.duration * signal.duration_error,
        depth_error=factors.depth * signal.depth_error,
    )


def deeper(ingress: float, snr: float) -> float:
    """The depth at mid-transit over the trapezoid's."""
    flat, per_ingress = _DEEPER
    return math.exp((flat + per_ingress * ingress) * _fading(snr))


def shorter(ingress: float, snr: float) -> float:
    """The duration from first to last contact over the trapezoid's. What is certain is its width at
    half depth: noise and the dark limb make ingress too long, and the whole with it."""
    flat, per_width = _SHORTER
    return math.exp((flat + per_width * math.log(1 - ingress)) * _fading(snr))


def _fading(snr: float) -> float:
    return min(1.0, _CERTAIN / max(snr, 1.0))

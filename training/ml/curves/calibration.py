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
    from training.ml.curves.shape import Trapezoid

LIMB: Final = 1.07  # Rp/R★ from the depth: where planets cross, discs are brighter than their mean
_LARGEST: Final = 0.4  # Rp/R★ of what crosses, at most
_DEEPER: Final = (
    0.067,
    -0.426,
)  # ln of true over fitted depth: with the least ingress, and per more
_SHORTER: Final = (0.04, 0.668)  # ln of the durations' ratio, and per ln of what is no ingress
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


_SHORT_POINTS: Final = Factors(period=1.5, epoch=1.3, duration=1.12, depth=1.4)
_LONG_POINTS: Final = Factors(period=1.03, epoch=1.0, duration=0.53, depth=1.05)
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


def ratio_of(depth: float) -> float:
    """Rp/R★ of a planet that hides ``depth`` at mid-transit."""
    return math.sqrt(depth) / LIMB


def deeper(shape: Trapezoid, snr: float) -> float:
    """The depth at mid-transit over the trapezoid's. Ingress beyond what a planet of this depth
    needs is noise, the dark limb, or a grazing path."""
    least, per_more = _DEEPER
    more = shape.ingress - _least_ingress(shape)
    return math.exp((least + per_more * more) * _fading(snr))


def shorter(shape: Trapezoid, snr: float) -> float:
    """The duration from first to last contact over the trapezoid's. What is certain is its width at
    half depth: noise and the dark limb make ingress too long, and the whole with it."""
    least, per_width = _SHORTER
    width = math.log((1 - shape.ingress) / (1 - _least_ingress(shape)))
    return math.exp((least + per_width * width) * _fading(snr))


def _least_ingress(shape: Trapezoid) -> float:
    """Of the duration, where the planet crosses the star's middle."""
    return min(ratio_of(shape.depth), _LARGEST)


def _fading(snr: float) -> float:
    return min(1.0, _CERTAIN / max(snr, 1.0))

"""What speaks against a planet in the light itself, which the classifier does not see."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from training.ml.curves.curve import FlatCurve

if TYPE_CHECKING:
    from training.ml.curves.curve import Floats
    from training.ml.curves.shape import Trapezoid

ODD_EVEN_VETO: Final = 5.0  # sigma
SECONDARY_VETO: Final = 10.0  # sigma
DEPTH_VETO: Final = 0.06  # a Jupiter before a red dwarf is shallower
_AWAY: Final = 1.0  # durations from mid-transit where a secondary may begin
_STEPS: Final = 4  # per duration
_SINES: Final = (1 / 6, 1 / 5, 1 / 4, 1 / 3, 1 / 2, 1.0, 2.0)
"""Periods of a sinusoid over the signal's: every third wave of a spotted star may be a dip."""


@dataclass(frozen=True)
class Secondary:
    """The strongest dip elsewhere in the orbit: ``phase`` from the transit, ``depth`` relative,
    ``sigma`` its significance."""

    phase: float
    depth: float
    sigma: float


def strongest_secondary(curve: FlatCurve, shape: Trapezoid, red: float) -> Secondary:
    """A box of the transit's duration at every phase away from the transit."""
    ephemeris = shape.ephemeris
    step = ephemeris.duration / _STEPS
    along = (curve.time - ephemeris.epoch) % ephemeris.period
    bins = int(np.ceil(ephemeris.period / step))
    place = np.minimum((along / step).astype(np.intp), bins - 1)
    weight = np.bincount(place, 1 / curve.sigma**2, bins)
    lost = np.bincount(place, (1 - curve.flux) / curve.sigma**2, bins)
    weights = np.convolve(weight, np.ones(_STEPS), mode="valid")
    losses = np.convolve(lost, np.ones(_STEPS), mode="valid")
    middle = (np.arange(len(weights)) + _STEPS / 2) * step
    away = np.minimum(middle, ephemeris.period - middle) > (_AWAY + 0.5) * ephemeris.duration
    usable = away & (weights > 0.3 * np.median(weights))
    if not usable.any():
        return Secondary(0.5, 0.0, 0.0)
    depth, error = losses[usable] / weights[usable], red / np.sqrt(weights[usable])
    best = int(np.argmax(depth / error))
    phase = float(middle[usable][best] / ephemeris.period)
    return Secondary(phase, float(depth[best]), float(depth[best] / error[best]))


def planet_light(shape: Trapezoid) -> float:
    """The deepest secondary that reflected light makes: a planet of albedo 1 on a circular, central
    orbit, whose a/R★ is P / (π T14)."""
    ephemeris = shape.ephemeris
    return shape.depth * (math.pi * ephemeris.duration / ephemeris.period) ** 2


def sine_ratio(curve: FlatCurve, shape: Trapezoid) -> float:
    """What the best sinusoid of the period, its parts or its double explains of the light, over
    what the transits explain; 1 and more is a variable star (after Thompson et al. 2018, ApJS 235,
    38)."""
    ephemeris = shape.ephemeris
    flux, weight = curve.flux - 1, 1 / curve.sigma**2
    drawn = shape.profile(ephemeris.offset(curve.time), curve.exposure)
    explained = _explained(flux, weight, drawn[:, None])
    sines = []
    for times in _SINES:
        angle = 2 * np.pi * (curve.time - ephemeris.epoch) / (times * ephemeris.period)
        sines.append(_explained(flux, weight, np.column_stack([np.sin(angle), np.cos(angle)])))
    return max(sines) / max(explained, 1e-12)


def _explained(flux: Floats, weight: Floats, columns: Floats) -> float:
    """How much weighted squares a level and ``columns`` (n, k) take off."""
    root = np.sqrt(weight)
    design = np.column_stack([np.ones(len(flux)), columns]) * root[:, None]
    left = _squares(design, flux * root)
    return _squares(design[:, :1], flux * root) - left


def _squares(design: Floats, values: Floats) -> float:
    solved = np.linalg.lstsq(design, values, rcond=None)[0]
    return float(((values - design @ solved) ** 2).sum())

"""Whether the middle of the light moves while a transit lasts.

Where another star in the aperture loses the light, the middle moves away from it, by the share of
light that is lost times how far it stands (Batalha et al. 2010, ApJL 713, L103). It also moves, a
little, where the target itself loses light and others share its aperture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from training.ml.curves.curve import robust_sigma

if TYPE_CHECKING:
    from training.ml.curves.curve import Floats, LightCurve
    from training.ml.curves.shape import Trapezoid

_INSIDE: Final = 0.35  # durations from mid-transit: the bottom
_BESIDE: Final = (0.6, 2.0)  # durations from mid-transit, where the middle is at rest
_FEWEST: Final = 3  # points beside a transit, on each side
_LEAST_TRANSITS: Final = 2


@dataclass(frozen=True)
class Centroid:
    """``shift`` of the middle, in pixels, with its ``error``; its ``sigma``; ``source``: how far
    from the middle what loses the light would stand, in pixels; ``transits`` that told it."""

    shift: float
    error: float
    sigma: float
    source: float
    transits: int


def centroid_shift(curve: LightCurve, shape: Trapezoid) -> Centroid | None:
    """None where the files do not say where the middle is, or too few transits have points."""
    if curve.centroid is None:
        return None
    offset = shape.ephemeris.offset(curve.time) / shape.ephemeris.duration
    usable = np.isfinite(curve.centroid).all(axis=1) & (np.abs(offset) < _BESIDE[1])
    offset, moved = offset[usable], curve.centroid[usable]
    names = shape.ephemeris.number(curve.time[usable])
    found = [
        one
        for name in np.unique(names)
        if (one := _one(offset[names == name], moved[names == name])) is not None
    ]
    if len(found) < _LEAST_TRANSITS:
        return None
    return _mean(np.array([one[0] for one in found]), np.array([one[1] for one in found]), shape)


def _one(offset: Floats, moved: Floats) -> tuple[Floats, Floats] | None:
    """(2,) shift of one transit and its error, from a line through the points beside it."""
    inside = np.abs(offset) < _INSIDE
    beside = np.abs(offset) > _BESIDE[0]
    before, after = beside & (offset < 0), beside & (offset > 0)
    if not inside.any() or min(before.sum(), after.sum()) < _FEWEST:
        return None
    design = np.column_stack([np.ones(len(offset)), offset])
    line = np.linalg.lstsq(design[beside], moved[beside], rcond=None)[0]
    rest = moved - design @ line
    noise = np.array([max(robust_sigma(rest[beside, axis]), 1e-9) for axis in range(2)])
    error = noise * np.sqrt(1 / inside.sum() + 1 / beside.sum())
    return np.median(rest[inside], axis=0), error


def _mean(shifts: Floats, errors: Floats, shape: Trapezoid) -> Centroid:
    """Of all transits. Their scatter counts where it is larger than their errors: the telescope's
    own motion is none of white noise."""
    weight = 1 / errors**2
    mean = (shifts * weight).sum(axis=0) / weight.sum(axis=0)
    scatter = np.sqrt((weight * (shifts - mean) ** 2).sum(axis=0) / (len(shifts) - 1))
    error = np.maximum(1.0, scatter) / np.sqrt(weight.sum(axis=0))
    shift = float(np.hypot(*mean))
    along = mean / max(shift, 1e-12)
    sigma = float(np.hypot(*(mean / error)))
    far = shift * (1 - shape.depth) / max(shape.depth, 1e-9)
    return Centroid(shift, float(np.hypot(*(along * error))), sigma, far, len(shifts))

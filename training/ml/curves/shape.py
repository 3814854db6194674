"""A transit as a trapezoid, averaged over the exposure, and its fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from training.ml.curves.curve import Ephemeris, FlatCurve

if TYPE_CHECKING:
    from training.ml.curves.curve import Floats

_STARTS: Final = (0.1, 0.35)  # shares of the duration that ingress may take at first
_STEEPEST, _V_SHAPED = 0.02, 0.5
_AROUND: Final = 1.5  # durations on either side of mid-transit that are fitted
_ROUNDS: Final = 2  # the second with the points that the first one's duration asks for
_PARAMETERS: Final = 6
_STEPS: Final = (0.1, 0.1, 0.3, 0.3, 0.2, 0.1)  # of the parameters, in their scales
_EVALUATIONS: Final = 60
_USUAL, _SPREAD = 0.15, 0.2  # a mild pull on ingress: without it noise draws it to its bounds


@dataclass(frozen=True)
class Trapezoid:
    """``depth``: relative loss at mid-transit; ``ingress``: share of the duration from first to
    second contact, 0.5 for a V."""

    ephemeris: Ephemeris
    depth: float
    ingress: float

    def profile(self, offset: Floats, exposure: float) -> Floats:
        """(n,) 0 outside, 1 at the bottom, for points ``offset`` days from mid-transit that last
        ``exposure`` days."""
        return profile(offset, self.ephemeris.duration, self.ingress, exposure)


@dataclass(frozen=True)
class Fit:
    """The trapezoid with its one-sigma errors in days and relative flux, noise taken as white;
    ``scatter``: of the points around it, over that noise."""

    shape: Trapezoid
    period_error: float
    epoch_error: float
    duration_error: float
    depth_error: float
    scatter: float


def profile(offset: Floats, duration: float, ingress: float, exposure: float) -> Floats:
    """The trapezoid of depth 1; an exact mean, for it is a sum of four ramps."""
    half, slope = duration / 2, max(ingress * duration, 1e-9)
    ramps = (
        _ramp(offset + half, exposure)
        - _ramp(offset + half - slope, exposure)
        - _ramp(offset - half + slope, exposure)
        + _ramp(offset - half, exposure)
    )
    return ramps / slope


def _ramp(along: Floats, exposure: float) -> Floats:
    """Mean of max(x, 0) over an exposure around ``along``."""
    end, begin = np.maximum(along + exposure / 2, 0), np.maximum(along - exposure / 2, 0)
    return np.asarray((end**2 - begin**2) / (2 * exposure))


def fit_trapezoid(curve: FlatCurve, start: Ephemeris, depth: float) -> Fit | None:
    """The best trapezoid near ``start``; None where too few points lie around its transits."""
    fit: Fit | None = None
    for _ in range(_ROUNDS):
        width = max(_AROUND * start.duration, start.duration + 4 * curve.exposure)
        near = np.abs(start.offset(curve.time)) < min(width, 0.45 * start.period)
        if near.sum() < 2 * _PARAMETERS:
            return fit
        part, centred = curve.where(near), _centred(start, curve.time[near])
        fits = [_fitted(part, centred, depth, ingress) for ingress in _STARTS]
        _, fit = min(fits, key=lambda one: one[0])
        start, depth = fit.shape.ephemeris, fit.shape.depth
    return fit


def _centred(start: Ephemeris, time: Floats) -> Ephemeris:
    """The epoch of a transit amid the data: there it does not depend on the period."""
    middle = round(float(time.mean() - start.epoch) / start.period)
    return Ephemeris(start.period, start.epoch + middle * start.period, start.duration)


def _fitted(curve: FlatCurve, start: Ephemeris, depth: float, ingress: float) -> tuple[float, Fit]:
    """Cost and fit of one start. Steps of period and epoch are counted in durations over the
    span."""
    from scipy.optimize import least_squares

    longest = 0.5 * start.period
    transits = max(curve.span / start.period, 1.0)
    scale = np.array([start.duration / transits, start.duration, start.duration, max(depth, 1e-6)])

    def shape_of(values: Floats) -> Trapezoid:
        period, epoch, duration, deep = (values[:4] * scale).tolist()
        moved = Ephemeris(start.period + period, start.epoch + epoch, duration)
        return Trapezoid(moved, deep, float(values[4]))

    def residuals(values: Floats) -> Floats:
        shape = shape_of(values)
        drawn = shape.profile(shape.ephemeris.offset(curve.time), curve.exposure)
        model = 1 + values[5] * scale[3] - shape.depth * drawn
        pull = (shape.ingress - _USUAL) / _SPREAD
        return np.append((curve.flux - model) / curve.sigma, pull)

    low = [-1.0, -1.0, 0.3 * curve.exposure / start.duration, 0.0, _STEEPEST, -1.0]
    high = [1.0, 1.0, max(longest / start.duration, 1.01), 20.0, _V_SHAPED, 1.0]
    first = np.clip([0.0, 0.0, 1.0, 1.0, ingress, 0.0], low, high)
    found = least_squares(
        residuals, first, bounds=(low, high), x_scale=_STEPS, max_nfev=_EVALUATIONS
    )
    errors = _errors(found) * scale
    scatter = max(1.0, 2 * found.cost / max(len(curve) - _PARAMETERS, 1)) ** 0.5
    period, epoch, duration, deep = map(float, errors)
    return float(found.cost), Fit(shape_of(found.x), period, epoch, duration, deep, float(scatter))


def _errors(found: Any) -> Floats:
    """One sigma of the first four values."""
    free = found.active_mask == 0  # what lies at its bound has no slope to both sides
    variance = np.zeros(_PARAMETERS)
    jacobian = found.jac[:, free]
    variance[free] = np.diag(np.linalg.pinv(jacobian.T @ jacobian))
    return np.asarray(np.sqrt(np.clip(variance, 0, None))[:4])

"""One signal: its numbers with their uncertainties, and what the light says about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from training.ml.curves.calibration import deeper, ratio_of, shorter
from training.ml.curves.centroid import Centroid
from training.ml.curves.curve import Ephemeris, FlatCurve
from training.ml.curves.noise import red_factor
from training.ml.curves.search import SHORTEST_PERIOD
from training.ml.curves.shape import Fit, Trapezoid, fit_trapezoid
from training.ml.curves.transits import Depths, OddEven, amplitude, transit_depths
from training.ml.curves.vetting import (
    Secondary,
    planet_light,
    sine_ratio,
    strongest_secondary,
)

if TYPE_CHECKING:
    from training.ml.curves.search import Peak

_ALTERNATE: Final = 5.0  # sigma between odd and even depths
_UNLIKE: Final = 0.2  # of the depth that they must differ by as well
_ALIKE: Final = 0.3  # of the depth that dips at a half or a third of the period may differ by
_CERTAIN: Final = 5.0  # sigma of each such dip


@dataclass(frozen=True)
class Signal:
    """Days, hours and ppm as their names say; ``epoch`` in the time of the curve. ``odd_even``: in
    sigma, at the period that the search found; ``alternating``: that this period was then
    doubled. ``centroid``: None where the files do not tell it. ``red``: noise of a transit's length
    over what white noise would make it. ``unknown``: why period and verdict are not given;
    ``vetoes``: what speaks against a planet."""

    order: int
    shape: Trapezoid
    period_error: float
    epoch_error: float
    duration_error: float
    depth_error: float
    snr: float
    sde: float
    single_event: float
    multiple_event: float
    transits: int
    disagreement: float
    depth_even: float
    depth_odd: float
    odd_even: float
    alternating: bool
    secondary: Secondary
    planet_light: float
    sine_ratio: float
    red: float = 1.0
    unknown: list[str] = field(default_factory=list)
    vetoes: list[str] = field(default_factory=list)
    centroid: Centroid | None = None

    @property
    def period(self) -> float:
        return self.shape.ephemeris.period

    @property
    def epoch(self) -> float:
        return self.shape.ephemeris.epoch

    @property
    def duration_hours(self) -> float:
        return 24 * self.shape.ephemeris.duration * shorter(self.shape, self.snr)

    @property
    def depth_ppm(self) -> float:
        """At mid-transit."""
        return 1e6 * self.shape.depth * deeper(self.shape, self.snr)

    @property
    def radius_ratio(self) -> float:
        return ratio_of(1e-6 * self.depth_ppm)

    @property
    def radius_ratio_error(self) -> float:
        return self.radius_ratio * self.depth_error / (2 * self.depth_ppm)

    @property
    def v_shape(self) -> float:
        """0 for a box, 1 for a V."""
        return 2 * self.shape.ingress


def measure(curve: FlatCurve, peak: Peak, order: int, decide: bool = True) -> Signal | None:
    """The signal of ``peak``; None where it cannot be fitted. ``curve``: its other signals are not
    in it, and its own transits did not shape the trend. ``decide=False``: the period is as stated,
    and neither a part nor a multiple of it is tried."""
    fit = fit_trapezoid(curve, peak.ephemeris, peak.depth)
    if fit is None or fit.shape.depth <= 0:
        return None
    fit, depths, red, alternation = _decided(curve, fit) if decide else _as_stated(curve, fit)
    shape = fit.shape
    pair = alternation or depths.odd_even
    wider = max(red, fit.scatter)  # both see what is not white; together they would count it twice
    return Signal(
        order=order,
        shape=shape,
        period_error=wider * fit.period_error,
        epoch_error=wider * fit.epoch_error,
        duration_error=24 * wider * fit.duration_error,
        depth_error=1e6 * wider * fit.depth_error,
        snr=_snr(curve, shape, red),
        sde=peak.sde,
        single_event=depths.single_event,
        multiple_event=depths.multiple_event,
        transits=len(depths),
        disagreement=depths.disagreement,
        depth_even=1e6 * pair.even,
        depth_odd=1e6 * pair.odd,
        odd_even=pair.sigma,
        alternating=alternation is not None,
        secondary=strongest_secondary(curve, shape, red),
        planet_light=1e6 * planet_light(shape),
        sine_ratio=sine_ratio(curve, shape),
        red=red,
    )


def snr_of(curve: FlatCurve, shape: Trapezoid) -> float:
    """Depth of this shape over its uncertainty, in a curve that others may not be in."""
    return _snr(curve, shape, _red(curve, shape))


def _snr(curve: FlatCurve, shape: Trapezoid, red: float) -> float:
    """Depth over its uncertainty in the mean transit."""
    depth, error = amplitude(curve, shape, 0.0, red)
    return max(depth / error, 0.0)


def _decided(curve: FlatCurve, fit: Fit) -> tuple[Fit, Depths, float, OddEven | None]:
    """The fit at P/3, P/2, P or 2P, its transits, the red noise; and, where P was doubled, the
    alternation that showed it."""
    red = _red(curve, fit.shape)
    for parts in (2, 3):
        if _repeats(curve, fit.shape, parts, red) and (
            shorter := _refitted(curve, fit, 1 / parts, 0)
        ):
            return shorter, transit_depths(curve, shorter.shape, red), red, None
    depths = transit_depths(curve, fit.shape, red)
    pair = depths.odd_even
    if pair.sigma > _ALTERNATE and abs(pair.even - pair.odd) > _UNLIKE * max(pair.even, pair.odd):
        doubled = _refitted(curve, fit, 2, int(pair.odd > pair.even))
        if doubled:  # where every other dip is none, nothing alternates
            said = pair if pair.lesser > _CERTAIN else None
            return doubled, transit_depths(curve, doubled.shape, red), red, said
    return fit, depths, red, None


def _as_stated(curve: FlatCurve, fit: Fit) -> tuple[Fit, Depths, float, None]:
    red = _red(curve, fit.shape)
    return fit, transit_depths(curve, fit.shape, red), red, None


def _red(curve: FlatCurve, shape: Trapezoid) -> float:
    free = ~shape.ephemeris.during(curve.time, 1.3)
    return red_factor(curve.where(free), shape.ephemeris.duration) if free.sum() > 50 else 1.0


def _repeats(curve: FlatCurve, shape: Trapezoid, parts: int, red: float) -> bool:
    """Are there equal dips at each ``parts``-th of the period?"""
    shortest = max(2 * shape.ephemeris.duration, SHORTEST_PERIOD)
    if parts * shortest > shape.ephemeris.period:
        return False
    own = amplitude(curve, shape, 0, red)
    others = [amplitude(curve, shape, k / parts, red) for k in range(1, parts)]
    return all(
        depth > _CERTAIN * error
        and abs(depth - own[0]) < _ALIKE * own[0]
        and abs(depth - own[0]) < 3 * np.hypot(error, own[1])
        for depth, error in others
    )


def _refitted(curve: FlatCurve, fit: Fit, times: float, later: int) -> Fit | None:
    old = fit.shape.ephemeris
    start = Ephemeris(times * old.period, old.epoch + later * old.period, old.duration)
    return fit_trapezoid(curve, start, fit.shape.depth)

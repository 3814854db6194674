"""Each transit on its own: how deep it is, whether they agree, whether they alternate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from training.ml.curves.curve import FlatCurve

if TYPE_CHECKING:
    from training.ml.curves.curve import Flags, Floats, Whole
    from training.ml.curves.shape import Trapezoid

_COVERED: Final = 0.5  # of a transit's points make it a transit that was seen
_BESIDE: Final = 0.3  # and so many of the points on either side of it: ends of data fake transits
_OFF: Final = 3.0  # sigma from the median is a transit that does not agree
_OWN_SCATTER: Final = 0.1  # of the depth: spots and systematics that no noise estimate knows


@dataclass(frozen=True)
class OddEven:
    """Mean depths (relative), their difference in ``sigma`` (0 where one kind was not seen), and
    the significance of the ``lesser``."""

    even: float
    odd: float
    sigma: float
    lesser: float


@dataclass(frozen=True, eq=False)
class Depths:
    """The transits that were seen: ``number`` (k,) from the epoch on, ``depth`` and ``error`` (k,)
    relative."""

    number: Whole
    depth: Floats
    error: Floats

    def __len__(self) -> int:
        return len(self.number)

    @property
    def mean(self) -> tuple[float, float]:
        return _mean(self.depth, self.error)

    @property
    def single_event(self) -> float:
        """Significance of the strongest transit."""
        return float(np.max(self.depth / self.error, initial=0.0))

    @property
    def multiple_event(self) -> float:
        """Significance of all transits together."""
        depth, error = self.mean
        return max(depth / error, 0.0) if len(self) else 0.0

    @property
    def disagreement(self) -> float:
        """The share of transits whose depth is off the median of the odd or of the even ones, so
        that a binary's alternation is none."""
        off = sum(int(self._group(parity)._off.sum()) for parity in (0, 1))
        return off / max(len(self), 1)

    @property
    def odd_even(self) -> OddEven:
        even, odd = self._group(0), self._group(1)
        if not len(even) or not len(odd):
            return OddEven(self.mean[0], self.mean[0], 0.0, 0.0)
        (deep, error), (other, other_error) = even.mean, odd.mean
        scatter = max(1.0, even._scatter, odd._scatter)
        sigma = abs(deep - other) / (scatter * float(np.hypot(error, other_error)))
        lesser = min((deep, error), (other, other_error))
        return OddEven(deep, other, sigma, lesser[0] / lesser[1])

    def _group(self, parity: int) -> Depths:
        kept: Flags = self.number % 2 == parity
        return Depths(self.number[kept], self.depth[kept], self.error[kept])

    @property
    def _off(self) -> Flags:
        middle = float(np.median(self.depth)) if len(self) else 0.0
        return np.asarray(
            np.abs(self.depth - middle) > _OFF * np.hypot(self.error, _OWN_SCATTER * middle)
        )

    @property
    def _scatter(self) -> float:
        """Of the depths, in units of their errors."""
        if len(self) < 2:
            return 1.0
        return float(np.sqrt((((self.depth - self.mean[0]) / self.error) ** 2).mean()))


def _mean(depth: Floats, error: Floats) -> tuple[float, float]:
    if not len(depth):
        return 0.0, np.inf
    weight = 1 / error**2
    return float((depth * weight).sum() / weight.sum()), float(weight.sum() ** -0.5)


def transit_depths(curve: FlatCurve, shape: Trapezoid, red: float) -> Depths:
    """The depth of each transit of ``shape`` by itself; ``red``: factor on the white noise."""
    part = curve.where(shape.ephemeris.during(curve.time, 2.0))
    if not len(part):
        return Depths(np.empty(0, dtype=np.intp), np.empty(0), np.empty(0))
    offset = shape.ephemeris.offset(part.time)
    drawn = shape.profile(offset, part.exposure)
    names, place = np.unique(shape.ephemeris.number(part.time), return_inverse=True)
    square = np.bincount(place, drawn**2 / part.sigma**2)
    depth = np.bincount(place, drawn * (1 - part.flux) / part.sigma**2) / np.maximum(square, 1e-30)
    seen = _seen(place, offset, shape.ephemeris.duration, part.exposure) & (square > 0)
    return Depths(names[seen], depth[seen], red / np.sqrt(square[seen]))


def _seen(place: Whole, offset: Floats, duration: float, exposure: float) -> Flags:
    """Which transits have enough points within, before and after."""
    expected = max(duration / exposure, 1.0)
    half = duration / 2

    def share(inside: Flags) -> Floats:
        return np.asarray(np.bincount(place, inside) / expected)

    return np.asarray(
        (share(np.abs(offset) <= half) >= _COVERED)
        & (share(offset < -half) >= _BESIDE * 0.5)
        & (share(offset > half) >= _BESIDE * 0.5)
    )


def amplitude(curve: FlatCurve, shape: Trapezoid, shift: float, red: float) -> tuple[float, float]:
    """Depth and error of the same shape ``shift`` periods later."""
    late = curve.time - shift * shape.ephemeris.period
    drawn = shape.profile(shape.ephemeris.offset(late), curve.exposure)
    square = float((drawn**2 / curve.sigma**2).sum())
    if square <= 0:
        return 0.0, np.inf
    depth = float((drawn * (1 - curve.flux) / curve.sigma**2).sum()) / square
    return depth, red / float(np.sqrt(square))

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
_OWN_SCATTER: Final = 0.1  # of the depth: spots and systematics that no noise estimate knows


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
        """Reduced chi-squared within the odd and within the even transits, so that a binary's
        alternation is none."""
        groups = [self._group(parity) for parity in (0, 1)]
        degrees = sum(max(len(group) - 1, 0) for group in groups)
        return sum(group._chi_squared() for group in groups) / max(degrees, 1)

    @property
    def odd_even(self) -> tuple[float, float, float]:
        """Mean depth of even and of odd transits, and their difference in sigma (0 where one kind
        was not seen)."""
        even, odd = self._group(0), self._group(1)
        if not len(even) or not len(odd):
            return (*[self.mean[0]] * 2, 0.0)
        (deep, error), (other, other_error) = even.mean, odd.mean
        scatter = float(np.sqrt(max(1.0, self.disagreement)))
        return deep, other, abs(deep - other) / (scatter * float(np.hypot(error, other_error)))

    def _group(self, parity: int) -> Depths:
        kept: Flags = self.number % 2 == parity
        return Depths(self.number[kept], self.depth[kept], self.error[kept])

    def _chi_squared(self) -> float:
        if len(self) < 2:
            return 0.0
        mean = self.mean[0]
        error = np.hypot(self.error, _OWN_SCATTER * mean)
        return float((((self.depth - mean) / error) ** 2).sum())


def _mean(depth: Floats, error: Floats) -> tuple[float, float]:
    if not len(depth):
        return 0.0, np.inf
    weight = 1 / error**2
    return float((depth * weight).sum() / weight.sum()), float(weight.sum() ** -0.5)


def transit_depths(curve: FlatCurve, shape: Trapezoid, red: float) -> Depths:
    """The depth of each transit of ``shape`` by itself; ``red``: factor on the white noise."""
    during = shape.ephemeris.during(curve.time)
    part = curve.where(during)
    if not len(part):
        return Depths(np.empty(0, dtype=np.intp), np.empty(0), np.empty(0))
    drawn = shape.profile(shape.ephemeris.offset(part.time), part.exposure)
    number = shape.ephemeris.number(part.time)
    names, place = np.unique(number, return_inverse=True)
    square = np.bincount(place, drawn**2 / part.sigma**2)
    depth = np.bincount(place, drawn * (1 - part.flux) / part.sigma**2) / np.maximum(square, 1e-30)
    expected = max(shape.ephemeris.duration / part.exposure, 1.0)
    seen = (np.bincount(place) >= _COVERED * expected) & (square > 0)
    return Depths(names[seen], depth[seen], red / np.sqrt(square[seen]))


def amplitude(curve: FlatCurve, shape: Trapezoid, shift: float, red: float) -> tuple[float, float]:
    """Depth and error of the same shape ``shift`` periods later."""
    late = curve.time - shift * shape.ephemeris.period
    drawn = shape.profile(shape.ephemeris.offset(late), curve.exposure)
    square = float((drawn**2 / curve.sigma**2).sum())
    if square <= 0:
        return 0.0, np.inf
    depth = float((drawn * (1 - curve.flux) / curve.sigma**2).sum()) / square
    return depth, red / float(np.sqrt(square))

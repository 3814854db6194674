"""What travels between the steps: a star, and its light."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from training.ml.schema import Mission

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Whole = NDArray[np.intp]


@dataclass(frozen=True)
class Star:
    """What the files, or the person, say of the star; None where nobody does. Kelvin, solar radii,
    log10(cm/s²), dex, magnitudes, degrees (J2000)."""

    name: str = ""
    mission: Mission | None = None
    teff: float | None = None
    radius: float | None = None
    logg: float | None = None
    metallicity: float | None = None
    magnitude: float | None = None
    ra: float | None = None
    dec: float | None = None


@dataclass(frozen=True, eq=False)
class LightCurve:
    """The light of one star, in order of time.

    ``time``: (n,) days from ``zero`` (a Julian date; None where no file states it). ``flux``: (n,)
    relative to each file's median. ``weight``: (n,) how many exposures were averaged, relative to
    what is usual. ``part``: (n,) the number of the file. ``exposure``: days that one point spans.
    ``centroid``: (n, 2) where the light's middle lies, in pixels, without the telescope's own
    motion; NaN where a file does not say it, None where no file does.
    """

    time: Floats
    flux: Floats
    weight: Floats
    part: Whole
    exposure: float
    zero: float | None
    star: Star
    notes: list[str] = field(default_factory=list)
    centroid: Floats | None = None

    def __len__(self) -> int:
        return len(self.time)

    @property
    def span(self) -> float:
        """Days from the first to the last point."""
        return float(self.time[-1] - self.time[0])


@dataclass(frozen=True, eq=False)
class FlatCurve:
    """A light curve without the star's own variation: 1 outside of transits.

    ``sigma``: (n,) white noise of each point. ``segment``: (n,) number of the stretch between
    gaps.
    """

    time: Floats
    flux: Floats
    sigma: Floats
    segment: Whole
    exposure: float

    def __len__(self) -> int:
        return len(self.time)

    @property
    def span(self) -> float:
        return float(self.time[-1] - self.time[0])

    def where(self, kept: Flags) -> FlatCurve:
        return FlatCurve(
            self.time[kept], self.flux[kept], self.sigma[kept], self.segment[kept], self.exposure
        )


@dataclass(frozen=True)
class Ephemeris:
    """When transits are: days, ``epoch`` in the time of the curve, ``duration`` first to last
    contact."""

    period: float
    epoch: float
    duration: float

    def offset(self, time: Floats) -> Floats:
        """Days from the nearest mid-transit."""
        return np.asarray(
            (time - self.epoch + self.period / 2) % self.period - self.period / 2, dtype=np.float64
        )

    def number(self, time: Floats) -> Whole:
        """The number of the nearest transit, from 0 at the epoch."""
        return np.rint((time - self.epoch) / self.period).astype(np.intp)

    def during(self, time: Floats, widened: float = 1.0) -> Flags:
        """Which points lie in transit, the duration taken ``widened`` times."""
        return np.asarray(np.abs(self.offset(time)) <= widened * self.duration / 2)


def robust_sigma(values: Floats) -> float:
    """Standard deviation of the bulk of ``values``, from the median absolute deviation."""
    if not len(values):
        return 0.0
    return float(1.4826 * np.median(np.abs(values - np.median(values))))

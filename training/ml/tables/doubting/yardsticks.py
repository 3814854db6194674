"""What a transit, a planet and its star say of each other, against which a value is held.

All quantities in our units, arrays of shape (n,), NaN = unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.ml.tables.units import SOLAR_RADIUS

Floats = NDArray[np.float64]

HOURS_AT_ONE_DAY: Final = 1.8
"""A central transit of the Sun lasts 13 h × (P / 1 year)^(1/3), 1.8 h at one day (Seager &
Mallén-Ornelas 2003)."""

SOLAR_GRAVITY: Final = 27_400.0  # cm/s²

SHALLOW: Final = 30.0  # ppm; a depth below it may itself stand in another unit
_SOLAR_TEFF: Final = 5_772.0  # K, nominal (IAU 2015 resolution B3)
_SOLAR_LOGG: Final = 4.438
_RADII_AT_ONE_DAY: Final = 4.2  # solar radii; Kepler's third law for the Sun
_RADII_IN_AU: Final = 215.03
_EARTHS_TEMPERATURE: Final = 278.5  # K, of a black body in the Earth's sunlight
_DAYS_IN_YEAR: Final = 365.25


def implied_depth(columns: Mapping[str, Floats]) -> Floats:
    """(Rp/Rs)² in ppm."""
    ratio: Floats = columns["planet_radius"] / (columns["stellar_radius"] * SOLAR_RADIUS)
    return ratio**2 * 1e6


def relative_durations(columns: Mapping[str, Floats]) -> tuple[Floats, Floats]:
    """Duration over that of a central transit: (of the Sun, of this star), the latter by its
    density g / R."""
    of_sun = columns["transit_duration"] / (HOURS_AT_ONE_DAY * np.cbrt(columns["orbital_period"]))
    of_star = of_sun * np.cbrt(_density(columns))
    return of_sun, np.where(np.isfinite(of_star), of_star, of_sun)


def implied_insolation(columns: Mapping[str, Floats]) -> Floats:
    """In units of the Earth's: (Teff / Sun's)⁴ over the squared distance in stellar radii, which
    period and density give."""
    distance = (
        _RADII_AT_ONE_DAY * np.cbrt(_density(columns)) * np.cbrt(columns["orbital_period"]) ** 2
    )
    light: Floats = (columns["stellar_teff"] / _SOLAR_TEFF) ** 4
    insolation: Floats = light * (_RADII_IN_AU / distance) ** 2
    return insolation


def insolation_told(columns: Mapping[str, Floats]) -> Floats:
    """The insolation that the table states, or that its equilibrium temperature means."""
    by_temperature = (columns["equilibrium_temperature"] / _EARTHS_TEMPERATURE) ** 4
    return np.where(np.isnan(columns["insolation"]), by_temperature, columns["insolation"])


def implied_axis(columns: Mapping[str, Floats]) -> Floats:
    """In AU, by Kepler's third law."""
    years = columns["orbital_period"] / _DAYS_IN_YEAR
    axis: Floats = np.cbrt(columns["stellar_mass"]) * np.cbrt(years) ** 2
    return axis


def implied_logg(columns: Mapping[str, Floats]) -> Floats:
    """log10(cm/s²), by mass and radius of the star."""
    gravity: Floats = columns["stellar_mass"] / columns["stellar_radius"] ** 2
    return _SOLAR_LOGG + np.log10(gravity)


def _density(columns: Mapping[str, Floats]) -> Floats:
    """Of the star, in the Sun's, as g / R."""
    return 10 ** columns["stellar_logg"] / SOLAR_GRAVITY / columns["stellar_radius"]

"""Which periods, distances and quantities of the light look as if they stood in another unit, or in
each other's place.

Arrays of shape (n,) in our units, NaN = unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.ml.tables.doubting.yardsticks import (
    SHALLOW,
    Floats,
    implied_axis,
    implied_depth,
    implied_insolation,
    implied_logg,
    insolation_told,
    relative_durations,
)

Flags = NDArray[np.bool_]

PERIOD_FACTORS: Final = {
    "period_hours": 1 / 24,
    "period_minutes": 1 / 1440,
    "period_years": 365.25,
}
WATTS: Final = 1361.0  # W/m², what the Earth gets
_SOLAR_RADII_IN_AU: Final = 215.03
AXIS_FACTORS: Final = {"axis_radii": 1 / _SOLAR_RADII_IN_AU}
_SI_LOGG: Final = 2.0  # 100 cm in a metre

_LIGHT: Final = (0.4, 2.5)
"""Stated insolations of the archive stand so far from what period and star imply, nine in ten."""
_RATIOS: Final = (0.7, 1.43)
_HUGE: Final = 0.6  # of the star's radius
_AXES: Final = (0.6, 1.7)
_LOGG: Final = 0.3
_HOURS_LIKE: Final = (0.1, 0.42)
"""Durations over central ones for a period that is 24 times too long; one in eight of the archive's
transits are as short."""
_MOST: Final = 0.6
_FEWEST: Final = 8
_TOO_LONG: Final = 2.5
_AS_LONG: Final = (0.5, 1.6)


def orbit_flags(columns: Mapping[str, Floats]) -> dict[str, Flags]:
    """For each kind of doubt the rows that look like it."""
    return {
        **_periods(columns),
        "swapped": _swapped(columns),
        "insolation_watts": _watts(columns),
        "ratio_percent": _percent_ratios(columns),
        **_axes(columns),
        "logg_si": _between(
            columns["stellar_logg"] + _SI_LOGG - implied_logg(columns), (-_LOGG, _LOGG)
        ),
    }


def _periods(columns: Mapping[str, Floats]) -> dict[str, Flags]:
    """Insolation falls with the 4/3rd power of the period. Where nothing tells the light, only most
    transits of a table being too short for their periods say anything."""
    told = implied_insolation(columns) / insolation_told(columns)
    found = {
        name: _between(told * factor ** (-4 / 3), _LIGHT) for name, factor in PERIOD_FACTORS.items()
    }
    short = _between(relative_durations(columns)[1], _HOURS_LIKE) & np.isnan(told)
    judged = np.isfinite(columns["transit_duration"]) & np.isnan(told)
    if judged.sum() >= _FEWEST and short.sum() > _MOST * judged.sum():
        found["period_hours"] |= short
    return found


def _swapped(columns: Mapping[str, Floats]) -> Flags:
    """Transits far too long for their periods, and right if the two columns change places."""
    as_given = relative_durations(columns)[1]
    exchanged = {
        **columns,
        "orbital_period": columns["transit_duration"],
        "transit_duration": columns["orbital_period"],
    }
    return (as_given > _TOO_LONG) & _between(relative_durations(exchanged)[1], _AS_LONG)


def _watts(columns: Mapping[str, Floats]) -> Flags:
    return _between(columns["insolation"] / WATTS / implied_insolation(columns), _LIGHT)


def _percent_ratios(columns: Mapping[str, Floats]) -> Flags:
    """Held against depth or radii, since the depth may have been computed from the ratio. Where
    there is no planet radius, most bodies of a table being as large as their stars is odd, too."""
    ratio = columns["radius_ratio"]
    radii = np.sqrt(implied_depth(columns) * 1e-6)
    depth = columns["transit_depth"]
    of_depth = np.where(depth >= SHALLOW, np.sqrt(depth * 1e-6), np.nan)
    found = _between(ratio / 100 / of_depth, _RATIOS) | _between(ratio / 100 / radii, _RATIOS)
    judged = np.isfinite(ratio) & np.isnan(radii)
    huge = judged & (ratio > _HUGE)
    if judged.sum() >= _FEWEST and huge.sum() > _MOST * judged.sum():
        found |= huge
    return found


def _axes(columns: Mapping[str, Floats]) -> dict[str, Flags]:
    off = columns["semi_major_axis"] / implied_axis(columns)
    return {name: _between(off * factor, _AXES) for name, factor in AXIS_FACTORS.items()}


def _between(values: Floats, bounds: tuple[float, float]) -> Flags:
    low, high = bounds
    return (values > low) & (values < high)

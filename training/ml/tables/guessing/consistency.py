"""Which units the columns of one signal allow together: a transit lasts as long as its period lets
it, and takes as much light as the two radii say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.ml.tables.doubting.yardsticks import HOURS_AT_ONE_DAY
from training.ml.tables.guessing.cells import Floats
from training.ml.tables.units import SOLAR_RADIUS, UNITS, unit_named

_HALF: Final = 0.5
_NEARLY_ALL: Final = 0.8
_LONGEST: Final = 0.15
"""Of a period; hardly any body passes its star for longer."""
_DURATIONS: Final = (0.12, 4.0)
"""Times a central transit of the Sun; loose, since the star may be small or large."""
_RADII: Final = (0.4, 2.5)
"""Times the radius that depth and star imply."""


@dataclass(frozen=True)
class Read:
    """A column as numbers, NaN where there is none, and the name of the unit it is read in."""

    numbers: Floats
    unit: str

    def ours(self, feature: str, unit: str) -> Floats | None:
        """In our unit, if it stood in ``unit``; None where that is no factor."""
        known = unit_named(feature, unit)
        return self.numbers * known.factor if known and not known.conversion else None


def consistent_units(
    feature: str, read: Mapping[str, Read], units: tuple[str, ...]
) -> tuple[str, ...]:
    """Those of ``units`` that the other columns allow for ``feature``, as far as they allow the one
    that was chosen: where they contradict that one, too, they tell nothing. Our own unit is always
    left to choose."""
    test, chosen = _TESTS.get(feature), read[feature].unit
    if test is None or not units:
        return units
    fit = _share(test, feature, read, chosen)
    if fit is None or fit < _HALF:
        return units
    shares = {unit: _share(test, feature, read, unit) for unit in units}
    usual = UNITS[feature][0].name
    return tuple(u for u, fit in shares.items() if u == usual or fit is None or fit >= _NEARLY_ALL)


def _share(
    test: Callable[[Mapping[str, Floats]], NDArray[np.bool_] | None],
    feature: str,
    read: Mapping[str, Read],
    unit: str,
) -> float | None:
    ours = {
        name: values
        for name, column in read.items()
        if (values := column.ours(name, unit if name == feature else column.unit)) is not None
    }
    with np.errstate(all="ignore"):
        found = test(ours)
    return None if found is None else float(found.mean())


def _by_duration(ours: Mapping[str, Floats]) -> NDArray[np.bool_] | None:
    if not {"orbital_period", "transit_duration"} <= ours.keys():
        return None
    ratio = ours["transit_duration"] / (HOURS_AT_ONE_DAY * np.cbrt(ours["orbital_period"]))
    found = _inside(ratio, _DURATIONS)
    short = ours["transit_duration"] / 24 < _LONGEST * ours["orbital_period"]
    return None if found is None else found & short[np.isfinite(ratio)]


def _by_radii(ours: Mapping[str, Floats]) -> NDArray[np.bool_] | None:
    if not {"planet_radius", "stellar_radius", "transit_depth"} <= ours.keys():
        return None
    implied = ours["stellar_radius"] * SOLAR_RADIUS * np.sqrt(ours["transit_depth"] * 1e-6)
    return _inside(ours["planet_radius"] / implied, _RADII)


def _inside(ratio: Floats, bounds: tuple[float, float]) -> NDArray[np.bool_] | None:
    known = ratio[np.isfinite(ratio)]
    return (known > bounds[0]) & (known < bounds[1]) if len(known) else None


_TESTS: Final[Mapping[str, Callable[[Mapping[str, Floats]], NDArray[np.bool_] | None]]] = {
    "orbital_period": _by_duration,
    "transit_duration": _by_duration,
    "planet_radius": _by_radii,
    "transit_depth": _by_radii,
}

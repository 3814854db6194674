"""The units in which a table may give a feature, and the factor from each to ours, declared once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from training.ml.schema import FEATURES, Feature

# IAU 2015 Resolution B3 (nominal radii: Sun 695,700 km, Jupiter 71,492 km, Earth 6,378.1 km; 1,361 W/m²).
JUPITER_RADIUS: Final = 71_492 / 6_378.1
SOLAR_RADIUS: Final = 695_700 / 6_378.1
SOLAR_RADII_IN_AU: Final = 695_700 / 149_597_870.7
MMAG_TO_PPM: Final = 921.034  # 1e6 × 0.4e-3 × ln 10, for differences so small that the curve is straight


@dataclass(frozen=True)
class Unit:
    """``words``: canonical pieces of a column name that say this unit. ``usual``: where most real values lie, if known.

    ``is_magnitude``: not a factor but a magnitude difference, 1 mmag = 921 ppm only for small ones.
    """

    name: str
    factor: float
    words: tuple[str, ...] = ()
    usual: tuple[float, float] | None = None
    is_magnitude: bool = False


def _family(*units: Unit) -> tuple[Unit, ...]:
    return units


_FAMILIES: Final[Mapping[str, tuple[Unit, ...]]] = MappingProxyType(
    {
        "days": _family(
            Unit("days", 1, ("days", "day", "d"), (0.2, 1_000)),
            Unit("hours", 1 / 24, ("hours", "hour", "hrs", "hr", "h"), (5, 24_000)),
            Unit("minutes", 1 / 1440, ("minutes", "minute", "mins", "min"), (300, 1_440_000)),
            Unit("years", 365.25, ("years", "year", "yr")),
        ),
        "hours": _family(
            Unit("hours", 1, ("hours", "hour", "hrs", "hr", "h"), (0.4, 30)),
            Unit("days", 24, ("days", "day", "d"), (0.015, 0.39)),
            Unit("minutes", 1 / 60, ("minutes", "minute", "mins", "min"), (31, 2_000)),
            Unit("seconds", 1 / 3600, ("seconds", "sec"), (2_001, 100_000)),
        ),
        "ppm": _family(
            Unit("ppm", 1, ("ppm",), (21, 300_000)),
            Unit("percent", 1e4, ("percent", "pct", "perc"), (0.05, 20)),
            Unit("fraction", 1e6, ("fraction", "frac", "relative", "rel"), (0.00001, 0.049)),
            Unit("ppt", 1e3, ("ppt",)),
            Unit("mmag", MMAG_TO_PPM, ("mmag", "millimag"), is_magnitude=True),
        ),
        "Earth radii": _family(
            Unit("Earth radii", 1, ("rearth", "earth", "re", "earthradii"), (0.4, 100)),
            Unit("Jupiter radii", JUPITER_RADIUS, ("rjup", "jupiter", "jup", "rj"), (0.03, 0.39)),
            Unit("solar radii", SOLAR_RADIUS, ("rsun", "solar", "rsol")),
        ),
        "solar radii": _family(
            Unit("solar radii", 1, ("rsun", "solar", "rsol"), (0.08, 100)),
            Unit("km", 1 / 695_700, ("km",), (50_000, 1e9)),
        ),
        "Earth flux": _family(
            Unit("Earth flux", 1, ("earthflux", "searth"), (0.01, 100_000)),
            Unit("W/m²", 1 / 1361, ("wm2",)),
        ),
        "AU": _family(
            Unit("AU", 1, ("au",), (0.003, 10)),
            Unit("solar radii", SOLAR_RADII_IN_AU, ("rsun", "rsol")),
            Unit("million km", 1 / 149.5978707, ("gm", "mkm")),
        ),
        "g/cm³": _family(
            Unit("g/cm³", 1, ("gcm3", "cgs"), (0.005, 100)),
            Unit("kg/m³", 1e-3, ("kgm3", "si"), (101, 100_000)),
            Unit("solar densities", 1.41, ("solar", "rhosun")),
        ),
        "pc": _family(
            Unit("pc", 1, ("pc", "parsec"), (1, 10_000)),
            Unit("light-years", 1 / 3.261_564, ("ly", "lightyears")),
            Unit("kpc", 1_000, ("kpc",)),
        ),
        "mas/yr": _family(
            Unit("mas/yr", 1, ("masyr",), (0.1, 5_000)),
            Unit("arcsec/yr", 1_000, ("arcsecyr", "asyr")),
        ),
        "arcsec": _family(
            Unit("arcsec", 1, ("arcsec", "as")),
            Unit("mas", 1e-3, ("mas",)),
            Unit("arcmin", 60, ("arcmin",)),
        ),
        "degrees": _family(
            Unit("degrees", 1, ("deg", "degrees"), (1.6, 90)),
            Unit("radians", 57.295_779_513_082_32, ("rad", "radians"), (0, 1.6)),
        ),
    }
)


def units_of(feature: Feature) -> tuple[Unit, ...]:
    """The units to choose from; the first is ours."""
    return _FAMILIES.get(feature.unit, (Unit(feature.unit, 1),))


UNITS: Final[Mapping[str, tuple[Unit, ...]]] = MappingProxyType(
    {feature.name: units_of(feature) for feature in FEATURES if not feature.is_categorical}
)
"""The units in which a table may give each numeric feature, by schema name; the first of each is ours."""


def unit_named(feature: str, name: str) -> Unit | None:
    return next((unit for unit in UNITS[feature] if unit.name == name), None)

"""The units in which a table may give a feature, and the factor from each to ours, declared once.

The families below are offered to people; a table may state any unit that can be converted.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from training.ml.errors import TableError, shorten
from training.ml.schema import FEATURE_BY_NAME, FEATURES, Feature
from training.ml.tables import unit_words
from training.ml.tables.unit_words import Measure, is_date, measure_of, normal

# IAU 2015 Resolution B3 (nominal radii: Sun 695,700 km, Jupiter 71,492 km, Earth 6,378.1 km; 1,361
# W/m²).
JUPITER_RADIUS: Final = unit_words.JUPITER_RADIUS / unit_words.EARTH_RADIUS
SOLAR_RADIUS: Final = unit_words.SOLAR_RADIUS / unit_words.EARTH_RADIUS
SOLAR_RADII_IN_AU: Final = (unit_words.SOLAR_RADIUS / 1e3) / (unit_words.AU / 1e3)
MMAG_TO_PPM: Final = (
    921.034  # 1e6 × 0.4e-3 × ln 10, for differences so small that the curve is straight
)
MAGNITUDES: Final[Mapping[str, float]] = MappingProxyType({"mmag": 1e-3, "mag": 1.0})
"""Units of depth that are no factor, and the magnitudes in one of each."""

FLUX_LEFT: Final = "flux at mid-transit"
"""1 − depth, the light that is left in the middle of a transit: 0.99972 is 280 ppm."""

FLUX_OR_DEPTH: Final = "light left or lost"
"""A fraction of the light, of which it is not said whether it is left or lost: what is nearer to 0
or 1 decides. No transit hides half of its star."""

CELSIUS: Final = "°C"
ZERO_CELSIUS: Final = 273.15  # K

CHI_SQUARE: Final = "χ² of odd and even depths"
"""The statistic of a comparison with one degree of freedom, instead of its probability (Twicken et
al. 2018, PASP 130, 064502, section 3.3)."""


@dataclass(frozen=True)
class Unit:
    """``words``: canonical pieces of a column name that say this unit. ``usual``: where most real
    values lie, if known.

    ``is_magnitude``: not a factor but a magnitude difference, 1 mmag = 921 ppm only for small ones.
    ``conversion`` names what is no factor ("mmag", "flux at mid-transit", "light left or lost");
    ``factor`` then is that of an uncertainty.
    """

    name: str
    factor: float
    words: tuple[str, ...] = ()
    usual: tuple[float, float] | None = None
    is_magnitude: bool = False
    conversion: str = ""


def _family(*units: Unit) -> tuple[Unit, ...]:
    return units


_FAMILIES: Final[Mapping[str, tuple[Unit, ...]]] = MappingProxyType(
    {
        "days": _family(
            Unit("days", 1, ("days", "day", "d", "j"), (0.2, 1_000)),
            Unit("hours", 1 / 24, ("hours", "hour", "hrs", "hr", "h"), (5, 24_000)),
            Unit("minutes", 1 / 1440, ("minutes", "minute", "mins", "min"), (300, 1_440_000)),
            Unit("years", 365.25, ("years", "year", "yr")),
        ),
        "hours": _family(
            Unit("hours", 1, ("hours", "hour", "hrs", "hr", "h"), (0.4, 30)),
            Unit("days", 24, ("days", "day", "d", "j"), (0.015, 0.39)),
            Unit("minutes", 1 / 60, ("minutes", "minute", "mins", "min"), (31, 2_000)),
            Unit("seconds", 1 / 3600, ("seconds", "sec"), (2_001, 100_000)),
        ),
        "ppm": _family(
            Unit("ppm", 1, ("ppm",), (21, 300_000)),
            Unit("percent", 1e4, ("percent", "pct", "perc"), (0.05, 20)),
            Unit("fraction", 1e6, ("fraction", "frac", "relative", "rel"), (0.00001, 0.049)),
            Unit("ppt", 1e3, ("ppt",)),
            Unit("mmag", MMAG_TO_PPM, ("mmag", "millimag"), is_magnitude=True, conversion="mmag"),
            Unit("mag", 1e3 * MMAG_TO_PPM, ("mag",), is_magnitude=True, conversion="mag"),
            Unit(FLUX_LEFT, 1e6, conversion=FLUX_LEFT),
            Unit(FLUX_OR_DEPTH, 1e6, conversion=FLUX_OR_DEPTH),
        ),
        "Earth radii": _family(
            Unit("Earth radii", 1, ("rearth", "earth", "re", "earthradii"), (0.4, 100)),
            Unit("Jupiter radii", JUPITER_RADIUS, ("rjup", "jupiter", "jup", "rj"), (0.03, 0.39)),
            Unit("solar radii", SOLAR_RADIUS, ("rsun", "solar", "rsol")),
            Unit("km", 1e3 / unit_words.EARTH_RADIUS, ("km",), (2_000, 1_000_000)),
        ),
        "solar radii": _family(
            Unit("solar radii", 1, ("rsun", "solar", "rsol"), (0.08, 100)),
            Unit("km", 1e3 / unit_words.SOLAR_RADIUS, ("km",), (50_000, 1e9)),
        ),
        "Earth flux": _family(
            Unit("Earth flux", 1, ("earthflux", "searth"), (0.01, 100_000)),
            Unit("W/m²", 1 / unit_words.SOLAR_CONSTANT, ("wm2",)),
        ),
        "AU": _family(
            Unit("AU", 1, ("au",), (0.003, 10)),
            Unit("solar radii", SOLAR_RADII_IN_AU, ("rsun", "rsol")),
            Unit("million km", 1e9 / unit_words.AU, ("gm", "mkm")),
        ),
        "g/cm³": _family(
            Unit("g/cm³", 1, ("gcm3", "cgs"), (0.005, 100)),
            Unit("kg/m³", 1e-3, ("kgm3", "si"), (101, 100_000)),
            Unit("solar densities", unit_words.SOLAR_DENSITY / 1e3, ("solar", "rhosun")),
        ),
        "K": _family(Unit("K", 1, ("k", "kelvin")), Unit(CELSIUS, 1, conversion=CELSIUS)),
        "pc": _family(
            Unit("pc", 1, ("pc", "parsec"), (1, 10_000)),
            Unit("light-years", 9_460_730_472_580_800 / unit_words.PARSEC, ("ly", "lightyears")),
            Unit("kpc", 1_000, ("kpc",)),
        ),
        "mas/yr": _family(
            Unit("mas/yr", 1, ("masyr",), (0.1, 5_000)),
            Unit("arcsec/yr", 1_000, ("arcsecyr", "asyr")),
        ),
        "arcsec": _family(
            # The archive writes "seconds" for the centroid offsets of its KOI table.
            Unit("arcsec", 1, ("arcsec", "as", "seconds", "sec")),
            Unit("mas", 1e-3, ("mas",)),
            Unit("arcmin", 60, ("arcmin",)),
        ),
        "degrees": _family(
            Unit("degrees", 1, ("deg", "degrees"), (1.6, 90)),
            Unit("radians", 57.295_779_513_082_32, ("rad", "radians"), (0, 1.6)),
        ),
    }
)


_OF_FEATURE: Final[Mapping[str, tuple[Unit, ...]]] = {
    "odd_even_significance": _family(Unit("", 1), Unit(CHI_SQUARE, 1, conversion=CHI_SQUARE)),
}


def units_of(feature: Feature) -> tuple[Unit, ...]:
    """The units to choose from; the first is ours."""
    if feature.name in _OF_FEATURE:
        return _OF_FEATURE[feature.name]
    return _FAMILIES.get(feature.unit, (Unit(feature.unit, 1),))


UNITS: Final[Mapping[str, tuple[Unit, ...]]] = MappingProxyType(
    {feature.name: units_of(feature) for feature in FEATURES if not feature.is_categorical}
)
"""The units in which a table may give each numeric feature, by schema name; the first of each is
ours."""


def unit_named(feature: str, name: str) -> Unit | None:
    return next((unit for unit in UNITS[feature] if unit.name == name), None)


_OURS: Final[Mapping[str, Measure]] = MappingProxyType(
    {
        "days": Measure("time", unit_words.DAY),
        "hours": Measure("time", unit_words.HOUR),
        "ppm": Measure("fraction", 1e-6),
        "Earth radii": Measure("length", unit_words.EARTH_RADIUS),
        "solar radii": Measure("length", unit_words.SOLAR_RADIUS),
        "AU": Measure("length", unit_words.AU),
        "pc": Measure("length", unit_words.PARSEC),
        "solar masses": Measure("mass", unit_words.SOLAR_MASS),
        "Earth flux": Measure("irradiance", unit_words.SOLAR_CONSTANT),
        "g/cm³": Measure("density", 1e3),
        "mas/yr": Measure("angular speed", 1),
        "arcsec": Measure("angle", 1 / 3600),
        "degrees": Measure("angle", 1),
        "K": Measure("temperature", 1),
        "mag": Measure("magnitude", 1),
        "dex": Measure("log", 1),
        "log10(cm/s²)": Measure("log g", 1),
        "": Measure("number", 1),
    }
)
_OF_DATES: Final = frozenset({"mid_transit_error"})
"""Features whose unit may be that of a date."""

_SAME: Final = 1e-9  # relative; two spellings of one unit differ by rounding at most


class UnitMismatch(TableError):
    """The table states a unit that the quantity of its column cannot have."""

    code = "unit_mismatch"

    def __init__(self, column: str, stated: str, feature: str, where: str = "") -> None:
        self.column, self.stated, self.feature = column, stated, feature
        ours = FEATURE_BY_NAME[feature]
        usual = f" (usually {ours.unit})" if ours.unit else ", which has none"
        place = f" ({where})" if where else ""
        super().__init__(
            f"The table states the unit “{shorten(stated, 40)}” for its column"
            f" “{shorten(column, 40)}”{place}, which is not understood as a unit of"
            f" {ours.label.lower()}{usual}. Correct the unit in the file, or map the columns and"
            " choose the unit there."
        )


def unit_of(feature: str, text: str) -> Unit | None:
    """The unit that ``text`` means for ``feature``, in any spelling or language; None where it
    cannot be one of that quantity."""
    ours = FEATURE_BY_NAME[feature].unit
    word = normal(text)
    if feature not in _OF_DATES and is_date(text):
        return None
    for unit in UNITS[feature]:
        if word == normal(unit.name) or word in unit.words:
            return unit
    measure = measure_of(text)
    if measure is None or measure.dimension == "other":
        # Whatever counts or compares has no unit, and tables write many words for that.
        return UNITS[feature][0] if measure is None and not ours else None
    return _unit(feature, text, measure, _OURS[ours])


def _unit(feature: str, text: str, measure: Measure, ours: Measure) -> Unit | None:
    if ours.dimension == "number":
        if measure.dimension == "number":
            return UNITS[feature][0]
        return Unit(text, measure.scale) if measure.dimension == "fraction" else None
    if ours.dimension == "fraction" and measure.dimension == "magnitude":
        return next((u for u in UNITS[feature] if MAGNITUDES.get(u.name) == measure.scale), None)
    if ours.dimension == "temperature" and measure.dimension == "Celsius":
        return next(unit for unit in UNITS[feature] if unit.name == CELSIUS)
    if ours.dimension == "log g" and measure.dimension == "log":
        return UNITS[feature][0]
    if measure.dimension != ours.dimension:
        return None
    factor = measure.scale / ours.scale
    for unit in UNITS[feature]:
        if not unit.conversion and math.isclose(unit.factor, factor, rel_tol=_SAME):
            return unit
    return Unit(text, factor)

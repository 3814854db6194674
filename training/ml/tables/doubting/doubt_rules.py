"""Which values look as if they stood in another unit: rules for single rows, from the physics of a
transit.

All quantities in our units, arrays of shape (n,), NaN = unknown. The two yardsticks are the length
of a central transit for this period and star, and the depth that the two radii imply.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.ml.tables.doubting.orbit_rules import (
    AXIS_FACTORS,
    PERIOD_FACTORS,
    WATTS,
    orbit_flags,
)
from training.ml.tables.doubting.yardsticks import (
    SHALLOW,
    Floats,
    implied_depth,
    relative_durations,
)
from training.ml.tables.unit_words import EARTH_RADIUS
from training.ml.tables.units import JUPITER_RADIUS, SOLAR_RADIUS
from training.ml.tables.values import UNCHECKED

Flags = NDArray[np.bool_]

NEEDED: Final = (
    *UNCHECKED,
    "orbital_period",
    "radius_ratio",
    "insolation",
    "equilibrium_temperature",
    "semi_major_axis",
    "stellar_teff",
    "stellar_radius",
    "stellar_mass",
    "stellar_logg",
)

PLAUSIBLE: Final = (0.3, 2.2)
"""A transit lasts so many times as long as a central one on a circular orbit: shorter where it is
grazing, longer where the star is larger than thought."""

KILOMETRE: Final = 1e3 / EARTH_RADIUS  # in Earth radii

_FAINTEST: Final = 5.0  # ppm; three of the 9,564 KOIs are shallower, no TOI and no K2 signal
_LOOSELY: Final = np.log(2.5)
_CLEARLY: Final = np.log(1.4)
_NEARLY_ALL_LIGHT: Final = 0.95
_FACTORS: Final = {
    "depth_percent": 1e4,
    "depth_fraction": 1e6,
    "depth_ppt": 1e3,
    "duration_days": 24.0,
    "duration_minutes": 1 / 60,
    "radius_jupiter": JUPITER_RADIUS,
    "radius_solar": SOLAR_RADIUS,
    "radius_km": KILOMETRE,
    **PERIOD_FACTORS,
    "insolation_watts": 1 / WATTS,
    "ratio_percent": 0.01,
    **AXIS_FACTORS,
}
"""From a value in the unit of a kind to ours."""
_DURATIONS: Final = ("duration_days", "duration_minutes")


DEPTH_UNIT_WORDS: Final[Mapping[str, str]] = {
    "depth_percent": "percent",
    "depth_fraction": "a fraction",
    "depth_ppt": "parts per thousand",
    "depth_flux": "1 − depth, the light that is left at mid-transit",
}


@dataclass(frozen=True)
class Kind:
    """One way to mistake a unit. ``often``: the share of rows in the archive's own tables that
    look like it."""

    name: str
    feature: str
    unit: str | None  # in which the values seem to stand; None where no unit is in doubt
    often: float


KINDS: Final[Mapping[str, Kind]] = {
    kind.name: kind
    for kind in (
        Kind("depth_percent", "transit_depth", "percent", 0.0003),
        Kind("depth_fraction", "transit_depth", "fraction", 0.0),
        Kind("depth_ppt", "transit_depth", "ppt", 0.0003),
        Kind("depth_flux", "transit_depth", "flux at mid-transit", 0.0),
        Kind("duration_days", "transit_duration", "days", 0.0012),
        Kind("duration_minutes", "transit_duration", "minutes", 0.0012),
        Kind("radius_jupiter", "planet_radius", "Jupiter radii", 0.0001),
        Kind("radius_solar", "planet_radius", "solar radii", 0.0001),
        Kind("radius_km", "planet_radius", "km", 0.0001),
        Kind("period_hours", "orbital_period", "hours", 0.003),
        Kind("period_minutes", "orbital_period", "minutes", 0.003),
        Kind("period_years", "orbital_period", "years", 0.003),
        Kind("swapped", "transit_duration", None, 0.03),
        Kind("insolation_watts", "insolation", "W/m²", 0.0006),
        Kind("ratio_percent", "radius_ratio", "percent", 0.002),
        Kind("axis_radii", "semi_major_axis", "solar radii", 0.0003),
        Kind("logg_si", "stellar_logg", "log10(m/s²)", 0.0003),
    )
}


def in_other_unit(kind: str, values: Floats) -> Floats:
    """``values``, read as our unit, as they would be if they stood in the unit of ``kind``."""
    match kind:
        case "depth_flux":
            return (1 - values) * 1e6
        case "logg_si":
            return values + 2
        case _:
            return values * _FACTORS[kind]


def look_at(columns: Mapping[str, Floats]) -> dict[str, Flags]:
    """For each of ``KINDS`` the rows that look like it; a row looks like one kind of a feature at
    most. ``columns`` has every one of ``NEEDED``."""
    with np.errstate(all="ignore"):
        found = {
            **_depths(columns),
            **_durations(columns),
            **_radii(columns),
            **orbit_flags(columns),
        }
    found["swapped"] &= ~found["duration_minutes"]
    depths = np.any([flags for name, flags in found.items() if name.startswith("depth")], axis=0)
    if depths.sum() > found["ratio_percent"].sum():
        found["ratio_percent"][:] = False  # the other of the two stands in another unit
    return found


def depth_kinds(depth: Floats, implied: Floats) -> tuple[NDArray[np.str_], Flags]:
    """(per depth in ppm the kind that it looks like, "" where none; where the radii say so, too).

    ``implied`` is the depth in ppm that the radii imply. Where they are known the unit that agrees
    best wins. Else a depth just below 1 is the light that is left (as Transit Least Squares
    reports it), one below 0.03 a fraction, the rest percent.
    """
    with np.errstate(all="ignore"):
        off = {
            name: np.abs(np.log(in_other_unit(name, depth) / implied))
            for name in ("depth_percent", "depth_fraction", "depth_ppt", "depth_flux")
        }
        is_flux = (depth > _NEARLY_ALL_LIGHT) & (depth < 1)
        off["depth_flux"][~is_flux] = np.inf
        kinds = np.where(is_flux, "depth_flux", np.where(depth < 0.03, "depth_fraction", ""))
        kinds = np.where(kinds == "", "depth_percent", kinds).astype("U16")
        best = np.full(len(depth), np.inf)
        for name, distance in off.items():
            kinds[distance < np.fmin(best, _CLEARLY)] = name
            best = np.fmin(best, distance)
        doubted = (depth > 0) & ((depth < _FAINTEST) | ((best < _LOOSELY) & (depth < SHALLOW)))
    return np.where(doubted, kinds, ""), doubted & (best < _CLEARLY)


def depth_units(columns: Mapping[str, Floats]) -> NDArray[np.str_]:
    """Per signal, judged alone, the kind that its depth looks like, "" where none; what agrees
    with the radii is in ppm however shallow it is."""
    depth = columns["transit_depth"]
    with np.errstate(all="ignore"):
        implied = implied_depth(columns)
        agrees = np.abs(np.log(depth / implied)) < _LOOSELY
    if agrees.all():  # nearly every signal that is asked about alone
        return np.full(len(depth), "", dtype="U16")
    return np.where(agrees, "", depth_kinds(depth, implied)[0])


def in_days(columns: Mapping[str, Floats]) -> Flags:
    """Per signal, judged alone, whether its duration is right for its period only if it is days."""
    with np.errstate(all="ignore"):
        return _are_plausible(columns, _FACTORS["duration_days"])


def _depths(columns: Mapping[str, Floats]) -> dict[str, Flags]:
    kinds, clear = depth_kinds(columns["transit_depth"], implied_depth(columns))
    unclear = (kinds != "") & ~clear
    flux = unclear & (kinds == "depth_flux")
    if clear.sum() >= 3:
        # Among percents 0.97 is one more of them.
        kinds[unclear] = _commonest(kinds[clear])
    elif unclear.any():
        kinds[unclear & ~flux] = _commonest(kinds[unclear & ~flux])
        if 3 * flux.sum() <= (unclear & ~flux).sum():
            kinds[flux] = _commonest(kinds[unclear & ~flux])
    return {name: kinds == name for name in KINDS if name.startswith("depth")}


def _commonest(kinds: NDArray[np.str_]) -> str:
    names, counts = np.unique(kinds, return_counts=True)
    return str(names[counts.argmax()]) if len(names) else ""


def _durations(columns: Mapping[str, Floats]) -> dict[str, Flags]:
    return {name: _are_plausible(columns, _FACTORS[name]) for name in _DURATIONS}


def _are_plausible(columns: Mapping[str, Floats], factor: float) -> Flags:
    """Whether durations would be right for their periods if they were ``factor`` times as long."""
    low, high = PLAUSIBLE
    flags = np.ones(len(columns["transit_duration"]), dtype=bool)
    for ratio in relative_durations(columns):
        flags &= (ratio * factor > low) & (ratio * factor < high)
    return flags


def _radii(columns: Mapping[str, Floats]) -> dict[str, Flags]:
    """The radius that depth and star imply, Rp = Rs √δ, against the one given; a depth that is
    doubted itself implies nothing."""
    radius, depth = columns["planet_radius"], columns["transit_depth"]
    implied = columns["stellar_radius"] * SOLAR_RADIUS * np.sqrt(depth * 1e-6)
    sound = depth >= SHALLOW
    found = {}
    for name in ("radius_jupiter", "radius_solar", "radius_km"):
        ratio = in_other_unit(name, radius) / implied
        found[name] = sound & (ratio > 0.7) & (ratio < 1.43)
    return found

"""How much a spectrograph in space would see of a planet's atmosphere: TSM and ESM.

Kempton et al. 2018, PASP 130, 114401 (arXiv:1805.03671): the transmission metric is their eq. 1,
the emission metric their eq. 4, the equilibrium temperature eq. 3, the scale factors their table 1.
Masses of planets: Chen & Kipping 2017, ApJ 834, 17, as Kempton et al. write them in eq. 2.
Whether the signal is a planet is another question: that is what scores are for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from training.ml.contradictions import EARTH_EQUILIBRIUM
from training.ml.features import (
    EARTH_RADII_PER_SOLAR_RADIUS,
    SUN_LOGG,
    SUN_TEFF,
    equilibrium_temperature_from_star,
    radius_from_depth,
)
from training.ml.signal_rows import SignalRows
from training.ml.sky.infrared import j_less_k, j_magnitude

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]

RADIUS_EDGES: Final = (1.5, 2.75, 4.0)  # Earth radii
SCALE_FACTORS: Final = (0.19, 1.26, 1.28, 1.15)
"""Of each class of radius; the last is of 4 to 10 Earth radii and is used beyond as well."""

JUPITER_MASS: Final = 317.8  # Earth masses
_MASS_EDGES: Final = (1.23, 14.26)  # Earth radii
_ESM_FACTOR: Final = 4.29e6
_DAYSIDE: Final = 1.10
"""Temperature of the day side over the equilibrium one."""
_HC_OVER_K_AT_7_5: Final = 1918.4
"""K: h c / k at the ESM's wavelength of 7.5 µm."""

ESTIMATED: Final[Mapping[str, str]] = {
    "planet_radius": "planet radius from the depth and the star's radius",
    "planet_mass": "planet mass from its radius",
    "stellar_density": "star's density from its temperature and radius, as of a dwarf",
    "equilibrium_temperature": "equilibrium temperature from insolation or the catalogue",
    "j_magnitude": "J magnitude from another band and the star's temperature",
    "k_magnitude": "K magnitude from J and the star's temperature",
}
"""Inputs that may have to be estimated, in words."""


@dataclass(frozen=True, eq=False)
class FollowUp:
    """Of n signals, each array (n,), NaN where an input is missing that nothing stands in for.

    ``tsm`` and ``esm`` without unit; ``planet_mass`` in Earth masses, ``temperature`` in K (zero
    albedo, full redistribution). ``estimated``: per name of ``ESTIMATED`` which rows.
    """

    tsm: Floats
    esm: Floats
    planet_mass: Floats
    temperature: Floats
    j: Floats
    k: Floats
    estimated: Mapping[str, Booleans]

    def estimates(self, row: int) -> tuple[str, ...]:
        """What had to be estimated for one signal, in words."""
        return tuple(words for name, words in ESTIMATED.items() if self.estimated[name][row])


def follow_up(rows: SignalRows, j: Floats | None = None, k: Floats | None = None) -> FollowUp:
    """TSM and ESM of n signals; ``j`` and ``k`` magnitudes where a table has them, NaN where not.

    What the table gives is used; what it does not is estimated and marked.
    """
    size = len(rows)
    with np.errstate(all="ignore"):
        columns = _without_doubted_gravity(rows.columns)
        radius, from_depth = _else(columns["planet_radius"], radius_from_depth(columns))
        mass = planet_mass(radius)
        temperature, from_flux = _temperature(columns)
        j, from_band = _else(_or_missing(j, size), _j_of(rows))
        colours, from_teff = _else(columns["stellar_jk_colour"], j_less_k(columns["stellar_teff"]))
        k, from_j = _else(_or_missing(k, size), j - colours)
        star = columns["stellar_radius"], columns["stellar_teff"]
        return FollowUp(
            tsm=transmission_metric(radius, mass, temperature, star[0], j),
            esm=emission_metric(radius, temperature, *star, k),
            planet_mass=mass,
            temperature=temperature,
            j=j,
            k=k,
            estimated={
                "planet_radius": from_depth,
                "planet_mass": np.isfinite(mass),
                "stellar_density": _is_dwarf_density(columns) & ~from_flux,
                "equilibrium_temperature": from_flux,
                "j_magnitude": from_band,
                "k_magnitude": from_j & (from_teff | from_band),
            },
        )


def transmission_metric(
    radius: Floats, mass: Floats, temperature: Floats, star_radius: Floats, j: Floats
) -> Floats:
    """TSM = scale factor × Rp³ Teq / (Mp Rs²) × 10^(−J/5); ``radius`` and ``mass`` in Earth's,
    ``temperature`` in K, ``star_radius`` in solar radii."""
    scale = np.array(SCALE_FACTORS)[np.searchsorted(RADIUS_EDGES, radius, side="right")]
    metric: Floats = scale * radius**3 * temperature / (mass * star_radius**2) * 10 ** (-j / 5)
    return metric


def emission_metric(
    radius: Floats, temperature: Floats, star_radius: Floats, teff: Floats, k: Floats
) -> Floats:
    """ESM = 4.29 × 10⁶ × B(1.1 Teq) / B(Teff) × (Rp/Rs)² × 10^(−K/5), B being Planck's function at
    7.5 µm; units as in ``transmission_metric``, ``teff`` in K."""
    day = _HC_OVER_K_AT_7_5 / (_DAYSIDE * temperature)
    brightness = np.expm1(_HC_OVER_K_AT_7_5 / teff) / np.expm1(day)
    ratio = radius / (star_radius * EARTH_RADII_PER_SOLAR_RADIUS)
    metric: Floats = _ESM_FACTOR * brightness * ratio**2 * 10 ** (-k / 5)
    return metric


def planet_mass(radius: Floats) -> Floats:
    """Earth masses of planets of ``radius`` Earth radii, by the mean relation of Chen & Kipping.

    Beyond 14.26 Earth radii it does not tell a mass from a radius: there, Jupiter's is taken.
    """
    radius = np.where(radius > 0, radius, np.nan)
    small, large = 0.9718 * radius**3.58, 1.436 * radius**1.70
    mass = np.where(radius < _MASS_EDGES[0], small, large)
    return np.where(radius > _MASS_EDGES[1], JUPITER_MASS, mass)


def _without_doubted_gravity(columns: Mapping[str, Floats]) -> Mapping[str, Floats]:
    """A gravity that makes the star more than twice as heavy or light as stars of its temperature
    are does not count: tables give the Sun's for an M dwarf, and a giant's for a dwarf."""
    gravity, radius, teff = (columns[f"stellar_{name}"] for name in ("logg", "radius", "teff"))
    usual = (teff / SUN_TEFF) ** 1.7  # as in features.stellar_density
    excess = np.abs(np.log(10 ** (gravity - SUN_LOGG) * radius**2 / usual))
    return {**columns, "stellar_logg": np.where(excess > np.log(2), np.nan, gravity)}


def _temperature(columns: Mapping[str, Floats]) -> tuple[Floats, Booleans]:
    """(K, where it is not from the star and the period): then from the insolation, else as the
    catalogue gives it, with an albedo that nobody states."""
    insolation = EARTH_EQUILIBRIUM * columns["insolation"] ** 0.25
    other = np.where(np.isnan(insolation), columns["equilibrium_temperature"], insolation)
    return _else(equilibrium_temperature_from_star(columns), other)


def _is_dwarf_density(columns: Mapping[str, Floats]) -> Booleans:
    """Where neither density nor gravity nor mass of the star is known, but its temperature."""
    unknown = [np.isnan(columns[f"stellar_{name}"]) for name in ("density", "logg", "mass")]
    return np.asarray(np.all(unknown, axis=0) & np.isfinite(columns["stellar_teff"]))


def _j_of(rows: SignalRows) -> Floats:
    magnitude = np.asarray(rows["stellar_magnitude"], dtype=np.float64)
    return j_magnitude(magnitude, rows["magnitude_band"], rows["stellar_teff"])


def _else(given: Floats, other: Floats) -> tuple[Floats, Booleans]:
    """``given``, ``other`` where it is missing; and where it was."""
    missing = np.isnan(given)
    return np.where(missing, other, given), missing & np.isfinite(other)


def _or_missing(values: Floats | None, size: int) -> Floats:
    return np.full(size, np.nan) if values is None else values

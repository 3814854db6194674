"""Made-up planets, eclipsing binaries and noise, in our units.

The physics is simple but not random: a planet's depth follows from its radius and star, its
duration from the star's density and the period, and its uncertainties from the signal-to-noise.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

KINDS: Final = ("planet", "eclipsing binary", "noise")
EARTH_RADII_PER_SUN: Final = 109.076
Rng = np.random.Generator
Floats = NDArray[np.float64]


def signals_simulate(rng: Rng, count: int) -> pd.DataFrame:
    """One row per signal: period in days, duration in hours, depth in ppm, radii in those of Earth
    and Sun, flux in Earth's. Stars repeat, as multi-planet systems do."""
    stars = _stars(rng, max(1, int(count * 0.75)))
    star = np.concatenate([np.arange(len(stars)), rng.integers(0, len(stars), count)])[:count]
    table = stars.iloc[star].reset_index(drop=True).assign(star=star)
    table["kind"] = rng.choice(KINDS, count, p=(0.55, 0.3, 0.15))
    planet, binary, noise = (table["kind"] == kind for kind in KINDS)
    table["period"] = _periods(rng, planet, noise)
    table["ratio"] = _ratios(rng, table["radius"], planet, noise)
    table["impact"] = np.where(planet, rng.uniform(0, 0.85, count), rng.uniform(0, 1.1, count))
    dilution = np.where(binary, rng.uniform(0.05, 0.6, count), 1)
    table["depth"] = 1e6 * table["ratio"] ** 2 * dilution
    _add_orbit(rng, table, noise)
    _add_disposition(rng, table, planet)
    return table


def _periods(rng: Rng, planet: pd.Series[bool], noise: pd.Series[bool]) -> Floats:
    """Noise comes back with the telescope's year."""
    count = len(planet)
    exponent = np.where(planet, rng.normal(0.9, 0.5, count), rng.normal(0.5, 0.7, count))
    period: Floats = (10**exponent).clip(0.3, 500)
    period[noise] = rng.normal(372, 60, noise.sum()).clip(150, 600)
    return period


def _ratios(
    rng: Rng, radius: pd.Series[float], planet: pd.Series[bool], noise: pd.Series[bool]
) -> Floats:
    """Radius of what crosses over that of the star."""
    count = len(planet)
    small = (10 ** rng.normal(0.4, 0.3, count)).clip(0.7, 15) / (radius * EARTH_RADII_PER_SUN)
    ratio: Floats = np.where(planet, small, rng.uniform(0.2, 0.9, count))
    ratio[noise] = rng.uniform(0.005, 0.03, noise.sum())
    return ratio


def _add_orbit(rng: Rng, table: pd.DataFrame, noise: pd.Series[bool]) -> None:
    """What follows from the period, the star and the ratio of the radii."""
    period, ratio = table["period"], table["ratio"]
    # Kepler's third law, for the star's density over the Sun's.
    table["scaled_axis"] = 4.2066 * period ** (2 / 3) * (table["density"] / 1.41) ** (1 / 3)
    chord = np.sqrt(np.maximum((1 + ratio) ** 2 - table["impact"] ** 2, 0.05))
    # Seager & Mallén-Ornelas 2003, for a/Rs well above 1.
    table["duration"] = (24 * period / np.pi / table["scaled_axis"] * chord).clip(0.3, 60)
    table.loc[noise, "duration"] = rng.uniform(2, 40, noise.sum())
    weak, strong = rng.uniform(7, 10, len(table)), rng.normal(1.5, 0.4, len(table))
    table["snr"] = np.where(noise, weak, 10 ** strong.clip(0.85, 3))
    table["planet_radius"] = np.sqrt(table["depth"] * 1e-6) * table["radius"] * EARTH_RADII_PER_SUN
    table["flux"] = (table["teff"] / 5772) ** 4 * (215 / table["scaled_axis"]) ** 2
    table["equilibrium"] = 278.3 * table["flux"] ** 0.25


def _add_disposition(rng: Rng, table: pd.DataFrame, planet: pd.Series[bool]) -> None:
    """Weak signals stay open more often."""
    undecided = rng.random(len(table)) < np.where(table["snr"] < 15, 0.45, 0.2)
    decided = np.where(planet, "CONFIRMED", "FALSE POSITIVE")
    table["disposition"] = np.where(undecided, "CANDIDATE", decided)


def _stars(rng: Rng, count: int) -> pd.DataFrame:
    mass = rng.normal(0.95, 0.2, count).clip(0.3, 1.6)
    radius = mass**0.9 * 10 ** rng.normal(0.02, 0.05, count)
    return pd.DataFrame(
        {
            "number": rng.choice(np.arange(1_000_000, 9_999_999), count, replace=False),
            "mass": mass,
            "radius": radius,
            "teff": 5772 * mass**0.55 * rng.normal(1, 0.02, count),
            "logg": 4.438 + np.log10(mass / radius**2),
            "density": 1.41 * mass / radius**3,
            "ra": rng.uniform(0, 360, count),
            "dec": np.degrees(np.arcsin(rng.uniform(-1, 1, count))),
            "magnitude": rng.normal(13, 1.5, count),
            "distance": 10 ** rng.normal(2.6, 0.3, count),
        }
    )

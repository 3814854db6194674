"""Derived, physically meaningful features.

``derive`` turns harmonised inputs into the quantities that tell planets from eclipsing binaries and
noise. It is plain numpy, a pure function of one row, and never invents a value: where an input is
missing, what follows from it is missing.

Formulas: Winn 2010, "Exoplanet Transits and Occultations" (arXiv:1001.2010), equation numbers
beside each; Seager & Mallén-Ornelas 2003 (ApJ 585, 1038) for the density that a transit implies.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from training.ml.schema import FEATURE_BY_NAME
from training.ml.tables.unit_words import SOLAR_DENSITY

Values = npt.NDArray[np.float64]
Columns = Mapping[str, Values]

# Three and four digits behind the point, as stored classifiers learnt them.
EARTH_RADII_PER_SOLAR_RADIUS: Final = 109.076  # IAU 2015 resolution B3, nominal radii
SUN_LOGG: Final = 4.438  # log10(cm/s²), IAU 2015 nominal solar mass parameter and radius
SUN_TEFF: Final = 5772.0  # K, IAU 2015
SUN_DENSITY: Final = SOLAR_DENSITY / 1e3  # g/cm³
DAYS_PER_YEAR: Final = 365.25
SUN_A_OVER_R_AT_ONE_YEAR: Final = 215.03  # 1 AU in solar radii


@dataclass(frozen=True)
class DerivedFeature:
    """A quantity computed from inputs; ``words`` completes "… speaks for/against" sentences of
    explanations."""

    name: str
    label: str
    unit: str
    inputs: tuple[str, ...]
    words: str
    compute: Callable[[Columns], Values]


def _log10(values: Values) -> Values:
    """log10 with everything that has no logarithm (0, negative) missing rather than infinite."""
    return np.log10(np.where(values > 0, values, np.nan))


def _ratio(top: Values, bottom: Values) -> Values:
    """top / bottom, missing where the divisor is 0: no infinity ever leaves this module."""
    return top / np.where(bottom == 0, np.nan, bottom)


def stellar_density(columns: Columns) -> Values:
    """Mean stellar density in solar units, shape (n,).

    From the given density, else from surface gravity and radius (ρ ∝ g / R), else from mass and
    radius (ρ ∝ M / R³); where only temperature and radius are known, the mass is that of a dwarf of
    this temperature, M ∝ Teff^1.7 (a fit by eye to Pecaut & Mamajek 2013, ApJS 208, 9, between
    3,000 and 8,000 K, good to about 20 %).
    """
    radius = columns["stellar_radius"]
    given = columns["stellar_density"] / SUN_DENSITY
    from_gravity = _ratio(10 ** (columns["stellar_logg"] - SUN_LOGG), radius)
    from_mass = _ratio(columns["stellar_mass"], radius**3)
    from_temperature = _ratio((columns["stellar_teff"] / SUN_TEFF) ** 1.7, radius**3)
    density = from_temperature
    for better in (from_mass, from_gravity, given):
        density = np.where(np.isnan(better), density, better)
    return density


def scaled_axis_from_density(columns: Columns) -> Values:
    """a/Rs of a circular orbit from Kepler's third law (Winn 2010, eq. 30): (G ρ P² / 3π)^⅓, shape
    (n,)."""
    years = columns["orbital_period"] / DAYS_PER_YEAR
    return SUN_A_OVER_R_AT_ONE_YEAR * np.cbrt(stellar_density(columns) * years**2)


def expected_duration(columns: Columns) -> Values:
    """Hours that a central transit of a small body on a circular orbit lasts: P / (π a/Rs) (Winn
    2010, eq. 14)."""
    return columns["orbital_period"] * 24 / (np.pi * scaled_axis_from_density(columns))


def radius_ratio_from_depth(columns: Columns) -> Values:
    """Rp/Rs = √δ, without limb darkening or dilution (Winn 2010, eq. 22)."""
    return np.sqrt(columns["transit_depth"] * 1e-6)


def radius_from_depth(columns: Columns) -> Values:
    """Earth radii of a dark body with this depth before this star."""
    return (
        radius_ratio_from_depth(columns) * columns["stellar_radius"] * EARTH_RADII_PER_SOLAR_RADIUS
    )


def equilibrium_temperature_from_star(columns: Columns) -> Values:
    """Teff √(Rs / 2a) in K: zero albedo, full redistribution, circular orbit."""
    return columns["stellar_teff"] * np.sqrt(
        _ratio(np.full_like(columns["stellar_teff"], 0.5), scaled_axis_from_density(columns))
    )


def _duration_ratio(columns: Columns) -> Values:
    widened = expected_duration(columns) * (1 + radius_ratio_from_depth(columns))
    return _log10(_ratio(columns["transit_duration"], widened))


def _relative_error(name: str) -> Callable[[Columns], Values]:
    def compute(columns: Columns) -> Values:
        return _log10(_ratio(columns[f"{name}_error"], columns[name]))

    return compute


def _density_from_duration_ratio(c: Columns) -> Values:
    """log10 of the density that the transit implies over the star's own (Seager & Mallén-Ornelas
    2003, eq. 19)."""
    return _log10(_ratio(c["transit_stellar_density"] / SUN_DENSITY, stellar_density(c)))


def _signal_to_noise(c: Columns) -> Values:
    """The catalogue's own value, else depth over its uncertainty: an estimate that every table
    allows."""
    given, estimated = c["transit_snr"], _ratio(c["transit_depth"], c["transit_depth_error"])
    return _log10(np.where(np.isnan(given), estimated, given))


def _photometric_snr(c: Columns) -> Values:
    """log10 of depth over photon noise, up to a constant of the instrument: noise grows as 10^(0.2
    m)."""
    return _log10(c["transit_depth"]) - 0.2 * c["stellar_magnitude"]


def _absolute_magnitude(c: Columns) -> Values:
    return c["stellar_magnitude"] - 5 * (_log10(c["stellar_distance"]) - 1)


def _luminosity(c: Columns) -> Values:
    """log10 of luminosity in solar units (Stefan–Boltzmann)."""
    return 2 * _log10(c["stellar_radius"]) + 4 * _log10(c["stellar_teff"] / SUN_TEFF)


def _distance_from_main_sequence(c: Columns) -> Values:
    """log10 of the stellar radius over that of a dwarf of this temperature, R ∝ Teff^1.7 around the
    Sun."""
    return _log10(c["stellar_radius"]) - 1.7 * _log10(c["stellar_teff"] / SUN_TEFF)


LARGEST_PLANET: Final = 28.0  # Earth radii: 2.5 Jupiter radii, beyond any planet ever measured
SMALLEST_PLANET: Final = 0.3  # Earth radii: Kepler-37 b (Barclay et al. 2013, Nature 494, 452)


def _any_radius(c: Columns) -> Values:
    """Earth radii from depth and star, else the catalogue's."""
    from_depth = radius_from_depth(c)
    return np.where(np.isnan(from_depth), c["planet_radius"], from_depth)


DERIVED: Final[tuple[DerivedFeature, ...]] = (
    DerivedFeature(
        "excess_duration", "Duration beyond the expected one", "dex",
        ("transit_duration", "orbital_period", "transit_depth", "stellar_logg", "stellar_radius"),
        "by how much the transit lasts longer than any orbit around this star allows",
        lambda c: np.maximum(_duration_ratio(c), 0),
    ),
    DerivedFeature(
        "excess_radius", "Radius beyond that of any planet", "dex",
        ("transit_depth", "stellar_radius", "planet_radius"),
        "by how much the body is larger than any planet",
        lambda c: np.maximum(_log10(_any_radius(c) / LARGEST_PLANET), 0),
    ),
    DerivedFeature(
        "radius_deficit", "Radius below that of any known planet", "dex",
        ("transit_depth", "stellar_radius", "planet_radius"),
        "by how much the body is smaller than any known planet",
        lambda c: np.maximum(-_log10(_any_radius(c) / SMALLEST_PLANET), 0),
    ),
    DerivedFeature(
        "duration_ratio", "Observed over expected duration", "dex",
        ("transit_duration", "orbital_period", "transit_depth", "stellar_logg", "stellar_radius"),
        "the duration over the one that this star's density and this period allow", _duration_ratio,
    ),
    DerivedFeature(
        "duty_cycle", "Share of the orbit spent in transit", "dex",
        ("transit_duration", "orbital_period"),
        "the share of the orbit spent in transit",
        lambda c: _log10(_ratio(c["transit_duration"] / 24, c["orbital_period"])),
    ),
    DerivedFeature(
        "radius_from_depth", "Radius from depth and star", "dex Earth radii",
        ("transit_depth", "stellar_radius"),
        "the radius that depth and star imply", lambda c: _log10(radius_from_depth(c)),
    ),
    DerivedFeature(
        "radius_consistency", "Catalogue radius over radius from depth", "dex",
        ("planet_radius", "transit_depth", "stellar_radius"),
        "the catalogue's radius over the one from depth and star",
        lambda c: _log10(_ratio(c["planet_radius"], radius_from_depth(c))),
    ),
    DerivedFeature(
        "ratio_consistency", "Fitted Rp/Rs over square root of depth", "dex",
        ("radius_ratio", "transit_depth"),
        "the fitted Rp/Rs over the square root of the depth",
        lambda c: _log10(_ratio(c["radius_ratio"], radius_ratio_from_depth(c))),
    ),
    DerivedFeature(
        "grazing", "Overhang of a grazing transit", "", ("impact_parameter", "radius_ratio"),
        "how far the body's path reaches over the star's edge",
        lambda c: np.clip(c["impact_parameter"] + np.clip(c["radius_ratio"], 0, 1) - 1, -1, 3),
    ),
    DerivedFeature(
        "density_ratio", "Density from transit over density of the star", "dex",
        ("transit_stellar_density", "stellar_logg", "stellar_radius"),
        "the density that the transit shape implies over the star's own",
        _density_from_duration_ratio,
    ),
    DerivedFeature(
        "axis_ratio", "Fitted a/Rs over the one from the star's density", "dex",
        ("scaled_semi_major_axis", "orbital_period", "stellar_logg", "stellar_radius"),
        "the fitted a/Rs over the one that the star's density gives",
        lambda c: _log10(_ratio(c["scaled_semi_major_axis"], scaled_axis_from_density(c))),
    ),
    DerivedFeature(
        "signal_to_noise", "Signal-to-noise estimate", "dex",
        ("transit_snr", "transit_depth", "transit_depth_error"),
        "the signal-to-noise of the transit", _signal_to_noise,
    ),
    DerivedFeature(
        "snr_per_transit", "Signal-to-noise of one transit", "dex",
        ("transit_snr", "transit_count"),
        "the signal-to-noise of a single transit",
        lambda c: _signal_to_noise(c) - 0.5 * _log10(c["transit_count"]),
    ),
    DerivedFeature(
        "event_consistency", "Multiple-event over stacked single-event statistic", "dex",
        ("max_multiple_event_statistic", "max_single_event_statistic", "transit_count"),
        "the significance of all transits over what the strongest one predicts",
        lambda c: _log10(_ratio(c["max_multiple_event_statistic"], c["max_single_event_statistic"]))
        - 0.5 * _log10(c["transit_count"]),
    ),
    DerivedFeature(
        "statistic_consistency", "Signal-to-noise over multiple-event statistic", "dex",
        ("transit_snr", "max_multiple_event_statistic"),
        "the fitted signal-to-noise over the detection statistic",
        lambda c: _log10(_ratio(c["transit_snr"], c["max_multiple_event_statistic"])),
    ),
    DerivedFeature(
        "depth_over_photon_noise", "Depth over photon noise of the star", "dex",
        ("transit_depth", "stellar_magnitude"),
        "the depth over the photon noise of a star this bright", _photometric_snr,
    ),
    DerivedFeature(
        "stellar_luminosity", "Stellar luminosity", "dex solar", ("stellar_radius", "stellar_teff"),
        "the luminosity of the star", _luminosity,
    ),
    DerivedFeature(
        "evolution", "Stellar radius over that of a dwarf", "dex",
        ("stellar_radius", "stellar_teff"),
        "how much larger the star is than a dwarf of its temperature", _distance_from_main_sequence,
    ),
    DerivedFeature(
        "star_density", "Stellar density from gravity and radius", "dex solar",
        ("stellar_logg", "stellar_radius"),
        "the mean density of the star", lambda c: _log10(stellar_density(c)),
    ),
    DerivedFeature(
        "absolute_magnitude", "Absolute magnitude", "mag",
        ("stellar_magnitude", "stellar_distance"),
        "the star's brightness at 10 pc", _absolute_magnitude,
    ),
    DerivedFeature(
        "temperature_consistency", "Catalogue equilibrium temperature over the expected one", "dex",
        ("equilibrium_temperature", "stellar_teff", "orbital_period", "stellar_logg",
            "stellar_radius"),
        "the catalogue's equilibrium temperature over the expected one",
        lambda c: _log10(
            _ratio(c["equilibrium_temperature"], equilibrium_temperature_from_star(c))
        ),
    ),
    DerivedFeature(
        "transverse_motion", "Proper motion times distance", "dex",
        ("proper_motion", "stellar_distance"),
        "the star's speed across the line of sight",
        lambda c: _log10(c["proper_motion"]) + _log10(c["stellar_distance"]),
    ),
    DerivedFeature(
        "timing_precision", "Mid-transit uncertainty over duration", "dex",
        ("mid_transit_error", "transit_duration"),
        "how sharply the transit is timed, relative to its duration",
        lambda c: _log10(_ratio(c["mid_transit_error"] * 24, c["transit_duration"])),
    ),
    *(
        DerivedFeature(
            f"relative_{name}_error",
            f"Relative uncertainty: {FEATURE_BY_NAME[name].label.lower()}", "dex",
            (f"{name}_error", name),
            f"the relative uncertainty of the {FEATURE_BY_NAME[name].label.lower()}",
            _relative_error(name),
        )
        for name in (
            "orbital_period", "transit_duration", "transit_depth", "planet_radius", "insolation",
            "stellar_teff", "stellar_radius", "stellar_mass", "stellar_distance",
        )
    ),
)  # fmt: skip

DERIVED_BY_NAME: Final[Mapping[str, DerivedFeature]] = {
    feature.name: feature for feature in DERIVED
}


@cache
def label_of(name: str) -> str:
    """The words for an input, a derived feature or "mission"."""
    if name in FEATURE_BY_NAME:
        return FEATURE_BY_NAME[name].label
    return DERIVED_BY_NAME[name].label if name in DERIVED_BY_NAME else name.capitalize()


SKEWED: Final = (
    "neighbour_count", "neighbour_separation", "neighbour_depth_ratio", "orbital_period",
    "transit_duration", "transit_depth", "impact_parameter", "radius_ratio",
    "scaled_semi_major_axis", "transit_snr", "transit_count", "planet_radius", "insolation",
    "equilibrium_temperature", "semi_major_axis", "stellar_radius", "stellar_mass",
    "stellar_density", "stellar_distance", "proper_motion", "sibling_period_ratio",
    "orbital_period_error", "transit_duration_error", "transit_depth_error", "planet_radius_error",
    "impact_parameter_error", "insolation_error", "stellar_teff_error", "stellar_logg_error",
    "stellar_radius_error", "stellar_mass_error", "stellar_distance_error", "mid_transit_error",
    "transit_stellar_density", "max_single_event_statistic", "max_multiple_event_statistic",
    "flux_centroid_offset", "centroid_shift", "prf_offset_oot", "prf_offset_catalogue",
)  # fmt: skip
"""Quantities that span decades: the classifier sees their logarithm, so that scaling and SMOTE's
lines make sense."""

LOG_FLOOR: Final = 1e-9
"""Added before the logarithm, so that an honest zero (an uncertainty, an offset) stays a value and
is not missing."""


def log_skewed(columns: Columns) -> dict[str, Values]:
    """log10(value + floor) of every skewed quantity, in the schema's units; NaN stays NaN."""
    return {name: np.log10(columns[name] + LOG_FLOOR) for name in SKEWED if name in columns}


def derive(columns: Columns) -> dict[str, Values]:
    """All derived features of ``columns``, each of shape (n,).

    ``columns`` holds one float array of shape (n,) per numeric schema feature, in schema units, NaN
    where missing. Every result is finite or NaN.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        derived = {feature.name: feature.compute(columns) for feature in DERIVED}
    return {name: np.where(np.isfinite(values), values, np.nan) for name, values in derived.items()}

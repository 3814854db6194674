"""The one list of features, missions, dispositions and table layouts.

Everything that needs to know what a signal consists of reads it here: the web form, the API
serializer, the CSV reader and its messages, the OpenAPI document, the batch template, the
waterfall's axis and the model card. Adding a feature is one more ``Feature(...)`` below.

The list is a *whitelist*: a column that stands in no ``Source`` can never reach the classifier.
``koi_score``, ``koi_pdisposition``, ``koi_fpflag_*``, ``koi_vet_*``, ``koi_comment``,
``kepler_name``, ``rowupdate``, ``toi``, ``soltype``, ``sy_pnum``, discovery columns, names, dates
and epochs (they tell the age of an entry) stand in none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Mission(StrEnum):
    KEPLER = "Kepler"
    TESS = "TESS"
    K2 = "K2"
    OTHER = "other"


class Disposition(StrEnum):
    CONFIRMED = "CONFIRMED"
    CANDIDATE = "CANDIDATE"
    FALSE_POSITIVE = "FALSE POSITIVE"


DISPOSITIONS: Final = tuple(Disposition)
"""The order of every probability column and matrix of the project."""


class Group(StrEnum):
    TRANSIT = "transit"
    PLANET = "planet"
    STAR = "star"
    UNCERTAINTY = "uncertainties"
    VETTING = "vetting measurements"


class Combine(StrEnum):
    """How the columns of one source become one quantity."""

    ONE = "one"  # the column itself
    MEAN_ABS = "mean_abs"  # upper and lower uncertainty: mean of their absolute values
    HYPOT = "hypot"  # two components: the length of the vector
    DIFFERENCE = "difference"  # first minus second, for colours


@dataclass(frozen=True)
class Source:
    """Where a table layout keeps a feature, and the factor from its unit to ours."""

    columns: tuple[str, ...]
    factor: float = 1.0
    combine: Combine = Combine.ONE


@dataclass(frozen=True)
class Feature:
    """One quantity of a signal, in our unit. ``low`` and ``high`` are inclusive and come with their
    ``reason``."""

    name: str
    label: str
    unit: str
    group: Group
    low: float
    high: float
    reason: str
    help: str
    symbol: str = ""
    required: bool = False
    integer: bool = False
    choices: tuple[str, ...] = ()
    sources: Mapping[str, Source] = field(default_factory=dict)

    @property
    def is_categorical(self) -> bool:
        return bool(self.choices)


def _one(column: str, factor: float = 1.0) -> Source:
    return Source((column,), factor)


def _error(stem: str, factor: float = 1.0) -> Source:
    """Both uncertainties of an archive column, whose names end in err1 and err2."""
    return Source((f"{stem}err1", f"{stem}err2"), factor, Combine.MEAN_ABS)


def _sources(**by_layout: str | Source) -> Mapping[str, Source]:
    """Sources by layout key; a plain string is one column in our own unit."""
    return MappingProxyType(
        {
            layout: _one(source) if isinstance(source, str) else source
            for layout, source in by_layout.items()
        }
    )


PERCENT_TO_PPM: Final = 1e4

BANDS: Final = ("Kp", "T", "G", "V")

# A feature reads as one entry of a list, not as fifteen lines.
# fmt: off
FEATURES: Final[tuple[Feature, ...]] = (
    # --- transit ----------------------------------------------------------------------------------
    Feature(
        "orbital_period", "Orbital period", "days", Group.TRANSIT, 0.05, 150_000,
        "below 0.05 d a companion would orbit inside its star; the longest period in the three "
        "tables is 129,995 d",
        "Time between two transits.", "P", required=True,
        sources=_sources(koi="koi_period", toi="pl_orbper", k2="pl_orbper", exofop="Period (days)"),
    ),
    Feature(
        "transit_duration", "Transit duration", "hours", Group.TRANSIT, 0.01, 200,
        "shorter than half a minute is below any cadence; the longest in the three tables is "
        "138.5 h",
        "From first to last contact.", "T14", required=True,
        sources=_sources(koi="koi_duration", toi="pl_trandurh", k2="pl_trandur",
            exofop="Duration (hours)"),
    ),
    Feature(
        "transit_depth", "Transit depth", "ppm", Group.TRANSIT, 0.1, 1_000_000,
        "1,000,000 ppm is a star gone dark; no survey measures less than 0.1 ppm",
        "Loss of light at mid-transit, in parts per million. 1 % is 10,000 ppm.", "δ",
        required=True,
        sources=_sources(
            koi="koi_depth", toi="pl_trandep",
            # K2 reports depth in percent; the other two missions in ppm.
            k2=_one("pl_trandep", PERCENT_TO_PPM),
            exofop="Depth (ppm)",
        ),
    ),
    Feature(
        "impact_parameter", "Impact parameter", "", Group.TRANSIT, 0, 110,
        "0 crosses the centre of the star; fits of grazing eclipses reach 101",
        "Closest approach to the centre of the star's disc, in stellar radii.", "b",
        sources=_sources(koi="koi_impact", k2="pl_imppar"),
    ),
    Feature(
        "radius_ratio", "Radius ratio", "", Group.TRANSIT, 0.0005, 110,
        "0.0005 is a quarter of Mercury before the Sun; fits of grazing eclipses reach 99.9",
        "Radius of the transiting body over the radius of the star.", "Rp/Rs",
        sources=_sources(koi="koi_ror", k2="pl_ratror"),
    ),
    Feature(
        "scaled_semi_major_axis", "Scaled semi-major axis", "", Group.TRANSIT, 0.3, 100_000,
        "below 1 the orbit lies inside the star, which poor fits report; the largest in the "
        "tables is 79,614",
        "Distance between body and star, in stellar radii, from the transit fit.", "a/Rs",
        sources=_sources(koi="koi_dor", k2="pl_ratdor"),
    ),
    Feature(
        "inclination", "Orbital inclination", "degrees", Group.TRANSIT, 0, 90,
        "90° is seen edge-on; the archive folds larger values back",
        "Angle between the orbit and the plane of the sky.", "i",
        sources=_sources(koi="koi_incl", k2="pl_orbincl"),
    ),
    Feature(
        "transit_snr", "Transit signal-to-noise", "", Group.TRANSIT, 0, 100_000,
        "not negative; the largest in the tables is 9,055",
        "Depth over its uncertainty in the mean transit, over all transits together.", "S/N",
        sources=_sources(koi="koi_model_snr", exofop="Planet SNR"),
    ),
    Feature(
        "transit_count", "Number of transits", "", Group.TRANSIT, 0, 100_000,
        "a count; the largest in the tables is 2,664",
        "How many transits were observed.", "N", integer=True,
        sources=_sources(koi="koi_num_transits"),
    ),
    # --- planet -----------------------------------------------------------------------------------
    Feature(
        "planet_radius", "Planet radius", "Earth radii", Group.PLANET, 0.05, 250_000,
        "a twentieth of Earth is below any transit ever found; fits of eclipsing binaries reach "
        "200,346",
        "Radius that the catalogue derives from depth and star.", "Rp",
        sources=_sources(koi="koi_prad", toi="pl_rade", k2="pl_rade",
            exofop="Planet Radius (R_Earth)"),
    ),
    Feature(
        "insolation", "Insolation", "Earth flux", Group.PLANET, 0.00001, 20_000_000,
        "Neptune gets 0.001; the largest in the tables is 10.9 million",
        "Starlight that the body receives, in units of what Earth gets from the Sun.", "S",
        sources=_sources(
            koi="koi_insol", toi="pl_insol", k2="pl_insol", exofop="Planet Insolation (Earth Flux)"
        ),
    ),
    Feature(
        "equilibrium_temperature", "Equilibrium temperature", "K", Group.PLANET, 2.7, 20_000,
        "not colder than the cosmic background; the largest in the tables is 14,667 K",
        "Temperature of a black body in the same light.", "Teq",
        sources=_sources(koi="koi_teq", toi="pl_eqt", k2="pl_eqt", exofop="Planet Equil Temp (K)"),
    ),
    Feature(
        "semi_major_axis", "Semi-major axis", "AU", Group.PLANET, 0.001, 100,
        "0.001 AU is a fifth of the Sun's radius; the largest in the tables is 45 AU",
        "Half the longest diameter of the orbit.", "a",
        sources=_sources(koi="koi_sma", k2="pl_orbsmax"),
    ),
    # --- star -------------------------------------------------------------------------------------
    Feature(
        "stellar_teff", "Stellar effective temperature", "K", Group.STAR, 2_000, 60_000,
        "the coolest stars have 2,300 K, the hottest white dwarfs and O stars about 50,000 K",
        "Temperature of the star's surface.", "Teff",
        sources=_sources(koi="koi_steff", toi="st_teff", k2="st_teff",
            exofop="Stellar Eff Temp (K)"),
    ),
    Feature(
        "stellar_logg", "Stellar surface gravity", "log10(cm/s²)", Group.STAR, -0.5, 9,
        "supergiants reach 0, dwarfs 5.4, white dwarfs 9",
        "Logarithm of the acceleration at the star's surface; the Sun has 4.438.", "log g",
        sources=_sources(
            koi="koi_slogg", toi="st_logg", k2="st_logg", exofop="Stellar log(g) (cm/s^2)"
        ),
    ),
    Feature(
        "stellar_radius", "Stellar radius", "solar radii", Group.STAR, 0.005, 1_500,
        "white dwarfs have 0.01, the largest supergiants about 1,500",
        "Radius of the star.", "Rs",
        sources=_sources(koi="koi_srad", toi="st_rad", k2="st_rad",
            exofop="Stellar Radius (R_Sun)"),
    ),
    Feature(
        "stellar_mass", "Stellar mass", "solar masses", Group.STAR, 0.05, 150,
        "below 0.07 no hydrogen burns; no star has been weighed above about 150",
        "Mass of the star.", "Ms",
        sources=_sources(koi="koi_smass", k2="st_mass", exofop="Stellar Mass (M_Sun)"),
    ),
    Feature(
        "stellar_metallicity", "Stellar metallicity", "dex", Group.STAR, -6, 1.5,
        "the poorest stars known have −6, the richest about +0.6",
        "Logarithm of the star's metal content relative to the Sun.", "[Fe/H]",
        sources=_sources(koi="koi_smet", k2="st_met", exofop="Stellar Metallicity"),
    ),
    Feature(
        "stellar_density", "Stellar density", "g/cm³", Group.STAR, 0.000001, 1_000,
        "a red supergiant has 0.00001; late M dwarfs have about 150",
        "Mean density of the star from its mass and radius, not from the transit; the Sun has "
        "1.41.", "ρs",
        sources=_sources(k2="st_dens"),
    ),
    Feature(
        "stellar_magnitude", "Stellar magnitude", "mag", Group.STAR, -2, 30,
        "Sirius has −1.5; surveys end near 27",
        "Brightness in the mission's own band (Kp for Kepler, T for TESS, G for K2) or in the "
        "band given below.", "m",
        sources=_sources(koi="koi_kepmag", toi="st_tmag", k2="sy_gaiamag", exofop="TESS Mag"),
    ),
    Feature(
        "magnitude_band", "Magnitude band", "", Group.STAR, 0, 0,
        "the bands in which the tables give magnitudes",
        "The band of the magnitude. When it is not given, the mission's own band is taken.",
        choices=BANDS,
    ),
    Feature(
        "stellar_distance", "Stellar distance", "pc", Group.STAR, 1, 100_000,
        "Proxima Centauri is 1.3 pc away; the farthest edge of the Galaxy about 30,000 pc",
        "Distance of the star.", "d",
        sources=_sources(toi="st_dist", k2="sy_dist", exofop="Stellar Distance (pc)"),
    ),
    Feature(
        "proper_motion", "Proper motion", "mas/yr", Group.STAR, 0, 11_000,
        "Barnard's star, the fastest, moves 10,393 mas/yr",
        "Total motion of the star on the sky.", "μ",
        sources=_sources(
            toi=Source(("st_pmra", "st_pmdec"), combine=Combine.HYPOT),
            k2=Source(("sy_pmra", "sy_pmdec"), combine=Combine.HYPOT),
            exofop=Source(("PM RA (mas/yr)", "PM Dec (mas/yr)"), combine=Combine.HYPOT),
        ),
    ),
    Feature(
        "galactic_latitude", "Distance from the Galactic plane", "degrees", Group.STAR, 0, 90,
        "an angle between the plane (0°) and the poles (90°)",
        "Absolute Galactic latitude: near the plane fields are crowded and blends are common. "
        "Tables with positions need not give it.", "|b|",
    ),
    Feature(
        "ecliptic_latitude", "Distance from the ecliptic", "degrees", Group.STAR, 0, 90,
        "an angle between the ecliptic (0°) and its poles (90°)",
        "Absolute ecliptic latitude: TESS looks at the poles of the ecliptic for a year on end, "
        "nearer to the ecliptic for weeks. Tables with positions need not give it.", "|β|",
    ),
    Feature(
        "stellar_jk_colour", "Stellar colour J − Ks", "mag", Group.STAR, -1, 5,
        "hot stars have −0.2, dust-free giants up to 1.5, carbon stars up to 5",
        "Near-infrared colour of the star.", "J−K",
        sources=_sources(
            koi=Source(("koi_jmag", "koi_kmag"), combine=Combine.DIFFERENCE),
            k2=Source(("sy_jmag", "sy_kmag"), combine=Combine.DIFFERENCE),
        ),
    ),
    Feature(
        "signal_count", "Signals on the star", "", Group.STAR, 1, 100,
        "a count that includes this signal; the record is 8 (Kepler-90)",
        "How many transit signals the table lists for this star, this one included. "
        "Counted over the whole table where a table is read.", "n", integer=True,
    ),
    Feature(
        "sibling_period_ratio", "Period ratio to the nearest sibling", "", Group.STAR, 1, 1_000_000,
        "the longer period over the shorter; 1 means the same period twice",
        "Ratio of this signal's period to the closest other period on the same star. "
        "Counted over the whole table where a table is read.", "P/P′",
    ),
    Feature(
        "neighbour_count", "Neighbours with the same ephemeris", "", Group.STAR, 0, 100_000,
        "a count; near deep eclipsing binaries it reaches dozens",
        "How many signals of other stars within 200 arcsec have this period (or twice or half of "
        "it) at the same time: the light of one eclipsing binary falls on many stars. Counted "
        "over the whole table where a table is read.", "n′", integer=True,
    ),
    Feature(
        "neighbour_separation", "Distance to the nearest neighbour with the same ephemeris",
        "arcsec", Group.STAR,
        0, 3_600,
        "a distance on the sky; 3,600 arcsec stands for none within a degree",
        "How far the nearest other star is that has a signal of this period at the same time; "
        "3,600 where none is. Found in the whole table where a table is read.", "Δθ′",
    ),
    Feature(
        "neighbour_depth_ratio", "Depth of such a neighbour over this depth", "", Group.STAR, 0,
        10_000_000,
        "0 where there is none; a deep eclipse leaks into its neighbours a thousand times weaker",
        "Depth of the deepest signal within a degree that has this period at the same time, over "
        "this signal's depth. Found in the whole table where a table is read.", "δ′/δ",
    ),
    # --- uncertainties: mean of the absolute upper and lower one-sigma values ---------------------
    Feature(
        "orbital_period_error", "Uncertainty of the period", "days", Group.UNCERTAINTY, 0, 100_000,
        "not negative and not longer than the longest period",
        "One-sigma uncertainty of the orbital period.", "σ(P)",
        sources=_sources(
            koi=_error("koi_period_"), toi=_error("pl_orbper"), k2=_error("pl_orbper"),
            exofop="Period (days) err"
        ),
    ),
    Feature(
        "mid_transit_error", "Uncertainty of the mid-transit time", "days", Group.UNCERTAINTY, 0,
        100,
        "not negative; the largest in the tables is 3.3 d",
        "One-sigma uncertainty of the time of mid-transit: the sharper a transit, the smaller.",
        "σ(T0)",
        sources=_sources(
            koi=_error("koi_time0bk_"), toi=_error("pl_tranmid"), k2=_error("pl_tranmid"),
            exofop="Epoch (BJD) err"
        ),
    ),
    Feature(
        "transit_duration_error", "Uncertainty of the duration", "hours", Group.UNCERTAINTY, 0, 200,
        "not negative; not longer than the longest duration",
        "One-sigma uncertainty of the transit duration.", "σ(T14)",
        sources=_sources(
            koi=_error("koi_duration_"), toi=_error("pl_trandurh"), k2=_error("pl_trandur"),
            exofop="Duration (hours) err",
        ),
    ),
    Feature(
        "transit_depth_error", "Uncertainty of the depth", "ppm", Group.UNCERTAINTY, 0, 1_000_000,
        "not negative; not more than the whole light",
        "One-sigma uncertainty of the transit depth.", "σ(δ)",
        sources=_sources(
            koi=_error("koi_depth_"), toi=_error("pl_trandep"),
            k2=_error("pl_trandep", PERCENT_TO_PPM),
            exofop="Depth (ppm) err",
        ),
    ),
    Feature(
        "planet_radius_error", "Uncertainty of the planet radius", "Earth radii", Group.UNCERTAINTY,
        0, 250_000,
        "not negative; fits of eclipsing binaries reach 49,000",
        "One-sigma uncertainty of the planet radius.", "σ(Rp)",
        sources=_sources(
            koi=_error("koi_prad_"), toi=_error("pl_rade"), k2=_error("pl_rade"),
            exofop="Planet Radius (R_Earth) err",
        ),
    ),
    Feature(
        "impact_parameter_error", "Uncertainty of the impact parameter", "", Group.UNCERTAINTY, 0,
        110,
        "not negative; the largest in the tables is 85.5",
        "One-sigma uncertainty of the impact parameter.", "σ(b)",
        sources=_sources(koi=_error("koi_impact_"), k2=_error("pl_imppar")),
    ),
    Feature(
        "insolation_error", "Uncertainty of the insolation", "Earth flux", Group.UNCERTAINTY, 0,
        20_000_000,
        "not negative; the largest in the tables is 4.6 million",
        "One-sigma uncertainty of the insolation.", "σ(S)",
        sources=_sources(koi=_error("koi_insol_"), k2=_error("pl_insol")),
    ),
    Feature(
        "stellar_teff_error", "Uncertainty of the stellar temperature", "K", Group.UNCERTAINTY, 0,
        20_000,
        "not negative; the largest in the tables is 7,000 K",
        "One-sigma uncertainty of the star's effective temperature.", "σ(Teff)",
        sources=_sources(
            koi=_error("koi_steff_"), toi=_error("st_teff"), k2=_error("st_teff"),
            exofop="Stellar Eff Temp (K) err"
        ),
    ),
    Feature(
        "stellar_logg_error", "Uncertainty of the surface gravity", "log10(cm/s²)",
        Group.UNCERTAINTY, 0, 5,
        "not negative; the largest in the tables is 2.4",
        "One-sigma uncertainty of the star's log g.", "σ(log g)",
        sources=_sources(
            koi=_error("koi_slogg_"), toi=_error("st_logg"), k2=_error("st_logg"),
            exofop="Stellar log(g) (cm/s^2) err",
        ),
    ),
    Feature(
        "stellar_radius_error", "Uncertainty of the stellar radius", "solar radii",
        Group.UNCERTAINTY, 0, 1_500,
        "not negative; not more than the largest star",
        "One-sigma uncertainty of the star's radius.", "σ(Rs)",
        sources=_sources(
            koi=_error("koi_srad_"), toi=_error("st_rad"), k2=_error("st_rad"),
            exofop="Stellar Radius (R_Sun) err"
        ),
    ),
    Feature(
        "stellar_mass_error", "Uncertainty of the stellar mass", "solar masses", Group.UNCERTAINTY,
        0, 150,
        "not negative; not more than the heaviest star",
        "One-sigma uncertainty of the star's mass.", "σ(Ms)",
        sources=_sources(koi=_error("koi_smass_"), k2=_error("st_mass"),
            exofop="Stellar Mass (M_Sun) err"),
    ),
    Feature(
        "stellar_distance_error", "Uncertainty of the distance", "pc", Group.UNCERTAINTY, 0,
        100_000,
        "not negative; the largest in the tables is 4,021 pc",
        "One-sigma uncertainty of the star's distance.", "σ(d)",
        sources=_sources(toi=_error("st_dist"), k2=_error("sy_dist"),
            exofop="Stellar Distance (pc) err"),
    ),
    # --- measurements that the Kepler pipeline makes to vet a signal ------------------------------
    Feature(
        "transit_stellar_density", "Stellar density from the transit", "g/cm³", Group.VETTING,
        0.000001, 10_000,
        "the same physical range as a star's density, wider because a wrong fit may miss it",
        "Density that a star must have for this duration and period on a circular orbit.",
        "ρtransit",
        sources=_sources(koi="koi_srho"),
    ),
    Feature(
        "max_single_event_statistic", "Maximum single-event statistic", "", Group.VETTING, 0,
        1_000_000,
        "a detection significance, not negative; the largest in the tables is 22,982",
        "Significance of the strongest single transit.", "SES",
        sources=_sources(koi="koi_max_sngle_ev"),
    ),
    Feature(
        "max_multiple_event_statistic", "Maximum multiple-event statistic", "", Group.VETTING, 0,
        1_000_000,
        "a detection significance, not negative; the largest in the tables is 120,050",
        "Significance of all transits folded together.", "MES",
        sources=_sources(koi="koi_max_mult_ev"),
    ),
    Feature(
        "odd_even_significance", "Odd–even depth comparison", "", Group.VETTING, -1, 1,
        "a probability, with −1 where the pipeline could not compare",
        "Probability that odd and even transits differ in depth only by chance; near 0 speaks for "
        "an eclipsing binary.",
        "p(odd=even)",
        sources=_sources(koi="koi_bin_oedp_sig"),
    ),
    Feature(
        "detection_order", "Order of detection on the star", "", Group.VETTING, 1, 100,
        "a count; the largest in the tables is 8",
        "1 for the strongest signal on its star, 2 for the next.", "TCE", integer=True,
        sources=_sources(koi="koi_tce_plnt_num"),
    ),
    Feature(
        "centroid_significance", "Centroid shift: chance probability", "", Group.VETTING, 0, 1,
        "a probability",
        "Probability that the star's image moves in transit only by chance; near 0 speaks for a "
        "blend.", "p(shift)",
        sources=_sources(koi="koi_fwm_stat_sig"),
    ),
    Feature(
        "flux_centroid_offset", "Flux-weighted centroid offset", "arcsec", Group.VETTING, 0, 5_000,
        "a distance on the sky; the largest in the tables is 840 arcsec",
        "Distance between the star and the transit source, from flux-weighted centroids.",
        "Δθ(flux)",
        sources=_sources(koi=Source(("koi_fwm_srao", "koi_fwm_sdeco"), combine=Combine.HYPOT)),
    ),
    Feature(
        "centroid_shift", "Centroid shift in transit", "arcsec", Group.VETTING, 0, 50,
        "a distance on the sky, within a few pixels of 4 arcsec; the largest in the tables is 6",
        "How far the star's image moves during transit.", "Δc",
        sources=_sources(koi=Source(("koi_fwm_prao", "koi_fwm_pdeco"), combine=Combine.HYPOT)),
    ),
    Feature(
        "prf_offset_oot", "Source offset from the out-of-transit image", "arcsec", Group.VETTING, 0,
        500,
        "a distance on the sky; the largest in the tables is 88.6 arcsec",
        "Distance of the transit source from the star, by fitting difference images.", "Δθ(PRF)",
        sources=_sources(koi="koi_dicco_msky"),
    ),
    Feature(
        "prf_offset_catalogue", "Source offset from the catalogue position", "arcsec",
        Group.VETTING, 0, 500,
        "a distance on the sky; the largest in the tables is below 100 arcsec",
        "Distance of the transit source from the star's catalogue position.", "Δθ(KIC)",
        sources=_sources(koi="koi_dikco_msky"),
    ),
)
# fmt: on

FEATURE_BY_NAME: Final[Mapping[str, Feature]] = MappingProxyType(
    {feature.name: feature for feature in FEATURES}
)
FEATURE_NAMES: Final = tuple(FEATURE_BY_NAME)
NUMERIC_NAMES: Final = tuple(feature.name for feature in FEATURES if not feature.is_categorical)
REQUIRED_NAMES: Final = tuple(feature.name for feature in FEATURES if feature.required)
SIBLING_NAMES: Final = ("signal_count", "sibling_period_ratio")
NEIGHBOUR_NAMES: Final = ("neighbour_count", "neighbour_separation", "neighbour_depth_ratio")
NONE_WORDS: Final[dict[tuple[str, float | str], str]] = {
    ("neighbour_separation", 3_600.0): "none within 1°",
    ("neighbour_depth_ratio", 0.0): "no such neighbour",
}
"""Values that stand for nothing found, as people are told it."""
CONTEXT_NAMES: Final = (*SIBLING_NAMES, *NEIGHBOUR_NAMES)
"""What only the whole table can tell about a signal."""

PLACE_NAMES: Final = ("galactic_latitude", "ecliptic_latitude")
"""What a star's position on the sky gives, where a table has it."""

SIX_PARAMETERS: Final = (
    "orbital_period",
    "transit_duration",
    "transit_depth",
    "planet_radius",
    "stellar_teff",
    "stellar_radius",
)
"""What people type into a form: the smallest set that the evaluation reports on."""

BAND_OF_MISSION: Final[Mapping[Mission, str]] = MappingProxyType(
    {Mission.KEPLER: "Kp", Mission.TESS: "T", Mission.K2: "G"}
)
_BAND_NAMED: Final = MappingProxyType({band.lower(): band for band in BANDS})


def band_of_magnitude(named: str, own: str | None) -> str | None:
    """The band of a magnitude: as ``named``, else, where nothing is named, the mission's ``own``. A
    name that is none of ours says that it is neither. A band without a magnitude is void."""
    return _BAND_NAMED.get(named.strip().lower()) if named.strip() else own


@dataclass(frozen=True)
class Layout:
    """How one kind of table names its columns. ``dispositions`` maps its codes to ours; None is
    "not dispositioned"."""

    key: str
    title: str
    mission: Mission | None  # None: the table has a column of that name
    signal_column: str
    star_column: str
    star_prefix: str  # KIC, TIC, … : makes star keys unique across missions
    disposition_column: str
    dispositions: Mapping[str, Disposition]
    ra_column: str = "ra"  # degrees
    dec_column: str = "dec"  # degrees
    doubted: frozenset[str] = frozenset()  # codes of candidates that their own observers doubt
    known_before: frozenset[str] = frozenset()  # codes of planets that others had found before
    epoch_column: str | None = None  # mid-transit time in days: a fact to match by, never an input
    epoch_zero: float = 0.0  # the Julian date from which that column counts


_KOI_CODES = {str(disposition): disposition for disposition in Disposition}
_TOI_CODES = {
    "CP": Disposition.CONFIRMED,
    "KP": Disposition.CONFIRMED,
    "PC": Disposition.CANDIDATE,
    "APC": Disposition.CANDIDATE,
    "FP": Disposition.FALSE_POSITIVE,
    "FA": Disposition.FALSE_POSITIVE,
}

_TOI_DOUBTED = frozenset({"APC"})  # ambiguous planetary candidate
_TOI_KNOWN = frozenset({"KP"})  # known planet, found before TESS looked

EPOCH_ZERO: Final = 2_454_833.0
"""Our epochs are BJD − 2,454,833, as in the KOI table: small enough for exact arithmetic."""

LAYOUTS: Final[Mapping[str, Layout]] = MappingProxyType(
    {
        layout.key: layout
        for layout in (
            Layout("koi", "Kepler Objects of Interest (cumulative table)", Mission.KEPLER,
                   "kepoi_name", "kepid", "KIC", "koi_disposition", _KOI_CODES,
                   epoch_column="koi_time0bk", epoch_zero=EPOCH_ZERO),
            Layout("toi", "TESS Objects of Interest", Mission.TESS,
                   "toi", "tid", "TIC", "tfopwg_disp", _TOI_CODES, doubted=_TOI_DOUBTED,
                   known_before=_TOI_KNOWN, epoch_column="pl_tranmid"),
            Layout("k2", "K2 planets and candidates", Mission.K2,
                   "pl_name", "hostname", "K2", "disposition",
                   {**_KOI_CODES, "REFUTED": Disposition.FALSE_POSITIVE},
                   epoch_column="pl_tranmid"),
            Layout("exofop", "ExoFOP list of TESS Objects of Interest", Mission.TESS,
                   "TOI", "TIC ID", "TIC", "TFOPWG Disposition", _TOI_CODES, "RA", "Dec",
                   _TOI_DOUBTED,
                   _TOI_KNOWN, "Epoch (BJD)"),
            Layout("own", "this site's template", None,
                   "identifier", "star", "", "disposition", {**_KOI_CODES, **_TOI_CODES},
                   doubted=_TOI_DOUBTED, known_before=_TOI_KNOWN, epoch_column="epoch"),
        )
    }
)  # fmt: skip
LAYOUT_OF_MISSION: Final[Mapping[Mission, str]] = MappingProxyType(
    {Mission.KEPLER: "koi", Mission.TESS: "toi", Mission.K2: "k2", Mission.OTHER: "own"}
)


def source_of(feature: Feature, layout: str) -> Source | None:
    """Where ``layout`` keeps ``feature``; our own template keeps each under its own name."""
    return _one(feature.name) if layout == "own" else feature.sources.get(layout)


def source_columns(layout: str) -> tuple[str, ...]:
    """Every column of ``layout`` that feeds a feature, in schema order, each once."""
    columns = (c for f in FEATURES if (s := source_of(f, layout)) is not None for c in s.columns)
    return tuple(dict.fromkeys(columns))


def parse_mission(text: str) -> Mission | None:
    """The mission named by ``text`` in any case, or None."""
    return next((mission for mission in Mission if mission.lower() == text.strip().lower()), None)


def schema_fingerprint() -> str:
    """SHA-256 over what a classifier depends on: names, units, ranges, choices and sources of all
    features."""
    rows = [
        [
            f.name,
            f.unit,
            f.low,
            f.high,
            f.integer,
            list(f.choices),
            {key: [list(s.columns), s.factor, s.combine] for key, s in sorted(f.sources.items())},
        ]
        for f in FEATURES
    ]
    return hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()

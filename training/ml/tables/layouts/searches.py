"""What searches for transits write: Transit Least Squares, and Box Least Squares as astropy and
lightkurve name it.

Both give durations in days. TLS gives the light that is left at mid-transit, 0.99972; BLS the
fraction that is lost.
"""

from __future__ import annotations

from typing import Final

from training.ml.schema import Mission
from training.ml.tables.layouts.known import KnownTable, error, layout, one

_TARGETS: Final = {
    **dict.fromkeys(("TIC ID", "TIC", "TICID", "TIC number"), Mission.TESS),
    **dict.fromkeys(("KIC ID", "KIC", "kepid", "Kepler ID"), Mission.KEPLER),
    **dict.fromkeys(("EPIC ID", "EPIC"), Mission.K2),
}
_STARS: Final = (*_TARGETS, "star", "star_id", "target", "target_id", "object", "star name")
_SIGNALS: Final = ("signal", "candidate", "identifier", "TOI", "CTOI", "KOI", "planet name")
_STAR_PLACES: Final = {
    "stellar_teff": one("Teff", "st_teff", "stellar_teff"),
    "stellar_logg": one("logg", "st_logg", "stellar_logg"),
    "stellar_radius": one("R_star", "Rs", "st_rad", "stellar_radius"),
    "stellar_mass": one("M_star", "Ms", "st_mass", "stellar_mass"),
    "stellar_magnitude": one("Tmag", "TESS mag", "kepmag"),
}

TLS: Final = KnownTable(
    layout("tls", "results of Transit Least Squares", None),
    marks=(("SDE",), ("T0", "t0", "transit_time"), ("period",), ("duration",), ("depth",)),
    signal=_SIGNALS,
    star=_STARS,
    mission=("mission", "survey"),
    missions=_TARGETS,
    epoch=("T0", "t0"),
    bands={"Tmag": "T", "TESS mag": "T", "kepmag": "Kp"},
    places={
        "orbital_period": one("period"),
        "orbital_period_error": error("period_uncertainty", "period_err"),
        "transit_duration": one("duration", unit="days"),
        "transit_depth": one("depth", unit="light left or lost"),
        "transit_snr": one("snr"),
        "transit_count": one("distinct_transit_count", "transit_count"),
        "radius_ratio": one("rp_rs"),
        **_STAR_PLACES,
    },
    loose=True,
)

BLS: Final = KnownTable(
    layout("bls", "results of Box Least Squares", None),
    marks=(
        ("transit_time", "t0", "transit_time_at_max_power"),
        ("period", "period_at_max_power"),
        ("duration", "duration_at_max_power"),
        ("depth", "depth_at_max_power"),
        ("power", "depth_snr", "log_likelihood", "max_power"),
    ),
    signal=_SIGNALS,
    star=_STARS,
    mission=("mission", "survey"),
    missions=_TARGETS,
    epoch=("transit_time", "t0", "transit_time_at_max_power"),
    bands={"Tmag": "T", "TESS mag": "T", "kepmag": "Kp"},
    places={
        "orbital_period": one("period", "period_at_max_power"),
        "transit_duration": one("duration", "duration_at_max_power", unit="days"),
        "transit_depth": one("depth", "depth_at_max_power", unit="fraction"),
        "transit_depth_error": error("depth_err", unit="fraction"),
        "transit_snr": one("depth_snr", "snr"),
        **_STAR_PLACES,
    },
    loose=True,
)

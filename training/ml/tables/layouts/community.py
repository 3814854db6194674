"""Lists of candidates by the community: ExoFOP's CTOIs and K2 objects, Planet Hunters TESS,
exoplanet.eu.

ExoFOP has spelt its columns differently over the years; each spelling stands here.
"""

from __future__ import annotations

from typing import Final

from training.ml.schema import Mission
from training.ml.tables.layouts.known import (
    From,
    KnownTable,
    colour,
    error,
    errors,
    layout,
    one,
    vector,
)


def _err(*names: str) -> tuple[From, ...]:
    """The uncertainty of a column that goes by these names: "… err", "… Error", with its unit or
    without."""
    bare = [name.split(" (")[0] for name in names]
    return error(*(f"{name} err" for name in (*names, *bare)))


_EXOFOP: Final = {
    "orbital_period": one("Period (days)", "Period (d)", "Orbital Period (days)"),
    "orbital_period_error": _err("Period (days)"),
    "mid_transit_error": _err("Transit Epoch (BJD)", "Epoch (BJD)", "T0 (BJD)"),
    "transit_duration": one("Duration (hours)", "Duration (hrs)", "Transit Duration (hours)"),
    "transit_duration_error": _err("Duration (hours)", "Duration (hrs)"),
    "transit_depth": (
        *one("Depth (ppm)", "Depth ppm", "Transit Depth (ppm)"),
        *one("Depth (mmag)", "Depth mmag", unit="mmag"),
    ),
    "transit_depth_error": error("Depth (ppm) err", "Depth ppm err"),
    "impact_parameter": one("Impact Param", "Impact Parameter"),
    "impact_parameter_error": error("Impact Param err", "Impact Parameter err"),
    "radius_ratio": one("Rad_p/Rad_s", "Rp/Rs", "Rp/R*"),
    "scaled_semi_major_axis": one("a/Rad_s", "a/Rs", "a/R*"),
    "inclination": one("Inclination (deg)", "Inclination"),
    "transit_snr": one("Planet SNR", "SNR"),
    "planet_radius": one("Planet Radius (R_Earth)", "Radius (R_Earth)"),
    "planet_radius_error": _err("Planet Radius (R_Earth)", "Radius (R_Earth)"),
    "insolation": one("Planet Insolation (Earth Flux)", "Insolation (Earth Flux)"),
    "insolation_error": _err("Planet Insolation (Earth Flux)", "Insolation (Earth Flux)"),
    "equilibrium_temperature": one("Planet Equil Temp (K)", "Equilibrium Temp (K)"),
    "semi_major_axis": one("Semi-Major Axis (AU)", "Semi Major Axis (AU)"),
    "stellar_teff": one("Stellar Eff Temp (K)", "Stellar Teff (K)", "Teff (K)"),
    "stellar_teff_error": _err("Stellar Eff Temp (K)", "Stellar Teff (K)"),
    "stellar_logg": one("Stellar log(g) (cm/s^2)", "log(g) (cm/s^2)", "Stellar log(g)"),
    "stellar_logg_error": error("Stellar log(g) (cm/s^2) err", "Stellar log(g) err"),
    "stellar_radius": one("Stellar Radius (R_Sun)", "Radius (R_Sun)"),
    "stellar_radius_error": _err("Stellar Radius (R_Sun)"),
    "stellar_mass": one("Stellar Mass (M_Sun)", "Mass (M_Sun)"),
    "stellar_mass_error": _err("Stellar Mass (M_Sun)"),
    "stellar_metallicity": one("Stellar Metallicity", "Stellar [Fe/H]", "Metallicity"),
    "stellar_distance": one("Stellar Distance (pc)", "Distance (pc)"),
    "stellar_distance_error": _err("Stellar Distance (pc)"),
    "proper_motion": vector("PM RA (mas/yr)", "PM Dec (mas/yr)"),
    "stellar_magnitude": one("TESS Mag", "Kep Mag", "Kepler Mag", "Kepmag", "V Mag"),
}
_EXOFOP_DISPOSITIONS: Final = (
    "TFOPWG Disposition",
    "User Disposition",
    "Initial Community Disposition",
    "TESS Disposition",
    "Disposition",
)

CTOIS: Final = KnownTable(
    layout("ctoi", "ExoFOP list of community TOIs", Mission.TESS, "TIC"),
    marks=(("CTOI",), ("TIC ID",), ("Period (days)", "Period (d)")),
    signal=("CTOI",),
    star=("TIC ID",),
    ra=("RA (deg)", "RA"),
    dec=("Dec (deg)", "Dec"),
    disposition=_EXOFOP_DISPOSITIONS,
    epoch=("Transit Epoch (BJD)", "Epoch (BJD)"),
    places=_EXOFOP,
    loose=True,
)

K2_LIST: Final = KnownTable(
    layout("exofop-k2", "ExoFOP list of K2 candidates", Mission.K2, "EPIC"),
    marks=(
        ("EPIC ID", "EPIC", "EPIC Name"),
        ("Period (days)", "Period (d)"),
        ("Duration (hours)", "Duration (hrs)", "Depth (ppm)", "Depth ppm", "Depth (mmag)"),
    ),
    signal=("Candidate Name", "Planet Name", "Planet Candidate", "K2 Name", "Candidate", "Name"),
    star=("EPIC ID", "EPIC", "EPIC Name"),
    ra=("RA (deg)", "RA"),
    dec=("Dec (deg)", "Dec"),
    disposition=("Archive Disposition", *_EXOFOP_DISPOSITIONS),
    suffix=("Planet Number", "Planet #"),
    epoch=("Transit Epoch (BJD)", "Epoch (BJD)"),
    bands={"Kep Mag": "Kp", "Kepler Mag": "Kp", "Kepmag": "Kp", "V Mag": "V"},
    places=_EXOFOP,
    loose=True,
)

PLANET_HUNTERS: Final = KnownTable(
    layout(
        "planet-hunters", "Planet Hunters TESS list of candidates", Mission.TESS, "TIC", 2_457_000.0
    ),
    marks=(
        ("TIC", "TIC ID"),
        ("Rpl/Rs", "Rp/Rs", "Rpl (R earth)"),
        ("Period (d)", "Period (days)"),
        ("Duration (h)", "Duration (hours)"),
    ),
    signal=("CTOI", "TOI", "Candidate", "Candidate Name"),
    star=("TIC", "TIC ID"),
    ra=("RA", "RA (deg)"),
    dec=("Dec", "Dec (deg)"),
    epoch=("Epoch (BTJD)",),
    bands={"Vmag": "V", "V mag": "V", "Tmag": "T", "TESS Mag": "T"},
    places={
        "orbital_period": one("Period (d)", "Period (days)"),
        "orbital_period_error": errors("Period uerr", "Period derr"),
        "mid_transit_error": (
            *errors("Epoch (BTJD) uper", "Epoch (BTJD) lerr"),
            *errors("Epoch (BTJD) uerr", "Epoch (BTJD) derr"),
        ),
        "transit_duration": one("Duration (h)", "Duration (hours)"),
        "transit_duration_error": errors("Duration (h) uerr", "Duration (h) derr"),
        "transit_depth": one("Depth (ppm)"),
        "radius_ratio": one("Rpl/Rs", "Rp/Rs"),
        "impact_parameter": one("Impact parameter"),
        "impact_parameter_error": errors("Impact parameter uerr", "Impact parameter derr"),
        "planet_radius": one("Rpl (R earth)", "Rp (R earth)"),
        "planet_radius_error": errors("Rpl (R earth) uerr", "Rpl (R earth) derr"),
        "stellar_magnitude": one("Tmag", "TESS Mag", "Vmag", "V mag"),
        "stellar_radius": one("Stellar Radius (R_Sun)", "Rs (R sun)"),
        "stellar_teff": one("Teff (K)", "Stellar Teff (K)"),
    },
    loose=True,
)


def _range(name: str, unit: str = "") -> tuple[From, ...]:
    return (
        *errors(f"{name}_error_max", f"{name}_error_min", unit),
        *errors(f"{name}_err_max", f"{name}_err_min", unit),
    )


EXOPLANET_EU: Final = KnownTable(
    layout("exoplanet-eu", "Encyclopaedia of exoplanetary systems (exoplanet.eu)", None),
    marks=(("orbital_period",), ("star_name", "star_radius"), ("planet_status", "detection_type")),
    signal=("name", "# name"),
    star=("star_name",),
    disposition=("planet_status",),
    method=("detection_type",),
    transit_flag=("radius_detection_type",),
    bands={"mag_v": "V"},
    epoch=("tzero_tr",),
    places={
        "orbital_period": one("orbital_period"),
        "orbital_period_error": _range("orbital_period"),
        "mid_transit_error": _range("tzero_tr"),
        "impact_parameter": one("impact_parameter"),
        "impact_parameter_error": _range("impact_parameter"),
        "inclination": one("inclination"),
        "planet_radius": one("radius", unit="Jupiter radii"),
        "planet_radius_error": _range("radius", "Jupiter radii"),
        "equilibrium_temperature": one("temp_calculated"),
        "semi_major_axis": one("semi_major_axis"),
        "stellar_teff": one("star_teff"),
        "stellar_teff_error": _range("star_teff"),
        "stellar_radius": one("star_radius"),
        "stellar_radius_error": _range("star_radius"),
        "stellar_mass": one("star_mass"),
        "stellar_mass_error": _range("star_mass"),
        "stellar_metallicity": one("star_metallicity"),
        "stellar_magnitude": one("mag_v"),
        "stellar_distance": one("star_distance"),
        "stellar_distance_error": _range("star_distance"),
        "stellar_jk_colour": colour("mag_j", "mag_k"),
    },
)

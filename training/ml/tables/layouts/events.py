"""Threshold-crossing events: the Kepler pipeline's tables (DR24, DR25), the TESS pipeline's
statistics in their older and newer spelling, its reports, and the tables of ExoMiner.

Sources: the archive's page "Data columns in the Kepler TCE table"; headers of MAST's tcestats
files.
"""

from __future__ import annotations

from typing import Final

from training.ml.schema import Mission
from training.ml.tables.layouts.known import (
    From,
    KnownTable,
    error,
    layout,
    one,
    vector,
)
from training.ml.tables.units import CHI_SQUARE

_BTJD_ZERO: Final = 2_457_000.0
_STARS: Final = ("kepid", "ticid", "tic_id", "target_id", "catId", "tic", "TIC ID")

TCES: Final = KnownTable(
    layout("tce", "threshold-crossing events (tce_… columns)", None),
    marks=(("tce_period", "tce_period_dv"), _STARS),
    signal=("tceid", "uid"),
    star=_STARS,
    ra=("ra", "raDegrees"),
    dec=("dec", "decDegrees"),
    disposition=("av_training_set", "label", "disposition"),
    mission=("obs_type", "mission"),
    missions={
        "kepid": Mission.KEPLER,
        "ticid": Mission.TESS,
        "tic_id": Mission.TESS,
        "tce_time0bt": Mission.TESS,
        "sector_run": Mission.TESS,
        "sectors": Mission.TESS,
        "tic": Mission.TESS,
        "TIC ID": Mission.TESS,
    },
    suffix=("tce_plnt_num",),
    bands={"mag": "", "tmag": "T", "tic_tmag": "T", "koi_kepmag": "Kp", "kepmag": "Kp"},
    places={
        "orbital_period": one("tce_period", "tce_period_dv"),
        "orbital_period_error": error("tce_period_err", "tce_period_err_dv"),
        "mid_transit_error": error(
            "tce_time0bk_err", "tce_time0bt_err", "tce_time0_err", "tce_time0bk_err_dv"
        ),
        "transit_duration": one("tce_duration", "tce_duration_dv"),
        "transit_duration_error": error("tce_duration_err", "tce_duration_err_dv"),
        "transit_depth": one("tce_depth", "tce_depth_dv", "transit_depth", "transit_depth_dv"),
        "transit_depth_error": error("tce_depth_err", "tce_depth_err_dv"),
        "impact_parameter": one("tce_impact"),
        "impact_parameter_error": error("tce_impact_err"),
        "radius_ratio": one("tce_ror"),
        "scaled_semi_major_axis": one("tce_dor"),
        "inclination": one("tce_incl"),
        "transit_snr": one("tce_model_snr", "tce_model_snr_dv"),
        "transit_count": one("tce_num_transits", "tce_num_transits_obs", "num_transits"),
        "planet_radius": one("tce_prad", "tce_prad_dv"),
        "planet_radius_error": error("tce_prad_err", "tce_prad_err_dv"),
        "insolation": one("tce_insol", "tce_insol_dv"),
        "insolation_error": error("tce_insol_err", "tce_insol_err_dv"),
        "equilibrium_temperature": one("tce_eqt", "tce_eqt_dv"),
        "semi_major_axis": one("tce_sma"),
        "stellar_teff": one("tce_steff", "tce_steff_dv", "tic_teff"),
        "stellar_teff_error": error("tce_steff_err", "tce_steff_err_dv", "tic_teff_err"),
        "stellar_logg": one("tce_slogg", "tce_slogg_dv", "tic_logg"),
        "stellar_logg_error": error("tce_slogg_err", "tce_slogg_err_dv", "tic_logg_err"),
        "stellar_radius": one("tce_sradius", "tce_srad", "tce_sradius_dv", "tic_rad"),
        "stellar_radius_error": error("tce_sradius_err", "tce_srad_err", "tic_rad_err"),
        "stellar_mass": one("tce_smass", "tic_mass"),
        "stellar_mass_error": error("tce_smass_err", "tic_mass_err"),
        "stellar_metallicity": one("tce_smet", "tce_smet_dv", "tic_met"),
        "stellar_magnitude": one("tmag", "tic_tmag", "kepmag", "koi_kepmag"),
        "max_multiple_event_statistic": one("tce_max_mult_ev"),
        "max_single_event_statistic": one("tce_max_sngle_ev"),
        "detection_order": one("tce_plnt_num"),
        "odd_even_significance": one("tce_bin_oedp_stat", unit=CHI_SQUARE),
        "flux_centroid_offset": vector("tce_fwm_srao", "tce_fwm_sdeco"),
        "centroid_shift": vector("tce_fwm_prao", "tce_fwm_pdeco"),
        "prf_offset_oot": one("tce_dicco_msky"),
        "prf_offset_catalogue": one("tce_dikco_msky", "tce_ditco_msky"),
    },
)

TESS_STATISTICS: Final = KnownTable(
    layout(
        "tess-dv", "statistics of TESS threshold-crossing events", Mission.TESS, "TIC", _BTJD_ZERO
    ),
    marks=(("orbitalPeriodDays",), ("transitDurationHours", "transitDepthPpm")),
    signal=("tceid", "uid"),
    star=("ticid", "catId", "tic"),
    ra=("ra", "raDegrees"),
    dec=("dec", "decDegrees"),
    suffix=("planetNumber", "planetIndexNumber"),
    epoch=("transitEpochBtjd",),
    places={
        "orbital_period": one("orbitalPeriodDays"),
        "orbital_period_error": error("orbitalPeriodDays_err"),
        "mid_transit_error": error("transitEpochBtjd_err"),
        "transit_duration": one("transitDurationHours"),
        "transit_duration_error": error("transitDurationHours_err"),
        "transit_depth": one("transitDepthPpm"),
        "transit_depth_error": error("transitDepthPpm_err"),
        "impact_parameter": one("minImpactParameter"),
        "impact_parameter_error": error("minImpactParameter_err"),
        "radius_ratio": one("ratioPlanetRadiusToStarRadius"),
        "scaled_semi_major_axis": one("ratioSemiMajorAxisToStarRadius"),
        "inclination": one("inclinationDegrees"),
        "transit_snr": one("modelFitSnr", "snr"),
        "transit_count": one("expectedtransitcount"),
        "planet_radius": one("planetRadiusEarthRadii"),
        "planet_radius_error": error("planetRadiusEarthRadii_err"),
        "insolation": one("InsolationFlux", "effectiveStellarFlux"),
        "insolation_error": error("InsolationFlux_err", "effectiveStellarFlux_err"),
        "equilibrium_temperature": one("equilibriumTempKelvin"),
        "semi_major_axis": one("semiMajorAxisAu"),
        "stellar_teff": one("starTeffKelvin"),
        "stellar_teff_error": error("starTeffKelvin_err"),
        "stellar_logg": one("starLoggCgs"),
        "stellar_logg_error": error("starLoggCgs_err"),
        "stellar_radius": one("starRadiusSolarRadii"),
        "stellar_radius_error": error("starRadiusSolarRadii_err"),
        "stellar_metallicity": one("starMetallicity", "log10Metallicity"),
        "stellar_magnitude": one("tessMag"),
        "max_multiple_event_statistic": one("mes"),
        "max_single_event_statistic": one("maxses", "ses"),
        "detection_order": one("planetNumber", "planetIndexNumber"),
    },
)


def _fit(name: str, kind: str) -> tuple[str, ...]:
    """One quantity of the all-transits fit in the reports' flat spellings."""
    return tuple(
        f"{fit}{dot}{name}{end}{kind}"
        for fit in ("allTransitsFit",)
        for dot in ("_", ".")
        for end in ("_", ".")
    )


def _fitted(name: str) -> tuple[From, ...]:
    return one(*_fit(name, "value"))


def _uncertain(name: str) -> tuple[From, ...]:
    return error(*_fit(name, "uncertainty"))


def _of_star(name: str, kind: str = "value") -> tuple[str, ...]:
    return (f"{name}_{kind}", f"{name}.{kind}")


def _odd_even(kind: str) -> tuple[str, ...]:
    name = "binaryDiscriminationResults.oddEvenTransitDepthComparisonStatistic"
    return (f"{name}.{kind}", f"{name}_{kind}")


TESS_REPORTS: Final = KnownTable(
    layout(
        "tess-dv-report",
        "results of TESS data validation (allTransitsFit_… columns)",
        Mission.TESS,
        "TIC",
        _BTJD_ZERO,
    ),
    marks=(_fit("orbitalPeriodDays", "value"),),
    signal=("uid", "tceid"),
    star=("catId", "ticid", "target_id", "ticId"),
    ra=_of_star("raDegrees"),
    dec=_of_star("decDegrees"),
    suffix=("planetIndexNumber", "planetNumber"),
    epoch=_fit("transitEpochBtjd", "value"),
    places={
        "orbital_period": _fitted("orbitalPeriodDays"),
        "orbital_period_error": _uncertain("orbitalPeriodDays"),
        "mid_transit_error": _uncertain("transitEpochBtjd"),
        "transit_duration": _fitted("transitDurationHours"),
        "transit_duration_error": _uncertain("transitDurationHours"),
        "transit_depth": _fitted("transitDepthPpm"),
        "transit_depth_error": _uncertain("transitDepthPpm"),
        "impact_parameter": _fitted("minImpactParameter"),
        "impact_parameter_error": _uncertain("minImpactParameter"),
        "radius_ratio": _fitted("ratioPlanetRadiusToStarRadius"),
        "scaled_semi_major_axis": _fitted("ratioSemiMajorAxisToStarRadius"),
        "inclination": _fitted("inclinationDegrees"),
        "transit_snr": one("allTransitsFit.modelFitSnr", "allTransitsFit_modelFitSnr"),
        "transit_count": one(
            "planetCandidate.observedTransitCount", "planetCandidate.expectedTransitCount"
        ),
        "planet_radius": _fitted("planetRadiusEarthRadii"),
        "planet_radius_error": _uncertain("planetRadiusEarthRadii"),
        "insolation": _fitted("effectiveStellarFlux"),
        "insolation_error": _uncertain("effectiveStellarFlux"),
        "equilibrium_temperature": _fitted("equilibriumTempKelvin"),
        "semi_major_axis": _fitted("semiMajorAxisAu"),
        "stellar_teff": one(*_of_star("effectiveTemp")),
        "stellar_teff_error": error(*_of_star("effectiveTemp", "uncertainty")),
        "stellar_logg": one(*_of_star("log10SurfaceGravity")),
        "stellar_logg_error": error(*_of_star("log10SurfaceGravity", "uncertainty")),
        "stellar_radius": one(*_of_star("radius"), *_fit("starRadiusSolarRadii", "value")),
        "stellar_radius_error": error(*_of_star("radius", "uncertainty")),
        "stellar_metallicity": one(*_of_star("log10Metallicity")),
        "stellar_magnitude": one(*_of_star("tessMag")),
        "max_multiple_event_statistic": one("planetCandidate.maxMultipleEventSigma"),
        "max_single_event_statistic": one("planetCandidate.maxSingleEventSigma"),
        "detection_order": one("planetIndexNumber"),
        "odd_even_significance": (
            *one(*_odd_even("significance")),
            *one(*_odd_even("value"), unit=CHI_SQUARE),
        ),
        "prf_offset_oot": one(
            "centroidResults.differenceImageMotionResults"
            ".msControlCentroidOffsets.meanSkyOffset_value"
        ),
        "prf_offset_catalogue": one(
            "centroidResults.differenceImageMotionResults.msTicCentroidOffsets.meanSkyOffset_value"
        ),
    },
)

"""Units and UCDs as programs of the Virtual Observatory read them: the one list for every VOTable
of the site.

Units are VOUnits 1.0, where those that the standard lacks stand in quotes; UCDs are words of the
controlled vocabulary of UCD1+ 1.6.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from training.ml.schema import Combine
from training.ml.tables.columns import Plan

VOUNITS: Final[Mapping[str, str]] = {
    # Our words for units, and theirs.
    "days": "d",
    "hours": "h",
    "minutes": "min",
    "seconds": "s",
    "years": "yr",
    "AU": "AU",
    "K": "K",
    "mag": "mag",
    "mmag": "mmag",
    "pc": "pc",
    "kpc": "kpc",
    "mas/yr": "mas.yr**-1",
    "arcsec/yr": "arcsec.yr**-1",
    "arcsec": "arcsec",
    "arcmin": "arcmin",
    "mas": "mas",
    "degrees": "deg",
    "radians": "rad",
    "g/cm³": "g.cm**-3",
    "kg/m³": "kg.m**-3",
    "W/m²": "W.m**-2",
    "solar radii": "solRad",
    "solar masses": "solMass",
    "km": "km",
    "million km": "Gm",
    "ppm": "'ppm'",
    "ppt": "'ppt'",
    "percent": "'percent'",
    "dex": "'dex'",
    "Earth radii": "'earthRad'",
    "Jupiter radii": "'jupiterRad'",
    "Earth flux": "'earthFlux'",
    "light-years": "lyr",
    "log10(cm/s²)": "log(cm.s**-2)",
}

EPOCH_UCD: Final = "time.epoch;obs.transit"
_DEPTH: Final = "phot.flux;arith.ratio;obs.transit"
_BODY: Final = "phys.size.radius"
FEATURE_UCDS: Final[Mapping[str, str]] = {
    "orbital_period": "time.period",
    "transit_duration": "time.duration;obs.transit",
    "transit_depth": _DEPTH,
    "impact_parameter": "src.impactParam;obs.transit",
    "radius_ratio": "phys.size.radius;arith.ratio",
    "scaled_semi_major_axis": "phys.size.smajAxis;arith.ratio",
    "inclination": "src.orbital.inclination",
    "transit_snr": "stat.snr;obs.transit",
    "transit_count": "meta.number;obs.transit",
    "planet_radius": _BODY,
    "insolation": "phys.flux.energy;arith.ratio",
    "equilibrium_temperature": "phys.temperature",
    "semi_major_axis": "phys.size.smajAxis",
    "stellar_teff": "phys.temperature.effective",
    "stellar_logg": "phys.gravity",
    "stellar_radius": "phys.size.radius",
    "stellar_mass": "phys.mass",
    "stellar_metallicity": "phys.abund.Z",
    "stellar_density": "phys.density",
    "stellar_magnitude": "phot.mag",
    "magnitude_band": "instr.bandpass",
    "stellar_distance": "pos.distance",
    "proper_motion": "pos.pm",
    "galactic_latitude": "pos.galactic.lat",
    "ecliptic_latitude": "pos.ecliptic.lat",
    "stellar_jk_colour": "phot.color;em.IR.J;em.IR.K",
    "signal_count": "meta.number",
    "sibling_period_ratio": "time.period;arith.ratio",
    "neighbour_count": "meta.number",
    "neighbour_separation": "pos.angDistance",
    "neighbour_depth_ratio": "phot.flux;arith.ratio",
    "orbital_period_error": "stat.error;time.period",
    "mid_transit_error": f"stat.error;{EPOCH_UCD}",
    "transit_duration_error": "stat.error;time.duration;obs.transit",
    "transit_depth_error": f"stat.error;{_DEPTH}",
    "planet_radius_error": f"stat.error;{_BODY}",
    "impact_parameter_error": "stat.error;src.impactParam;obs.transit",
    "insolation_error": "stat.error;phys.flux.energy;arith.ratio",
    "stellar_teff_error": "stat.error;phys.temperature.effective",
    "stellar_logg_error": "stat.error;phys.gravity",
    "stellar_radius_error": "stat.error;phys.size.radius",
    "stellar_mass_error": "stat.error;phys.mass",
    "stellar_distance_error": "stat.error;pos.distance",
    "transit_stellar_density": "phys.density;obs.transit",
    "max_single_event_statistic": "stat.snr;stat.max",
    "max_multiple_event_statistic": "stat.snr;stat.max",
    "odd_even_significance": "stat.probability",
    "detection_order": "meta.number",
    "centroid_significance": "stat.probability",
    "flux_centroid_offset": "pos.angDistance;stat.fit.omc",
    "centroid_shift": "pos.angDistance;arith.diff",
    "prf_offset_oot": "pos.angDistance;arith.diff",
    "prf_offset_catalogue": "pos.angDistance;arith.diff",
}
_COMPONENTS: Final[Mapping[str, tuple[str, ...]]] = {
    # Of features that a table keeps in two columns.
    "stellar_jk_colour": ("phot.mag;em.IR.J", "phot.mag;em.IR.K"),
    "proper_motion": ("pos.pm;pos.eq.ra", "pos.pm;pos.eq.dec"),
}

ANSWER_UCDS: Final[Mapping[str, str]] = {
    "predicted_disposition": "meta.code.class",
    "p_confirmed": "stat.probability",
    "p_candidate": "stat.probability",
    "p_false_positive": "stat.probability",
    "planet_score": "stat.probability",
    "prediction_set": "meta.code.class",
    "open_score": "stat.probability",
    "planet_set": "meta.code.class",
    "learnt_from": "meta.note",
    "out_of_fold": "meta.code",
    "missing_inputs": "meta.note",
    "warnings": "meta.note",
    "model_version": "meta.version;meta.software",
}
REASON_UCDS: Final[Mapping[str, str]] = {
    # By the end of the column's name: "reason_2_value".
    "value": "stat.value",
    "contribution": "stat.weight",
}


_PLAIN: Final = {written.strip("'"): written for written in VOUNITS.values()}


def unit_of_votable(name: str) -> Any:
    """astropy's unit for one of our words ("Earth radii") or theirs without quotes ("earthRad"),
    such that a VOTable says it as the standard does; None for others."""
    from astropy import units

    written = VOUNITS.get(name) or _PLAIN.get(name)
    return written and units.Unit(written, format="vounit", parse_strict="silent")


def answer_ucd(name: str) -> str:
    """Of one of our own columns beside a table, reasons included."""
    return ANSWER_UCDS.get(name) or REASON_UCDS.get(name.rsplit("_", 1)[-1], "meta.note")


def column_ucds(plan: Plan) -> dict[str, str]:
    """The UCD of each input column that the reading of a table understands."""
    ucds: dict[str, str] = {}
    for source in plan.features:
        whole = FEATURE_UCDS[source.feature]
        parts = _COMPONENTS.get(source.feature, ())
        if source.combine in (Combine.ONE, Combine.MEAN_ABS):
            parts = (whole,) * len(source.columns)
        ucds.update(zip(source.columns, parts, strict=False))
    return _named_columns(plan) | ucds


def _named_columns(plan: Plan) -> dict[str, str]:
    told = {
        plan.signal: "meta.id;meta.main",
        plan.star: "meta.id.parent",
        plan.ra: "pos.eq.ra;meta.main",
        plan.dec: "pos.eq.dec;meta.main",
        plan.epoch: EPOCH_UCD,
        plan.disposition: "meta.code.class",
        plan.mission_column: "meta.id;instr.obsty",
        plan.band_column: "instr.bandpass",
        plan.publication_date: "time.publiYear",
    }
    return {column: ucd for column, ucd in told.items() if column}

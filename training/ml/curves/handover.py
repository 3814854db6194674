"""A measured signal as one row of inputs, with the columns that training knows of its mission."""

from __future__ import annotations

from math import floor, hypot, isfinite, log10, nan
from typing import TYPE_CHECKING, Final

from training.ml.features import EARTH_RADII_PER_SOLAR_RADIUS
from training.ml.schema import (
    FEATURE_BY_NAME,
    LAYOUT_OF_MISSION,
    SIBLING_NAMES,
    Mission,
    source_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from training.ml.curves.curve import Star
    from training.ml.curves.measure import Signal

_HEADER_BAND: Final = {Mission.KEPLER: "Kp", Mission.K2: "Kp", Mission.TESS: "T"}
_STAR_RADIUS_ERROR: Final = {Mission.KEPLER: 0.21, Mission.K2: 0.06, Mission.TESS: 0.05}
"""Relative, the median of the archive's tables: headers do not state it, and it is most of what a
planet's radius is uncertain by."""
_STATED_OTHERWISE: Final[dict[str, frozenset[str]]] = {
    Mission.TESS: frozenset(
        {
            "orbital_period_error",
            "mid_transit_error",
            "transit_duration_error",
            "transit_depth_error",
            "planet_radius",
            "planet_radius_error",
        }
    )
}
"""What the archive's table means otherwise. Errors of TOIs are of all sectors and of two pipelines;
radii are fits of their own, where ours is but depth times star, which are handed over anyway. Of
259 rows played into real light 72 % had their catalogue row's verdict with these columns, 97 %
without; 57 and 84 % of the false positives, 93 and 85 % of the planets were told right."""
_NEEDED: Final = {"teff": "--teff", "radius": "--radius"}


def star_lacks(star: Star) -> list[str]:
    """Why a signal of this star gets no verdict: what of the star is not known, in sentences."""
    return [
        f"The star's {'temperature' if name == 'teff' else 'radius'} is not known; give it with"
        f" {option}: without it a verdict would be a guess."
        for name, option in _NEEDED.items()
        if getattr(star, name) is None
    ]


def withheld(mission: str) -> frozenset[str]:
    """Schema names of what is measured in light of this mission and not handed over."""
    return _STATED_OTHERWISE.get(mission, frozenset())


def signal_inputs(signal: Signal, accepted: Sequence[Signal], star: Star) -> dict[str, float | str]:
    """The inputs of ``signal`` by schema name, ``mission`` included. ``accepted``: all signals of
    the star whose period is known, this one included; nothing else counts as a sibling.

    What the archive's table of the mission has no column for is left out: no training row had it.
    So is what that table states otherwise.
    """
    mission = star.mission or Mission.OTHER
    known = {
        **_transit(signal),
        **_body(signal, star),
        **_star(star),
        **_siblings(signal, accepted),
    }
    layout = LAYOUT_OF_MISSION[mission]
    inputs: dict[str, float | str] = {
        name: _as_printed(name, known)
        for name, value in known.items()
        if isfinite(value)
        and name not in withheld(mission)
        and (name in SIBLING_NAMES or source_of(FEATURE_BY_NAME[name], layout) is not None)
    }
    if "stellar_magnitude" in inputs and mission in _HEADER_BAND:
        inputs["magnitude_band"] = _HEADER_BAND[mission]
    return {"mission": str(mission), **inputs}


def _as_printed(name: str, known: Mapping[str, float]) -> float:
    """Uncertainties to three digits, what they are of to the place of their second, whatever else
    is measured to six: more digits mean nothing, and a page shows what was given."""
    value, error = known[name], known.get(f"{name}_error", nan)
    if name.endswith("_error"):
        return float(f"{value:.3g}")
    if isfinite(error) and error > 0:
        return round(value, 1 - floor(log10(error)))
    if isinstance(value, int) or name.startswith("stellar_") or name in SIBLING_NAMES:
        return value
    return float(f"{value:.6g}")


def _transit(signal: Signal) -> dict[str, float]:
    return {
        "orbital_period": signal.period,
        "transit_duration": signal.duration_hours,
        "transit_depth": signal.depth_ppm,
        "radius_ratio": signal.radius_ratio,
        "transit_snr": signal.snr,
        "transit_count": signal.transits,
        "max_single_event_statistic": signal.single_event,
        "max_multiple_event_statistic": signal.multiple_event,
        "detection_order": signal.order,
        "orbital_period_error": signal.period_error,
        "mid_transit_error": signal.epoch_error,
        "transit_duration_error": signal.duration_error,
        "transit_depth_error": signal.depth_error,
    }


def _body(signal: Signal, star: Star) -> dict[str, float]:
    if star.radius is None:
        return {}
    in_earths = EARTH_RADII_PER_SOLAR_RADIUS * star.radius
    return {
        "planet_radius": in_earths * signal.radius_ratio,
        "planet_radius_error": in_earths
        * hypot(signal.radius_ratio_error, signal.radius_ratio * _star_radius_error(star)),
    }


def _star_radius_error(star: Star) -> float:
    usual = _STAR_RADIUS_ERROR[Mission.TESS]
    return _STAR_RADIUS_ERROR.get(star.mission, usual) if star.mission else usual


def _star(star: Star) -> dict[str, float]:
    told: Mapping[str, float | None] = {
        "stellar_teff": star.teff,
        "stellar_radius": star.radius,
        "stellar_logg": star.logg,
        "stellar_metallicity": star.metallicity,
        "stellar_magnitude": star.magnitude,
    }
    return {name: value for name, value in told.items() if value is not None}


def _siblings(signal: Signal, accepted: Sequence[Signal]) -> dict[str, float]:
    others = [other.period for other in accepted if other.order != signal.order]
    ratios = [max(p, signal.period) / min(p, signal.period) for p in others]
    return {
        "signal_count": len(others) + 1,
        **({"sibling_period_ratio": min(ratios)} if ratios else {}),
    }

"""Required inputs that a table does not give but that others determine.

Only where the table has no column for them: a gap in a column means that somebody did not measure.
Formulae: Seager & Mallén-Ornelas 2003, ApJ 585, 1038; Winn 2010, arXiv:1001.2010, eq. 14 and 22.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.ml.numbers import number_text
from training.ml.schema import FEATURE_BY_NAME
from training.ml.tables.columns import Plan
from training.ml.tables.findings import Remarks
from training.ml.tables.units import SOLAR_RADII_IN_AU, SOLAR_RADIUS
from training.ml.tables.values import COLUMN_OF, in_range

Floats = NDArray[np.float64]

_MEASURED_ONLY: Final = ("koi", "toi", "k2", "exofop", "ps")
"""Tables of the archive, where a radius may come from a mass instead of a transit."""

DEPTH_COST: Final = (
    "among the KOIs such depths differ from measured ones by a fifth in half of the cases, and by"
    " more than a factor of 2 in 15 % (27 % of the false positives), so the answer is less certain"
)
DURATION_COST: Final = (
    "among the KOIs such durations agree with measured ones within 0.1 % in nearly all cases"
)
"""How far such values are from measured ones, in the KOI table of 2025-10-04 (9,093 signals)."""


def derive_required(values: Floats, plan: Plan, remarks: Remarks) -> None:
    """Fills depth and duration (columns of ``values``, (rows, numeric features)) where the table
    has no column for them and the other inputs determine them; says so per row and over all."""
    names = plan.feature_names
    if "transit_depth" not in names:
        ratio, source = _radius_ratio(values, plan)
        _put(values, "transit_depth", _depth(ratio), source, DEPTH_COST, remarks)
    if "transit_duration" not in names:
        ratio, _ = _radius_ratio(values, plan)
        known = values[:, COLUMN_OF["transit_depth"]]
        # Backwards through depth = (Rp/Rs)², where only the depth is known.
        ratio = np.where(np.isnan(ratio), np.sqrt(known * 1e-6), ratio)
        axis, source = _scaled_axis(values, plan)
        duration = _duration(values, axis, ratio)
        _put(values, "transit_duration", duration, source, DURATION_COST, remarks)


def derivable(plan: Plan) -> frozenset[str]:
    """The required inputs that no column gives and ``derive_required`` may fill."""
    names = set(plan.feature_names)
    with_radii = plan.layout.key not in _MEASURED_ONLY
    ratio = "radius_ratio" in names or (with_radii and {"planet_radius", "stellar_radius"} <= names)
    axis = "scaled_semi_major_axis" in names or (
        with_radii and {"semi_major_axis", "stellar_radius"} <= names
    )
    path = bool({"impact_parameter", "inclination"} & names)
    found = {"transit_depth"} if ratio else set()
    if axis and path and "orbital_period" in names and (ratio or "transit_depth" in names):
        found.add("transit_duration")
    return frozenset(found - names)


def _column(values: Floats, name: str) -> Floats:
    return values[:, COLUMN_OF[name]]


def _radius_ratio(values: Floats, plan: Plan) -> tuple[Floats, str]:
    given = _column(values, "radius_ratio")
    # One source for a whole column: rows derived in two ways would not be alike.
    if plan.layout.key in _MEASURED_ONLY or np.isfinite(given).any():
        return given, "the radius ratio"
    star = _column(values, "stellar_radius") * SOLAR_RADIUS
    return _column(values, "planet_radius") / star, "the radii of planet and star"


def _scaled_axis(values: Floats, plan: Plan) -> tuple[Floats, str]:
    given = _column(values, "scaled_semi_major_axis")
    if plan.layout.key in _MEASURED_ONLY or np.isfinite(given).any():
        return given, "period, scaled semi-major axis and impact parameter"
    axis = _column(values, "semi_major_axis") / SOLAR_RADII_IN_AU
    star = _column(values, "stellar_radius")
    return axis / star, "period, orbit, star and impact parameter"


def _depth(ratio: Floats) -> Floats:
    """Depth in ppm of a transit that does not graze, without limb darkening: (Rp/Rs)²."""
    return np.where(ratio < 1, ratio**2 * 1e6, np.nan)


def _duration(values: Floats, axis: Floats, ratio: Floats) -> Floats:
    """First to last contact in hours: P/π asin(√((1 + k)² − b²) / (a/Rs sin i)), on a circular
    orbit; b from the inclination where it is not given."""
    with np.errstate(all="ignore"):
        impact = _column(values, "impact_parameter")
        tilted = axis * np.cos(np.radians(_column(values, "inclination")))
        impact = np.where(np.isnan(impact), tilted, impact)
        sine = np.sqrt(1 - (impact / axis) ** 2)
        chord = np.sqrt((1 + ratio) ** 2 - impact**2)
        hours: Floats = (
            24 * _column(values, "orbital_period") / np.pi * np.arcsin(chord / (axis * sine))
        )
    return hours


def _put(
    values: Floats, name: str, derived: Floats, source: str, cost: str, remarks: Remarks
) -> None:
    feature = FEATURE_BY_NAME[name]
    possible = np.isfinite(derived) & in_range(derived, feature)
    rows = np.flatnonzero(possible).tolist()
    values[possible, COLUMN_OF[name]] = derived[possible]
    for row in rows:
        value = number_text(float(f"{derived[row]:.4g}"))
        remarks.note(
            row,
            f"{feature.label} is not given; {value} {feature.unit} is computed from {source};"
            f" {cost}.",
        )
    remarks.findings.add(
        "derived",
        None,
        f"{{rows}} {{has}} no {feature.label.lower()}, which is computed from {source}; {cost}",
        [remarks.first_row + row for row in rows],
        key=name,
        feature=name,
    )

"""What looks wrong over a whole table although each value alone could be right: units, mostly."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import numpy as np

from training.ml.harmonise import Problem
from training.ml.inputs import number_text, range_words
from training.ml.schema import FEATURE_BY_NAME
from training.ml.signal_table import SignalTable
from training.ml.units import SOLAR_RADIUS

_FEWEST: Final = 3
"""Fewer values than this are no pattern."""

_HALF: Final = 0.5
_LOWEST_MEDIAN_DEPTH: Final = 5.0  # ppm; the medians of KOI, TOI and K2 are 421, 4,740 and 850
_HOURS_AT_ONE_DAY: Final = 1.8


def suspicions(table: SignalTable) -> list[Problem]:
    """Problems whose ``rows`` are empty because they concern the table; none where there are too few values to tell."""
    units = (_depth_unit(table), _duration_unit(table), _radius_unit(table))
    found = [problem for problem in units if problem is not None]
    return found + _mostly_outside(table, {problem.feature for problem in found})


def _depth_unit(table: SignalTable) -> Problem | None:
    depth = table.frame["transit_depth"].dropna()
    outside = _outside_count(table, "transit_depth")
    if outside + len(depth) < _FEWEST:
        return None
    if outside > _HALF * (outside + len(depth)):
        return _problem(
            "depth_unit",
            "transit_depth",
            outside,
            (
                f"{outside:,} of {outside + len(depth):,} transit depths are out of range: "
                "they may be percent or fractions of the star's light, not ppm (0.1 % or 0.001 is 1,000 ppm)"
            ),
        )
    if len(depth) and depth.median() < _LOWEST_MEDIAN_DEPTH:
        return _problem(
            "depth_unit",
            "transit_depth",
            len(depth),
            (
                f"Half of the transit depths are below {_short(depth.median())} ppm, less than any survey finds: "
                "they may be percent, not ppm (0.1 % is 1,000 ppm)"
            ),
        )
    return None


def _duration_unit(table: SignalTable) -> Problem | None:
    """A central transit of the Sun lasts 13 h × (P / 1 year)^(1/3), 1.8 h at one day (Seager & Mallén-Ornelas 2003)."""
    given = table.frame[["orbital_period", "transit_duration"]].dropna()
    if len(given) < _FEWEST:
        return None
    ratio = float((given["transit_duration"] / (_HOURS_AT_ONE_DAY * np.cbrt(given["orbital_period"]))).median())
    if ratio < 0.12:
        return _problem(
            "duration_days",
            "transit_duration",
            len(given),
            (
                f"Half of the transits last less than {_short(given['transit_duration'].median())} hours, "
                f"about {_short(1 / ratio)} times too short for their periods: they may be days, not hours"
            ),
        )
    if ratio > 12:
        return _problem(
            "duration_minutes",
            "transit_duration",
            len(given),
            (
                f"Half of the transits last more than {_short(given['transit_duration'].median())} hours, "
                f"about {_short(ratio)} times too long for their periods: they may be minutes, not hours"
            ),
        )
    return None


def _radius_unit(table: SignalTable) -> Problem | None:
    """The radius that depth and star imply, Rp = Rs √δ, against the one given."""
    given = table.frame[["planet_radius", "stellar_radius", "transit_depth"]].dropna()
    if len(given) < _FEWEST:
        return None
    implied = given["stellar_radius"] * SOLAR_RADIUS * np.sqrt(given["transit_depth"] * 1e-6)
    ratio = float((given["planet_radius"] / implied).median())
    if 0.05 < ratio < 0.18:
        return _problem(
            "radius_jupiter",
            "planet_radius",
            len(given),
            (
                f"Half of the planet radii are less than {_short(ratio)} times what depth and star imply: "
                "they may be Jupiter radii, not Earth radii"
            ),
        )
    return None


def _mostly_outside(table: SignalTable, named: Collection[str | None]) -> list[Problem]:
    """A feature most of whose values are out of range is in another unit, or another column."""
    problems = []
    for name in table.frame.columns:
        outside = 0 if name in named else _outside_count(table, name)
        total = outside + int(table.frame[name].notna().sum())
        if outside > _HALF * total and total >= _FEWEST:
            feature = FEATURE_BY_NAME[name]
            problems.append(
                _problem(
                    "mostly_out_of_range",
                    name,
                    outside,
                    (f"{outside:,} of {total:,} values of {feature.label.lower()} are not {range_words(feature)}"),
                )
            )
    return problems


def _outside_count(table: SignalTable, name: str) -> int:
    return sum(p.count for p in table.problems if p.code == "out_of_range" and p.feature == name)


def _problem(code: str, feature: str, count: int, words: str) -> Problem:
    return Problem(code, f"{words}. Check the unit of this column.", None, count, (), feature=feature)


def _short(value: float) -> str:
    return number_text(float(f"{value:.2g}"))

"""Values that are each possible and cannot be true together, as physics has it.

``impossible`` is refused, in a form, by the API and in a table; the others are doubted with a
sentence beside the answer, because the archive's own tables hold a few of them.

Formulas: Winn 2010, "Exoplanet Transits and Occultations" (arXiv:1001.2010).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from string import Formatter
from typing import Final

import numpy as np
import numpy.typing as npt

from training.ml.features import (
    DAYS_PER_YEAR,
    SUN_LOGG,
    Columns,
    Values,
    expected_duration,
    radius_ratio_from_depth,
    scaled_axis_from_density,
)
from training.ml.numbers import quantity
from training.ml.schema import FEATURE_BY_NAME, NUMERIC_NAMES
from training.ml.signal_rows import SignalRows

Booleans = npt.NDArray[np.bool_]

EARTH_EQUILIBRIUM: Final = 278.3
"""K of a black body in Earth's sunlight (zero albedo, full redistribution)."""


def impossible(values: Mapping[str, object]) -> dict[str, str]:
    """What cannot be, by schema name, in a sentence; ``values`` of one signal in our units."""
    period, duration = values.get("orbital_period"), values.get("transit_duration")
    if not isinstance(period, float) or not isinstance(duration, float):
        return {}
    if duration / 24 < period:
        return {}
    return {"transit_duration": outlasts(duration, period)}


def outlasts(duration: float, period: float) -> str:
    """``duration`` in hours, ``period`` in days."""
    return (
        f"Transit duration {_text(duration, 'transit_duration')} is longer than the orbital period"
        f" of {_text(period, 'orbital_period')}: a transit ends before the next one begins. Check"
        " both numbers and their units."
    )


@dataclass(frozen=True)
class Rule:
    """``holds`` where something is wrong, shape (n,); ``sentence`` names inputs in braces, and
    {expected}: what the other values give for the input ``of``."""

    holds: Callable[[Columns], Booleans]
    sentence: str
    expected: Callable[[Columns], Values] | None = None
    of: str = ""

    @cached_property
    def inputs(self) -> frozenset[str]:
        """What the sentence names: without one of these nothing can be wrong."""
        named = {name for _, name, _, _ in Formatter().parse(self.sentence) if name}
        return frozenset(named & FEATURE_BY_NAME.keys())

    def said(self, columns: Columns, row: int) -> str:
        inputs = {name: values[row] for name, values in columns.items()}
        texts = {
            name: _text(value, name)
            for name, value in inputs.items()
            if f"{{{name}}}" in self.sentence
        }
        if self.expected is not None:
            texts["expected"] = _text(self.expected(columns)[row], self.of)
        return self.sentence.format(**texts)


def _text(value: float, name: str) -> str:
    return quantity(value, FEATURE_BY_NAME[name].unit)


def _ratio_of_radii(c: Columns) -> Values:
    return np.where(np.isnan(c["radius_ratio"]), radius_ratio_from_depth(c), c["radius_ratio"])


def _temperature(c: Columns) -> Values:
    """T = 278 K × S^¼ of a black body."""
    return EARTH_EQUILIBRIUM * np.sqrt(np.sqrt(c["insolation"]))


def _axis(c: Columns) -> Values:
    """AU, by Kepler's third law."""
    return np.cbrt(c["stellar_mass"] * (c["orbital_period"] / DAYS_PER_YEAR) ** 2)


def _gravity(c: Columns) -> Values:
    """log g from mass and radius."""
    return SUN_LOGG + np.log10(c["stellar_mass"] / c["stellar_radius"] ** 2)


def _duration(c: Columns) -> Values:
    return expected_duration(c) * (1 + radius_ratio_from_depth(c))


RULES: Final = (
    Rule(
        lambda c: c["transit_duration"] / 24 > 0.5 * c["orbital_period"],
        "Transit duration {transit_duration} is more than half of the orbital period of"
        " {orbital_period}: no body passes its star for so long. Check both numbers and their"
        " units.",
    ),
    Rule(
        lambda c: c["transit_depth"] > 500_000,
        "Transit depth {transit_depth} means that more than half of the star's light is lost: only"
        " another star covers so much. Check the number and its unit (ppm).",
    ),
    Rule(
        lambda c: scaled_axis_from_density(c) < 1,
        "With the orbital period of {orbital_period} the orbit would lie inside this star: check"
        " the period and the star's radius.",
    ),
    Rule(
        lambda c: c["scaled_semi_major_axis"] < 1,
        "Scaled semi-major axis {scaled_semi_major_axis} would put the orbit inside the star.",
    ),
    Rule(
        lambda c: c["radius_ratio"] > 1,
        "Radius ratio {radius_ratio} makes the body larger than its star, which no planet is.",
    ),
    Rule(
        lambda c: c["impact_parameter"] > 1 + _ratio_of_radii(c) + 0.1,
        "Impact parameter {impact_parameter} is so large that the body would miss the star: there"
        " would be no transit.",
    ),
    Rule(
        lambda c: c["transit_duration"] > 10 * _duration(c),
        "Transit duration {transit_duration} is more than ten times the {expected} that the orbital"
        " period and this star's density allow: check the number and its unit (hours).",
        _duration,
        "transit_duration",
    ),
    Rule(
        lambda c: np.abs(np.log(c["equilibrium_temperature"] / _temperature(c))) > np.log(1.5),
        "Equilibrium temperature {equilibrium_temperature} contradicts the insolation, which gives"
        " {expected}; check both.",
        _temperature,
        "equilibrium_temperature",
    ),
    Rule(
        lambda c: np.abs(np.log(c["semi_major_axis"] / _axis(c))) > np.log(1.5),
        "Semi-major axis {semi_major_axis} contradicts period and stellar mass, which give"
        " {expected}; check all three.",
        _axis,
        "semi_major_axis",
    ),
    Rule(
        lambda c: np.abs(c["stellar_logg"] - _gravity(c)) > 0.4,
        "Stellar surface gravity {stellar_logg} contradicts the star's mass and radius, which give"
        " {expected}; check all three.",
        _gravity,
        "stellar_logg",
    ),
    Rule(
        lambda c: (c["signal_count"] == 1) & ~np.isnan(c["sibling_period_ratio"]),
        "A period ratio to a sibling is given, but the star has only one signal: check both.",
    ),
)


def contradictions(rows: SignalRows) -> list[list[str]]:
    """Sentences per row, shape (n,); what is not given contradicts nothing."""
    found: list[list[str]] = [[] for _ in range(len(rows))]
    columns, known = rows.columns, np.flatnonzero(~np.isnan(rows.numbers).all(axis=0))
    given = {NUMERIC_NAMES[at] for at in known}
    with np.errstate(all="ignore"):
        for rule in RULES:
            if not rule.inputs <= given:
                continue
            for row in np.flatnonzero(rule.holds(columns)):
                found[row].append(rule.said(columns, int(row)))
    return found

"""The unit of a guessed column: stated, said by its name, or fitting its values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np

from training.ml.schema import FEATURE_BY_NAME
from training.ml.tables.guessing.cells import Floats
from training.ml.tables.guessing.words import ARCHIVE_FACTORS, is_side
from training.ml.tables.reading.text_header import canonical_name
from training.ml.tables.units import FLUX_LEFT, UNITS, Unit, unit_named, unit_of


def said_unit(name: str, column: str, stated: str, columns: Sequence[str]) -> Unit | None:
    """The unit that the table states, or that the column's name says; None where neither does, or
    where it cannot be one of this feature."""
    if stated:
        return unit_of(name, stated)
    pieces = re.split(r"[^a-z0-9]+", column.lower().replace("%", " percent "))
    said = [piece for piece in pieces if piece]
    said = said[1:-1] if is_side(column, columns) else said[1:]
    joined = "".join(said)
    for unit in UNITS[name]:
        if any(word in said or (len(word) > 2 and joined.endswith(word)) for word in unit.words):
            return unit
    return None


def guess_unit(name: str, column: str, stated: str, numbers: Floats) -> Unit | None:
    """The unit that the archive has, or that the values fit; None where one is stated, which then
    cannot be a unit of this feature."""
    if stated:
        return None
    units = UNITS[name]
    factor = ARCHIVE_FACTORS.get((name, canonical_name(column)))
    if factor is not None:
        return next((unit for unit in units if unit.factor == factor), units[0])
    known = np.abs(numbers[np.isfinite(numbers)])
    if not len(known) or name.endswith("_error"):
        return units[0]
    if name == "transit_depth" and np.all((known > 0.9) & (known <= 1)):
        return unit_named(name, FLUX_LEFT)
    middle = float(np.median(known))
    return next(
        (unit for unit in units if unit.usual and unit.usual[0] <= middle <= unit.usual[1]),
        units[0],
    )


_MATTER_MOST: Final = ("orbital_period", "transit_duration", "transit_depth", "planet_radius")
_DEEPEST: Final = 300_000  # ppm; hardly any transit takes more


def other_units(name: str, chosen: Unit, numbers: Floats) -> tuple[str, ...]:
    """Units in which most of the values would be possible as well; of inputs that matter less only
    where they would be usual."""
    known = np.abs(numbers[np.isfinite(numbers)])
    if not len(known) or name.endswith("_error"):
        return ()
    middle = float(np.median(known))
    return tuple(
        unit.name
        for unit in UNITS[name]
        if unit.name != chosen.name and not unit.conversion and _is_possible(name, unit, middle)
    )


def _is_possible(name: str, unit: Unit, value: float) -> bool:
    if name not in _MATTER_MOST:
        return bool(unit.usual and unit.usual[0] <= value <= unit.usual[1])
    feature = FEATURE_BY_NAME[name]
    high = _DEEPEST if name == "transit_depth" else feature.high
    return feature.low <= value * unit.factor <= high

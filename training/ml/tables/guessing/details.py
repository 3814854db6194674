"""What several columns together say of one quantity: components, colours, both sides of an
uncertainty, and flags of limits."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from training.ml.libraries import pandas as pd
from training.ml.schema import Combine
from training.ml.tables.guessing.cells import numbers_in
from training.ml.tables.guessing.units import said_unit
from training.ml.tables.guessing.words import (
    infrared_band,
    says_error,
    says_lower,
    words_of,
)
from training.ml.tables.mapping import Detail
from training.ml.tables.reading.stated import Stated
from training.ml.tables.units import UNITS, Unit, unit_of

Features = dict[str, tuple[str, str]]

_LIMIT: Final = re.compile(
    r"(?i)^l_|[_\s]*(?:is[_\s])?(?:upper|lower)?[_\s]*lim(?:it)?(?:[_\s]*flag)?(?![a-z])"
)
_OF_A_RELATIVE_ERROR: Final = frozenset({"percent", "fraction", "ppt"})


def add_details(
    columns: Sequence[str],
    sample: pd.DataFrame,
    stated: Mapping[str, Stated],
    features: Features,
) -> dict[str, Detail]:
    """Details of ``features``, to which it adds those that take two columns, and from which it
    takes uncertainties that are none."""
    details: dict[str, Detail] = {}
    _add_motion(columns, stated, features, details)
    _add_colour(columns, features, details)
    for name in [name for name in features if name.endswith("_error")]:
        _settle_error(name, columns, sample, stated, features, details)
    for name, (column, _) in features.items():
        owner = features.get(name.removesuffix("_error"), (column, ""))[0]
        if limits := limits_of(owner, columns):
            known = details.get(name, Detail((column,)))
            details[name] = Detail(known.columns, known.combine, limits)
    return details


def _add_motion(
    columns: Sequence[str],
    stated: Mapping[str, Stated],
    features: Features,
    details: dict[str, Detail],
) -> None:
    east = next((c for c in columns if words_of(c) in ("pmra", "stpmra", "sypmra")), None)
    north = next((c for c in columns if words_of(c) in ("pmdec", "stpmdec", "sypmdec")), None)
    if not (east or north):
        return
    features.pop("proper_motion", None)
    unit = _unit_of_both("proper_motion", [c for c in (east, north) if c], stated)
    if east and north and unit:
        features["proper_motion"] = (east, unit.name)
        details["proper_motion"] = Detail((east, north), Combine.HYPOT)


def _unit_of_both(name: str, pair: Sequence[str], stated: Mapping[str, Stated]) -> Unit | None:
    """The unit of two columns; None where they have two, or one that is none of the quantity."""
    units = {unit_of(name, said.unit) for c in pair if (said := stated.get(c)) and said.unit} or {
        UNITS[name][0]
    }
    return units.pop() if len(units) == 1 else None


def _add_colour(columns: Sequence[str], features: Features, details: dict[str, Detail]) -> None:
    bands = {band: c for c in columns if not says_error(c) and (band := infrared_band(c))}
    if "J" in bands and "K" in bands:
        features["stellar_jk_colour"] = (bands["J"], UNITS["stellar_jk_colour"][0].name)
        details["stellar_jk_colour"] = Detail((bands["J"], bands["K"]), Combine.DIFFERENCE)


def _settle_error(
    name: str,
    columns: Sequence[str],
    sample: pd.DataFrame,
    stated: Mapping[str, Stated],
    features: Features,
    details: dict[str, Detail],
) -> None:
    """Both sides, in the unit of their quantity where nothing says another."""
    column, _ = features[name]
    owner, owners_unit = features.get(name.removesuffix("_error"), ("", ""))
    sides = _sides(column, columns)
    column = sides[0]
    said = said_unit(name, column, stated[column].unit if column in stated else "", columns)
    relative = said and said.name in _OF_A_RELATIVE_ERROR and said.name != owners_unit
    if owner and (relative or _are_bounds(sample, owner, sides)):
        del features[name]
        return
    features[name] = (column, owners_unit if owner and said is None else features[name][1])
    details[name] = Detail(sides, Combine.MEAN_ABS)


def _sides(column: str, columns: Sequence[str]) -> tuple[str, ...]:
    """The column of an uncertainty, and of its other side if it has one; the upper one first."""
    other = [
        c
        for c in columns
        if c != column
        and says_error(c)
        and words_of(c) == words_of(column)
        and says_lower(c) != says_lower(column)
    ]
    return tuple(sorted((column, *other[:1]), key=says_lower))


def _are_bounds(sample: pd.DataFrame, owner: str, sides: Sequence[str]) -> bool:
    """Whether two columns are the ends of an interval around the value, not distances from it."""
    if len(sides) != 2 or not {owner, *sides} <= set(sample.columns):
        return False
    value, *ends = (numbers_in(sample[c].str.strip().tolist()) for c in (owner, *sides))
    low, high = np.minimum(*ends), np.maximum(*ends)
    known = np.isfinite(value) & np.isfinite(low) & np.isfinite(high) & (low > 0)
    inside = (low <= value) & (value <= high) & (high - low < value)
    return bool(known.any() and (inside & known).sum() > known.sum() / 2)


def limits_of(column: str, columns: Sequence[str]) -> tuple[str, ...]:
    """The columns that mark a value of ``column`` as a limit, by their names: "depth_limit",
    "Depth lim", "l_Depth"."""
    words = words_of(column)
    return tuple(
        c
        for c in columns
        if _LIMIT.search(c) and words_of(_LIMIT.sub("", c)) == words and c != column
    )

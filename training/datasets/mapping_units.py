"""The units that a person can choose for a column, which may be another one in a mission's rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from training.ml.numbers import number_text
from training.ml.schema import Mission
from training.ml.tables.doubting.doubts import Doubt
from training.ml.tables.guessing.guesses import Guess
from training.ml.tables.mapping import ColumnMapping, Detail
from training.ml.tables.preview import Preview
from training.ml.tables.units import UNITS

IN_ROWS_OF: Final = " in the rows of "


def in_rows_of(unit: str, mission: Mission) -> str:
    """The name of a choice: "percent in the rows of K2"."""
    return f"{unit}{IN_ROWS_OF}{mission}"


def chosen_unit(mapping: ColumnMapping, name: str) -> str:
    """What stands in the field of a feature's unit."""
    unit = mapping.features.get(name, ("", ""))[1]
    detail = mapping.detail_of(name)
    others = list(detail.units.items()) if detail else []
    return in_rows_of(others[0][1], others[0][0]) if len(others) == 1 else unit


def alternatives(
    name: str, mapping: ColumnMapping, guess: Guess | None, doubts: Iterable[Doubt]
) -> list[str]:
    """Other units that the values may be in, where the table does not state one or what it states
    is doubted; where each row names its mission, in the rows of the doubted one alone."""
    known = {unit.name for unit in UNITS[name]}
    choices = list(guess.units) if guess else []
    for doubt in doubts:
        unit = doubt.suggested_unit
        if doubt.feature == name and unit in known:
            one_of_several = mapping.mission_column and doubt.mission
            choices.append(in_rows_of(unit, doubt.mission) if one_of_several else unit)  # type: ignore[arg-type]
    return list(dict.fromkeys(choices))


def with_units(mapping: ColumnMapping, sent: Mapping[str, str]) -> ColumnMapping:
    """``mapping`` in the units that were ``sent`` by feature. An uncertainty to which nobody gave
    another unit follows its quantity."""
    given = {name: unit for name, unit in sent.items() if name in mapping.features}
    for name, unit in list(given.items()):
        error, was = f"{name}_error", chosen_unit(mapping, name)
        if unit != was and error in given and given[error] == was:
            given[error] = unit
    features, details = dict(mapping.features), dict(mapping.details)
    for name, choice in given.items():
        unit, _, mission = choice.partition(IN_ROWS_OF)
        column, usual = features[name]
        detail = mapping.detail_of(name) or Detail((column,))
        details[name] = replace(detail, units={Mission(mission): unit} if mission else {})
        features[name] = (column, usual if mission else unit)
        if details[name] == Detail((column,)):
            del details[name]
    return replace(mapping, features=features, details=details)


def rows_effect(preview: Preview, name: str, choice: str) -> str:
    """What a choice for one mission's rows makes of the first of them."""
    for doubt in preview.doubts:
        if IN_ROWS_OF in choice and doubt.feature == name and doubt.suggested is not None:
            value = number_text(float(f"{doubt.suggested:.4g}"))
            return f"row {doubt.rows[0]:,} then has {value} {doubt.unit}"
    return ""

"""The plan for a table with the units that the table itself states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from training.ml.tables.columns import FeatureColumns, Plan
from training.ml.tables.reading.stated import Stated
from training.ml.tables.unit_words import HOUR, Measure, measure_of, time_offset
from training.ml.tables.units import MAGNITUDES, Unit, UnitMismatch, unit_of

DEGREES_PER_HOUR: Final = 15.0


def with_stated_units(plan: Plan, stated: Mapping[str, Stated]) -> Plan:
    """``plan`` where each column is read in the unit that the table states for it. An uncertainty
    whose column states none is in the unit of its quantity.

    ``UnitMismatch`` where a stated unit cannot be one of the column's quantity.
    """
    said = {name: item for name, item in stated.items() if item.unit}
    if not said:
        return plan
    plan = _with_stated_epoch(plan, said)
    if plan.ra in said:
        plan = replace(plan, ra_in_hours=is_hours(said[plan.ra].unit))
    read = {source.feature: _in_stated_unit(source, said) for source in plan.features}
    for source in plan.features:
        owner = read.get(source.feature.removesuffix("_error"))
        if owner and source.feature.endswith("_error") and not said.keys() & set(source.columns):
            read[source.feature] = _like(read[source.feature], owner, said)
    return replace(plan, features=tuple(read[source.feature] for source in plan.features))


def is_hours(unit: str) -> bool:
    """Whether an angle is in hours: "h", "hours", "hourangle"."""
    return measure_of(unit) in (Measure("time", HOUR), Measure("angle", DEGREES_PER_HOUR))


def _with_stated_epoch(plan: Plan, said: Mapping[str, Stated]) -> Plan:
    """Dates counted from where the table says: "BJD - 2457000", "BKJD"."""
    if plan.epoch is None or plan.epoch not in said:
        return plan
    zero = time_offset(said[plan.epoch].unit)
    if zero is None or zero == plan.layout.epoch_zero:
        return plan
    return replace(plan, layout=replace(plan.layout, epoch_zero=zero))


def in_unit(source: FeatureColumns, unit: Unit) -> FeatureColumns:
    """``source`` read in ``unit``; an uncertainty in magnitudes is small enough for a factor."""
    is_error = source.feature.endswith("_error")
    return replace(source, factor=unit.factor, unit="" if is_error else unit.conversion)


def _in_stated_unit(source: FeatureColumns, said: Mapping[str, Stated]) -> FeatureColumns:
    found: Unit | None = None
    for column in source.columns:
        if column not in said:
            continue
        unit = unit_of(source.feature, said[column].unit)
        if unit is None or (found is not None and unit != found):
            raise UnitMismatch(column, said[column].unit, source.feature, said[column].where)
        found = unit
    return in_unit(source, found) if found is not None else source


def _like(
    error: FeatureColumns, owner: FeatureColumns, said: Mapping[str, Stated]
) -> FeatureColumns:
    if not said.keys() & set(owner.columns):
        return error
    unit = unit_of(owner.feature, said[owner.columns[0]].unit) if owner.unit in MAGNITUDES else None
    return replace(error, factor=unit.factor if unit else owner.factor, unit="")

"""The numbers of a row in our quantities and units, and why some of them are missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.ml.inputs import range_words
from training.ml.numbers import number_text
from training.ml.schema import FEATURE_BY_NAME, NUMERIC_NAMES, Combine, Feature
from training.ml.tables.cell_values import Numbers, understand
from training.ml.tables.columns import FeatureColumns, Plan
from training.ml.tables.fillers import Fillers
from training.ml.tables.findings import Remarks, braced
from training.ml.tables.reading.read_table import Block
from training.ml.tables.sentinels import find_sentinels
from training.ml.tables.units import CELSIUS

COLUMN_OF: Final = {name: position for position, name in enumerate(NUMERIC_NAMES)}
"""Where each numeric feature stands in an array of values."""

UNCHECKED: Final = ("transit_depth", "transit_duration", "planet_radius")
"""Features whose unit is doubted by their values, possible or not."""


def values_of(
    block: Block, plan: Plan, remarks: Remarks, missions: Sequence[str], fillers: Fillers
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """(rows, numeric features) in our units; (rows, ``UNCHECKED``) the same before their ranges
    were looked at; which rows are the default of their object."""
    numbers, errors = numbers_of(block, plan.features, plan.number_columns, remarks)
    values = np.full((len(block), len(NUMERIC_NAMES)), np.nan)
    unchecked = np.full((len(block), len(UNCHECKED)), np.nan)
    for source in plan.features:
        _drop_sentinels(source, numbers, remarks, fillers)
        raw = source.convert(combined(source, numbers), missions)
        if source.unit == CELSIUS:
            _say_converted(raw, source, remarks)
        raw = _without_limits(raw, source, numbers, remarks)
        if source.feature in UNCHECKED:
            unchecked[:, UNCHECKED.index(source.feature)] = raw
        values[:, COLUMN_OF[source.feature]] = _checked(raw, source, remarks)
    for source in plan.features:
        if source.feature in errors:
            _fill_error(values, source, errors[source.feature])
    default = (
        numbers[plan.default_flag] == 1 if plan.default_flag else np.zeros(len(block), dtype=bool)
    )
    return values, unchecked, default


def numbers_of(
    block: Block, sources: Sequence[FeatureColumns], columns: Sequence[str], remarks: Remarks
) -> tuple[Numbers, Numbers]:
    """(numbers by column, uncertainties that stand in cells by feature), text that is more than a
    number understood."""
    array, odd_cells = block.numbers(columns)
    numbers = dict(zip(columns, array.T, strict=True))
    return numbers, understand(odd_cells, sources, numbers, block.decimal_comma, remarks)


def _drop_sentinels(
    source: FeatureColumns, numbers: Numbers, remarks: Remarks, fillers: Fillers
) -> None:
    """Numbers that stand for no value become missing, with a word."""
    for column, rows in find_sentinels(source, numbers, fillers).items():
        if source.combine is not Combine.MEAN_ABS:
            for row in np.flatnonzero(rows).tolist():
                value = number_text(float(numbers[column][row]))
                remarks.note(
                    row, f"{column} is {value}, which stands for no value; treated as missing."
                )
        remarks.find(
            "stand_in",
            column,
            f"{{rows}} {{has}} −999, −1 or the like in {braced(column)}, which stands for no "
            "value and is treated as missing",
            np.flatnonzero(rows).tolist(),
        )
        numbers[column] = np.where(rows, np.nan, numbers[column])


def _say_converted(values: NDArray[np.float64], source: FeatureColumns, remarks: Remarks) -> None:
    """A temperature in degrees Celsius is no factor from ours, and easily missed."""
    remarks.find(
        "celsius",
        source.columns[0],
        f"{{rows}} {{has}} degrees Celsius in {braced(source.columns[0])}, which are converted to"
        " K",
        np.flatnonzero(~np.isnan(values)),
    )


def _fill_error(
    values: NDArray[np.float64], source: FeatureColumns, errors: NDArray[np.float64]
) -> None:
    """The uncertainty that stands in a cell, where no column of its own gives one."""
    place = COLUMN_OF.get(f"{source.feature}_error")
    if place is None:
        return
    feature = FEATURE_BY_NAME[f"{source.feature}_error"]
    ours = np.where(np.isnan(values[:, COLUMN_OF[source.feature]]), np.nan, errors * source.factor)
    ours = np.where(in_range(ours, feature), ours, np.nan)
    np.copyto(values[:, place], ours, where=np.isnan(values[:, place]))


def combined(source: FeatureColumns, numbers: Numbers) -> NDArray[np.float64]:
    parts = [numbers[column] for column in source.columns]
    match source.combine:
        case Combine.MEAN_ABS if len(parts) == 2:
            # One side alone stands for both.
            upper, lower = np.abs(parts[0]), np.abs(parts[1])
            return np.where(
                np.isnan(lower), upper, np.where(np.isnan(upper), lower, (upper + lower) / 2)
            )
        case Combine.MEAN_ABS:
            return np.abs(parts[0])
        case Combine.HYPOT:
            return np.hypot(parts[0], parts[1])
        case Combine.DIFFERENCE:
            return parts[0] - parts[1]
        case _:
            return parts[0]


def is_limit(source: FeatureColumns, numbers: Numbers) -> NDArray[np.bool_]:
    flags = np.zeros(len(numbers[source.columns[0]]), dtype=bool)
    for column in source.limits:
        flags |= np.nan_to_num(numbers[column]) != 0
    return flags


def _without_limits(
    values: NDArray[np.float64],
    source: FeatureColumns,
    numbers: Numbers,
    remarks: Remarks,
) -> NDArray[np.float64]:
    """An upper or lower limit is no measurement: the archive marks it in a "…lim" column, and it
    becomes missing."""
    flags = is_limit(source, numbers) & ~np.isnan(values)
    if not flags.any():
        return values
    if source.combine is Combine.MEAN_ABS:
        # The uncertainty of a limit goes with it, without a word of its own.
        return np.where(flags, np.nan, values)
    feature = FEATURE_BY_NAME[source.feature]
    rows = np.flatnonzero(flags)
    for row in rows.tolist():
        remarks.note(
            row, f"{feature.label} is given as a limit, not as a value; treated as missing."
        )
    remarks.find(
        "limit",
        source.columns[0],
        f"{{rows}} {{has}} only a limit in {braced(source.columns[0])}, which is treated as"
        " missing",
        rows,
    )
    return np.where(flags, np.nan, values)


def _checked(
    values: NDArray[np.float64],
    source: FeatureColumns,
    remarks: Remarks,
) -> NDArray[np.float64]:
    feature = FEATURE_BY_NAME[source.feature]
    outside, broken = impossible(feature, values)
    if not outside.any() and not broken.any():
        return values
    column = " and ".join(source.columns)
    for row in np.flatnonzero(outside | broken).tolist():
        remarks.note(row, impossible_note(feature, values[row]))
    remarks.find(
        "out_of_range",
        column,
        f"{{rows}} {{has}} a value in {braced(column)} that is not {range_words(feature)} "
        f"({feature.label}), which is treated as missing",
        np.flatnonzero(outside),
        feature=source.feature,
    )
    remarks.find(
        "not_whole",
        column,
        f"{{rows}} {{has}} a value in {braced(column)} that is not a whole number, which is"
        " treated as missing",
        np.flatnonzero(broken),
    )
    return np.where(outside | broken, np.nan, values)


def in_range(values: NDArray[np.float64], feature: Feature) -> NDArray[np.bool_]:
    return (values >= feature.low) & (values <= feature.high)


def impossible(
    feature: Feature, values: NDArray[np.float64]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which values are out of the feature's range, and which of the others are no whole numbers
    though they must."""
    outside = ~np.isnan(values) & ~in_range(values, feature)
    broken = (
        ~np.isnan(values) & ~outside & (values != np.floor(values))
        if feature.integer
        else np.zeros_like(outside)
    )
    return outside, broken


def impossible_note(feature: Feature, value: float) -> str:
    """Why a value that ``impossible`` found is treated as missing."""
    if np.isfinite(value) and feature.low <= value <= feature.high:
        return (
            f"{feature.label} is {number_text(float(value))}, which is not a whole number; treated"
            " as missing."
        )
    number = number_text(float(value)) if np.isfinite(value) else "infinite"
    unit = f" {feature.unit}" if feature.unit and np.isfinite(value) else ""
    return (
        f"{feature.label} is {number}{unit}, which is not {range_words(feature)}; treated as"
        " missing."
    )

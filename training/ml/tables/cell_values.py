"""Cells that hold more than a number, in the unit of their column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.ml.errors import shorten
from training.ml.schema import FEATURE_BY_NAME, Combine
from training.ml.tables import units
from training.ml.tables.cells import Cell, parse_cell
from training.ml.tables.columns import FeatureColumns
from training.ml.tables.findings import Remarks, braced
from training.ml.tables.reading.stated_units import in_unit
from training.ml.tables.reading.text_block import Unreadable
from training.ml.tables.unit_words import says_unit
from training.ml.tables.units import MAGNITUDES, Unit, unit_of

_NO_LIMIT: Final = frozenset({"no", "n", "false", "f", "=", "none", "measured", "-"})

Numbers = dict[str, NDArray[np.float64]]


def understand(
    odd_cells: Sequence[Unreadable],
    sources: Sequence[FeatureColumns],
    numbers: Numbers,
    decimal_comma: bool,
    remarks: Remarks,
) -> Numbers:
    """Puts into ``numbers`` what the cells mean, and says which are not understood. Gives the
    uncertainties that stand in cells, by feature, in the unit of the feature's column."""
    source_of = {column: source for source in sources for column in source.columns}
    flags = {column for source in sources for column in source.limits}
    errors: Numbers = {}
    for odd in odd_cells:
        if odd.column in flags:
            # "<", "u" or "yes" mark a limit; nothing else is written there but "no".
            numbers[odd.column][odd.row] = float(odd.text.strip().lower() not in _NO_LIMIT)
            continue
        source = source_of.get(odd.column)
        cell = parse_cell(odd.text, decimal_comma)
        if cell is None or source is None:
            _not_a_number(odd, remarks)
        elif cell.is_limit:
            _limit(odd, source, remarks)
        elif (meant := in_column_unit(cell, source)) is None:
            _other_unit(odd, source, remarks)
        else:
            numbers[odd.column][odd.row] = meant.value
            if meant.error is not None and source.combine is Combine.ONE:
                held = errors.setdefault(source.feature, np.full(len(numbers[odd.column]), np.nan))
                held[odd.row] = meant.error
    return errors


def in_column_unit(cell: Cell, source: FeatureColumns) -> Cell | None:
    """``cell`` in the unit of its column; None where its own unit cannot be one of the quantity."""
    if not cell.unit:
        return cell
    unit = unit_in_cell(source.feature, cell.unit)
    if unit is None:
        return None
    if unit.factor == source.factor and unit.conversion == source.unit:
        return Cell(cell.value, cell.error)
    ours = float(in_unit(source, unit).convert(np.array([cell.value]))[0])
    error = None if cell.error is None else cell.error * unit.factor / source.factor
    return Cell(_as_in_column(ours, source), error)


def unit_in_cell(feature: str, text: str) -> Unit | None:
    """The unit beside a number; only words that are known to be units count."""
    return unit_of(feature, text) if says_unit(text) else None


def _as_in_column(ours: float, source: FeatureColumns) -> float:
    if source.unit in MAGNITUDES:
        return float(np.log1p(-ours * 1e-6) / (-0.4 * MAGNITUDES[source.unit] * np.log(10)))
    match source.unit:
        case units.CELSIUS:
            return ours - units.ZERO_CELSIUS
        case units.FLUX_LEFT:
            return 1 - ours / source.factor
        case _:
            return ours / source.factor


def _not_a_number(odd: Unreadable, remarks: Remarks) -> None:
    remarks.note(
        odd.row,
        f"{odd.column} is “{shorten(odd.text, 40)}”, which is not a number; treated as missing.",
    )
    remarks.find(
        "not_a_number",
        odd.column,
        f"{{rows}} {{has}} text in {braced(odd.column)} that is not a number, which is"
        " treated as missing",
        [odd.row],
    )


def _limit(odd: Unreadable, source: FeatureColumns, remarks: Remarks) -> None:
    label = FEATURE_BY_NAME[source.feature].label
    remarks.note(
        odd.row,
        f"{label} is given as a limit (“{shorten(odd.text, 40)}”), not as a value; treated as"
        " missing.",
    )
    remarks.find(
        "limit",
        odd.column,
        f"{{rows}} {{has}} only a limit in {braced(odd.column)}, which is treated as missing",
        [odd.row],
    )


def _other_unit(odd: Unreadable, source: FeatureColumns, remarks: Remarks) -> None:
    feature = FEATURE_BY_NAME[source.feature]
    usual = f" ({feature.unit})" if feature.unit else ""
    remarks.note(
        odd.row,
        f"{odd.column} is “{shorten(odd.text, 40)}”, whose unit is none of"
        f" {feature.label.lower()}{usual}; treated as missing.",
    )
    remarks.find(
        "cell_unit",
        odd.column,
        f"{{rows}} {{has}} a unit in {braced(odd.column)} that is none of"
        f" {feature.label.lower()}, and is treated as missing",
        [odd.row],
    )

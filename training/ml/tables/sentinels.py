"""Numbers that stand for "no value": −999, −9999, 1e20 and the like, −1 or −99 where nothing can be
negative, and 9999 where that is impossible or what the column repeats.

An uncertainty is never made positive to save it: only the lower of two sides is negative by
convention, as in the archive's "…err2" columns.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.ml.schema import FEATURE_BY_NAME, Combine
from training.ml.tables.columns import FeatureColumns
from training.ml.tables.fillers import MARKS, Fillers

_FILLERS: Final = np.array([-999.0, -9_999.0, -99_999.0, -999_999.0, -2_147_483_648.0])
_FILLERS_WHERE_NEGATIVE_IS_IMPOSSIBLE: Final = np.array([-1.0, -99.0, -9.0, -99.99, -9.99])
_FAR: Final = 1e20  # beyond every quantity; the usual mark of Fortran programs
_NO_MAGNITUDE: Final = 90.0  # 99, 99.99 and −99 are the usual marks
_MUCH: Final = 20.0  # times the upper uncertainty: no lower one is so much larger

_LOWER: Final = re.compile(r"(?i)err(?:or)?_?2$|lower|_lo$|minus|_neg$|errdn$")


def find_sentinels(
    source: FeatureColumns,
    numbers: Mapping[str, NDArray[np.float64]],
    fillers: Fillers,
) -> dict[str, NDArray[np.bool_]]:
    """Per column of ``source`` the rows whose number stands for no value; columns without any are
    left out. ``fillers`` of the table."""
    parts = {column: numbers[column] for column in source.columns}
    suspect = {c: v for c, v in parts.items() if _may_hold_any(v)}
    if not suspect:
        return {}
    marked = {c: is_filler(v) | _marks(source, c, v, fillers) for c, v in parts.items()}
    found = (
        _uncertainties(source, parts, marked)
        if source.combine is Combine.MEAN_ABS
        else {c: _in_values(source, values, marked[c]) for c, values in suspect.items()}
    )
    return {column: rows for column, rows in found.items() if rows.any()}


def _may_hold_any(values: NDArray[np.float64]) -> bool:
    return bool(np.nanmin(values, initial=0.0) < 0 or np.nanmax(values, initial=0.0) >= 99)


def is_filler(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which numbers are a value nowhere."""
    return np.isin(values, _FILLERS) | (np.isfinite(values) & (np.abs(values) >= _FAR))


def _marks(
    source: FeatureColumns, column: str, values: NDArray[np.float64], fillers: Fillers
) -> NDArray[np.bool_]:
    """The rows with 9999 or the like: all where that is impossible, else where the column repeats
    it."""
    rows = np.isin(values, MARKS)
    if not rows.any():
        return rows
    feature = FEATURE_BY_NAME[source.feature]
    ours = source.convert(values)
    # Of a part of a quantity only the whole has a range.
    whole = source.combine in (Combine.ONE, Combine.MEAN_ABS)
    possible = (ours >= feature.low) & (ours <= feature.high) & whole
    if not (rows & possible).any():
        return rows
    return rows & (~possible | np.isin(values, list(fillers(column))))


def _in_values(
    source: FeatureColumns, values: NDArray[np.float64], rows: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """``rows``: those that hold a filler."""
    if source.combine is Combine.DIFFERENCE:
        return rows | (np.isfinite(values) & (np.abs(values) >= _NO_MAGNITUDE))
    if source.combine is Combine.ONE:
        below = source.convert(values) < FEATURE_BY_NAME[source.feature].low
        rows = rows | (np.isin(values, _FILLERS_WHERE_NEGATIVE_IS_IMPOSSIBLE) & below)
    return rows


def _uncertainties(
    source: FeatureColumns,
    parts: Mapping[str, NDArray[np.float64]],
    marked: Mapping[str, NDArray[np.bool_]],
) -> dict[str, NDArray[np.bool_]]:
    columns = list(parts)
    if len(columns) == 1:
        values = parts[columns[0]]
        negative = values < 0
        if is_lower(columns[0]):
            negative &= np.isin(values, _FILLERS_WHERE_NEGATIVE_IS_IMPOSSIBLE)
        return {columns[0]: marked[columns[0]] | (negative & np.isfinite(values))}
    upper, lower = (parts[column] for column in columns)
    no_upper = marked[columns[0]] | (upper < 0)
    alone = no_upper | np.isnan(upper)
    no_lower = marked[columns[1]] & (alone | (np.abs(lower) > _MUCH * np.abs(upper)))
    no_lower |= np.isin(lower, _FILLERS_WHERE_NEGATIVE_IS_IMPOSSIBLE) & alone
    return {columns[0]: no_upper & np.isfinite(upper), columns[1]: no_lower}


def is_lower(column: str) -> bool:
    """Whether a column of uncertainties holds the lower ones, which are negative by convention."""
    return _LOWER.search(column) is not None

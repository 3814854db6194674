"""Possible numbers that a file writes where it has no value: 9999 in a column of depths."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.ml.tables.reading.read_table import Block, Table

MARKS: Final = (9_999.0, 99_999.0, 999_999.0)
"""Numbers that tables write for "no value", and that some quantities can have."""

Fillers = Callable[[str], frozenset[float]]
"""Which of ``MARKS`` stand for no value in a column, by its name."""

_FEWEST: Final = 2  # rows; once is a measurement
_ROWS: Final = 5_000  # read at once


def no_fillers(_column: str) -> frozenset[float]:
    """Of rows that belong to no table."""
    return frozenset()


def fillers_of(block: Block) -> Fillers:
    """Of the first rows of a table, where only they are known."""
    return lambda column: repeated(block.numbers((column,))[0][:, 0])


class ColumnFillers:
    """The fillers of one table's columns, found over all of its rows when one is asked for, so that
    a row means the same whichever rows are read with it."""

    def __init__(self, text: Table) -> None:
        self._text = text
        self._known: dict[str, frozenset[float]] = {}

    def __call__(self, column: str) -> frozenset[float]:
        if column not in self._known:
            blocks = self._text.blocks(_ROWS, columns=(column,))
            parts = [block.numbers((column,))[0][:, 0] for block in blocks]
            self._known[column] = repeated(np.concatenate([np.empty(0), *parts]))
        return self._known[column]


def repeated(values: NDArray[np.float64]) -> frozenset[float]:
    """Those of ``MARKS`` that stand in ``values`` several times, and more often than any number
    which is none or above all of them: no measurement repeats itself so."""
    numbers, counts = np.unique(values[np.isfinite(values)], return_counts=True)
    marks = np.isin(numbers, MARKS)
    frequent = counts > counts[~marks].max(initial=0)
    above = numbers > numbers[~marks].max(initial=0)
    found = numbers[marks & (counts >= _FEWEST) & (frequent | above)]
    return frozenset(found.tolist())

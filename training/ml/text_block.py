"""Some rows of a table as text: their cells, and the numbers in them.

A row that does not fit the header keeps its place, is marked as bad with the reason, and never shifts its neighbours.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from training.ml.errors import shorten
from training.ml.text_lines import MAX_FIELD

_CELL_SEPARATOR: Final = "\x1f"
NULL_WORDS: Final = (
    "",
    "nan",
    "NaN",
    "NAN",
    "null",
    "NULL",
    "Null",
    "none",
    "None",
    "NA",
    "N/A",
    "n/a",
    "na",
    "--",
    "-",
)
_NULLS: Final = frozenset(NULL_WORDS)

_NOT_UNDERSTOOD: Final = "This row has a quotation mark or a line break that cannot be understood."

_NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?inf(?:inity)?", re.ASCII | re.IGNORECASE)
_GROUPED: Final = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+\.\d+|[+-]?\d{1,3}(?:,\d{3}){2,}", re.ASCII)


@dataclass(frozen=True)
class Unreadable:
    """One cell that should be a number and is not. ``row`` counts from 0 within the block."""

    column: str
    row: int
    text: str


@dataclass
class TextBlock:
    """Some consecutive rows of a table as text. ``first_row`` is the number of the first, counted from 1."""

    columns: Sequence[str]
    delimiter: str
    first_row: int
    lines: list[str]
    field_limit: int = MAX_FIELD
    bad: dict[int, str] = field(init=False)  # row within the block -> why it does not fit the header
    _clean: list[str] = field(init=False, repr=False)  # the lines to parse; bad rows are empty there

    def __post_init__(self) -> None:
        self.bad = {}
        self._quoted = any('"' in line for line in self.lines)
        if self._quoted:
            self._rows: list[list[str]] = [self._split(i, line) for i, line in enumerate(self.lines)]
        else:
            self._check_plain_lines()

    def __len__(self) -> int:
        return len(self.lines)

    @cached_property
    def raw(self) -> pd.DataFrame:
        """Every cell exactly as it stands in the file. Where a row is too long, its surplus stands in the last cell."""
        index = pd.Index(list(self.columns), dtype="str")
        if not self._quoted and not self.bad and self.lines:
            text = io.StringIO("\n".join(self.lines) + "\n")
            frame = pd.read_csv(
                text, header=None, sep=self.delimiter, dtype="str", na_filter=False, quoting=csv.QUOTE_NONE,
                lineterminator="\n", skip_blank_lines=False, index_col=False,
            )  # fmt: skip
            return frame.set_axis(index, axis=1)
        rows = [self._fitted(split_line(line, self.delimiter) or [line]) for line in self.lines]
        return pd.DataFrame(rows, columns=index, dtype="str")

    def cells(self, column: str) -> list[str]:
        """The text of one column, without surrounding blanks; empty where the row is bad."""
        return [text.strip() for text in self._column(column)]

    def numbers(self, columns: Sequence[str]) -> tuple[NDArray[np.float64], list[Unreadable]]:
        """(rows, columns) float64, missing = NaN, and the cells that hold something else than a number."""
        if not columns or not self.lines:
            return np.empty((len(self.lines), len(columns))), []
        try:
            return self._numbers_at_once(columns), []
        except (ValueError, pd.errors.ParserError):
            return self._numbers_by_column(columns)

    # --- parsing ---------------------------------------------------------------------------------------------

    def _check_plain_lines(self) -> None:
        separators, delimiter = len(self.columns) - 1, self.delimiter
        self._clean = self.lines
        for row, line in enumerate(self.lines):
            if line.count(delimiter) != separators:
                self._reject(row, self._ragged(line.count(delimiter) + 1))
            elif len(line) > self.field_limit and max(map(len, line.split(delimiter))) > self.field_limit:
                self._reject(row, self._overlong())
            elif "\r" in line:
                self._reject(row, _NOT_UNDERSTOOD)
        if self.bad:
            empty = delimiter * separators
            self._clean = [empty if row in self.bad else line for row, line in enumerate(self.lines)]

    def _split(self, row: int, line: str) -> list[str]:
        cells = split_line(line, self.delimiter)
        if cells is None:
            self._reject(row, _NOT_UNDERSTOOD)
        elif len(cells) != len(self.columns):
            self._reject(row, self._ragged(len(cells)))
        elif max(map(len, cells)) > self.field_limit:
            self._reject(row, self._overlong())
        else:
            return cells
        return [""] * len(self.columns)

    def _reject(self, row: int, reason: str) -> None:
        self.bad[row] = reason

    def _ragged(self, count: int) -> str:
        return f"This row has {count:,} {'cell' if count == 1 else 'cells'}, but the header has {len(self.columns):,}."

    def _overlong(self) -> str:
        return f"This row has a cell with more than {self.field_limit:,} characters."

    def _fitted(self, cells: list[str]) -> list[str]:
        count = len(self.columns)
        if len(cells) > count:
            return [*cells[: count - 1], self.delimiter.join(cells[count - 1 :])]
        return [*cells, *[""] * (count - len(cells))]

    def _column(self, column: str) -> list[str]:
        index = self._index(column)
        if self._quoted:
            return [row[index] for row in self._rows]
        return [line.split(self.delimiter, index + 1)[index] for line in self._clean]

    def _index(self, column: str) -> int:
        return self.columns.index(column)

    def _numbers_at_once(self, columns: Sequence[str]) -> NDArray[np.float64]:
        indexes = [self._index(column) for column in columns]
        if self._quoted:
            pick = itemgetter(*indexes) if len(indexes) > 1 else itemgetter(slice(indexes[0], indexes[0] + 1))
            text = "\n".join(_CELL_SEPARATOR.join(map(_one_line, pick(row))) for row in self._rows)
            return _parse_floats(text, _CELL_SEPARATOR, list(range(len(indexes))), len(indexes))
        return _parse_floats("\n".join(self._clean), self.delimiter, indexes, len(self.columns))

    def _numbers_by_column(self, columns: Sequence[str]) -> tuple[NDArray[np.float64], list[Unreadable]]:
        values = np.empty((len(self.lines), len(columns)))
        unreadable: list[Unreadable] = []
        for position, column in enumerate(columns):
            cells = [_one_line(cell) for cell in self.cells(column)]
            try:
                values[:, position] = _parse_floats("\n".join(cells), _CELL_SEPARATOR, [0], 1)[:, 0]
            except (ValueError, pd.errors.ParserError):
                values[:, position] = [_parse_number(cell) for cell in cells]
                unreadable += [
                    Unreadable(column, row, cell)
                    for row, cell in enumerate(cells)
                    if cell not in _NULLS and np.isnan(values[row, position])
                ]
        return values, unreadable


def ends_open(text: str, delimiter: str) -> bool:
    """Whether ``text`` ends within a quoted cell."""
    try:
        next(csv.reader((text,), delimiter=delimiter, strict=True))
    except csv.Error as error:
        return "unexpected end of data" in str(error)
    return False


def split_line(line: str, delimiter: str) -> list[str] | None:
    """The cells of one record; None where a quote is left open or a line break stands outside quotes."""
    if '"' not in line:
        return line.split(delimiter)
    if ends_open(line, delimiter):
        return None
    try:
        # Leniently: text behind a closing quote, as in "a"b, is kept, as spreadsheets keep it.
        return next(csv.reader((line,), delimiter=delimiter))
    except csv.Error:
        return None


# --- numbers ---------------------------------------------------------------------------------------------------


def _parse_floats(text: str, separator: str, indexes: Sequence[int], width: int) -> NDArray[np.float64]:
    """(rows, indexes) correctly rounded numbers; ``ValueError`` when any cell is neither a number nor a null word."""
    # Without a line end behind it, an empty last line would be no row.
    frame = pd.read_csv(
        io.StringIO(f"{text}\n"), header=None, names=list(range(width)), usecols=list(indexes), sep=separator,
        dtype=np.float64, keep_default_na=False, na_values=list(NULL_WORDS), quoting=csv.QUOTE_NONE,
        lineterminator="\n", skip_blank_lines=False, index_col=False,
    )  # fmt: skip
    return frame[list(indexes)].to_numpy()


def _one_line(cell: str) -> str:
    return shorten(cell, 60) if "\n" in cell or "\r" in cell or _CELL_SEPARATOR in cell else cell


def _parse_number(cell: str) -> float:
    """One cell, NaN when it is null or unreadable. Accepts what ``_parse_floats`` accepts, and "1,234.5"."""
    plain = cell.replace("\N{MINUS SIGN}", "-")
    if _NUMBER.fullmatch(plain):
        return float(plain)
    if _GROUPED.fullmatch(plain):
        return float(plain.replace(",", ""))
    return float("nan")

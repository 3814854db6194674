"""Some rows of a table as text: their cells, and the numbers in them.

A row that does not fit the header keeps its place, is marked as bad with the reason, and never
shifts its neighbours.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import repeat
from operator import itemgetter
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.ml.libraries import pandas as pd
from training.ml.tables.reading.limits import MAX_FIELD

CELL_SEPARATOR: Final = "\x1f"
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
    "---",
    "...",
    "\N{HORIZONTAL ELLIPSIS}",
    "\N{EN DASH}",
    "\N{EM DASH}",
    "#N/A",
    "<NA>",
    "n.a.",
    "NaT",
    "\\N",
    "?",
)
_NULLS: Final = frozenset(NULL_WORDS)

_NOT_UNDERSTOOD: Final = "This row has a quotation mark or a line break that cannot be understood."
_PARSED_AT_ONCE: Final = 4 * 1024**2  # characters; pandas takes several times their memory

_NUMBER: Final = re.compile(
    r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?inf(?:inity)?", re.ASCII | re.IGNORECASE
)
_GROUPED: Final = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+\.\d+|[+-]?\d{1,3}(?:,\d{3}){2,}", re.ASCII)
_COMMA_NUMBER: Final = re.compile(
    r"[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+),\d+(?:[eE][+-]?\d+)?", re.ASCII
)
# In a table with decimal commas "1.234" is 1234 as well as 1.234.
_DOT_GROUPS: Final = re.compile(r"[+-]?[1-9]\d{0,2}(?:\.\d{3})+", re.ASCII)


@dataclass(frozen=True)
class Unreadable:
    """One cell that should be a number and is not. ``row`` counts from 0 within the block."""

    column: str
    row: int
    text: str


@dataclass
class TextBlock:
    """Some consecutive rows of a table as text. ``first_row`` is the number of the first, counted
    from 1."""

    columns: Sequence[str]
    delimiter: str
    first_row: int
    lines: list[str]
    field_limit: int = MAX_FIELD
    decimal_comma: bool = False
    bad: dict[int, str] = field(
        init=False
    )  # row within the block -> why it does not fit the header
    _clean: list[str] = field(
        init=False, repr=False
    )  # the lines to parse, split at ``_separator``; bad rows are empty there
    _separator: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.bad = {}
        self._separator = self.delimiter
        whole = "".join(self.lines)
        self._quoted = self.delimiter != CELL_SEPARATOR and '"' in whole
        if self._quoted:
            # One text per row takes a tenth of the memory of a list of its cells.
            self._separator = CELL_SEPARATOR
            self._clean = [self._unquoted(row, line) for row, line in enumerate(self.lines)]
        elif "\r" in whole or not self._is_plain():
            self._check_plain_lines()
        else:
            self._clean = self.lines

    def __len__(self) -> int:
        return len(self.lines)

    @cached_property
    def raw(self) -> pd.DataFrame:
        """Every cell exactly as it stands in the file. Where a row is too long, its surplus stands
        in the last cell."""
        index = pd.Index(list(self.columns), dtype="str")
        if not self._quoted and not self.bad and self.lines:
            parts = [
                pd.read_csv(
                    io.StringIO("\n".join(lines) + "\n"),
                    header=None,
                    sep=self.delimiter,
                    dtype="str",
                    na_filter=False,
                    quoting=csv.QUOTE_NONE,
                    lineterminator="\n",
                    skip_blank_lines=False,
                    index_col=False,
                )
                for lines in _slices(self.lines)
            ]
            frame = parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)
            return frame.set_axis(index, axis=1)
        rows = [self._fitted(split_line(line, self.delimiter) or [line]) for line in self.lines]
        return pd.DataFrame(rows, columns=index, dtype="str")

    def cells(self, column: str) -> list[str]:
        """The text of one column, without surrounding blanks; empty where the row is bad."""
        index = self._index(column)
        # Without a line of Python for each row: half the time of a comprehension.
        split = map(str.split, self._clean, repeat(self._separator), repeat(index + 1))
        return list(map(str.strip, map(itemgetter(index), split)))

    def numbers(self, columns: Sequence[str]) -> tuple[NDArray[np.float64], list[Unreadable]]:
        """(rows, columns) float64, missing = NaN, and the cells that hold something else than a
        number."""
        if not columns or not self.lines:
            return np.empty((len(self.lines), len(columns))), []
        indexes = [self._index(column) for column in columns]
        try:
            parts = [
                _parse_floats(
                    "\n".join(lines),
                    self._separator,
                    indexes,
                    len(self.columns),
                    "," if self.decimal_comma else ".",
                )
                for lines in _slices(self._clean)
            ]
            return parts[0] if len(parts) == 1 else np.concatenate(parts), []
        except (ValueError, pd.errors.ParserError):
            return self._numbers_by_column(columns)

    # --- parsing ----------------------------------------------------------------------------------

    def _is_plain(self) -> bool:
        """Whether every line has its number of cells and none can be too long."""
        counts = set(map(str.count, self.lines, repeat(self.delimiter)))
        longest = max(map(len, self.lines), default=0)
        return counts <= {len(self.columns) - 1} and longest <= self.field_limit

    def _check_plain_lines(self) -> None:
        separators, delimiter = len(self.columns) - 1, self.delimiter
        self._clean = self.lines
        for row, line in enumerate(self.lines):
            if line.count(delimiter) != separators:
                self.bad[row] = self._ragged(line.count(delimiter) + 1)
            elif (
                len(line) > self.field_limit
                and max(map(len, line.split(delimiter))) > self.field_limit
            ):
                self.bad[row] = self._overlong()
            elif "\r" in line:
                self.bad[row] = _NOT_UNDERSTOOD
        if self.bad:
            empty = delimiter * separators
            self._clean = [
                empty if row in self.bad else line for row, line in enumerate(self.lines)
            ]

    def _unquoted(self, row: int, line: str) -> str:
        cells = split_line(line, self.delimiter)
        if cells is None or ("\r" in line and '"' not in line):
            self.bad[row] = _NOT_UNDERSTOOD
        elif len(cells) != len(self.columns):
            self.bad[row] = self._ragged(len(cells))
        elif max(map(len, cells)) > self.field_limit:
            self.bad[row] = self._overlong()
        elif "\n" in line or "\r" in line or CELL_SEPARATOR in line:
            return CELL_SEPARATOR.join(map(_one_line, cells))
        else:
            return CELL_SEPARATOR.join(cells)
        return CELL_SEPARATOR * (len(self.columns) - 1)

    def _ragged(self, count: int) -> str:
        return (
            f"This row has {count:,} {'cell' if count == 1 else 'cells'}, but the header has"
            f" {len(self.columns):,}."
        )

    def _overlong(self) -> str:
        return f"This row has a cell with more than {self.field_limit:,} characters."

    def _fitted(self, cells: list[str]) -> list[str]:
        count = len(self.columns)
        if len(cells) > count:
            return [*cells[: count - 1], self.delimiter.join(cells[count - 1 :])]
        return [*cells, *[""] * (count - len(cells))]

    def _index(self, column: str) -> int:
        return self.columns.index(column)

    def _numbers_by_column(
        self, columns: Sequence[str]
    ) -> tuple[NDArray[np.float64], list[Unreadable]]:
        values = np.empty((len(self.lines), len(columns)))
        unreadable: list[Unreadable] = []
        for position, column in enumerate(columns):
            found, odd = numbers_of_cells(self.cells(column), column, self.decimal_comma)
            values[:, position] = found
            unreadable += odd
        return values, unreadable


def numbers_of_cells(
    cells: Sequence[str], column: str, decimal_comma: bool = False
) -> tuple[NDArray[np.float64], list[Unreadable]]:
    """(rows,) float64 of the texts of one column,
    missing = NaN, and the texts that are no numbers."""
    plain = [_one_line(cell) for cell in cells]
    if not decimal_comma:
        try:
            return _parse_floats("\n".join(plain), CELL_SEPARATOR, [0], 1)[:, 0], []
        except (ValueError, pd.errors.ParserError):
            pass
    values = np.array([parse_number(cell, decimal_comma) for cell in plain], dtype=np.float64)
    unreadable = [
        Unreadable(column, row, cell)
        for row, cell in enumerate(plain)
        if cell not in _NULLS and np.isnan(values[row])
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
    """The cells of one record; None where a quote is left open or a line break stands outside
    quotes."""
    if '"' not in line or delimiter == CELL_SEPARATOR:
        return line.split(delimiter)
    if ends_open(line, delimiter):
        return None
    try:
        # Leniently: text behind a closing quote, as in "a"b, is kept, as spreadsheets keep it.
        return next(csv.reader((line,), delimiter=delimiter))
    except csv.Error:
        return None


def _slices(lines: list[str]) -> Iterator[list[str]]:
    """``lines`` in parts that do not take much memory to parse; one part for every usual block."""
    if sum(map(len, lines)) <= _PARSED_AT_ONCE:
        yield lines
        return
    start = size = 0
    for number, line in enumerate(lines):
        size += len(line)
        if size > _PARSED_AT_ONCE and number > start:
            yield lines[start:number]
            start, size = number, len(line)
    yield lines[start:]


# --- numbers --------------------------------------------------------------------------------------


def _parse_floats(
    text: str, separator: str, indexes: Sequence[int], width: int, decimal: str = "."
) -> NDArray[np.float64]:
    """(rows, indexes) correctly rounded numbers; ``ValueError`` when any cell is neither a number
    nor a null word."""
    # Without a line end behind it, an empty last line would be no row.
    frame = pd.read_csv(
        io.BytesIO(f"{text}\n".encode()),
        header=None,
        names=list(range(width)),
        usecols=list(indexes),
        sep=separator,
        dtype=np.float64,
        keep_default_na=False,
        na_values=list(NULL_WORDS),
        quoting=csv.QUOTE_NONE,
        lineterminator="\n",
        skip_blank_lines=False,
        index_col=False,
        decimal=decimal,
        low_memory=False,
    )
    values = np.empty((len(frame), len(indexes)), order="F")
    for place, index in enumerate(indexes):
        values[:, place] = frame[index]
    return values


def _one_line(cell: str) -> str:
    if "\n" in cell or "\r" in cell or CELL_SEPARATOR in cell:
        return " ".join(cell.replace(CELL_SEPARATOR, " ").split())
    return cell


def parse_number(cell: str, decimal_comma: bool = False) -> float:
    """One cell, NaN when it is null or no plain number. Accepts what the fast way accepts, and
    "1,234.5"."""
    plain = cell.replace("\N{MINUS SIGN}", "-")
    if decimal_comma and _COMMA_NUMBER.fullmatch(plain):
        return float(plain.replace(".", "").replace(",", "."))
    if decimal_comma and _DOT_GROUPS.fullmatch(plain):
        return float("nan")
    if _NUMBER.fullmatch(plain):
        return float(plain)
    if not decimal_comma and _GROUPED.fullmatch(plain):
        return float(plain.replace(",", ""))
    return float("nan")


def is_number(cell: str) -> bool:
    """Whether a cell holds a plain number, as above."""
    return not math.isnan(parse_number(cell))

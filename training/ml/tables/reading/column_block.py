"""Some rows of a table whose columns have types: numbers are numbers already, text is text."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from training.ml.tables.reading.limits import MAX_FIELD, Limits
from training.ml.tables.reading.read_table import check_columns, too_long_rows, too_many_rows
from training.ml.tables.reading.stated import Stated, merged, of_names
from training.ml.tables.reading.text_block import NULL_WORDS, Unreadable, numbers_of_cells

_NULLS = frozenset(NULL_WORDS)


@dataclass(frozen=True, eq=False)
class Cells:
    """One column of some rows: numbers of any width, or text (dtype object); ``missing`` marks the
    cells that hold none."""

    values: NDArray[Any]
    missing: NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, part: slice) -> Cells:
        return Cells(self.values[part], None if self.missing is None else self.missing[part])

    @property
    def is_text(self) -> bool:
        return self.values.dtype.kind not in "fiub"

    @property
    def is_empty(self) -> bool:
        return self.missing is not None and bool(self.missing.all())

    def numbers(self) -> NDArray[np.float64]:
        numbers = self.values.astype(np.float64)
        return numbers if self.missing is None else np.where(self.missing, np.nan, numbers)

    def texts(self) -> list[str]:
        """What the cells would be in a CSV file: the shortest text that is the very number."""
        kind = self.values.dtype.kind
        if kind == "f":
            # str() of numpy's own number: "0.1" for the float32 next to 0.1, too.
            texts = ["" if value != value else str(value) for value in self.values]
        elif kind == "O":
            texts = self.values.tolist()
        else:
            texts = list(map(str, self.values.tolist()))
        if self.missing is None:
            return texts
        return ["" if gone else text for text, gone in zip(texts, self.missing, strict=True)]


def nothing(count: int) -> Cells:
    """Cells of which none holds a value."""
    return Cells(np.full(count, np.nan), np.ones(count, dtype=bool))


_EXACT: Final = 2**53  # whole numbers beyond it are no floats


def joined(parts: Sequence[Cells]) -> Cells:
    """The cells one after the other; as text where only text holds all of them as they are."""
    if len(parts) == 1:
        return parts[0]
    kinds = {part.values.dtype.kind for part in parts if not part.is_empty}
    if "O" in kinds or (kinds == {"i", "f"} and not all(map(_are_floats, parts))):
        return Cells(np.concatenate([text_array(part.texts()) for part in parts]))
    kept = next((part.values.dtype for part in parts if not part.is_empty), None)
    values = np.concatenate(
        [np.zeros(len(p), dtype=kept) if p.is_empty and kept else p.values for p in parts]
    )
    if all(part.missing is None for part in parts):
        return Cells(values)
    masks = [
        np.zeros(len(part), dtype=bool) if part.missing is None else part.missing for part in parts
    ]
    return Cells(values, np.concatenate(masks))


@dataclass
class ColumnBlock:
    """``columns`` names all columns of the table; ``data`` holds those that were read."""

    columns: Sequence[str]
    first_row: int
    count: int
    data: Mapping[str, Cells]
    field_limit: int = MAX_FIELD
    delimiter: str = ""
    decimal_comma: bool = False
    lines: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return self.count

    @cached_property
    def bad(self) -> dict[int, str]:
        too_long = {
            row
            for cells in self.data.values()
            if cells.is_text and max(map(len, cells.values), default=0) > self.field_limit
            for row, text in enumerate(cells.values.tolist())
            if len(text) > self.field_limit
        }
        reason = f"This row has a cell with more than {self.field_limit:,} characters."
        return dict.fromkeys(sorted(too_long), reason)

    @cached_property
    def raw(self) -> pd.DataFrame:
        """Every cell as text, as it would stand in a CSV file."""
        texts = {column: self.data[column].texts() for column in self.columns}
        frame = pd.DataFrame(texts, dtype="str", index=range(self.count))
        return frame.set_axis(pd.Index(list(self.columns), dtype="str"), axis=1)

    def cells(self, column: str) -> list[str]:
        """The text of one column, without surrounding blanks; empty where the row is bad."""
        cells = self.data[column]
        texts = list(map(str.strip, cells.texts())) if cells.is_text else cells.texts()
        for row in self.bad:
            texts[row] = ""
        return texts

    def numbers(self, columns: Sequence[str]) -> tuple[NDArray[np.float64], list[Unreadable]]:
        """(rows, columns) float64, missing = NaN, and the cells that hold something else than a
        number."""
        values = np.empty((self.count, len(columns)))
        unreadable: list[Unreadable] = []
        for position, column in enumerate(columns):
            cells = self.data[column]
            if cells.is_empty:
                values[:, position] = np.nan
            elif cells.is_text:
                values[:, position], odd = numbers_of_cells(self.cells(column), column)
                unreadable += odd
            else:
                values[:, position] = cells.numbers()
        values[list(self.bad)] = np.nan
        return values, unreadable


class TypedTable:
    """A table with typed columns. Subclasses give its ``columns``, ``stated`` and ``_pieces``."""

    format = ""
    encoding = ""
    delimiter = ""

    def __init__(self, source: Path | BinaryIO, limits: Limits) -> None:
        self.limits, self._source = limits, source
        self.notes: list[str] = []
        self.columns: list[str] = []
        self.stated: dict[str, Stated] = {}

    def _describe(self, columns: Sequence[str], stated: Mapping[str, Stated]) -> None:
        self.columns = [str(column) for column in columns]
        check_columns(self.columns, self.limits)
        self.stated = merged(stated, of_names(self.columns))

    def _pieces(self, columns: Sequence[str], start_row: int) -> Iterator[dict[str, Cells]]:
        """The rows from ``start_row`` on, some at a time, as the format likes to give them."""
        raise NotImplementedError

    def blocks(
        self, rows: int, start_row: int = 1, columns: Collection[str] | None = None
    ) -> Iterator[ColumnBlock]:
        """Blocks of ``rows`` rows from row ``start_row`` (counted from 1) on; the last may be
        shorter, and hold the given ``columns`` only."""
        wanted = [name for name in self.columns if columns is None or name in columns]
        wanted = wanted or self.columns[:1]
        first, held = start_row, dict[str, list[Cells]]()
        count = letters = 0
        for piece in self._pieces(wanted, start_row):
            size = len(piece[wanted[0]])
            letters += _letters(piece.values())
            self._check_held(first, count + size, letters)
            held = {name: [*held.get(name, []), piece[name]] for name in wanted}
            count += size
            while count >= rows:
                whole = {name: joined(parts) for name, parts in held.items()}
                part = {name: cells[:rows] for name, cells in whole.items()}
                yield ColumnBlock(self.columns, first, rows, part, self.limits.field)
                held = {name: [cells[rows:]] for name, cells in whole.items()}
                first, count = first + rows, count - rows
                letters = _letters(cells[0] for cells in held.values())
        if count:
            rest = {name: joined(parts) for name, parts in held.items()}
            yield ColumnBlock(self.columns, first, count, rest, self.limits.field)

    def _check_held(self, first: int, count: int, letters: int) -> None:
        """The rows that are in memory at once, ``count`` from row ``first`` on."""
        if first - 1 + count > self.limits.rows:
            raise too_many_rows(self.limits.rows)
        if letters > self.limits.block:
            raise too_long_rows(first, first + count - 1, self.limits.block)


def _letters(columns: Iterable[Cells]) -> int:
    return sum(sum(map(len, cells.values)) for cells in columns if cells.is_text)


def _are_floats(cells: Cells) -> bool:
    return cells.values.dtype.kind == "f" or bool((np.abs(cells.values) <= _EXACT).all())


def text_array(texts: Sequence[str]) -> NDArray[Any]:
    array = np.empty(len(texts), dtype=object)
    array[:] = texts
    return array

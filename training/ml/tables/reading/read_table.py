"""From a file of any format to blocks of cells: header, stated units, records, limits.

Nothing here knows what a column means. A file that is no table is refused with a named error; a row
that does not fit the header keeps its place, is marked as unusable with the reason, and never
shifts its neighbours.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from training.ml.errors import DamagedFile, DuplicateColumns, TooLarge
from training.ml.libraries import pandas as pd
from training.ml.tables.reading import content
from training.ml.tables.reading.limits import Limits
from training.ml.tables.reading.stated import Stated
from training.ml.tables.reading.text_block import NULL_WORDS, TextBlock, Unreadable, ends_open
from training.ml.tables.reading.text_header import canonical_name, find_header
from training.ml.tables.reading.text_lines import (
    UTF8,
    decoded_parts,
    encoding_of,
    in_parts,
)
from training.ml.tables.reading.unpacking import READ_BYTES, ensure_seekable, open_bytes

__all__ = ["NULL_WORDS", "Block", "Limits", "Table", "TextBlock", "TextTable", "canonical_name"]

_HEAD_LINES: Final = 400  # the archive puts up to 300 lines of "#" before the header
_QUOTED_LINES: Final = 50  # a cell with more line breaks than this is an unclosed quote
_UNCLOSED_QUOTES: Final = 1_000  # each makes the reader look ahead in vain; so many are no accident


class Block(Protocol):
    """Some consecutive rows. ``first_row`` counts from 1 over the table, ``bad`` from 0 within the
    block. ``lines`` are the file's own text where ``delimiter`` is one that a text has."""

    @property
    def columns(self) -> Sequence[str]: ...
    @property
    def delimiter(self) -> str: ...
    @property
    def first_row(self) -> int: ...
    @property
    def lines(self) -> list[str]: ...
    @property
    def bad(self) -> dict[int, str]: ...
    @property
    def raw(self) -> pd.DataFrame: ...
    @property
    def decimal_comma(self) -> bool: ...
    def __len__(self) -> int: ...
    def cells(self, column: str) -> list[str]: ...
    def numbers(self, columns: Sequence[str]) -> tuple[NDArray[np.float64], list[Unreadable]]: ...


class Table(Protocol):
    """A table that can be read again and again, block by block.

    ``format`` and ``encoding`` name what it is for people; ``stated`` is what the file says of its
    columns; ``notes`` are sentences about the file as a whole.
    """

    @property
    def limits(self) -> Limits: ...
    @property
    def columns(self) -> list[str]: ...
    @property
    def delimiter(self) -> str: ...
    @property
    def format(self) -> str: ...
    @property
    def encoding(self) -> str: ...
    @property
    def stated(self) -> dict[str, Stated]: ...
    @property
    def notes(self) -> list[str]: ...
    def blocks(
        self, rows: int, start_row: int = 1, columns: Collection[str] | None = None
    ) -> Iterator[Block]:
        """Blocks of ``rows`` rows from row ``start_row`` (counted from 1) on; the last may be
        shorter. Where only some ``columns`` will be asked for, some formats read less."""
        ...


def read_table(
    source: Path | BinaryIO,
    *,
    limits: Limits | None = None,
    known: frozenset[str] = frozenset(),
) -> Table:
    """The table in ``source``, whatever its format and however packed; its content decides, not its
    name. ``known``: canonical names that tell a header from a line of prose.

    Errors: every subclass of ``TableError`` in ``training.ml.errors``; they name the line or the
    limit.
    """
    from training.ml.tables.formats import reader_of

    limits, source = limits or Limits(), ensure_seekable(source)
    with open_bytes(source, limits) as stream:
        start = stream.read(READ_BYTES)
    return reader_of(content.format_of(start))(source, limits, known)


class LineTable:
    """Rows as lines of text. Subclasses say where the lines come from."""

    format = content.CSV

    def __init__(
        self, source: Path | BinaryIO, limits: Limits, known: frozenset[str], delimiter: str = ""
    ) -> None:
        self.limits, self._source = limits, source
        self.encoding = UTF8
        self.notes: list[str] = []
        self._header = find_header(self._head(), known, delimiter)
        self.delimiter, self.columns = self._header.delimiter, self._header.columns
        self.stated = self._header.stated
        check_columns(self.columns, limits)

    def blocks(
        self, rows: int, start_row: int = 1, columns: Collection[str] | None = None
    ) -> Iterator[TextBlock]:
        """Blocks of ``rows`` rows from row ``start_row`` (counted from 1) on; the last may be
        shorter."""
        held: list[str] = []
        first = 1  # the number of the first row in ``held``
        letters = 0  # in ``held``
        for part in self._records():
            over = first - 1 + len(held) + len(part) > self.limits.rows
            held += part[: self.limits.rows - (first - 1 + len(held))] if over else part
            if first < start_row:
                skipped = min(start_row - first, len(held))
                held, first = held[skipped:], first + skipped
            whole = len(held) - len(held) % rows
            for at in range(0, whole, rows):
                yield self._block(first + at, held[at : at + rows])
            held, first = held[whole:], first + whole
            letters = sum(map(len, held if whole else part)) + (0 if whole else letters)
            if letters * 4 > self.limits.block:
                check_block(first, held, self.limits)
            if over:
                raise too_many_rows(self.limits.rows)
        if held:
            yield self._block(first, held)

    def _block(self, first_row: int, lines: list[str]) -> TextBlock:
        check_block(first_row, lines, self.limits)
        return TextBlock(
            self.columns,
            self.delimiter,
            first_row,
            lines,
            self.limits.field,
            self._header.decimal_comma,
        )

    def _head(self) -> list[str]:
        """The first lines, among which the header stands."""
        head: list[str] = []
        size, begun = 0, False
        for line in self._lines():
            size += line.__sizeof__()
            begun = begun or (bool(line.strip()) and not line.startswith("#"))
            if size > self.limits.head:
                if begun and head:
                    break
                raise TooLarge(
                    "The comments and blank lines before the column names take too much room.",
                    self.limits.head,
                    "bytes",
                    "Leave them out.",
                )
            head.append(line)
            if len(head) >= _HEAD_LINES and not line.startswith("#"):
                break
        return head

    def _lines(self) -> Iterator[str]:
        raise NotImplementedError

    def _parts(self) -> Iterator[list[str]]:
        """All lines, some kilobytes at a time."""
        return in_parts(self._lines())

    def _records(self) -> Iterator[list[str]]:
        """The data rows as text, blank ones left out, some kilobytes at a time."""
        return without_blank(self._data_parts(), self.limits)

    def _data_parts(self) -> Iterator[list[str]]:
        """The lines behind the header."""
        before = self._header.index + 1 + self._header.rows
        for part in self._parts():
            kept = part[before:]
            before = max(0, before - len(part))
            if kept:
                yield kept


class TextTable(LineTable):
    """Text whose cells are separated by commas, tabs, semicolons or bars.

    Errors: every subclass of ``TableError`` in ``training.ml.errors``; they name the line or the
    limit.
    """

    def __init__(
        self,
        source: Path | BinaryIO,
        *,
        limits: Limits | None = None,
        known: frozenset[str] = frozenset(),
    ):
        source, limits = ensure_seekable(source), limits or Limits()
        with open_bytes(source, limits) as stream:
            start = stream.read(READ_BYTES)
        content.format_of(start)
        super().__init__(source, limits, known)
        self.encoding = encoding_of(start)
        if self.encoding != UTF8:
            self.notes.append(f"The text of this file is {self.encoding}, and was read as that.")

    def _lines(self) -> Iterator[str]:
        return chain.from_iterable(self._parts())

    def _parts(self) -> Iterator[list[str]]:
        with open_bytes(self._source, self.limits) as stream:
            yield from decoded_parts(stream, self.limits)

    def _data_parts(self) -> Iterator[list[str]]:
        """The data rows as text; a row whose quoted cell holds line breaks is one record."""
        parts = super()._data_parts()
        for part in parts:
            if '"' in "".join(part):
                rest = chain(part, chain.from_iterable(parts))
                yield from in_parts(_join_quoted(rest, self.delimiter, self.limits.field))
            else:
                yield part


def check_columns(columns: Sequence[str], limits: Limits) -> None:
    if len(columns) > limits.columns:
        raise TooLarge(
            f"This table has {len(columns):,} columns.",
            limits.columns,
            "columns",
            "Leave out the columns that are not needed.",
        )
    repeated = [name for name in dict.fromkeys(columns) if columns.count(name) > 1]
    if repeated:
        raise DuplicateColumns([name or "without a name" for name in repeated])


def too_many_rows(limit: int) -> TooLarge:
    return TooLarge(
        f"This table has more than {limit:,} rows; reading stopped at row {limit + 1:,}.",
        limit,
        "rows",
        "Split the table and send the parts one after the other.",
    )


def too_long_rows(first: int, last: int, limit: int) -> TooLarge:
    return TooLarge(
        f"The rows {first:,} to {last:,} of this table hold too much text.",
        limit,
        "bytes",
        "Leave out the columns with long texts.",
    )


def check_block(first_row: int, lines: Sequence[str], limits: Limits) -> None:
    """The text of the rows of one block must fit into memory."""
    if sum(map(len, lines)) * 4 <= limits.block:  # a letter takes four bytes at most
        return
    size = 0
    for row, line in enumerate(lines, start=first_row):
        size += line.__sizeof__()
        if size > limits.block:
            raise too_long_rows(first_row, row, limits.block)


def without_blank(parts: Iterator[list[str]], limits: Limits) -> Iterator[list[str]]:
    """The lines that hold something; some kilobytes can unpack to hundreds of millions that do
    not."""
    blank = 0
    for part in parts:
        if all(map(str.strip, part)):
            yield part
            continue
        held = [line for line in part if line and not line.isspace()]
        blank += len(part) - len(held)
        if held:
            yield held
        if blank > limits.rows:
            raise TooLarge(
                "This table has too many blank lines.", limits.rows, "blank lines", "Remove them."
            )


# --- records --------------------------------------------------------------------------------------


def _join_quoted(lines: Iterator[str], delimiter: str, field_limit: int) -> Iterator[str]:
    """Joins lines where a quoted cell holds line breaks."""
    ahead: deque[str] = deque()
    unclosed = 0
    while True:
        line = ahead.popleft() if ahead else next(lines, None)
        if line is None:
            return
        if '"' in line and ends_open(line, delimiter):
            whole = _close_quote(line, ahead, lines, delimiter, 2 * field_limit)
            unclosed += whole is None
            if unclosed > _UNCLOSED_QUOTES:
                raise DamagedFile(
                    f"More than {_UNCLOSED_QUOTES:,} rows have a quotation mark that is never"
                    " closed."
                )
            line = whole or line
        yield line


def _close_quote(
    line: str, ahead: deque[str], lines: Iterator[str], delimiter: str, longest: int
) -> str | None:
    """The record that begins with ``line``, its lines taken out of ``ahead``; None where its quote
    never closes."""
    record = line
    for index in range(_QUOTED_LINES):
        if index == len(ahead):
            following = next(lines, None)
            if following is None:
                return None
            ahead.append(following)
        record = f"{record}\n{ahead[index]}"
        if len(record) > longest:
            return None
        if '"' in ahead[index] and not ends_open(record, delimiter):
            for _ in range(index + 1):
                ahead.popleft()
            return record
    return None

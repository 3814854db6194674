"""Text whose cells are separated by blanks, or stand under one another."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

from training.ml.errors import TooLarge
from training.ml.tables.reading.limits import MAX_COLUMNS, Limits
from training.ml.tables.reading.read_table import LineTable, Table, TextTable
from training.ml.tables.reading.stated import is_dash_row
from training.ml.tables.reading.text_block import CELL_SEPARATOR
from training.ml.tables.reading.text_header import DELIMITERS
from training.ml.tables.reading.text_lines import UTF8, decoded_lines, encoding_of
from training.ml.tables.reading.unpacking import READ_BYTES, open_bytes

_LINES_SEEN: Final = 200
_WIDEST: Final = 20_000  # letters of a line whose cells stand under one another
_BORDER: Final = re.compile(r"\s*\|.*\|\s*")
_RULE: Final = re.compile(r"[\s|+:=-]*[=-][\s|+:=-]*")


def text_table(source: Path | BinaryIO, limits: Limits, known: frozenset[str]) -> Table:
    """Delimited text where the first lines have delimiters, aligned text where they have none."""
    lines = _first_lines(source, limits)
    rows = [line for line in lines if not line.startswith("#")]
    if rows and all(_BORDER.fullmatch(line) or _RULE.fullmatch(line) for line in rows):
        return BorderedText(source, limits, known)
    separated = [line for line in lines if any(mark in line.lstrip("#") for mark in DELIMITERS)]
    words = [line for line in rows if len(line.split()) > 1]
    if rows and not [line for line in separated if line in rows] and len(words) == len(rows):
        return AlignedText(source, limits, known)
    return TextTable(source, limits=limits, known=known)


def _first_lines(source: Path | BinaryIO, limits: Limits) -> list[str]:
    """Lines that are not blank: those of the head's comments, and some rows."""
    found: list[str] = []
    rows = size = 0
    with open_bytes(source, limits) as stream:
        for line in decoded_lines(stream, limits):
            rows += not line.startswith("#")
            size += line.__sizeof__()
            if line.strip():
                found.append(line)
            if rows > _LINES_SEEN or size > limits.head:
                break
    return found


class AlignedText(LineTable):
    """Cells between blanks; by their place under the column names where some cells are empty."""

    format = "text in columns"

    def __init__(self, source: Path | BinaryIO, limits: Limits, known: frozenset[str]) -> None:
        with open_bytes(source, limits) as stream:
            encoding = encoding_of(stream.read(READ_BYTES))
        self._limits, self._source = limits, source
        self._spans = _spans(_first_lines(source, limits))
        super().__init__(source, limits, known, CELL_SEPARATOR)
        self.encoding = encoding
        if encoding != UTF8:
            self.notes.append(f"The text of this file is {encoding}, and was read as that.")

    def _lines(self) -> Iterator[str]:
        with open_bytes(self._source, self._limits) as stream:
            for line in decoded_lines(stream, self._limits):
                yield self._separated(line)

    def _separated(self, line: str) -> str:
        if not line or line.isspace():
            return ""
        if line.startswith("#"):
            names = line.lstrip("#").split(None, MAX_COLUMNS)
            return f"#{CELL_SEPARATOR.join(names)}" if len(names) > 1 else line
        cells = cut(line, self._spans) if self._spans else words(line)
        return CELL_SEPARATOR.join(cell.replace(CELL_SEPARATOR, " ") for cell in cells)


class BorderedText(LineTable):
    """Cells between bars, with a bar at both ends of each line."""

    format = "text between bars"

    def _lines(self) -> Iterator[str]:
        with open_bytes(self._source, self.limits) as stream:
            for line in decoded_lines(stream, self.limits):
                if not _RULE.fullmatch(line):
                    inner = line.strip().strip("|").split("|")
                    yield CELL_SEPARATOR.join(cell.strip() for cell in inner)

    def __init__(self, source: Path | BinaryIO, limits: Limits, known: frozenset[str]) -> None:
        super().__init__(source, limits, known, CELL_SEPARATOR)


def words(line: str) -> list[str]:
    """The cells between blanks, text in quotation marks as one."""
    if '"' not in line:
        cells = line.split(None, MAX_COLUMNS)
    elif line.count('"') > 2 * MAX_COLUMNS:
        raise _too_many_words()
    else:
        try:
            cells = next(csv.reader((line.strip(),), delimiter=" ", skipinitialspace=True))
        except csv.Error:
            return [line]
    if len(cells) > MAX_COLUMNS:
        raise _too_many_words()
    return cells


def _too_many_words() -> TooLarge:
    return TooLarge(
        f"A line of this text has more than {MAX_COLUMNS:,} cells between blanks.",
        MAX_COLUMNS,
        "columns",
        "Leave out the columns that are not needed.",
    )


def cut(line: str, spans: Sequence[tuple[int, int]]) -> list[str]:
    """The cells at their places; the line alone where some text stands between the places, so that
    no value is cut in two."""
    end = 0
    for start, stop in spans:
        if line[end:start].strip():
            return [line]
        end = stop
    return [line] if line[end:].strip() else [line[start:stop].strip() for start, stop in spans]


def _spans(lines: Sequence[str]) -> list[tuple[int, int]]:
    """Where the cells stand, or none where counting words does: a line of dashes under the names
    tells, or the blanks that all lines share."""
    rows = [line.expandtabs() for line in lines if not line.startswith("#")]
    if len(rows) > 1 and is_dash_row(rows[1].split()) and len(rows[1].split()) > 1:
        spans = [found.span() for found in re.finditer(r"\S+", rows[1])]
        if all(len(cut(row, spans)) == len(spans) for row in rows):
            return spans
    counts = {len(words(row)) for row in rows if not is_dash_row(row.split())}
    if len(counts) == 1:
        return []
    width = max(map(len, rows), default=0)
    if width > _WIDEST:
        return []
    taken = [any(row[i : i + 1].strip() for row in rows) for i in range(width)]
    marks = "".join("x" if here else " " for here in taken)
    return [found.span() for found in re.finditer(r"x+", marks)]

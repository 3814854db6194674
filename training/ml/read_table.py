"""From a file to blocks of text cells: header, delimiter, records, limits.

Nothing here knows what a column means. A file that is no table is refused with a named error; a row that does not fit
the header keeps its place, is marked as unusable with the reason, and never shifts its neighbours.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

from training.ml.errors import DamagedFile, DuplicateColumns, EmptyTable, HeaderNotFirst, TooLarge
from training.ml.text_block import NULL_WORDS, TextBlock, ends_open, split_line
from training.ml.text_lines import SNIFFED_BYTES, Limits, check_content, decoded_lines, open_bytes, rereadable

__all__ = ["NULL_WORDS", "Limits", "TextBlock", "TextTable", "canonical_name"]

_HEAD_LINES: Final = 400  # the archive puts up to 300 lines of "#" before the header
_QUOTED_LINES: Final = 50  # a cell with more line breaks than this is an unclosed quote
_UNCLOSED_QUOTES: Final = 1_000  # each makes the reader look ahead in vain; so many are no accident
_DELIMITERS: Final = (",", "\t", ";", "|")


class TextTable:
    """A table on disk or in memory that can be read again and again, block by block.

    Errors: every subclass of ``TableError`` in ``training.ml.errors``; they name the line or the limit.
    """

    def __init__(self, source: Path | BinaryIO, *, limits: Limits | None = None, known: frozenset[str] = frozenset()):
        self.limits = limits or Limits()
        self._source = rereadable(source)
        head = self._head()
        self._header_index, self.delimiter, self.columns = _find_header(head, known)
        self._check_columns()

    def blocks(self, rows: int, start_row: int = 1) -> Iterator[TextBlock]:
        """Blocks of ``rows`` rows from row ``start_row`` (counted from 1) on; the last may be shorter."""
        lines: list[str] = []
        number = 0
        for record in self._records():
            number += 1
            if number > self.limits.rows:
                raise self._too_many_rows()
            if number < start_row:
                continue
            lines.append(record)
            if len(lines) == rows:
                yield self._block(number - len(lines) + 1, lines)
                lines = []
        if lines:
            yield self._block(number - len(lines) + 1, lines)

    def _block(self, first_row: int, lines: list[str]) -> TextBlock:
        return TextBlock(self.columns, self.delimiter, first_row, lines, self.limits.field)

    def _too_many_rows(self) -> TooLarge:
        return TooLarge(
            f"This table has more than {self.limits.rows:,} rows; reading stopped at row {self.limits.rows + 1:,}.",
            self.limits.rows,
            "rows",
            "Split the table and send the parts one after the other.",
        )

    def _check_columns(self) -> None:
        if len(self.columns) > self.limits.columns:
            raise TooLarge(
                f"This table has {len(self.columns):,} columns.",
                self.limits.columns,
                "columns",
                "Leave out the columns that are not needed.",
            )
        repeated = [name for name in dict.fromkeys(self.columns) if self.columns.count(name) > 1]
        if repeated:
            raise DuplicateColumns([name or "without a name" for name in repeated])

    def _head(self) -> list[str]:
        """The first lines of the file, checked to be text of a table."""
        with open_bytes(self._source, self.limits) as stream:
            start = stream.read(SNIFFED_BYTES)
            check_content(start)
        with open_bytes(self._source, self.limits) as stream:
            head = []
            for line in decoded_lines(stream, self.limits):
                head.append(line)
                if len(head) >= _HEAD_LINES and not line.startswith("#"):
                    break
        return head

    def _records(self) -> Iterator[str]:
        """The data rows as text; a row whose quoted cell holds line breaks is one record."""
        with open_bytes(self._source, self.limits) as stream:
            lines = decoded_lines(stream, self.limits)
            for _ in range(self._header_index + 1):
                next(lines)
            yield from _join_quoted(lines, self.delimiter, self.limits.field)


# --- records ---------------------------------------------------------------------------------------------------


def _join_quoted(lines: Iterator[str], delimiter: str, field_limit: int) -> Iterator[str]:
    """Joins lines where a quoted cell holds line breaks; leaves out blank lines."""
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
                raise DamagedFile(f"More than {_UNCLOSED_QUOTES:,} rows have a quotation mark that is never closed.")
            line = whole or line
        if line and not line.isspace():
            yield line


def _close_quote(line: str, ahead: deque[str], lines: Iterator[str], delimiter: str, longest: int) -> str | None:
    """The record that begins with ``line``, its lines taken out of ``ahead``; None where its quote never closes."""
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


# --- header ----------------------------------------------------------------------------------------------------


def _find_header(head: Sequence[str], known: frozenset[str]) -> tuple[int, str, list[str]]:
    """(index of the header line, delimiter, column names).

    The header is the first line that is neither empty nor begins with "#". Some downloads put a line of prose before
    it: a later line that names more known columns wins, and so does a line that follows prose and an empty line.
    """
    candidates = [(i, line) for i, line in enumerate(head) if line.strip() and not line.startswith("#")][:12]
    if not candidates:
        raise EmptyTable("The file has no header line.")
    index, line = max(candidates, key=lambda candidate: _known_names(candidate[1], known))
    if _known_names(line, known) < 2:
        index, line = _after_prose(head, candidates)
    delimiter = _delimiter(line)
    before = [number for number, other in candidates if number < index and _same_shape(other, line, delimiter)]
    if before:
        raise HeaderNotFirst(index + 1, before[0] + 1)
    return index, delimiter, [name.strip() for name in split_line(line, delimiter) or line.split(delimiter)]


def _same_shape(line: str, header: str, delimiter: str) -> bool:
    return delimiter in header and line.count(delimiter) == header.count(delimiter)


def _known_names(line: str, known: frozenset[str]) -> int:
    names = split_line(line, _delimiter(line)) or []
    return sum(canonical_name(name) in known for name in names)


def _after_prose(head: Sequence[str], candidates: Sequence[tuple[int, str]]) -> tuple[int, str]:
    first = candidates[0]
    if len(candidates) > 1:
        second = candidates[1]
        gap = any(not line.strip() for line in head[first[0] + 1 : second[0]])
        if gap and second[1].count(_delimiter(second[1])) > first[1].count(_delimiter(first[1])):
            return second
    return first


def _delimiter(line: str) -> str:
    return max(_DELIMITERS, key=line.count)


def canonical_name(name: str) -> str:
    """A column name without case, blanks and punctuation, so that "Stellar log(g) (cm/s^2)" meets "… (cm/s2)"."""
    words = re.sub(r"[^a-z0-9]", "", name.lower())
    # ExoFOP has written "Stellar Teff", "Stellar Eff Temp" and "Equilibrium Temperature" over the years.
    for spelling, common in (("temperature", "temp"), ("equilibrium", "equil"), ("effective", "eff"), ("error", "err")):
        words = words.replace(spelling, common)
    return words.replace("stellarteff", "stellarefftemp")

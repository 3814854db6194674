"""Where a text names its columns: the header, the rows of units and dashes under it, the delimiter,
the sign of its decimals."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from training.ml.errors import EmptyTable, HeaderNotFirst
from training.ml.tables.reading.stated import (
    Stated,
    is_dash_row,
    is_unit_row,
    merged,
    of_comments,
    of_names,
    of_unit_row,
    without_unit,
)
from training.ml.tables.reading.text_block import CELL_SEPARATOR, is_number, split_line

DELIMITERS: Final = (",", "\t", ";", "|")

_LINES_SEEN: Final = 12  # lines of prose and header among which the header is looked for
_ROWS_UNDER_HEADER: Final = 3  # of dashes and units
_ROWS_SNIFFED: Final = 200
_DECIMAL_COMMA: Final = re.compile(r"\s*[+-]?\d+,(?:\d{1,2}|\d{4,})(?:[eE][+-]?\d+)?\s*")
_LEADING_ZERO: Final = re.compile(r"\s*[+-]?0,\d+(?:[eE][+-]?\d+)?\s*")
_DECIMAL_POINT: Final = re.compile(r"\s*[+-]?\d*\.\d+(?:[eE][+-]?\d+)?\s*")


@dataclass(frozen=True)
class Header:
    """``index``: of the line of names; ``rows``: how many lines of units and dashes follow it."""

    index: int
    delimiter: str
    columns: list[str]
    rows: int = 0
    stated: dict[str, Stated] = field(default_factory=dict)
    decimal_comma: bool = False


def find_header(head: Sequence[str], known: frozenset[str], delimiter: str = "") -> Header:
    """The header among the first lines of a text; ``delimiter`` where it is given.

    The header is the first line that is neither empty nor begins with "#". Some downloads put a
    line of prose before it: the first later line that names two known columns wins, and so does a
    line that follows prose and an empty line. Some begin the line of names itself with "#".
    """
    candidates = [
        (i, line) for i, line in enumerate(head) if line.strip() and not line.startswith("#")
    ][:_LINES_SEEN]
    if not candidates:
        raise EmptyTable("The file has no header line.")

    def names_known(line: str) -> int:
        cells = _cells(line, delimiter or delimiter_of(line)) or []
        return sum(
            canonical_name(name) in known or canonical_name(without_unit(name)) in known
            for name in cells
        )

    index, line = next((found for found in candidates if names_known(found[1]) >= 2), (-1, ""))
    if index < 0:
        commented = _commented_header(head, candidates, delimiter, names_known)
        index, line = commented or _best(head, candidates, delimiter, names_known)
    chosen = delimiter or delimiter_of(line)
    before = [n for n, other in candidates if n < index and _same_shape(other, line, chosen)]
    if before:
        raise HeaderNotFirst(index + 1, before[0] + 1)
    columns = [name.strip() for name in _cells(line, chosen) or line.split(chosen)]
    return _with_rows_under(head, index, chosen, columns)


def delimiter_of(line: str) -> str:
    return max(DELIMITERS, key=line.count)


def _cells(line: str, delimiter: str) -> list[str] | None:
    if delimiter == CELL_SEPARATOR:
        return line.split(delimiter)
    return split_line(line, delimiter)


def _best(
    head: Sequence[str],
    candidates: Sequence[tuple[int, str]],
    delimiter: str,
    names_known: Callable[[str], int],
) -> tuple[int, str]:
    index, line = max(candidates, key=lambda candidate: names_known(candidate[1]))
    return (index, line) if names_known(line) >= 2 else _after_prose(head, candidates, delimiter)


def _commented_header(
    head: Sequence[str],
    candidates: Sequence[tuple[int, str]],
    delimiter: str,
    names_known: Callable[[str], int],
) -> tuple[int, str] | None:
    """The last comment before the first row,
    where it names as many columns as the row has cells."""
    first, row = candidates[0]
    comments = [i for i in range(first) if head[i].startswith("#")]
    if not comments:
        return None
    line = head[comments[-1]].lstrip("#").strip()
    names, cells = (
        _cells(line, delimiter or delimiter_of(row)),
        _cells(row, delimiter or delimiter_of(row)),
    )
    if not names or not cells or not len(names) == len(cells) > 1:
        return None
    # Without numbers the first row may be the header itself, and the comment just a comment.
    is_header = names_known(line) >= 2 or (
        comments[-1] == first - 1 and any(map(is_number, cells)) and not any(map(is_number, names))
    )
    return (comments[-1], line) if is_header else None


def _same_shape(line: str, header: str, delimiter: str) -> bool:
    return delimiter in header and line.count(delimiter) == header.count(delimiter)


def _after_prose(
    head: Sequence[str], candidates: Sequence[tuple[int, str]], delimiter: str
) -> tuple[int, str]:
    first = candidates[0]
    if len(candidates) > 1:
        second = candidates[1]
        gap = any(not line.strip() for line in head[first[0] + 1 : second[0]])
        count = [line.count(delimiter or delimiter_of(line)) for _, line in (first, second)]
        if gap and count[1] > count[0]:
            return second
    return first


def _with_rows_under(head: Sequence[str], index: int, delimiter: str, columns: list[str]) -> Header:
    """The header with the rows of units and dashes that belong to it."""
    units: dict[str, Stated] = {}
    rows, position = 0, index + 1
    for _ in range(_ROWS_UNDER_HEADER):
        if position >= len(head):
            break
        cells = _cells(head[position], delimiter)
        if cells is None or len(cells) != len(columns):
            break
        if not units and is_unit_row(cells):
            units = of_unit_row(columns, cells, f"the unit row, line {position + 1:,}")
        elif not is_dash_row(cells):
            break
        rows, position = rows + 1, position + 1
    stated = merged(units, of_comments(head[:index]), of_names(columns))
    known = {column: said for column, said in stated.items() if column in columns}
    data = head[position : position + _ROWS_SNIFFED]
    return Header(index, delimiter, columns, rows, known, has_decimal_comma(data, delimiter))


def has_decimal_comma(lines: Sequence[str], delimiter: str) -> bool:
    """Whether the numbers of these rows have a comma before their decimals: only where the
    separator leaves the comma free, and some number cannot be meant otherwise."""
    if delimiter not in (";", "\t", "|", CELL_SEPARATOR):
        return False
    commas = points = 0
    for line in lines:
        if "," in line:
            for cell in _cells(line, delimiter) or []:
                bare = cell.strip().strip('"')
                commas += bool(_DECIMAL_COMMA.fullmatch(bare) or _LEADING_ZERO.fullmatch(bare))
        points += bool(_DECIMAL_POINT.search(line)) and "," not in line
    return commas > points


def canonical_name(name: str) -> str:
    """A column name without case, blanks and punctuation, so that "Stellar log(g) (cm/s^2)" meets
    "… (cm/s2)"."""
    words = re.sub(r"[^a-z0-9]", "", name.lower())
    # ExoFOP has written "Stellar Teff", "Stellar Eff Temp" and "Equilibrium Temperature" over the
    # years.
    for spelling, common in (
        ("temperature", "temp"),
        ("equilibrium", "equil"),
        ("effective", "eff"),
        ("error", "err"),
    ):
        words = words.replace(spelling, common)
    return words.replace("stellarteff", "stellarefftemp")

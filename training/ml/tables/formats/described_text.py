"""Text whose header says where each column stands: IPAC tables, and the machine-readable tables of
the AAS journals and the CDS. astropy.io.ascii reads them, some lines at a time.

https://irsa.ipac.caltech.edu/applications/DDGEN/Doc/ipac_tbl.html
https://journals.aas.org/mrt-standards/
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, partial
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Final

from training.ml.errors import DamagedFile, TooLarge, shorten
from training.ml.tables.formats.astropy_columns import cells_of
from training.ml.tables.reading import content
from training.ml.tables.reading.column_block import Cells, TypedTable, text_array
from training.ml.tables.reading.limits import Limits
from training.ml.tables.reading.read_table import without_blank
from training.ml.tables.reading.stated import Stated
from training.ml.tables.reading.text_lines import decoded_lines, encoding_of, in_parts
from training.ml.tables.reading.unpacking import READ_BYTES, open_bytes

_LINES_AT_ONCE: Final = 5_000
_LETTERS_AT_ONCE: Final = 4 * 1024**2
_RULES: Final = ("------", "=======")  # what separates the sections of a CDS table


class DescribedText(TypedTable):
    """Lines of a header, which say where the cells stand, and lines of data."""

    reader: ClassVar[str]
    where: ClassVar[str]

    def __init__(self, source: Path | BinaryIO, limits: Limits, known: frozenset[str]) -> None:
        super().__init__(source, limits)
        with open_bytes(source, limits) as stream:
            self.encoding = encoding_of(stream.read(READ_BYTES))
        self._described = self._header_lines()
        # A header without rows is read as well, so its columns can be told before any row.
        table = self._parsed(self._first_lines())
        self._describe([str(name) for name in table.colnames], self._stated(table))

    def _text(self) -> Iterator[str]:
        with open_bytes(self._source, self.limits) as stream:
            yield from decoded_lines(stream, self.limits)

    def _header_lines(self) -> list[str]:
        raise NotImplementedError

    def _data_lines(self) -> Iterator[str]:
        parts = in_parts(islice(self._text(), len(self._described), None))
        return chain.from_iterable(without_blank(parts, self.limits))

    def _first_lines(self) -> list[str]:
        return list(islice(self._data_lines(), 1))

    def _pieces(self, columns: Sequence[str], start_row: int) -> Iterator[dict[str, Cells]]:
        lines = islice(self._data_lines(), start_row - 1, None)
        for part in _bounded(lines):
            table = self._parsed(part)
            if len(table) != len(part):
                raise DamagedFile(f"Some rows of this {self.format} cannot be told apart.")
            yield {name: _on_one_line(cells_of(table[name])) for name in columns}

    def _parsed(self, lines: Sequence[str]) -> Any:
        """Header and some lines as astropy reads them."""
        from astropy.io import ascii as astropy_ascii

        read = partial(astropy_ascii.read, format=self.reader, guess=False)
        return self._read_by(read, [*self._described, *lines])

    def _read_by(self, read: Callable[[list[str]], Any], lines: list[str]) -> Any:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return read(lines)
        except Exception as error:
            # astropy raises what its parsers of units and formats happen to raise.
            raise DamagedFile(
                f"This {self.format} cannot be read: {shorten(str(error), 200)}."
            ) from error

    def _stated(self, table: Any) -> dict[str, Stated]:
        return {
            str(name): stated_of_astropy(
                table[name].unit, self.where, table[name].description or ""
            )
            for name in table.colnames
        }


class IpacTable(DescribedText):
    format = content.IPAC
    reader = "ipac"
    where = "the table's header"

    def _header_lines(self) -> list[str]:
        found = []
        size = 0
        for line in self._text():
            if not line.startswith(("\\", "|")):
                break
            found.append(line)
            size += len(line) + 1
            if size > self.limits.description:
                raise _too_long(self.limits)
        return found


class MrtTable(DescribedText):
    format = content.MRT
    reader = "mrt"
    where = "the byte-by-byte description"

    def _header_lines(self) -> list[str]:
        """Everything up to the last rule; the data follow it."""
        last = -1
        kept: list[str] = []
        size = 0
        for number, line in enumerate(self._text()):
            is_rule = line.startswith(_RULES)
            last = number if is_rule else last
            if size <= self.limits.description:
                kept.append(line)
                size += len(line) + 1
            elif is_rule:
                raise _too_long(self.limits)
        return kept[: last + 1]

    def _data_lines(self) -> Iterator[str]:
        """Only lines whose values stand within the bytes that are described: those of any other
        would be cut, and read as other numbers."""
        gaps = self._gaps
        for row, line in enumerate(super()._data_lines(), start=1):
            if any(_holds_value(line, start, stop) for start, stop in gaps):
                raise DamagedFile(
                    f"Row {row:,} of this {self.format} has values outside of the bytes that its"
                    " description gives, so its numbers would be cut."
                )
            yield line

    @cached_property
    def _gaps(self) -> list[tuple[int, int]]:
        """The bytes, from 0, that no column takes."""
        from astropy.io import ascii as astropy_ascii

        reader = astropy_ascii.get_reader(reader_cls=astropy_ascii.Mrt)
        self._read_by(reader.read, self._described)
        taken = sorted((column.start, column.end) for column in reader.header.cols)
        starts = [start for start, _ in taken]
        return list(zip([0, *(end for _, end in taken)], [*starts, sys.maxsize], strict=True))


def _holds_value(line: str, start: int, stop: int) -> bool:
    """Whether a number, or a part of a cell beside it, stands in this gap between columns."""
    inside = line[start:stop]
    if not inside or inside.isspace():
        return False
    before, after = line[max(start - 1, 0) : start], line[stop : stop + 1]
    joins_before = bool(before.strip()) and not inside[0].isspace()
    joins_after = bool(after.strip()) and not inside[-1].isspace()
    return joins_before or joins_after or any(map(str.isdigit, inside))


def _too_long(limits: Limits) -> TooLarge:
    return TooLarge(
        "The description before the rows takes too much room.",
        limits.description,
        "bytes",
        "Leave out the notes.",
    )


def _bounded(lines: Iterator[str]) -> Iterator[list[str]]:
    """Some thousand lines at a time, or fewer where they are long."""
    part: list[str] = []
    size = 0
    for line in lines:
        part.append(line)
        size += len(line)
        if len(part) == _LINES_AT_ONCE or size > _LETTERS_AT_ONCE:
            yield part
            part, size = [], 0
    if part:
        yield part


def _on_one_line(cells: Cells) -> Cells:
    if not cells.is_text:
        return cells
    return Cells(text_array([" ".join(text.split()) for text in cells.texts()]), cells.missing)


def stated_of_astropy(unit: Any, where: str, description: str = "") -> Stated:
    """What a column of an astropy table states."""
    return Stated("" if unit is None else str(unit), where, str(description))

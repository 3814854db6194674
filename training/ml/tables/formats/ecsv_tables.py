"""ECSV: the header is YAML in comments, which astropy reads; the rows are text with a delimiter.

https://github.com/astropy/astropy-APEs/blob/main/APE6.rst
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from training.ml.errors import DamagedFile, TooLarge
from training.ml.tables.formats.aligned_text import words
from training.ml.tables.reading import content
from training.ml.tables.reading.limits import Limits
from training.ml.tables.reading.read_table import LineTable
from training.ml.tables.reading.stated import Stated, merged
from training.ml.tables.reading.text_block import CELL_SEPARATOR, split_line
from training.ml.tables.reading.text_lines import decoded_lines
from training.ml.tables.reading.unpacking import open_bytes


class EcsvTable(LineTable):
    format = content.ECSV

    def __init__(self, source: Path | BinaryIO, limits: Limits, known: frozenset[str]) -> None:
        self._comma = False
        self.limits, self._source = limits, source
        stated = self._read_yaml()
        super().__init__(source, limits, known, CELL_SEPARATOR)
        self.stated = merged(stated, self.stated)

    def _lines(self) -> Iterator[str]:
        for line in self._text():
            if not line or line.startswith("#"):
                yield line
            else:
                cells = (split_line(line, ",") or [line]) if self._comma else words(line)
                yield CELL_SEPARATOR.join(" ".join(cell.split()) for cell in cells)

    def _text(self) -> Iterator[str]:
        with open_bytes(self._source, self.limits) as stream:
            yield from decoded_lines(stream, self.limits)

    def _read_yaml(self) -> dict[str, Stated]:
        lines: list[str] = []
        size = 0
        for line in self._text():
            if not line.startswith("#"):
                break
            lines.append(line[2:])
            size += len(line)
            if size > self.limits.description // 2:
                raise _too_long(self.limits)
        described = described_columns(lines[1:], self.limits)
        self._comma = described.get("delimiter", " ") == ","
        return stated_in_yaml(described, "the ECSV header")


def described_columns(lines: Sequence[str], limits: Limits) -> dict[str, Any]:
    """The header as astropy reads it, some hundred kilobytes a second."""
    if sum(map(len, lines)) + 2 * len(lines) > limits.description // 2:
        raise _too_long(limits)
    from astropy.table.meta import YamlParseError, get_header_from_yaml

    try:
        described = get_header_from_yaml(lines)
    except (YamlParseError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise DamagedFile("The header of this ECSV table cannot be read.") from error
    if not isinstance(described, dict) or not isinstance(described.get("datatype"), list):
        raise DamagedFile("The header of this ECSV table names no columns.")
    return described


def stated_in_yaml(described: dict[str, Any], where: str) -> dict[str, Stated]:
    """What an ECSV header says of the columns."""
    return {
        str(column["name"]): Stated(
            str(column.get("unit") or ""), where, str(column.get("description") or "")
        )
        for column in described["datatype"]
        if isinstance(column, dict) and "name" in column
    }


def _too_long(limits: Limits) -> TooLarge:
    return TooLarge(
        "The header of this table, which says in YAML what its columns are, is too long.",
        limits.description // 2,
        "bytes",
        "Leave out its history and other remarks.",
    )

"""Excel workbooks (.xlsx), read by openpyxl as a stream of rows; macros and bombs are refused."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Final

from training.ml.errors import DamagedFile, EmptyTable, NotATable, TableError, TooLarge
from training.ml.tables.formats.workbook_parts import BoundedArchive, check_parts
from training.ml.tables.reading import content
from training.ml.tables.reading.limits import Limits
from training.ml.tables.reading.read_table import LineTable
from training.ml.tables.reading.text_block import CELL_SEPARATOR
from training.ml.tables.reading.unpacking import unpacked_file

_SHEETS: Final = 200
_BLANK_ROWS: Final = 20_000  # one after the other; each takes as long as a full one
_BLANK_CELLS: Final = 1_000_000
_MORE_THAN_A_ROW: Final = 4_096  # columns; a sheet can claim 16,384


class SheetTable(LineTable):
    """The first sheet that holds anything."""

    format = content.XLSX

    def __init__(self, source: Path | BinaryIO, limits: Limits, known: frozenset[str]) -> None:
        self._file = unpacked_file(source, limits)
        check_parts(self._file, limits)
        self._sheet = self._first_sheet()
        super().__init__(source, limits, known, CELL_SEPARATOR)
        self.encoding = ""

    def _first_sheet(self) -> str:
        book = _opened(self._file)
        try:
            if len(book.worksheets) > _SHEETS:
                said = f"a workbook of {len(book.worksheets):,} sheets"
                raise NotATable(said, "Save the sheet of the table alone.")
            for sheet in book.worksheets:
                if any(any(row) for row, _ in zip(_rows(sheet), range(200), strict=False)):
                    return str(sheet.title)
        finally:
            book.close()
        raise EmptyTable("The workbook has no sheet with cells.")

    def _lines(self) -> Iterator[str]:
        book = _opened(self._file)
        try:
            sheet = book[self._sheet]
            width = 0
            for row in _rows(sheet):
                texts = [_text(value) for value in row]
                while texts and not texts[-1]:
                    texts.pop()
                width = width or (len(texts) if len(texts) > 1 else 0)
                texts += [""] * (width - len(texts))
                yield CELL_SEPARATOR.join(texts)
        finally:
            book.close()


def _opened(file: BinaryIO) -> Any:
    from openpyxl.reader.excel import ExcelReader

    file.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            reader = ExcelReader(file, read_only=True, data_only=True, keep_links=False)
            reader.archive = archive = BoundedArchive(file)
            reader.read()
            archive.opening = False
            return reader.wb
    except TableError:
        raise
    except Exception as error:
        # openpyxl raises what XML, ZIP and its own descriptors happen to raise.
        raise DamagedFile("The workbook cannot be read.") from error


def _rows(sheet: Any) -> Iterator[tuple[Any, ...]]:
    blank = _Blank()
    try:
        for row in sheet.iter_rows(values_only=True):
            sheet.parent._archive.row_ended()
            if any(cell is not None for cell in row[_MORE_THAN_A_ROW:]):
                raise NotATable("a workbook with more columns than a table has", "")
            blank.count(row)
            yield row[:_MORE_THAN_A_ROW]
    except TableError:
        raise
    except Exception as error:
        raise DamagedFile("A sheet of the workbook cannot be read.") from error


@dataclass
class _Blank:
    """Rows without a value, one after the other."""

    rows: int = 0
    cells: int = 0

    def count(self, row: tuple[Any, ...]) -> None:
        if any(cell is not None for cell in row):
            self.rows = self.cells = 0
            return
        self.rows += 1
        self.cells += len(row)
        if self.rows > _BLANK_ROWS or self.cells > _BLANK_CELLS:
            raise TooLarge(
                "This sheet has too many blank rows, one after the other.",
                _BLANK_ROWS,
                "blank rows",
                "Delete them, those under the table, too, or save the sheet as CSV.",
            )


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return repr(value.total_seconds() / 86_400)
    text = str(value)
    return text if text.isprintable() else " ".join(text.split())

"""The parts of a workbook, looked at before openpyxl reads them and bounded while it does."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from typing import IO, Any, BinaryIO, Final

from training.ml.errors import DamagedFile, NotATable, TooLarge
from training.ml.tables.formats.xml_safety import refuse_entities
from training.ml.tables.reading.limits import Limits
from training.ml.tables.reading.unpacking import READ_BYTES

_MACROS: Final = re.compile(r"(?i)(?:^|/)(?:vbaProject\.bin|macrosheets/)")
# All texts of a workbook are in memory at once, each with 50 bytes more than its letters.
_SHARED_TEXTS: Final = 16 * 1024**2
_SHARED_ELEMENTS: Final = 600_000  # a text takes two, of which openpyxl keeps one to the end
_PARTS: Final = 1_000
_SMALL_PART: Final = 8 * 1024**2  # styles, relations and the like
_SMALL_ELEMENTS: Final = 60_000  # openpyxl makes an object of each
_BETWEEN_ROWS: Final = 1_800_000  # bytes of a sheet without the end of a row
_SHEETS: Final = re.compile(r"(?i)^xl/worksheets/[^/]*$")
_EMPTY_SHEET: Final = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
)


def check_parts(file: BinaryIO, limits: Limits) -> None:
    """Refuses macros, entities and what would take too much memory: ``NotATable``, ``TooLarge``,
    ``DamagedFile``."""
    try:
        file.seek(0)
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            if len(parts) > _PARTS:
                raise NotATable(f"a workbook of {len(parts):,} parts", "")
            _check_kind(archive, [part.filename for part in parts])
            for part in parts:
                _check_size(part, limits)
                if part.filename.endswith((".xml", ".rels")):
                    _check_content(archive, part)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise DamagedFile("The workbook is damaged.") from error


def _check_kind(archive: zipfile.ZipFile, names: list[str]) -> None:
    if "[Content_Types].xml" not in names:
        raise NotATable("an archive within archives", "Unpack it first.")
    with archive.open("[Content_Types].xml") as stream:
        types = stream.read(1 << 20)
    if any(_MACROS.search(name) for name in names) or b"macroEnabled" in types:
        raise NotATable("a workbook with macros", "Save it as .xlsx without macros, or as CSV.")
    if b"spreadsheetml" not in types:
        raise NotATable(
            "an office document of another kind", "Save the table as .xlsx or CSV and upload that."
        )


def _is_shared_texts(name: str) -> bool:
    return name.lower().endswith("sharedstrings.xml")


def _check_size(part: zipfile.ZipInfo, limits: Limits) -> None:
    if _SHEETS.match(part.filename):
        most = limits.bytes
    else:
        most = _SHARED_TEXTS if _is_shared_texts(part.filename) else _SMALL_PART
    if part.file_size > most:
        raise TooLarge("The content of this workbook, unpacked, is too large.", most, "bytes", _CSV)


_CSV: Final = "Save the sheet as CSV or Parquet and upload that."


def _check_content(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    with archive.open(part) as stream:
        data = stream.read(1 << 16)
        refuse_entities(data, "workbook")
        if _SHEETS.match(part.filename):
            return
        most = _SHARED_ELEMENTS if _is_shared_texts(part.filename) else _SMALL_ELEMENTS
        elements = 0
        while data:
            elements += data.count(b"<") - data.count(b"</")
            if elements > most:
                raise TooLarge(
                    "A part of this workbook beside its cells holds too much.",
                    most,
                    "elements",
                    _CSV,
                )
            data = stream.read(READ_BYTES)


class BoundedArchive(zipfile.ZipFile):
    """The archive as openpyxl reads it. While the workbook is opened, its sheets are empty, or
    openpyxl would look through all rows of one that does not say how large it is; afterwards the
    distance between the ends of two rows is bounded, and ``row_ended`` begins the next."""

    opening = True

    def open(self, name: Any, *arguments: Any, **options: Any) -> IO[bytes]:
        stream = super().open(name, *arguments, **options)
        if not _SHEETS.match(name if isinstance(name, str) else name.filename):
            return stream
        self._sheet = _Sheet(stream, self.opening)
        return self._sheet  # type: ignore[return-value]

    def row_ended(self) -> None:
        self._sheet.since_row = 0


class _Sheet:
    def __init__(self, stream: IO[bytes], opening: bool) -> None:
        self._stream, self.since_row = stream, 0
        self._parts: Iterator[bytes] | None = iter([_EMPTY_SHEET]) if opening else None

    def read(self, size: int = -1) -> bytes:
        if self._parts is not None:
            return next(self._parts, b"")
        data = self._stream.read(size)
        self.since_row += len(data)
        if self.since_row > _BETWEEN_ROWS:
            raise TooLarge(
                "A sheet of this workbook holds too much that is no row.",
                _BETWEEN_ROWS,
                "bytes",
                "Copy the cells of the table into a new workbook, or save the sheet as CSV.",
            )
        return data

    def close(self) -> None:
        self._stream.close()

    def __enter__(self) -> _Sheet:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

"""VOTables, read by astropy some thousand rows at a time.

What stands before the first row is kept and put before each part of the rows, so that astropy
reads whole documents while the file may be of any size. https://www.ivoa.net/documents/VOTable/
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO, Final

from training.ml.errors import DamagedFile, EmptyTable, NotATable, TooLarge, join_words, shorten
from training.ml.tables.formats.astropy_columns import cells_of
from training.ml.tables.formats.votable_header import Declarations
from training.ml.tables.formats.xml_safety import refuse_entities
from training.ml.tables.reading import content
from training.ml.tables.reading.column_block import Cells, TypedTable
from training.ml.tables.reading.limits import Limits
from training.ml.tables.reading.stated import Stated
from training.ml.tables.reading.unpacking import READ_BYTES, open_bytes

_PART: Final = 4 * 1024**2  # bytes of rows at once
_WHOLE: Final = 32 * 1024**2  # bytes of a document that must be read at once
_CELLS: Final = 500_000  # at once
_ROW: Final = 16 * 1024**2  # bytes of one row at most
_ROWS_BEGIN: Final = re.compile(rb"<(?:\w+:)?TABLEDATA\s*>")
_ROW_ENDS: Final = re.compile(rb"</(?:\w+:)?TR\s*>")
_ROWS_END: Final = re.compile(rb"</(?:\w+:)?TABLEDATA\s*>")
_OUTSIDE: Final = re.compile(rb"<(?:\w+:)?STREAM\b[^>]*\bhref\s*=", re.IGNORECASE)
_COUNT: Final = re.compile(rb"\bnrows\s*=\s*(?:\"[^\"]*\"|'[^']*')")
_FIELD: Final = re.compile(rb"<(?:\w+:)?FIELD\b[^>]*>")
_TEXT_SIZE: Final = re.compile(rb"\barraysize\s*=\s*(?:\"\d+\*?\"|'\d+\*?')")


class VoTable(TypedTable):
    """The first table of the document."""

    format = content.VOTABLE

    def __init__(self, source: Path | BinaryIO, limits: Limits, known: frozenset[str]) -> None:
        super().__init__(source, limits)
        self._start = self._read_start()
        refuse_entities(self._start[: limits.head], "VOTable")
        begins = _ROWS_BEGIN.search(self._start)
        self._in_parts = begins is not None
        if begins:
            self._start = _freed(self._start[: begins.end()])
            declared = Declarations(self._start, limits)
            self._end = declared.closing
            self._rows_at_once = max(1, _CELLS // max(1, declared.fields))
            table = self._parsed(self._start + self._end)
        else:
            table = self._parsed(self._whole())
        fields = table.fields
        usable = [field for field in fields if _is_scalar(field)]
        if left := [field for field in fields if not _is_scalar(field)]:
            names = join_words([shorten(_name(field), 40) for field in left[:5]])
            self.notes.append(f"Columns that hold lists of values are left out ({names}).")
        self._ids = {_name(field): str(field.ID) for field in usable}
        if not usable:
            raise EmptyTable("The table of this VOTable has no columns of single values.")
        self._describe([_name(field) for field in usable], {_name(f): _stated(f) for f in usable})

    def _read_start(self) -> bytes:
        """Everything before the first row; the first megabytes where the rows are not text."""
        start = b""
        with open_bytes(self._source, self.limits) as stream:
            while data := stream.read(READ_BYTES):
                start += data
                if _ROWS_BEGIN.search(start) or len(start) > self.limits.head:
                    break
        return start

    def _whole(self) -> bytes:
        """The document, where its rows are one stream of bytes."""
        parts, size = [], 0
        with open_bytes(self._source, self.limits) as stream:
            while data := stream.read(READ_BYTES):
                parts.append(data)
                size += len(data)
                if size > _WHOLE:
                    raise TooLarge(
                        "This VOTable, which is not written as TABLEDATA, is too large.",
                        _WHOLE,
                        "bytes",
                        "Write it as TABLEDATA, or as Parquet or CSV.",
                    )
        whole = b"".join(parts)
        if _OUTSIDE.search(whole):
            raise NotATable(
                "a VOTable whose rows are elsewhere", "Write the rows into the file itself."
            )
        Declarations(whole, self.limits)
        return _COUNT.sub(b"", whole)

    def _parsed(self, document: bytes) -> Any:
        from astropy.io import votable

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                parsed = votable.parse(io.BytesIO(document), verify="ignore")
                return next(iter(parsed.iter_tables()))
        except StopIteration:
            raise NotATable("a VOTable document without a table", "Repeat the query.") from None
        except MemoryError as error:
            raise DamagedFile("The VOTable asks for more memory than there is.") from error
        except Exception as error:
            # astropy raises its own VOTable errors and whatever expat and numpy raise.
            raise DamagedFile("The VOTable is damaged, incomplete or not valid.") from error

    def _pieces(self, columns: Sequence[str], start_row: int) -> Iterator[dict[str, Cells]]:
        skip = start_row - 1
        for document in self._documents():
            table = self._parsed(document).to_table(use_names_over_ids=False)
            part = {name: cells_of(table[self._ids[name]])[skip:] for name in columns}
            skip = max(0, skip - len(table))
            if len(part[columns[0]]):
                yield part

    def _documents(self) -> Iterator[bytes]:
        if not self._in_parts:
            yield self._whole()
            return
        held = b""
        with open_bytes(self._source, self.limits) as stream:
            for data in self._after_start(stream):
                held += data
                if len(held) > _ROW:
                    raise DamagedFile("A row of this VOTable is too long.")
                if end := _ROWS_END.search(held):
                    yield from self._some_rows(held[: end.start()])
                    return
                if len(held) >= _PART and (last := _last_row(held)):
                    yield from self._some_rows(held[:last])
                    held = held[last:]
        raise DamagedFile("The VOTable ends before its last row.")

    def _some_rows(self, rows: bytes) -> Iterator[bytes]:
        """Documents with so many of ``rows`` that their cells fit into memory, empty ones, too."""
        ends = [found.end() for found in _ROW_ENDS.finditer(rows)]
        cuts = ends[self._rows_at_once - 1 : -1 : self._rows_at_once]
        for begin, end in pairwise([0, *cuts, len(rows)]):
            yield self._start + rows[begin:end] + self._end

    def _after_start(self, stream: Any) -> Iterator[bytes]:
        """The document from its first row on."""
        start = b""
        while data := stream.read(READ_BYTES):
            start += data
            if begins := _ROWS_BEGIN.search(start):
                yield start[begins.end() :]
                break
        while data := stream.read(READ_BYTES):
            yield data


def _last_row(held: bytes) -> int:
    """Where the last whole row ends."""
    close = held.rfind(b"</")
    while close >= 0:
        if found := _ROW_ENDS.match(held, close):
            return found.end()
        close = held.rfind(b"</", 0, close)
    return 0


def _freed(start: bytes) -> bytes:
    """The declarations without the sizes for which a reader would reserve memory: text written as
    text needs none."""

    def freed(field: re.Match[bytes]) -> bytes:
        is_text = re.search(rb"datatype\s*=\s*[\"'](?:char|unicodeChar)[\"']", field[0])
        return _TEXT_SIZE.sub(b'arraysize="*"', field[0]) if is_text else field[0]

    return _COUNT.sub(b"", _FIELD.sub(freed, start))


def _name(field: Any) -> str:
    return str(field.name or field.ID)


def _is_scalar(field: Any) -> bool:
    if field.datatype in ("char", "unicodeChar"):
        return "x" not in str(field.arraysize or "")
    return str(field.arraysize or "1") == "1" and "omplex" not in field.datatype


def _stated(field: Any) -> Stated:
    return Stated(
        "" if field.unit is None else str(field.unit),
        "unit in the VOTable",
        field.description or "",
    )

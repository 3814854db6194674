"""From a file to blocks of text cells: compression, encoding, header, delimiter, records, limits.

Nothing here knows what a column means. A file that is no table is refused with a named error; a row that does not fit
the header keeps its place, is marked as unusable with the reason, and never shifts its neighbours.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import shutil
import tempfile
import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from training.ml.archive_answers import error_said, page_title
from training.ml.errors import (
    ArchiveErrorDocument,
    DamagedFile,
    DuplicateColumns,
    EmptyTable,
    FileNotReadable,
    HeaderNotFirst,
    NotATable,
    TooLarge,
    WrongEncoding,
    shorten,
)

MAX_ROWS: Final = 1_000_000
MAX_BYTES: Final = 4 * 1024**3  # after decompression; a million rows of the widest table are about 3 GB
MAX_COLUMNS: Final = 2_000
MAX_FIELD: Final = 100_000  # characters in one cell

_READ_BYTES: Final = 1 << 20
_HEAD_LINES: Final = 400  # the archive puts up to 300 lines of "#" before the header
_QUOTED_LINES: Final = 50  # a cell with more line breaks than this is an unclosed quote
_UNCLOSED_QUOTES: Final = 1_000  # each makes the reader look ahead in vain; so many are no accident
_DELIMITERS: Final = (",", "\t", ";", "|")
_CELL_SEPARATOR: Final = "\x1f"
NULL_WORDS: Final = (
    "", "nan", "NaN", "NAN", "null", "NULL", "Null", "none", "None", "NA", "N/A", "n/a", "na", "--", "-",
)
_NULLS: Final = frozenset(NULL_WORDS)

_NOT_UNDERSTOOD: Final = "This row has a quotation mark or a line break that cannot be understood."

_NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?inf(?:inity)?", re.ASCII | re.IGNORECASE)
_GROUPED: Final = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+\.\d+|[+-]?\d{1,3}(?:,\d{3}){2,}", re.ASCII)

_MAGIC: Final = (
    (b"PK\x03\x04", "a ZIP archive or a spreadsheet", "Unpack it, or save the sheet as CSV, and upload that."),
    (b"\xd0\xcf\x11\xe0", "a spreadsheet", "Save the sheet as CSV and upload that."),
    (b"%PDF", "a PDF document", ""),
    (b"\x89PNG", "a picture", ""),
    (b"\xff\xd8\xff", "a picture", ""),
    (b"PAR1", "a Parquet file", ""),
    (b"SIMPLE  =", "a FITS file", ""),
    (b"BZh", "compressed with bzip2", "Unpack it first."),
    (b"\xfd7zXZ", "compressed with xz", "Unpack it first."),
)


@dataclass(frozen=True)
class Limits:
    """What a file may hold at most; each is checked while reading, before the memory is taken."""

    rows: int = MAX_ROWS
    bytes: int = MAX_BYTES
    columns: int = MAX_COLUMNS
    field: int = MAX_FIELD


@dataclass(frozen=True)
class Unreadable:
    """One cell that should be a number and is not. ``row`` counts from 0 within the block."""

    column: str
    row: int
    text: str


@dataclass
class TextBlock:
    """Some consecutive rows of a table as text. ``first_row`` is the number of the first, counted from 1."""

    columns: Sequence[str]
    delimiter: str
    first_row: int
    lines: list[str]
    field_limit: int = MAX_FIELD
    bad: dict[int, str] = field(init=False)  # row within the block -> why it does not fit the header
    _clean: list[str] = field(init=False, repr=False)  # the lines to parse; bad rows are empty there

    def __post_init__(self) -> None:
        self.bad = {}
        self._quoted = any('"' in line for line in self.lines)
        if self._quoted:
            self._rows: list[list[str]] = [self._split(i, line) for i, line in enumerate(self.lines)]
        else:
            self._check_plain_lines()

    def __len__(self) -> int:
        return len(self.lines)

    @cached_property
    def raw(self) -> pd.DataFrame:
        """Every cell exactly as it stands in the file. Where a row is too long, its surplus stands in the last cell."""
        index = pd.Index(list(self.columns), dtype="str")
        if not self._quoted and not self.bad and self.lines:
            text = io.StringIO("\n".join(self.lines) + "\n")
            frame = pd.read_csv(
                text, header=None, sep=self.delimiter, dtype="str", na_filter=False, quoting=csv.QUOTE_NONE,
                lineterminator="\n", skip_blank_lines=False, index_col=False,
            )  # fmt: skip
            return frame.set_axis(index, axis=1)
        rows = [self._fitted(_split_line(line, self.delimiter) or [line]) for line in self.lines]
        return pd.DataFrame(rows, columns=index, dtype="str")

    def cells(self, column: str) -> list[str]:
        """The text of one column, without surrounding blanks; empty where the row is bad."""
        return [text.strip() for text in self._column(column)]

    def numbers(self, columns: Sequence[str]) -> tuple[NDArray[np.float64], list[Unreadable]]:
        """(rows, columns) float64, missing = NaN, and the cells that hold something else than a number."""
        if not columns or not self.lines:
            return np.empty((len(self.lines), len(columns))), []
        try:
            return self._numbers_at_once(columns), []
        except (ValueError, pd.errors.ParserError):
            return self._numbers_by_column(columns)

    # --- parsing ---------------------------------------------------------------------------------------------

    def _check_plain_lines(self) -> None:
        separators, delimiter = len(self.columns) - 1, self.delimiter
        self._clean = self.lines
        for row, line in enumerate(self.lines):
            if line.count(delimiter) != separators:
                self._reject(row, self._ragged(line.count(delimiter) + 1))
            elif len(line) > self.field_limit and max(map(len, line.split(delimiter))) > self.field_limit:
                self._reject(row, self._overlong())
            elif "\r" in line:
                self._reject(row, _NOT_UNDERSTOOD)
        if self.bad:
            empty = delimiter * separators
            self._clean = [empty if row in self.bad else line for row, line in enumerate(self.lines)]

    def _split(self, row: int, line: str) -> list[str]:
        cells = _split_line(line, self.delimiter)
        if cells is None:
            self._reject(row, _NOT_UNDERSTOOD)
        elif len(cells) != len(self.columns):
            self._reject(row, self._ragged(len(cells)))
        elif max(map(len, cells)) > self.field_limit:
            self._reject(row, self._overlong())
        else:
            return cells
        return [""] * len(self.columns)

    def _reject(self, row: int, reason: str) -> None:
        self.bad[row] = reason

    def _ragged(self, count: int) -> str:
        return f"This row has {count:,} {'cell' if count == 1 else 'cells'}, but the header has {len(self.columns):,}."

    def _overlong(self) -> str:
        return f"This row has a cell with more than {self.field_limit:,} characters."

    def _fitted(self, cells: list[str]) -> list[str]:
        count = len(self.columns)
        if len(cells) > count:
            return [*cells[: count - 1], self.delimiter.join(cells[count - 1 :])]
        return [*cells, *[""] * (count - len(cells))]

    def _column(self, column: str) -> list[str]:
        index = self._index(column)
        if self._quoted:
            return [row[index] for row in self._rows]
        return [line.split(self.delimiter, index + 1)[index] for line in self._clean]

    def _index(self, column: str) -> int:
        return self.columns.index(column)

    def _numbers_at_once(self, columns: Sequence[str]) -> NDArray[np.float64]:
        indexes = [self._index(column) for column in columns]
        if self._quoted:
            pick = itemgetter(*indexes) if len(indexes) > 1 else itemgetter(slice(indexes[0], indexes[0] + 1))
            text = "\n".join(_CELL_SEPARATOR.join(map(_one_line, pick(row))) for row in self._rows)
            return _parse_floats(text, _CELL_SEPARATOR, list(range(len(indexes))), len(indexes))
        return _parse_floats("\n".join(self._clean), self.delimiter, indexes, len(self.columns))

    def _numbers_by_column(self, columns: Sequence[str]) -> tuple[NDArray[np.float64], list[Unreadable]]:
        values = np.empty((len(self.lines), len(columns)))
        unreadable: list[Unreadable] = []
        for position, column in enumerate(columns):
            cells = [_one_line(cell) for cell in self.cells(column)]
            try:
                values[:, position] = _parse_floats("\n".join(cells), _CELL_SEPARATOR, [0], 1)[:, 0]
            except (ValueError, pd.errors.ParserError):
                values[:, position] = [_parse_number(cell) for cell in cells]
                unreadable += [
                    Unreadable(column, row, cell)
                    for row, cell in enumerate(cells)
                    if cell not in _NULLS and np.isnan(values[row, position])
                ]
        return values, unreadable


class TextTable:
    """A table on disk or in memory that can be read again and again, block by block.

    Errors: every subclass of ``TableError`` in ``training.ml.errors``; they name the line or the limit.
    """

    def __init__(self, source: Path | BinaryIO, *, limits: Limits | None = None, known: frozenset[str] = frozenset()):
        self.limits = limits or Limits()
        self._source = _rereadable(source)
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
            self.limits.rows, "rows", "Split the table and send the parts one after the other.",
        )

    def _check_columns(self) -> None:
        if len(self.columns) > self.limits.columns:
            raise TooLarge(
                f"This table has {len(self.columns):,} columns.", self.limits.columns, "columns",
                "Leave out the columns that are not needed.",
            )
        repeated = [name for name in dict.fromkeys(self.columns) if self.columns.count(name) > 1]
        if repeated:
            raise DuplicateColumns([name or "without a name" for name in repeated])

    def _head(self) -> list[str]:
        """The first lines of the file, checked to be text of a table."""
        with _open(self._source, self.limits) as stream:
            start = stream.read(_READ_BYTES)
            _check_content(start)
        with _open(self._source, self.limits) as stream:
            head = []
            for line in _lines(stream, self.limits):
                head.append(line)
                if len(head) >= _HEAD_LINES and not line.startswith("#"):
                    break
        return head

    def _records(self) -> Iterator[str]:
        """The data rows as text; a row whose quoted cell holds line breaks is one record."""
        with _open(self._source, self.limits) as stream:
            lines = _lines(stream, self.limits)
            for _ in range(self._header_index + 1):
                next(lines)
            yield from _join_quoted(lines, self.delimiter, self.limits.field)


# --- bytes -----------------------------------------------------------------------------------------------------


def _rereadable(source: Path | BinaryIO) -> Path | BinaryIO:
    """The table is read more than once: a stream that cannot go back is copied to a temporary file."""
    if isinstance(source, (str, Path)):
        return Path(source)
    if source.seekable():
        return source
    copy = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the table
    shutil.copyfileobj(source, copy)
    return copy


@contextmanager
def _open(source: Path | BinaryIO, limits: Limits) -> Iterator[_Bounded]:
    if isinstance(source, Path):
        try:
            stream = source.open("rb")
        except OSError as error:
            raise FileNotReadable(source.name, error.strerror or "") from error
        with stream:
            yield _Bounded(_decompressed(stream), limits)
    else:
        source.seek(0)
        yield _Bounded(_decompressed(source), limits)


def _decompressed(stream: BinaryIO) -> BinaryIO:
    magic = stream.read(2)
    stream.seek(0)
    # The first bytes decide, not the name: browsers and scripts rename files.
    return gzip.GzipFile(fileobj=stream) if magic == b"\x1f\x8b" else stream  # type: ignore[return-value]


class _Bounded:
    """Reads blocks, and stops where the content grows past the limit, however small the file was."""

    def __init__(self, stream: BinaryIO, limits: Limits) -> None:
        self._stream, self._limit, self._count = stream, limits.bytes, 0

    def read(self, size: int) -> bytes:
        try:
            data = self._stream.read(size)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise DamagedFile("The compressed file is damaged or incomplete.") from error
        self._count += len(data)
        if self._count > self._limit:
            raise TooLarge(
                "The content of this file, unpacked, is too large.", self._limit, "bytes",
                "Split the table, or leave out the columns that are not needed.",
            )
        return data


def _check_content(start: bytes) -> None:
    if not start.strip():
        raise EmptyTable()
    for magic, what, advice in _MAGIC:
        if start.startswith(magic):
            raise NotATable(what, *([advice] if advice else []))
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise WrongEncoding(1, "is UTF-16 text")
    _check_markup(start)


def _check_markup(start: bytes) -> None:
    text = start.decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    if (said := error_said(start)) is not None:
        raise ArchiveErrorDocument(said)
    if page_title(start) is not None:
        raise NotATable("a web page", "The address may need a sign-in or a browser; download the table itself as CSV.")
    if re.match(r'\{|\[\s*[\[{"]', text):
        raise NotATable("JSON")
    if re.search(r"<(?:\w+:)?VOTABLE\b", text[:2000]):
        raise NotATable("a VOTable", "Download the table as CSV instead.")
    if text.startswith("<"):
        raise NotATable("an XML document")


# --- lines and records -----------------------------------------------------------------------------------------


def _lines(stream: _Bounded, limits: Limits) -> Iterator[str]:
    """Decoded lines without their ends; blank lines too. Refuses NUL bytes and what is not UTF-8, naming the line."""
    rest, number, newline = b"", 1, b""
    longest = limits.field * 64 + _READ_BYTES
    while data := stream.read(_READ_BYTES):
        if not number - 1 and not rest:
            data = data.removeprefix(b"\xef\xbb\xbf")
            newline = b"\r" if b"\n" not in data and b"\r" in data else b"\n"
        whole, found, tail = (rest + data).rpartition(newline)
        rest = tail
        if len(rest) > longest:
            raise TooLarge(
                f"Line {number + whole.count(newline) + bool(found):,} of the file is too long.", longest, "bytes",
                "Check that the file has line breaks and no unreasonably long cells.",
            )
        if found:
            yield from _decode(whole, newline, number)
            number += whole.count(newline) + 1
    if rest:
        yield from _decode(rest, newline, number)


def _decode(data: bytes, newline: bytes, number: int) -> list[str]:
    if b"\x00" in data:
        line = number + data.count(newline, 0, data.index(b"\x00"))
        raise WrongEncoding(line, "holds a NUL byte, which text never does")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = number + data.count(newline, 0, error.start)
        raise WrongEncoding(line, f"is not UTF-8 text (byte 0x{data[error.start]:02X})") from error
    lines = text.split(newline.decode())
    return [line.removesuffix("\r") for line in lines] if "\r" in text else lines


def _join_quoted(lines: Iterator[str], delimiter: str, field_limit: int) -> Iterator[str]:
    """Joins lines where a quoted cell holds line breaks; leaves out blank lines."""
    ahead: deque[str] = deque()
    unclosed = 0
    while True:
        line = ahead.popleft() if ahead else next(lines, None)
        if line is None:
            return
        if '"' in line and _ends_open(line, delimiter):
            whole = _close_quote(line, ahead, lines, delimiter, 2 * field_limit)
            unclosed += whole is None
            if unclosed > _UNCLOSED_QUOTES:
                raise DamagedFile(f"More than {_UNCLOSED_QUOTES:,} rows have a quotation mark that is never closed.")
            line = whole or line
        if line and not line.isspace():
            yield line


def _close_quote(
    line: str, ahead: deque[str], lines: Iterator[str], delimiter: str, longest: int
) -> str | None:
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
        if '"' in ahead[index] and not _ends_open(record, delimiter):
            for _ in range(index + 1):
                ahead.popleft()
            return record
    return None


def _ends_open(text: str, delimiter: str) -> bool:
    """Whether ``text`` ends within a quoted cell."""
    try:
        next(csv.reader((text,), delimiter=delimiter, strict=True))
    except csv.Error as error:
        return "unexpected end of data" in str(error)
    return False


def _split_line(line: str, delimiter: str) -> list[str] | None:
    """The cells of one record; None where a quote is left open or a line break stands outside quotes."""
    if '"' not in line:
        return line.split(delimiter)
    if _ends_open(line, delimiter):
        return None
    try:
        # Leniently: text behind a closing quote, as in "a"b, is kept, as spreadsheets keep it.
        return next(csv.reader((line,), delimiter=delimiter))
    except csv.Error:
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
    return index, delimiter, [name.strip() for name in _split_line(line, delimiter) or line.split(delimiter)]


def _same_shape(line: str, header: str, delimiter: str) -> bool:
    return delimiter in header and line.count(delimiter) == header.count(delimiter)


def _known_names(line: str, known: frozenset[str]) -> int:
    names = _split_line(line, _delimiter(line)) or []
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


# --- numbers ---------------------------------------------------------------------------------------------------


def _parse_floats(text: str, separator: str, indexes: Sequence[int], width: int) -> NDArray[np.float64]:
    """(rows, indexes) correctly rounded numbers; ``ValueError`` when any cell is neither a number nor a null word."""
    # Without a line end behind it, an empty last line would be no row.
    frame = pd.read_csv(
        io.StringIO(f"{text}\n"), header=None, names=list(range(width)), usecols=list(indexes), sep=separator,
        dtype=np.float64, keep_default_na=False, na_values=list(NULL_WORDS), quoting=csv.QUOTE_NONE,
        lineterminator="\n", skip_blank_lines=False, index_col=False,
    )  # fmt: skip
    return frame[list(indexes)].to_numpy()


def _one_line(cell: str) -> str:
    return shorten(cell, 60) if "\n" in cell or "\r" in cell or _CELL_SEPARATOR in cell else cell


def _parse_number(cell: str) -> float:
    """One cell, NaN when it is null or unreadable. Accepts what ``_parse_floats`` accepts, and "1,234.5"."""
    plain = cell.replace("\N{MINUS SIGN}", "-")
    if _NUMBER.fullmatch(plain):
        return float(plain)
    if _GROUPED.fullmatch(plain):
        return float(plain.replace(",", ""))
    return float("nan")

"""From a file to lines of text: compression, limits, encoding, and what is no table at all."""

from __future__ import annotations

import gzip
import re
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from training.ml.archive_answers import error_said, page_title
from training.ml.errors import (
    ArchiveErrorDocument,
    DamagedFile,
    EmptyTable,
    FileNotReadable,
    NotATable,
    TooLarge,
    WrongEncoding,
)

MAX_ROWS: Final = 1_000_000
MAX_BYTES: Final = 4 * 1024**3  # after decompression; a million rows of the widest table are about 3 GB
MAX_COMBINED_ROWS: Final = 100_000  # where several rows make one signal, all of them are in memory at once
MAX_COLUMNS: Final = 2_000
MAX_FIELD: Final = 100_000  # characters in one cell

SNIFFED_BYTES: Final = 1 << 20  # read at once, and enough to recognise what is no table

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
    combined_rows: int = MAX_COMBINED_ROWS


def rereadable(source: Path | BinaryIO) -> Path | BinaryIO:
    """The table is read more than once: a stream that cannot go back is copied to a temporary file."""
    if isinstance(source, (str, Path)):
        return Path(source)
    if source.seekable():
        return source
    copy = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the table
    shutil.copyfileobj(source, copy)
    return copy


@contextmanager
def open_bytes(source: Path | BinaryIO, limits: Limits) -> Iterator[Bounded]:
    if isinstance(source, Path):
        try:
            stream = source.open("rb")
        except OSError as error:
            raise FileNotReadable(source.name, error.strerror or "") from error
        with stream:
            yield Bounded(_decompressed(stream), limits)
    else:
        source.seek(0)
        yield Bounded(_decompressed(source), limits)


def _decompressed(stream: BinaryIO) -> BinaryIO:
    magic = stream.read(2)
    stream.seek(0)
    # The first bytes decide, not the name: browsers and scripts rename files.
    return gzip.GzipFile(fileobj=stream) if magic == b"\x1f\x8b" else stream  # type: ignore[return-value]


class Bounded:
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
                "The content of this file, unpacked, is too large.",
                self._limit,
                "bytes",
                "Split the table, or leave out the columns that are not needed.",
            )
        return data


def check_content(start: bytes) -> None:
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


def decoded_lines(stream: Bounded, limits: Limits) -> Iterator[str]:
    """Decoded lines without their ends; blank lines too. Refuses NUL bytes and what is not UTF-8, naming the line."""
    rest, number, newline = b"", 1, b""
    longest = limits.field * 64 + SNIFFED_BYTES
    while data := stream.read(SNIFFED_BYTES):
        if not number - 1 and not rest:
            data = data.removeprefix(b"\xef\xbb\xbf")
            newline = b"\r" if b"\n" not in data and b"\r" in data else b"\n"
        whole, found, tail = (rest + data).rpartition(newline)
        rest = tail
        if len(rest) > longest:
            raise TooLarge(
                f"Line {number + whole.count(newline) + bool(found):,} of the file is too long.",
                longest,
                "bytes",
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

"""From a file as it was sent to its content: gzip, bzip2, xz, or the only table in a ZIP archive.

The first bytes decide, not the name: browsers and scripts rename files. What is unpacked is counted
while it comes, so that a small file cannot fill the memory or the disk.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Final

from training.ml.errors import (
    DamagedFile,
    EmptyTable,
    FileNotReadable,
    NotATable,
    TooLarge,
    join_words,
    shorten,
)
from training.ml.tables.reading.limits import Limits

READ_BYTES: Final = 1 << 20
"""Read at once, and enough to recognise what is no table."""

_LAYERS: Final = 2  # a .csv.gz in a .zip; nobody packs deeper with good intent
_XZ_MEMORY: Final = 100 * 1024**2  # xz -9 needs 65 MB; a file may ask for gigabytes
_ZIP_MEMBERS: Final = 1_000
_OFFICE_PARTS: Final = frozenset({"[Content_Types].xml", "META-INF/manifest.xml"})
_BESIDE_TABLES: Final = re.compile(
    r"(?i)(?:^|/)(?:\.|__macosx/|thumbs\.db|readme|licen[cs]e|copying|citation)"
)
_DAMAGED: Final = (
    EOFError,
    zlib.error,
    gzip.BadGzipFile,
    lzma.LZMAError,
    zipfile.BadZipFile,
    OSError,
)


def ensure_seekable(source: Path | BinaryIO) -> Path | BinaryIO:
    """The table is read more than once:
    a stream that cannot go back is copied to a temporary file."""
    if isinstance(source, (str, Path)):
        return Path(source)
    if source.seekable():
        return source
    copy = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the table
    shutil.copyfileobj(source, copy)
    return copy


class Bounded(io.RawIOBase):
    """Reads blocks, and stops where the content grows past the limit,
    however small the file was."""

    def __init__(self, stream: Any, limits: Limits) -> None:
        self._stream, self._limit, self._count = stream, limits.bytes, 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = READ_BYTES) -> bytes:
        try:
            data: bytes = self._stream.read(size)
        except _DAMAGED as error:
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


@contextmanager
def open_bytes(source: Path | BinaryIO, limits: Limits) -> Iterator[Bounded]:
    """The content of ``source`` from its beginning, unpacked."""
    with ExitStack() as stack:
        stream = stack.enter_context(_opened(source))
        for _ in range(_LAYERS):
            packed = _unpacked(stream, stack)
            if packed is None:
                break
            stream = packed
        else:
            # A workbook is a ZIP archive, too.
            if _is_packed(stream) and not stream.peek(2) == b"PK":
                raise NotATable("compressed several times over", "Unpack it first.")
        yield Bounded(stream, limits)


@contextmanager
def _opened(source: Path | BinaryIO) -> Iterator[Any]:
    if not isinstance(source, Path):
        yield _Peekable(_FromStart(source), source)
        return
    try:
        file = source.open("rb")
    except OSError as error:
        raise FileNotReadable(source.name, error.strerror or "") from error
    with file:
        yield _Peekable(file)


class _FromStart:
    """A stream read from its beginning, whoever else reads it meanwhile."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._at = stream, 0

    def read(self, size: int) -> bytes:
        self._stream.seek(self._at)
        data = self._stream.read(size)
        self._at += len(data)
        return data


class _Peekable:
    """A stream whose first bytes can be looked at;
    ``whole`` is the file itself where it can seek."""

    def __init__(self, stream: Any, whole: Any = None) -> None:
        self._stream, self.whole = stream, stream if whole is None else whole
        self._ahead = b""

    def peek(self, size: int) -> bytes:
        while len(self._ahead) < size and (data := self._read(size - len(self._ahead))):
            self._ahead += data
        return self._ahead[:size]

    def read(self, size: int = READ_BYTES) -> bytes:
        if not self._ahead:
            return self._read(size)
        data, self._ahead = self._ahead[:size], self._ahead[size:]
        return data + self._read(size - len(data)) if len(data) < size else data

    def _read(self, size: int) -> bytes:
        try:
            data: bytes = self._stream.read(size)
        except _DAMAGED as error:
            raise DamagedFile("The compressed file is damaged or incomplete.") from error
        return data


def _is_packed(stream: _Peekable) -> bool:
    return stream.peek(6).startswith((b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"PK\x03\x04"))


def _unpacked(stream: _Peekable, stack: ExitStack) -> _Peekable | None:
    """The next layer of content; None where the stream is not packed."""
    magic = stream.peek(10)
    if magic.startswith(b"\x1f\x8b"):
        return _Peekable(gzip.GzipFile(fileobj=stream), False)  # type: ignore[call-overload]
    if magic.startswith(b"BZh") and magic[4:10] in (b"1AY&SY", b"\x17rE8P\x90"):
        return _Peekable(_Expanding(stream, bz2.BZ2Decompressor), False)
    if magic.startswith(b"\xfd7zXZ\x00"):
        return _Peekable(_Expanding(stream, _xz_decompressor), False)
    if magic.startswith(b"PK\x03\x04") and stream.whole:
        return _zip_member(stream.whole, stack)
    if magic.startswith(b"PK\x05\x06"):
        raise EmptyTable("The ZIP archive is empty.")
    return None


def _xz_decompressor() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)


class _Expanding:
    """bzip2 or xz, some bytes at a time, several streams one after the other included."""

    def __init__(self, stream: _Peekable, make: Any) -> None:
        self._stream, self._make, self._decompressor = stream, make, make()
        self._rest = b""

    def read(self, size: int) -> bytes:
        while True:
            if self._decompressor.eof:
                self._rest = self._decompressor.unused_data or self._stream.read(1 << 16)
                if not self._rest.strip(b"\x00"):
                    return b""
                self._decompressor = self._make()
            elif self._decompressor.needs_input:
                self._rest = self._rest or self._stream.read(1 << 16)
                if not self._rest:
                    raise EOFError("the compressed stream ends early")
            data: bytes = self._decompressor.decompress(self._rest, size)
            self._rest = b""
            if data:
                return data


def _zip_member(file: Any, stack: ExitStack) -> _Peekable | None:
    """The only table in the archive; None where the archive is an office document."""
    try:
        archive = stack.enter_context(zipfile.ZipFile(file))
        members = archive.infolist()
        if _OFFICE_PARTS & {member.filename for member in members}:
            file.seek(0)
            return None
        member = _only_table(members)
        opened = stack.enter_context(archive.open(member))
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise DamagedFile("The ZIP archive is damaged or packed in an unusual way.") from error
    return _Peekable(opened, False)


def _only_table(members: list[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    if len(members) > _ZIP_MEMBERS:
        raise NotATable(f"a ZIP archive of {len(members):,} files", _ONE_FILE)
    files = [m for m in members if not m.is_dir() and m.file_size]
    tables = [m for m in files if not _BESIDE_TABLES.search(m.filename)] or files
    if not tables:
        raise EmptyTable("The ZIP archive is empty.")
    if len(tables) > 1:
        names = [shorten(PurePosixPath(member.filename).name, 40) for member in tables[:5]]
        more = f" and {len(tables) - 5:,} more" if len(tables) > 5 else ""
        raise NotATable(f"a ZIP archive of several files ({join_words(names)}{more})", _ONE_FILE)
    if tables[0].flag_bits & 1:
        raise NotATable("a ZIP archive with a password", "Unpack it and upload the table.")
    return tables[0]


_ONE_FILE: Final = "Upload an archive that holds the table alone, or the table itself."


def unpacked_file(source: Path | BinaryIO, limits: Limits) -> BinaryIO:
    """The content as a file that can seek: the source itself where it is not packed, else a
    temporary copy."""
    with _opened(source) as stream:
        packed = _is_packed(stream)
    if packed and not _is_office(source):
        copy = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the table
        with open_bytes(source, limits) as content:
            while data := content.read(READ_BYTES):
                copy.write(data)
        copy.seek(0)
        return copy
    if isinstance(source, Path):
        return source.open("rb")
    source.seek(0)
    return source


def _is_office(source: Path | BinaryIO) -> bool:
    with _opened(source) as stream:
        if not stream.peek(4).startswith(b"PK"):
            return False
        with ExitStack() as stack:
            return _zip_member(stream.whole, stack) is None


class NonClosingReader(io.RawIOBase):
    """A file for readers that close what they are given, or ask in which mode it was opened."""

    mode = "rb"
    name = ""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

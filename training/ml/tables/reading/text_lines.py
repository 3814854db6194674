"""From a file to lines of text: encoding, line ends, and what is no text at all."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final, Protocol

from training.ml.errors import TooLarge, WrongEncoding
from training.ml.tables.reading.limits import Limits
from training.ml.tables.reading.unpacking import READ_BYTES

UTF8: Final = "UTF-8"
UTF16: Final = "UTF-16"
WINDOWS: Final = "Windows-1252"

_FIRST: Final = 1 << 16  # bytes: most who look at the head need no more
_PIECE: Final = 1 << 18  # bytes; small enough to stay in a processor's cache
_PART: Final = 1 << 18  # characters of the lines that are given on at once

_NO_TEXT: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1e\x81\x8d\x8f\x90\x9d]")


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def encoding_of(start: bytes) -> str:
    """The encoding of the text that begins with ``start``; bytes that are not UTF-8 are taken for
    Windows-1252."""
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return UTF16
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return WINDOWS
    return UTF8


def decoded_lines(stream: Readable, limits: Limits) -> Iterator[str]:
    """Decoded lines without their ends; blank lines too. Refuses NUL bytes and what no text holds,
    naming the line."""
    return chain.from_iterable(decoded_parts(stream, limits))


def in_parts(lines: Iterable[str]) -> Iterator[list[str]]:
    """Lines some at a time, each part of bounded size."""
    part: list[str] = []
    size = 0
    for line in lines:
        part.append(line)
        size += len(line) + 1
        if size >= _PART:
            yield part
            part, size = [], 0
    if part:
        yield part


def decoded_parts(stream: Readable, limits: Limits) -> Iterator[list[str]]:
    """``decoded_lines``, those of some kilobytes at a time."""
    rest, number, newline = b"", 1, b""
    longest = limits.field * 64 + READ_BYTES
    first = stream.read(_FIRST)
    if first[:2] in (b"\xff\xfe", b"\xfe\xff"):
        stream = _FromUtf16(stream, first)
        first = stream.read(_FIRST)
    data = first.removeprefix(b"\xef\xbb\xbf")
    while data:
        newline = newline or (b"\r" if b"\n" not in data and b"\r" in data[:-1] else b"\n")
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
            lines = _decode(whole, newline, number)
            yield lines
            number += len(lines)
        data = stream.read(_PIECE)
    if rest:
        yield _decode(rest, newline, number)


class _FromUtf16:
    """UTF-16 with its mark, given on as UTF-8."""

    def __init__(self, stream: Readable, first: bytes) -> None:
        self._stream, self._first = stream, first
        self._decoder = codecs.getincrementaldecoder("utf-16")()

    def read(self, size: int, /) -> bytes:
        while True:
            raw = self._first or self._stream.read(size)
            self._first = b""
            try:
                text = self._decoder.decode(raw, final=not raw)
            except UnicodeDecodeError as error:
                raise WrongEncoding(None, "is not whole UTF-16 text") from error
            if text or not raw:
                return text.encode("utf-8", "surrogatepass")


def _decode(data: bytes, newline: bytes, number: int) -> list[str]:
    if b"\x00" in data:
        line = number + data.count(newline, 0, data.index(b"\x00"))
        raise WrongEncoding(line, "holds a NUL byte, which text never does")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        # Line by line: what is UTF-8 stays so, whatever stands elsewhere in the file.
        text = "\n".join(
            _decode_line(line, number + index) for index, line in enumerate(data.split(newline))
        )
        newline = b"\n"
    lines = text.split(newline.decode())
    return [line.removesuffix("\r") for line in lines] if "\r" in text else lines


def _decode_line(line: bytes, number: int) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        if _NO_TEXT.search(line):
            raise WrongEncoding(
                number,
                f"is no text (byte 0x{line[error.start]:02X}): neither UTF-8 nor Windows-1252",
            ) from error
        return line.decode("cp1252")

"""From what was given, files and ZIP archives, to single light curves, within limits: neither a
bomb nor a long list of names fills memory or disk."""

from __future__ import annotations

import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from typing import IO, Any, BinaryIO, Final, cast

from django.conf import settings
from django.template.defaultfilters import filesizeformat

from predictions.curves.keeping import shown_name
from training.ml.curves.errors import CurveError

MOST_FILES: Final = 500
_MAGICS: Final = (b"PK\x03\x04", b"PK\x05\x06")  # the second: of an empty one
_BLOCK: Final = 1024**2
_IN_MEMORY: Final = 8 * 1024**2  # of one file, before it goes to the disk
_ENCRYPTED: Final = 0x1
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,
)


def is_zip(file: IO[bytes]) -> bool:
    """By its first bytes; where it stands stays the same."""
    at = file.tell()
    file.seek(0)
    begins = file.read(4)
    file.seek(at)
    return begins in _MAGICS


def members_check(files: Sequence[tuple[str, IO[bytes]]]) -> int:
    """How many light curves there are, by the lists of the archives alone. ``CurveError`` where
    they are too many, would unpack to too much, or an archive is broken."""
    count, size = 0, 0
    for name, file in files:
        if is_zip(file):
            members = _members(name, file)
            count, size = count + len(members), size + sum(one.file_size for one in members)
        else:
            count, size = count + 1, size + file.seek(0, 2)
    if not 1 <= count <= MOST_FILES:
        raise CurveError(f"Give 1 to {MOST_FILES} light curves at once, not {count:,}.")
    if size > settings.CURVE_MAX_BYTES:
        raise _too_much()
    return count


def unpacked(files: Sequence[tuple[str, IO[bytes]]]) -> Iterator[tuple[str, BinaryIO, bool]]:
    """Each light curve with its name, and whether it was in an archive. What is read is counted:
    what an archive says of itself may be a lie."""
    left = settings.CURVE_MAX_BYTES
    for name, file in files:
        if not is_zip(file):
            yield shown_name(name), cast(BinaryIO, file), False
            continue
        for member in _members(name, file):
            with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as content:
                left -= _unpack(name, file, member, content, left)
                yield shown_name(member.filename), cast(BinaryIO, content), True


def _members(name: str, file: IO[bytes]) -> list[zipfile.ZipInfo]:
    """Without folders and what systems put beside files."""
    try:
        with zipfile.ZipFile(file) as archive:
            listed = archive.infolist()
    except _BROKEN as error:
        raise CurveError(
            "This ZIP archive is broken: its list of files cannot be read.", name
        ) from error
    members = [
        one
        for one in listed
        if not (
            one.is_dir() or any(p.startswith((".", "__MACOSX")) for p in one.filename.split("/"))
        )
    ]
    if any(one.flag_bits & _ENCRYPTED for one in members):
        raise CurveError("This ZIP archive is encrypted; give one without a password.", name)
    return members


def _unpack(name: str, file: IO[bytes], member: zipfile.ZipInfo, content: Any, left: int) -> int:
    """The number of bytes."""
    written = 0
    try:
        with zipfile.ZipFile(file) as archive, archive.open(member) as packed:
            while block := packed.read(_BLOCK):
                written += len(block)
                if written > left:
                    raise _too_much()
                content.write(block)
    except _BROKEN as error:
        sentence = f"{shown_name(member.filename)} cannot be unpacked; the archive is broken."
        raise CurveError(sentence, name) from error
    content.seek(0)
    return written


def _too_much() -> CurveError:
    limit = filesizeformat(settings.CURVE_MAX_BYTES)
    return CurveError(
        f"These light curves are larger than {limit} together, once unpacked; give fewer at once."
    )

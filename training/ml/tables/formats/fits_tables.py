"""FITS tables, read by astropy some megabytes of rows at a time.

The header of the table is kept and put before each part of its rows, so that astropy scales,
masks and decodes them while the file may be of any size.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np

from training.ml.errors import DamagedFile, EmptyTable, NotATable, TooLarge, join_words, shorten
from training.ml.tables.reading import content
from training.ml.tables.reading.column_block import Cells, TypedTable, text_array
from training.ml.tables.reading.limits import Limits
from training.ml.tables.reading.read_table import canonical_name
from training.ml.tables.reading.stated import Stated
from training.ml.tables.reading.unpacking import NonClosingReader, unpacked_file

_PART: Final = 16 * 1024**2  # bytes of rows at once
_TEXT: Final = 4 * 1024**2  # bytes of text at once; astropy takes several times as much for it
_BLOCK: Final = 2_880  # bytes; FITS comes in blocks
_ROW: Final = 4 * 1024**2  # bytes of one row at most
_HEADERS: Final = 2 * 1024**2  # bytes of all headers together: 26,000 cards
_STRUCTURE: Final = re.compile(
    r"XTENSION|BITPIX|NAXIS\d*|[PG]COUNT|TFIELDS|T(?:TYPE|FORM|UNIT|NULL|SCAL|ZERO|DISP|BCOL|DIM)\d+"
)


class FitsTable(TypedTable):
    """The table of the file whose columns are best known, or the first. ``cards``: what its header
    and the file's primary header state, by keyword."""

    format = content.FITS

    def __init__(self, source: Path | BinaryIO, limits: Limits, known: frozenset[str]) -> None:
        super().__init__(source, limits)
        self._content = unpacked_file(source, limits)
        self.cards: dict[str, object] = {}
        self._header, self._data_at, columns = self._chosen(known)
        self._rows = int(self._header["NAXIS2"])
        self._row_bytes = int(self._header["NAXIS1"])
        usable: list[Any] = []
        left: list[Any] = []
        for column in columns:
            (usable if _is_scalar(column) else left).append(column)
        if left:
            names = join_words([shorten(str(column.name), 40) for column in left[:5]])
            self.notes.append(f"Columns that hold lists of values are left out ({names}).")
        stated = {
            str(column.name): Stated(str(column.unit or "").strip(), "TUNIT in the FITS header")
            for column in usable
        }
        if not usable:
            raise EmptyTable("The FITS table has no columns of single values.")
        self._text_bytes = {str(column.name): _text_bytes(column) for column in usable}
        self._describe([str(column.name) for column in usable], stated)

    def _chosen(self, known: frozenset[str]) -> tuple[Any, int, list[Any]]:
        """Header of the table, where its rows begin, and its columns."""
        from astropy.io import fits

        self._content.seek(0)
        best: tuple[int, Any, int, list[Any]] | None = None
        cards: dict[str, object] = {}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                with fits.open(
                    _Headers(self._content), memmap=False, disable_image_compression=True
                ) as hdus:
                    self.cards = _values(hdus[0].header)
                    for hdu in hdus:
                        if isinstance(hdu, (fits.BinTableHDU, fits.TableHDU)):
                            self._check(hdu)
                            names = sum(canonical_name(c.name) in known for c in hdu.columns)
                            if best is None or names > best[0]:
                                at = int(hdu.fileinfo()["datLoc"])
                                best = (names, _structure(hdu.header), at, list(hdu.columns))
                                cards = _values(hdu.header)
        except (OSError, ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
            raise DamagedFile("The FITS file is damaged or incomplete.") from error
        if best is None:
            raise NotATable("a FITS file without a table", "Upload the file that has the table.")
        self.cards = cards | self.cards
        return best[1:]

    def _check(self, hdu: Any) -> None:
        if int(hdu.header["NAXIS1"]) > _ROW:
            raise NotATable("a FITS table with unreasonably long rows", "Split its columns.")

    def _hdu(self, data: bytes, rows: int) -> Any:
        """The table with only these rows, as a file of its own."""
        from astropy.io import fits

        header = self._header.copy()
        header["NAXIS2"] = rows
        header["PCOUNT"] = 0
        header.remove("THEAP", ignore_missing=True)
        header.remove("CHECKSUM", ignore_missing=True)
        header.remove("DATASUM", ignore_missing=True)
        text = header.tostring().encode("ascii", "replace")
        padded = data + b"\x00" * (-len(data) % _BLOCK)
        kind = fits.TableHDU if header["XTENSION"].strip() == "TABLE" else fits.BinTableHDU
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return kind.fromstring(text + padded)
        except (OSError, ValueError, TypeError, KeyError, fits.VerifyError) as error:
            raise DamagedFile("The header of this FITS table cannot be read.") from error

    def _pieces(self, columns: Sequence[str], start_row: int) -> Iterator[dict[str, Cells]]:
        if not self._row_bytes:
            return
        texts = sum(self._text_bytes[name] for name in columns)
        at_once = max(1, min(_PART // self._row_bytes, _TEXT // max(1, texts)))
        for first in range(start_row - 1, self._rows, at_once):
            rows = min(at_once, self._rows - first)
            self._content.seek(self._data_at + first * self._row_bytes)
            data = self._content.read(rows * self._row_bytes)
            if len(data) < rows * self._row_bytes:
                raise DamagedFile("The FITS file ends before its last row.")
            yield self._part(data, rows, columns)

    def _part(self, data: bytes, rows: int, columns: Sequence[str]) -> dict[str, Cells]:
        from astropy.io import fits

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                hdu = self._hdu(data, rows)
                table = hdu.data
                return {name: _cells(table[name], hdu.columns[name].null) for name in columns}
        except (OSError, ValueError, TypeError, KeyError, fits.VerifyError) as error:
            raise DamagedFile("Some rows of this FITS table cannot be read.") from error


def _structure(header: Any) -> Any:
    """The cards that say how the rows are written: astropy reads them with each part of the
    rows."""
    from astropy.io import fits

    return fits.Header([card for card in header.cards if _STRUCTURE.fullmatch(card.keyword)])


def _values(header: Any) -> dict[str, object]:
    """What the cards of a header state; those without a value state nothing."""
    return {
        card.keyword: card.value
        for card in header.cards
        if card.keyword and isinstance(card.value, (str, int, float))
    }


class _Headers(NonClosingReader):
    """What astropy reads to find the tables of a file: the headers, and no data between them."""

    _left = _HEADERS

    def read(self, size: int = -1) -> bytes:
        data = super().read(size if 0 <= size <= self._left else self._left + 1)
        self._left -= len(data)
        if self._left < 0:
            raise TooLarge(
                "The headers of this FITS file are too long.",
                _HEADERS,
                "bytes",
                "Write the table into a file of its own, without a history.",
            )
        return data


def _cells(column: Any, null: Any) -> Cells:
    """``null``: the number that the header gives for a missing one (TNULL)."""
    values = np.asarray(column)
    if values.dtype.kind not in "fiub":
        return Cells(text_array([text.rstrip("\x00 ") for text in values.tolist()]))
    native = values.astype(values.dtype.newbyteorder("="), copy=False)
    missing = native == null if null is not None else np.isnan(native)
    return Cells(native, missing if missing.any() else None)


def _text_bytes(column: Any) -> int:
    """Bytes of one cell, where it is text."""
    found = re.fullmatch(r"(\d*)A(\d*)", str(column.format).strip())
    return max(int(found[1] or 1), int(found[2] or 0)) if found else 0


def _is_scalar(column: Any) -> bool:
    """One number or text per row: neither a vector nor a list of varying length."""
    if column.dim:
        return False
    found = re.fullmatch(r"(\d*)([LXBIJKAEDCMPQ])(.*)", str(column.format).strip())
    if found is None:
        return True  # an ASCII table: its formats are those of FORTRAN
    repeat, letter = int(found[1] or 1), found[2]
    return letter == "A" or (repeat == 1 and letter in "LBIJKED")

"""What a file is, by its first bytes: the format of a table, or what is no table at all."""

from __future__ import annotations

import re
from typing import Final

from training.ml.archive.answers import error_said, page_title
from training.ml.errors import ArchiveErrorDocument, EmptyTable, NotATable

CSV: Final = "CSV"
FITS: Final = "FITS table"
PARQUET: Final = "Parquet"
VOTABLE: Final = "VOTable"
XLSX: Final = "Excel workbook"
JSON: Final = "JSON records"
ECSV: Final = "ECSV"
IPAC: Final = "IPAC table"
MRT: Final = "AAS machine-readable table"

FORMATS_READ: Final = (
    "CSV, TSV, VOTable, FITS, ECSV, IPAC, AAS machine-readable or fixed-width text, Parquet, .xlsx"
    " or JSON records"
)
PACKED_READ: Final = ".gz, .bz2, .xz, or alone in a .zip"
EXTENSIONS: Final = [
    ".csv",
    ".tsv",
    ".tab",
    ".txt",
    ".dat",
    ".tbl",
    ".mrt",
    ".ecsv",
    ".vot",
    ".votable",
    ".xml",
    ".fits",
    ".fit",
    ".parquet",
    ".xlsx",
    ".json",
    ".gz",
    ".bz2",
    ".xz",
    ".zip",
]
"""What such files are usually called; what a file is, its content says."""

_AS_TABLE: Final = f"Upload the table itself as {FORMATS_READ}."

_REFUSED: Final = (
    (b"\xd0\xcf\x11\xe0", "a spreadsheet of the old kind", "Save the sheet as .xlsx or CSV."),
    (b"%PDF", "a PDF document", _AS_TABLE),
    (b"\x89PNG", "a picture", _AS_TABLE),
    (b"GIF8", "a picture", _AS_TABLE),
    (b"\xff\xd8\xff", "a picture", _AS_TABLE),
    (b"\x89HDF", "an HDF5 file", "Save the table as Parquet, FITS or CSV and upload that."),
    (b"ARROW1", "an Arrow file", "Save the table as Parquet or CSV and upload that."),
    (b"SQLite format 3", "a database", _AS_TABLE),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "Unpack it and upload the table."),
    (b"Rar!", "a RAR archive", "Unpack it and upload the table."),
    (b"\x28\xb5\x2f\xfd", "compressed with Zstandard", "Unpack it first."),
    (b"\x80\x04\x95", "a pickle", _AS_TABLE),
)
_MRT_TITLE: Final = "Byte-by-byte Description of file"
_HEAD: Final = 1 << 18  # bytes
_BYTES_MAGIC: Final = ((b"SIMPLE  =", FITS), (b"PAR1", PARQUET), (b"PK\x03\x04", XLSX))


# One to four lines between bars, and rows without bars; keywords and comments may stand before.
_IPAC_HEADER: Final = re.compile(
    r"(?:\\[^\n]*\n)*(?:\|[^\n]*\|[ \t]*\r?\n){1,4}(?![|\n])(?=[^|\n]*(?:\n|$))"
)


def format_of(start: bytes) -> str:
    """The format of the table that begins with ``start``; delimited and aligned text is ``CSV``.

    Errors: NotATable, ArchiveErrorDocument, EmptyTable.
    """
    if not start.strip(b"\x00 \t\r\n") and not start.strip():
        raise EmptyTable()
    for magic, what, advice in _REFUSED:
        if start.startswith(magic):
            raise NotATable(what, advice)
    if start[257:262] == b"ustar":
        raise NotATable("a tar archive", "Unpack it and upload the table.")
    for magic, kind in _BYTES_MAGIC:
        if start.startswith(magic):
            return kind
    return _text_format(start)


def _text_format(start: bytes) -> str:
    text = head_text(start)
    if (said := error_said(start)) is not None:
        raise ArchiveErrorDocument(said)
    if page_title(start) is not None:
        raise NotATable(
            "a web page",
            "The address may need a sign-in or a browser; download the table itself as CSV.",
        )
    if "VOTABLE" in text[:20_000] and re.search(r"<(?:\w+:)?VOTABLE\b", text[:20_000]):
        return VOTABLE
    if text.startswith("<"):
        raise NotATable("an XML document", _AS_TABLE)
    if re.match(r'\{\s*["}]|\[\s*[\[{"\]]', text):
        return JSON
    if text.startswith("# %ECSV"):
        return ECSV
    if _IPAC_HEADER.match(text):
        return IPAC
    if text.find(_MRT_TITLE, 0, 200_000) >= 0 and f"\n{_MRT_TITLE}" in f"\n{text[:200_000]}":
        return MRT
    return CSV


def head_text(start: bytes) -> str:
    """The first bytes as text, whatever their encoding: enough to recognise a format."""
    start = start[: len(start) - len(start.lstrip(b"\x00 \t\r\n")) + _HEAD]
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return start[: len(start) & ~1].decode("utf-16", "replace").lstrip("\ufeff \t\r\n")
    return start.decode("utf-8", "replace").lstrip("\ufeff \t\r\n")

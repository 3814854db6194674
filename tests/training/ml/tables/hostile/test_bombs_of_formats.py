"""What each format can declare, nest or repeat to take memory and time: refused with a sentence
that says what it is, by a process that stays small."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.training.ml.tables.hostile.bombs import (
    PRIMARY,
    SHEET,
    SHEET_END,
    Reading,
    card,
    fits_header,
    packed,
    read_apart,
    sheet_row,
    votable,
    workbook,
)

GROWTH_MB = 200
HEAD = b"kepoi_name,koi_period,koi_depth\n"
SIGNAL = [("kepoi_name", "10A"), ("koi_period", "D"), ("koi_depth", "D")]
NAMES = sheet_row("kepoi_name", "koi_period", "koi_depth")
ROW = sheet_row("a", "3", "100")
HISTORY = card("COMMENT " + "x" * 70) * 36_000
TEXTS = [("koi_period", "D"), ("koi_depth", "D"), *((f"c{n}", "90000A") for n in range(40))]
TEXT_ROW = struct.pack(">dd", 3.5, 100) + b"z" * 90_000 * 40
MRT = b"Title: x\n" + b"=" * 80 + b"\nByte-by-byte Description of file: x\n"
ECSV = b"# %ECSV 1.0\n# ---\n# datatype:\n# - {name: koi_period, datatype: float64}\n"


def parquet(table: pa.Table) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def zip_in_zip(depth: int) -> bytes:
    content = HEAD + b"a,1,2\n"
    for _ in range(depth):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("t", content)
        content = buffer.getvalue()
    return content


BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "a FITS header without an end": (
        lambda: packed([PRIMARY, fits_header(SIGNAL, 1, ends=False), *[HISTORY] * 10]),
        "headers of this FITS file are too long",
    ),
    "a first FITS header without an end": (
        lambda: packed([PRIMARY[:240], *[HISTORY] * 10]),
        "headers of this FITS file are too long",
    ),
    "a hundred thousand FITS tables": (
        lambda: packed([PRIMARY, *[fits_header(SIGNAL, 0) * 1_000] * 5]),
        "headers of this FITS file are too long",
    ),
    "long FITS texts": (
        lambda: packed([PRIMARY, fits_header(TEXTS, 20), *[TEXT_ROW] * 20, b"\0" * 2_880]),
        "hold too much text",
    ),
    "a FITS table that says it has two thousand million rows": (
        lambda: PRIMARY + fits_header(SIGNAL, 2_000_000_000),
        "ends before its last row",
    ),
    "a VOTable's cells of 200 million numbers": (
        lambda: votable(b'<FIELD name="x" datatype="double" arraysize="200000000"/>'),
        "more than 100,000 values",
    ),
    "a VOTable's cells of 20,000 by 10,000 letters": (
        lambda: votable(b'<FIELD name="x" datatype="char" arraysize="20000x10000"/>'),
        "more than 100,000 values",
    ),
    "a VOTable's array size in disguise": (
        lambda: votable(b'<FIELD name="x" datatype="bit" arraysize="&#50;00000000"/>'),
        "more than 100,000 values",
    ),
    "a VOTable of 100,000 fields": (
        lambda: votable(b'<FIELD name="x" datatype="double"/>' * 100_000),
        "unreasonably many elements",
    ),
    "a VOTable of 3,000 fields": (
        lambda: votable(b"".join(b'<FIELD name="x%d" datatype="int"/>' % n for n in range(3_000))),
        "3,003 columns",
    ),
    "a deep VOTable": (lambda: votable(b"<GROUP>" * 200_000), "unreasonably many elements"),
    "a VOTable's parameters": (
        lambda: votable(b"", before=b'<PARAM name="x" datatype="int" value="1"/>' * 50_000),
        "unreasonably many elements",
    ),
    "a VOTable's row without an end": (
        lambda: votable(b"", [b"<TR>", *[b"<TD/>" * 1_000_000] * 20]),
        "row of this VOTable is too long",
    ),
    "a VOTable's empty rows": (
        lambda: votable(
            b"".join(b'<FIELD name="x%d" datatype="double"/>' % n for n in range(1_900)),
            [b"<TR></TR>" * 100_000] * 3,
        ),
        "VOTable is damaged",
    ),
    "three million blank rows of a workbook": (
        lambda: workbook([SHEET, NAMES, ROW, *[b"<row/>" * 1_000_000] * 3, SHEET_END]),
        "too many blank rows",
    ),
    "a workbook's row 100,000,000": (
        lambda: workbook([SHEET, NAMES, ROW, b'<row r="100000000"><c><v>1</v></c></row>']),
        "too many blank rows",
    ),
    "a workbook's cells without rows": (
        lambda: workbook([SHEET, NAMES, ROW, *[b"<c><v>1</v></c>" * 100_000] * 100]),
        "too much that is no row",
    ),
    "a workbook's row without an end": (
        lambda: workbook([SHEET, NAMES, ROW, b"<row>", *[b"<c/>" * 1_000_000] * 50]),
        "too much that is no row",
    ),
    "tags within tags of a workbook": (
        lambda: workbook([SHEET, NAMES, ROW, *[b"<x>" * 1_000_000] * 10]),
        "too much that is no row",
    ),
    "tags behind a workbook's rows": (
        lambda: workbook([SHEET, NAMES, ROW, b"</sheetData>", *[b"<x/>" * 1_000_000] * 50]),
        "too much that is no row",
    ),
    "a workbook's shared texts": (
        lambda: workbook([SHEET, NAMES, ROW, SHEET_END], [b"<si/>" * 1_000_000] * 3),
        "beside its cells holds too much",
    ),
    "a workbook of 5,000 sheets": (
        lambda: workbook([SHEET, SHEET_END], sheets=5_000),
        "5,000 sheets",
    ),
    "90,000 words in each line": (
        lambda: packed([HEAD.replace(b",", b" "), *[b"1 " * 90_000 + b"\n"] * 50]),
        "more than 2,000 cells",
    ),
    "a JSON text within texts": (
        lambda: packed([b'[{"koi_period":', *[b"[" * 1_000_000] * 50]),
        "nested too deeply",
    ),
    "an ECSV header without an end": (
        lambda: packed([ECSV, *[b"# - {name: x, datatype: float64}\n" * 10_000] * 100]),
        "in YAML what its columns are, is too long",
    ),
    "an ECSV header of 8,000 columns": (
        lambda: packed(
            [
                ECSV,
                *[
                    b"# - {name: x%d, datatype: float64, unit: d, description: a}\n" % n
                    for n in range(10_000)
                ],
                b"koi_period\n1\n",
            ]
        ),
        "in YAML what its columns are, is too long",
    ),
    "a Parquet file's YAML": (
        lambda: parquet(
            pa.table({"koi_period": [1.0], "koi_depth": [1.0]}).replace_schema_metadata(
                {"table_meta_yaml": "- x\n" * 500_000}
            )
        ),
        "in YAML what its columns are, is too long",
    ),
    "an AAS header of 50,000 columns": (
        lambda: packed(
            [
                MRT,
                *[
                    b"%8d- %8d F8.3  ---    c%d     x\n" % (n * 9, n * 9 + 7, n)
                    for n in range(50_000)
                ],
                b"-" * 80,
                b"\n1\n",
            ]
        ),
        "description before the rows takes too much room",
    ),
    "an AAS header without an end": (
        lambda: packed([MRT, *[b"   1- 3  I3     ---    ID     x\n" * 10_000] * 10, b"-" * 80]),
        "description before the rows takes too much room",
    ),
    "a ZIP archive within three": (lambda: zip_in_zip(3), "archive within archives"),
    "30 million rows of Parquet": (
        lambda: parquet(
            pa.table(
                {name: pa.nulls(30_000_000, pa.float64()) for name in ("koi_period", "koi_depth")}
            )
        ),
        "1,000,000 rows",
    ),
}


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Reading]:
    makers = {name: make for name, (make, _) in BOMBS.items()}
    return read_apart(makers, tmp_path_factory.mktemp("bombs"))


@pytest.mark.parametrize("name", BOMBS)
def test_it_is_refused_in_words_and_takes_little_memory(name: str, readings: dict[str, Reading]):
    reading = readings[name]
    assert reading.growth <= GROWTH_MB
    assert BOMBS[name][1] in reading.said[-1]

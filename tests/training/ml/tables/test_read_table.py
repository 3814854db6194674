"""Files of every kind and condition, down to blocks of cells."""

from __future__ import annotations

import gzip
import io
import math

import numpy as np
import pytest

from training.ml.errors import (
    ArchiveErrorDocument,
    DamagedFile,
    DuplicateColumns,
    EmptyTable,
    HeaderNotFirst,
    NotATable,
    TableError,
    TooLarge,
    WrongEncoding,
)
from training.ml.tables.reading.read_table import Limits, Table, TextTable, read_table


def read(content: bytes | str, **limits: int) -> Table:
    data = content.encode() if isinstance(content, str) else content
    return read_table(io.BytesIO(data), limits=Limits(**limits))


def rows_of(content: bytes | str, block_rows: int = 100) -> list[list[str]]:
    return [
        row for block in read(content).blocks(block_rows) for row in block.raw.to_numpy().tolist()
    ]


TWO_ROWS = [["1", "x#y"], ["2", ""]]


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\n1,x#y\n2,\n",
        b"a,b\r\n1,x#y\r\n2,\r\n",
        b"a,b\r1,x#y\r2,\r",
        b"\xef\xbb\xbfa,b\n1,x#y\n2,",
        b"# made by hand\n# COLUMN a: first, of two\n#\na,b\n1,x#y\n2,\n",
        b"\xef\xbb\xbf# made by hand\r\na,b\r\n1,x#y\r\n2,\r\n",
        b"a\tb\n1\tx#y\n2\t\n",
        b"a;b\n1;x#y\n2;\n",
        b'"a","b"\n"1","x#y"\n"2",""\n',
        b"a,b\n\n1,x#y\n   \n2,\n\n",
        gzip.compress(b"# compressed\na,b\n1,x#y\n2,\n", mtime=0),
    ],
)
def test_it_reads_every_usual_dialect_alike(content: bytes):
    table = read(content)
    assert table.columns == ["a", "b"]
    assert rows_of(content) == TWO_ROWS


def test_cells_stay_exactly_as_they_were_written():
    content = 'a,b,c\n 1.50 ,"x, ""y""",1e5\n007,"two\nlines",nan\n'
    assert rows_of(content) == [[" 1.50 ", 'x, "y"', "1e5"], ["007", "two\nlines", "nan"]]
    assert rows_of("a,b\n 1.50 ,NA\n") == [[" 1.50 ", "NA"]]


def test_prose_and_an_empty_line_before_the_header_are_left_out():
    content = "\ufeffTESS objects of interest, from somewhere, today\n\na,b,c,d\n1,2,3,4\n"
    assert read(content).columns == ["a", "b", "c", "d"]


def test_rows_before_the_column_names_are_not_lost_unsaid():
    known = frozenset({"koiperiod", "koidepth"})
    with pytest.raises(HeaderNotFirst, match="line 2 of the file, but line 1"):
        TextTable(io.BytesIO(b"3,100\nkoi_period,koi_depth\n4,200\n"), known=known)


def test_a_row_of_the_wrong_shape_keeps_its_place_and_shifts_nothing():
    block = next(read("a,b,c\n1,2,3\n4,5\n6,7,8,9\n10,11,12\n").blocks(10))
    assert block.bad == {
        1: "This row has 2 cells, but the header has 3.",
        2: "This row has 4 cells, but the header has 3.",
    }
    np.testing.assert_array_equal(block.numbers(["c"])[0].ravel(), [3, math.nan, math.nan, 12])
    assert block.raw["c"].tolist() == ["3", "", "8,9", "12"]


@pytest.mark.parametrize("quote", ["", '"'])
def test_an_empty_last_cell_is_a_row_too(quote: str):
    block = next(read(f"a,b\n{quote}x{quote},1\ny,\nz,\n").blocks(10))
    np.testing.assert_array_equal(block.numbers(["b"])[0].ravel(), [1, math.nan, math.nan])
    block = next(read(f"a,b\n{quote}x{quote},deep\ny,\nz,\n").blocks(10))
    assert len(block.numbers(["b"])[0]) == 3


def test_a_quotation_mark_that_never_closes_costs_its_own_row_only():
    block = next(read('a,b\n1,2\n3,"4\n5,6\n7,8\n').blocks(10))
    assert list(block.bad) == [1]
    assert block.cells("a") == ["1", "", "5", "7"]


def test_a_line_break_within_quotes_may_fall_on_the_end_of_a_block():
    content = 'a,b\n1,"x\ny"\n2,"z\n\nw"\n3,v\n'
    assert (
        rows_of(content, 1) == rows_of(content, 100) == [["1", "x\ny"], ["2", "z\n\nw"], ["3", "v"]]
    )


@pytest.mark.parametrize("rows", [1, 2, 3, 7, 100])
def test_blocks_number_their_rows_through_the_table(rows: int):
    blocks = list(read("a,b\n" + "".join(f"{i},x\n" for i in range(1, 8))).blocks(rows))
    assert blocks
    for block in blocks:
        assert block.cells("a")[0] == str(block.first_row)
    later = list(read("a,b\n" + "".join(f"{i},x\n" for i in range(1, 8))).blocks(rows, start_row=5))
    assert [cell for block in later for cell in block.cells("a")] == ["5", "6", "7"]
    assert later[0].first_row == 5


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("1.5", 1.5),
        (" 1.5 ", 1.5),
        ("+1.5", 1.5),
        ("-.5", -0.5),
        ("5.", 5),
        ("1e-5", 1e-5),
        ("2E3", 2000),
        ("\N{MINUS SIGN}3", -3),
        ("", math.nan),
        ("nan", math.nan),
        ("NULL", math.nan),
        ("--", math.nan),
        ("inf", math.inf),
        ("1e400", math.inf),
        ("0.1", 0.1),
        ("123456789.123456789", 123456789.123456789),
    ],
)
@pytest.mark.parametrize("neighbour", ["1", "text", '"1"'])
def test_a_number_is_read_the_same_whatever_stands_beside_it(
    cell: str, number: float, neighbour: str
):
    block = next(read(f"a,b\n{cell},{neighbour}\n7,8\n").blocks(10))
    values, unreadable = block.numbers(["a", "b"])
    np.testing.assert_array_equal(values[:, 0], [number, 7])
    assert [found.column for found in unreadable] == (["b"] if neighbour == "text" else [])


@pytest.mark.parametrize(
    "cell",
    ["1_000", "0x10", "1d5", "True", "1 2", "1e", "1.2.3", "١", "5 days", "~3", "<4"],
)
def test_what_is_not_a_number_is_named_not_guessed(cell: str):
    block = next(read(f"a;b\n{cell};1\n7;8\n").blocks(10))
    values, unreadable = block.numbers(["a", "b"])
    np.testing.assert_array_equal(values, [[math.nan, 1], [7, 8]])
    assert [(found.column, found.row, found.text) for found in unreadable] == [("a", 0, cell)]


@pytest.mark.parametrize(
    ("content", "error", "words"),
    [
        (b"", EmptyTable, "The file is empty."),
        (b"  \n \n", EmptyTable, "empty"),
        (b"# only\n# comments\n", EmptyTable, "no header"),
        (b"a,b,a\n1,2,3\n", DuplicateColumns, "column a stands more than once"),
        (b"<!DOCTYPE html><html><title>Sign in</title></html>", NotATable, "a web page"),
        (b"<?xml version='1.0'?><VOTABLE><RESOURCE/></VOTABLE>", NotATable, "without a table"),
        (b"<?xml version='1.0'?><note/>", NotATable, "an XML document"),
        (b'[{"a": [1, 2]}]', NotATable, "JSON of whole columns"),
        (b"PK\x03\x04rest", DamagedFile, "The ZIP archive is damaged"),
        (b'ERROR<br>\nError Type: UserError - "table"', ArchiveErrorDocument, "UserError"),
        (
            (
                b'<VOTABLE><RESOURCE><INFO name="QUERY_STATUS" value="ERROR">no such'
                b" column</INFO></RESOURCE></VOTABLE>"
            ),
            ArchiveErrorDocument,
            "no such column",
        ),
        (
            b"a,b\n1,2\n3,\x81\n",
            WrongEncoding,
            "Line 3 of the file is no text (byte 0x81)",
        ),
        (b"a,b\n1,2\n3,\x00\n", WrongEncoding, "Line 3 of the file holds a NUL byte"),
        (
            gzip.compress(b"a,b\n" + b"1,2\n" * 9999, mtime=0)[:-20],
            DamagedFile,
            "damaged or incomplete",
        ),
        (b"\x1f\x8bnot gzip at all", DamagedFile, "damaged"),
    ],
)
def test_what_is_no_table_is_refused_in_words(content: bytes, error: type[TableError], words: str):
    with pytest.raises(error) as refusal:
        for _ in read(content).blocks(100):
            pass
    assert words in refusal.value.message
    assert refusal.value.message.endswith(".")


@pytest.mark.parametrize(
    ("content", "limits", "words"),
    [
        ("a,b\n1,2\n3,4\n5,6\n", {"rows": 2}, "more than 2 rows; reading stopped at row 3"),
        ("a,b,c\n1,2,3\n", {"columns": 2}, "has 3 columns"),
        (gzip.compress(b"a,b\n" + b"1,2\n" * 1_000_000, mtime=0), {"bytes": 100_000}, "too large"),
        (
            gzip.compress(b"a" * 50_000_000, mtime=0),
            {"field": 1000},
            "Line 1 of the file is too long",
        ),
    ],
)
def test_each_limit_has_its_sentence(content: bytes | str, limits: dict[str, int], words: str):
    with pytest.raises(TooLarge) as refusal:
        for _ in read(content, **limits).blocks(100):
            pass
    assert words in refusal.value.message


def test_a_cell_that_is_too_long_costs_its_row_only():
    for quote in ("", '"'):
        block = next(read(f"a,b\n1,{quote}{'x' * 101}{quote}\n3,4\n", field=100).blocks(10))
        assert block.bad == {0: "This row has a cell with more than 100 characters."}
        assert block.cells("a") == ["", "3"]


def test_a_quotation_mark_elsewhere_does_not_change_what_a_row_is():
    content = b'a,b,c\n"x",1,2\n\ry,3,4\nz,5,6\n'
    for rows in (1, 2, 100):
        blocks = list(read_table(io.BytesIO(content)).blocks(rows))
        bad = [block.first_row + row for block in blocks for row in block.bad]
        assert bad == [2]

"""Tables broken at random: each is read, or refused with a named error, and no cell ever lands in
another column."""

from __future__ import annotations

import csv
import gzip
import io
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulator import simulate
from training.ml.errors import TableError
from training.ml.schema import Mission
from training.ml.tables.data_loader import TableReader, open_table
from training.ml.tables.doubting.doubts import suspicions
from training.ml.tables.preview import preview_table
from training.ml.tables.reading.read_table import NULL_WORDS, Limits, TextTable
from training.ml.tables.reading.stated import is_unit_row

SAMPLES = {
    mission: simulate(mission, 12, seed=8).to_csv(index=False)
    for mission in (Mission.KEPLER, Mission.TESS, Mission.K2)
}
LIMITS = Limits(rows=200, bytes=1_000_000, columns=400, field=2_000)
PIECES = (
    b",",
    b'"',
    b"\n",
    b"\r",
    b"\r\n",
    b"\t",
    b";",
    b"\x00",
    b"\xff",
    b"\xef\xbb\xbf",
    b"#",
    b"<html>",
    b"'",
    b"1e999",
    b"-inf",
    b"nan",
    b"|",
    "é\u2028\u2212".encode(),
    b"," * 50,
    b'""',
    b'"\n"',
    b"9" * 400,
    b"x" * 3_000,
    b" ",
    b"\x1f",
    b"{}",
    b"koi_period",
    b"2,1,",
)

cells = st.one_of(
    st.text(max_size=8),
    st.floats().map(repr),
    st.integers().map(str),
    st.sampled_from(("", "nan", "1,5", "CP", "1e400")),
)


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """A simulated table into which something was put, from which something was cut, or which was
    shuffled."""
    content = draw(st.sampled_from(list(SAMPLES.values()))).encode()
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(content)))
        until = at + draw(st.sampled_from((0, 0, 0, 1, 7, 100)))
        content = content[:at] + draw(st.sampled_from(PIECES)) + content[until:]
    if draw(st.integers(0, 4)) == 0:
        content = b"\n".join(draw(st.permutations(content.split(b"\n"))))
    if draw(st.integers(0, 9)) == 0:
        content = gzip.compress(content, mtime=0)[: draw(st.sampled_from((-1, -9, 10**9)))]
    return content


def read(content: bytes) -> TableReader | None:
    try:
        return open_table(io.BytesIO(content), limits=LIMITS)
    except TableError as error:
        assert error.message.endswith((".", "?"))
        assert error.code
        return None


def check(reader: TableReader, chunk_rows: int) -> None:
    whole = reader.table()
    assert len(whole.row_signal) == reader.rows
    assert not np.isinf(whole.frame.select_dtypes("number").to_numpy()).any()
    assert {row for row, signal in enumerate(whole.row_signal) if signal < 0} == set(
        whole.row_reasons
    )
    suspicions(whole)
    rows = 0
    for chunk in reader.chunks(chunk_rows):
        rows += len(chunk)
        assert len(chunk.raw) == len(chunk) == len(chunk.table.row_signal)
        for row, signal in enumerate(chunk.table.row_signal):
            expected = whole.row_signal[chunk.first_row - 1 + row]
            assert (signal < 0) == (expected < 0)
            if signal >= 0:
                left, right = chunk.table.frame.iloc[signal], whole.frame.iloc[expected]
                assert left.equals(right)
    assert rows == reader.rows


@settings(max_examples=400, deadline=None)
@given(broken(), st.integers(1, 30))
def test_a_broken_table_is_read_or_refused(content: bytes, chunk_rows: int):
    if reader := read(content):
        check(reader, chunk_rows)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.booleans())
def test_bytes_of_any_kind_are_read_or_refused(content: bytes, with_header: bool):
    if reader := read((b"kepoi_name,koi_period\n" if with_header else b"") + content):
        check(reader, 3)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(cells, min_size=1, max_size=6), min_size=1, max_size=6))
def test_the_preview_of_any_table_is_made_or_refused(rows: list[list[str]]):
    text = "\n".join(",".join(row) for row in rows)
    try:
        preview_table(io.BytesIO(text.encode("utf-8", "replace")), limits=LIMITS)
    except TableError as error:
        assert error.message


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=5))
def test_cells_written_by_csv_come_back_in_their_columns(rows: list[tuple[str, str]]):
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL)
    writer.writerows([("a", "b"), *rows])
    content = buffer.getvalue()
    if "\x00" in content or any("\ud800" <= c <= "\udfff" for c in content):
        return
    if is_unit_row(rows[0]):  # "second" alone under the names is the unit of its column
        return
    found = [
        tuple(row)
        for block in TextTable(io.BytesIO(content.encode())).blocks(2)
        for row in block.raw.to_numpy()
    ]
    assert found == rows


NUMBER_PIECES = st.text(alphabet="0123456789.eE+-_ infatyxX,", max_size=7)


@settings(max_examples=300, deadline=None)
@given(NUMBER_PIECES)
def test_both_ways_of_reading_a_number_agree(text: str):
    """The fast way reads a block at once; one unreadable cell beside it sends the block the slow
    way."""
    readings = []
    for neighbour in ("1", "text", '"1"'):
        block = next(TextTable(io.BytesIO(f"a;b;c\n{text};{neighbour};0\n".encode())).blocks(5))
        values, unreadable = block.numbers(["a", "b"])
        readings.append((values[0, 0], "a" in {cell.column for cell in unreadable}))
    numbers = np.array([number for number, _ in readings])
    np.testing.assert_array_equal(numbers, numbers[0])
    assert len({unreadable for _, unreadable in readings}) == 1
    if math.isnan(numbers[0]):
        assert readings[0][1] == (text.strip() not in NULL_WORDS)


def test_a_file_that_is_not_there_is_a_sentence(tmp_path):
    with pytest.raises(TableError, match="cannot be read"):
        open_table(tmp_path / "nothing.csv")
    with pytest.raises(TableError, match="cannot be read"):
        open_table(tmp_path)


def test_endless_quotes_do_not_take_for_ever():
    content = ("a,b\n" + 'x",",y\n' * 5_000).encode()
    with pytest.raises(TableError, match="never closed"):
        for _ in TextTable(io.BytesIO(content)).blocks(100):
            pass

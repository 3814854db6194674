"""The same small table in every format, compression and encoding, and what is refused."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import warnings
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from astropy import units as u
from astropy.table import MaskedColumn, Table

from training.ml.errors import DamagedFile, EmptyTable, NotATable, TableError, TooLarge
from training.ml.tables.data_loader import open_table, read_signals
from training.ml.tables.reading.read_table import Limits, read_table

PERIODS = [9.48803557, 54.4183827, 1.736952453, 2.5]
DAYS = [0.1232291667, 0.1877916667, 0.10026708333, 0.1]
PERCENT = [0.06158, 0.08748, 0.80792, 0.5]
JUPITER = [0.2016, 0.2525, 2.985, 1.0]
STATED = {"koi_period": "d", "koi_duration": "d", "koi_depth": "%", "koi_prad": "jupiterRad"}


def plain() -> Table:
    """Four signals; the third has no temperature."""
    return Table(
        {
            "kepid": [10797460, 10797460, 10848459, 6922244],
            "kepoi_name": ["K00752.01", "K00752.02", "K00754.01", "K00010.01"],
            "koi_disposition": ["CONFIRMED", "CONFIRMED", "FALSE POSITIVE", "CANDIDATE"],
            "koi_period": PERIODS,
            "koi_duration": DAYS,
            "koi_depth": PERCENT,
            "koi_prad": JUPITER,
            "koi_steff": MaskedColumn([5455, 5455, 0, 6225], mask=[0, 0, 1, 0]),
        }
    )


def with_units() -> Table:
    table = plain()
    for name, unit in STATED.items():
        # Named, not scaled: FITS and VOTable would write "jupiterRad" as a number of metres.
        table[name].unit = u.UnrecognizedUnit(unit)
    return table


def written(table: Table, kind: str, **options: object) -> bytes:
    text = kind.startswith("ascii")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        buffer = io.StringIO() if text else io.BytesIO()
        table.write(buffer, format=kind, **options)
    value = buffer.getvalue()
    return value.encode() if isinstance(value, str) else value


def parquet(table: Table) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    fields = []
    arrow = pa.Table.from_pandas(table.to_pandas(), preserve_index=False)
    for field in arrow.schema:
        unit = STATED.get(field.name)
        fields.append(field.with_metadata({b"unit": unit.encode()}) if unit else field)
    buffer = io.BytesIO()
    pq.write_table(arrow.cast(pa.schema(fields)), buffer, row_group_size=3)
    return buffer.getvalue()


def workbook(table: Table) -> bytes:
    buffer = io.BytesIO()
    frame = table.to_pandas()
    frame.columns = [f"{c} [{STATED[c]}]" if c in STATED else c for c in frame.columns]
    frame.to_excel(buffer, index=False)
    return buffer.getvalue()


def in_names(table: Table) -> pd.DataFrame:
    """For formats that have no place for units but a unit row under the names."""
    frame: pd.DataFrame = table.to_pandas().astype("str").replace({"<NA>": "", "nan": ""})
    units = pd.DataFrame(
        [[STATED.get(column, "") for column in frame.columns]], columns=frame.columns
    )
    return pd.concat([units, frame], ignore_index=True)


WITH_UNITS: dict[str, Callable[[], bytes]] = {
    "VOTable": lambda: written(with_units(), "votable"),
    "VOTable BINARY2": lambda: written(with_units(), "votable", tabledata_format="binary2"),
    "FITS": lambda: written(with_units(), "fits"),
    "ECSV": lambda: written(with_units(), "ascii.ecsv"),
    "ECSV with commas": lambda: written(with_units(), "ascii.ecsv", delimiter=","),
    "IPAC": lambda: written(with_units(), "ascii.ipac"),
    "MRT": lambda: written(with_units(), "ascii.mrt"),
    "Parquet": lambda: parquet(with_units()),
    "CSV with a unit row": lambda: in_names(plain()).to_csv(index=False).encode(),
    "TSV with a unit row": lambda: in_names(plain()).to_csv(index=False, sep="\t").encode(),
}
WITHOUT_UNITS: dict[str, Callable[[], bytes]] = {
    "between bars": lambda: written(plain(), "ascii.fixed_width"),
    "two lines": lambda: written(plain(), "ascii.fixed_width_two_line"),
    "blanks": lambda: written(plain(), "ascii.basic"),
    "blanks, commented names": lambda: written(plain(), "ascii.commented_header"),
    "aligned": lambda: (
        plain()
        .to_pandas()
        .to_string(index=False, na_rep="", float_format=lambda value: repr(float(value)))
        .encode()
    ),
    "JSON records": lambda: json.dumps(records()).encode(),
    "JSON lines": lambda: "\n".join(map(json.dumps, records())).encode(),
    "JSON in an object": lambda: json.dumps({"data": records()}).encode(),
    "Excel": lambda: workbook_plain(plain()),
}


def records() -> list[dict[Any, Any]]:
    frame: pd.DataFrame = plain().to_pandas().astype(object)
    return frame.where(frame.notna(), None).to_dict("records")


def workbook_plain(table: Table) -> bytes:
    buffer = io.BytesIO()
    table.to_pandas().to_excel(buffer, index=False)
    return buffer.getvalue()


@pytest.mark.parametrize("name", WITH_UNITS)
def test_the_units_that_a_file_states_are_those_in_which_it_is_read(name: str):
    table = read_signals(io.BytesIO(WITH_UNITS[name]()))
    assert table.layout.key == "koi"
    frame = table.frame
    np.testing.assert_allclose(frame["orbital_period"], PERIODS, rtol=1e-9)
    np.testing.assert_allclose(frame["transit_duration"], np.array(DAYS) * 24, rtol=1e-9)
    np.testing.assert_allclose(frame["transit_depth"], np.array(PERCENT) * 1e4, rtol=1e-9)
    np.testing.assert_allclose(
        frame["planet_radius"], np.array(JUPITER) * 71_492 / 6_378.1, rtol=1e-9
    )
    assert frame["stellar_teff"].isna().tolist() == [False, False, True, False]
    assert table.signals.tolist()[2] == "K00754.01"
    assert table.dispositions.tolist()[2] == "FALSE POSITIVE"
    assert table.stars.tolist()[0] == "KIC 10797460"


@pytest.mark.parametrize("name", WITHOUT_UNITS)
def test_formats_without_units_are_read_in_the_usual_ones(name: str):
    table = read_signals(io.BytesIO(WITHOUT_UNITS[name]()))
    np.testing.assert_array_equal(table.frame["orbital_period"], PERIODS)
    np.testing.assert_array_equal(table.frame["transit_duration"], DAYS)
    assert table.frame["stellar_teff"].isna().tolist() == [False, False, True, False]
    assert table.dispositions.tolist()[2] == "FALSE POSITIVE"


@pytest.mark.parametrize("name", ["FITS", "VOTable", "Parquet", "ECSV", "MRT"])
@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_every_format_may_be_packed(name: str, pack: Callable[[bytes], bytes]):
    content = WITH_UNITS[name]()
    packed = read_signals(io.BytesIO(pack(content)))
    pd.testing.assert_frame_equal(packed.frame, read_signals(io.BytesIO(content)).frame)


def zipped(*members: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


def test_the_only_table_in_a_zip_archive_is_read():
    content = WITHOUT_UNITS["Excel"]()
    packed = zipped(("deep/table.bin", content), ("README.txt", b"notes"), ("__MACOSX/x", b"x"))
    expected = read_signals(io.BytesIO(content)).frame
    pd.testing.assert_frame_equal(read_signals(io.BytesIO(packed)).frame, expected)
    pd.testing.assert_frame_equal(
        read_signals(io.BytesIO(zipped(("t.gz", gzip.compress(content))))).frame, expected
    )


@pytest.mark.parametrize("rows", [1, 3, 7])
@pytest.mark.parametrize("name", [*WITH_UNITS, *WITHOUT_UNITS])
def test_blocks_of_any_size_make_the_same_table(name: str, rows: int):
    content = {**WITH_UNITS, **WITHOUT_UNITS}[name]()
    table = read_table(io.BytesIO(content))
    assert table.columns[1].startswith("kepoi_name")
    whole = next(table.blocks(100)).raw
    assert len(whole) == 4
    parts = list(table.blocks(rows))
    assert [block.first_row for block in parts] == list(range(1, 5, rows))
    pd.testing.assert_frame_equal(pd.concat([b.raw for b in parts], ignore_index=True), whole)
    later = next(table.blocks(100, start_row=3))
    assert later.first_row == 3
    assert later.cells(table.columns[1]) == whole.iloc[2:, 1].tolist()


def test_a_format_is_named_and_so_is_an_unusual_encoding():
    assert open_table(io.BytesIO(WITH_UNITS["FITS"]())).format == "FITS table"
    text = "kepoi_name,koi_period,koi_depth\nK1 – é,3,100\n"
    for encoding, said in (("utf-16", "UTF-16"), ("cp1252", "Windows-1252")):
        reader = open_table(io.BytesIO(text.encode(encoding)))
        assert reader.encoding == said
        assert [p.sentence for p in reader.problems if p.code == "file"] == [
            f"The text of this file is {said}, and was read as that."
        ]
        assert reader.table().signals.item() == "K1 – é"
    assert open_table(io.BytesIO(text.encode())).encoding == "UTF-8"


def test_one_line_that_is_not_utf8_costs_no_other_line_its_letters():
    rows = "".join(f"é{i},3,100\n" for i in range(200_000)).encode()
    content = b"kepoi_name,koi_period,koi_depth\n" + rows + b"\xe9,4,200\n"
    last = None
    for block in read_table(io.BytesIO(content)).blocks(50_000):
        assert block.cells("kepoi_name")[0].startswith("é")
        last = block.cells("kepoi_name")[-1]
    assert last == "é"


def test_decimal_commas_are_read_where_the_separator_leaves_them_free():
    text = "kepoi_name;koi_period;koi_duration;koi_depth\nK1;9,488;2,9575;1.234,5\nK2;0,5;12;615\n"
    frame = read_signals(io.BytesIO(text.encode())).frame
    assert frame["orbital_period"].tolist() == [9.488, 0.5]
    assert frame["transit_depth"].tolist() == [1234.5, 615]
    # All of these could be thousands as well: missing, with a word.
    table = read_signals(io.BytesIO(b"kepoi_name;koi_period;koi_depth\nK1;3;9,488\nK2;4;1,234\n"))
    assert table.frame["transit_depth"].isna().all()
    assert "koi_depth is “9,488”" in table.notes[0][0]


def test_a_dash_row_and_comments_of_columns_belong_to_the_header():
    text = (
        "# COLUMN koi_period: Orbital Period [hours]\n# COLUMN koi_depth: Depth [ppt]\n"
        "kepoi_name\tkoi_period\tkoi_depth\n-----\t-----\t------\nK1\t72\t1.5\n"
    )
    frame = read_signals(io.BytesIO(text.encode())).frame
    assert frame["orbital_period"].item() == pytest.approx(3, rel=1e-15)
    assert frame["transit_depth"].item() == 1500


def test_a_known_column_is_known_with_its_unit_in_brackets_behind_it():
    text = (
        "kepoi_name,koi_period [h],koi_depth (%),koi_prad[jupiterRad],koi_note [x]\nK1,72,1.5,1,a\n"
    )
    frame = read_signals(io.BytesIO(b"Table made by hand\n\n" + text.encode())).frame
    assert frame["orbital_period"].item() == pytest.approx(3, rel=1e-15)
    assert frame["transit_depth"].item() == 15_000
    assert frame["planet_radius"].item() == pytest.approx(71_492 / 6_378.1)


# --- what is refused ------------------------------------------------------------------------------

BOMB = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>
<VOTABLE version="1.4"><RESOURCE><TABLE><FIELD name="koi_period" datatype="double"/><DATA>
<TABLEDATA><TR><TD>&b;</TD></TR></TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>"""
OUTSIDE = b"""<VOTABLE version="1.4"><RESOURCE><TABLE><FIELD name="koi_period" datatype="double"/>
<DATA><BINARY><STREAM href="file:///etc/passwd" encoding="base64"/></BINARY></DATA></TABLE>
</RESOURCE></VOTABLE>"""


def with_part(name: str, content: bytes, replacing: str = "") -> bytes:
    """A workbook with one more part, or another one."""
    source = zipfile.ZipFile(io.BytesIO(workbook_plain(plain())))
    parts = [(n, source.read(n)) for n in source.namelist() if n not in (name, replacing)]
    return zipped(*parts, (name, content))


@pytest.mark.parametrize(
    ("content", "error", "words"),
    [
        (lambda: BOMB, NotATable, "declares entities"),
        (lambda: OUTSIDE, NotATable, "whose rows are elsewhere"),
        (lambda: with_part("xl/vbaProject.bin", b"x"), NotATable, "macros"),
        (
            lambda: with_part("xl/workbook.xml", b'<?xml version="1.0"?><!DOCTYPE x><workbook/>'),
            NotATable,
            "declares entities",
        ),
        (lambda: with_part("xl/sharedStrings.xml", b" " * 20_000_000), TooLarge, "workbook"),
        (
            lambda: zipped(("a.csv", b"a,b\n1,2\n"), ("b.csv", b"a\n1\n")),
            NotATable,
            "a.csv and b.csv",
        ),
        (
            lambda: zipped(("word/document.xml", b"x"), ("[Content_Types].xml", b"x")),
            NotATable,
            "office document",
        ),
        (
            lambda: gzip.compress(gzip.compress(gzip.compress(b"a,b\n1,2\n"))),
            NotATable,
            "several times",
        ),
        (lambda: WITH_UNITS["FITS"]()[:-2600], DamagedFile, "FITS"),
        (lambda: WITH_UNITS["Parquet"]()[:-30], DamagedFile, "Parquet"),
        (lambda: WITH_UNITS["VOTable"]()[:-200], DamagedFile, "VOTable"),
        (
            lambda: WITH_UNITS["MRT"]() + b"1" + WITH_UNITS["MRT"]().splitlines()[-1],
            DamagedFile,
            "Row 5",
        ),
        (lambda: b'[{"a": 1}, {"a": ]', DamagedFile, "Record 2"),
        (lambda: b'[{"a": 1}, 7]', NotATable, "record 2"),
        (lambda: b"[]", EmptyTable, "no records"),
        (lambda: b"\x89HDF\r\n", NotATable, "HDF5"),
        (lambda: written(Table(), "votable"), EmptyTable, "no columns"),
    ],
)
def test_what_cannot_or_must_not_be_read_is_refused_in_words(
    content: Callable[[], bytes], error: type[TableError], words: str
):
    with pytest.raises(error, match=words):
        table = read_table(io.BytesIO(content()))
        list(table.blocks(100))


@pytest.mark.parametrize("name", [*WITH_UNITS, *WITHOUT_UNITS])
def test_the_limits_hold_for_every_format(name: str):
    content = {**WITH_UNITS, **WITHOUT_UNITS}[name]()
    with pytest.raises(TooLarge, match="more than 2 rows"):
        list(read_table(io.BytesIO(content), limits=Limits(rows=2)).blocks(100))
    with pytest.raises(TooLarge, match="8 columns"):
        read_table(io.BytesIO(content), limits=Limits(columns=5))
    with pytest.raises(TooLarge, match="too large"):
        list(read_table(io.BytesIO(gzip.compress(content)), limits=Limits(bytes=100)).blocks(100))


def test_a_json_record_may_leave_out_what_it_lacks():
    records = [{"kepoi_name": "a", "koi_period": 3}, {"koi_depth": 100, "kepoi_name": "b"}, {}]
    table = read_table(io.BytesIO(json.dumps(records).encode()))
    assert table.columns == ["kepoi_name", "koi_period", "koi_depth"]
    assert next(table.blocks(9)).raw.to_numpy().tolist()[:2] == [["a", "3", ""], ["b", "", "100"]]
    assert len(next(table.blocks(9))) == 3

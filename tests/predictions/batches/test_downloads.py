"""Answers as files: input untouched, names that do not clash,
nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Callable
from typing import Any

import pyarrow.parquet as pq
import pytest
from astropy.table import Table
from hypothesis import given, settings
from hypothesis import strategies as st

from predictions.answers import ANSWER_COLUMNS
from predictions.batches.downloads import (
    csv_bytes,
    download_name,
    download_named,
    fits_bytes,
    parquet_bytes,
    votable_bytes,
)
from predictions.batches.models import Batch
from predictions.spreadsheets import _SUSPICIOUS, is_suspicious, neutral
from tests.predictions.conftest import kepler_csv
from training.ml.errors import TooLarge

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_chunks")]

MakeBatch = Callable[..., Batch]
TEMPLATE = "identifier,star,mission,orbital_period,transit_duration,transit_depth,note\n"


def rows_of(batch: Batch) -> list[list[str]]:
    return list(csv.reader(io.StringIO(b"".join(csv_bytes(batch)).decode())))


def test_input_columns_stand_first_untouched_and_in_order(make_batch: MakeBatch) -> None:
    text = kepler_csv()
    rows, given = rows_of(make_batch(text, done=True)), list(csv.reader(io.StringIO(text)))
    assert [row[: len(given[0])] for row in rows] == given
    assert ",".join(rows[0][len(given[0]) :]) == (
        "predicted_disposition,p_confirmed,p_candidate,p_false_positive,planet_score,"
        "prediction_set,open_score,planet_set,learnt_from,out_of_fold,missing_inputs,warnings,"
        "model_version"
    )
    first = dict(zip(rows[0], rows[1], strict=True))
    assert set(first["prediction_set"].split("|")) <= {
        "CONFIRMED",
        "CANDIDATE",
        "FALSE POSITIVE",
        "",
    }
    assert "stellar_distance" in first["missing_inputs"].split("|")
    assert len(rows) == 26


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_quoted_cells_and_other_delimiters_come_back_as_cells(
    make_batch: MakeBatch, delimiter: str
) -> None:
    text = io.StringIO()
    given = [
        ["identifier", "mission", "orbital_period", "transit_duration", "transit_depth", "note"],
        ["a", "Kepler", "3.5", "2", "500", 'two\nlines, "quoted"'],
        ["b", "TESS", "1.50", "2.0", "0800", " spaces "],
    ]
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(given)
    rows = rows_of(make_batch(text.getvalue(), done=True))
    assert [row[:6] for row in rows] == given
    assert all(len(row) == 6 + len(ANSWER_COLUMNS) for row in rows)


def test_a_name_that_is_taken_gets_a_number(make_batch: MakeBatch) -> None:
    text = TEMPLATE.replace("note", "warnings") + "a,s,Kepler,3.5,2,500,mine\n"
    rows = rows_of(make_batch(text, done=True))
    assert rows[0].count("warnings") == 1
    assert "warnings_2" in rows[0]
    assert rows[1][6] == "mine"


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+1+1",
        "-1+1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        " =1",
        "-2+3+cmd|' /C calc'!A0",
        "＝1",
        "+A1",
        "-A1",
        "=-5",
        "-12d41m45.46s+1",
        "-12d41m45.46s|A1",
        "-1 A1",
        "-1:2",
    ],
)
def test_what_a_spreadsheet_would_run_is_neutralised(make_batch: MakeBatch, cell: str) -> None:
    rows = rows_of(make_batch(TEMPLATE + f'a,s,TESS,3,2,500,"{cell}"\n', done=True))
    assert rows[1][6] == f"'{cell}"


@pytest.mark.parametrize(
    "cell",
    [
        "-5",
        "-5.25",
        "+3",
        "-1e-5",
        "-.5",
        "-",
        "--",
        "-inf",
        "",
        "a=b",
        "2-1",
        "K00752.01",
        "−3",
        "-12d41m45.46s",
        "-12:41:45.46",
        "-05 30 49.9",
        "+01d20m3s",
    ],
)
def test_numbers_and_plain_words_are_left_alone(make_batch: MakeBatch, cell: str) -> None:
    assert neutral(cell) == cell
    rows = rows_of(make_batch(TEMPLATE + f"a,s,TESS,3,2,500,{cell}\n", done=True))
    assert rows[1][6] == cell


@settings(max_examples=500, deadline=None)
@given(
    st.lists(st.text(alphabet='=+-@ \t\r"0.5ed:ms＝－ab,\n', max_size=9), min_size=1, max_size=4)
)
def test_the_quick_look_misses_nothing(cells: list[str]) -> None:
    text = ",".join(cells)
    assert is_suspicious(text) == (_SUSPICIOUS.search(text) is not None)
    if not any(mark in cell for cell in cells for mark in ',"\n') and any(
        neutral(cell) != cell for cell in cells
    ):
        assert is_suspicious(text)


def test_a_column_name_is_neutralised_too(make_batch: MakeBatch) -> None:
    rows = rows_of(
        make_batch(TEMPLATE.replace("note", "=HYPERLINK()") + "a,s,TESS,3,2,500,x\n", done=True)
    )
    assert rows[0][6] == "'=HYPERLINK()"


def test_a_row_that_cannot_be_used_keeps_its_cells_and_says_why(make_batch: MakeBatch) -> None:
    text = TEMPLATE + "a,s,TESS,3,2,500,x\nshort,s\nb,s,Mars,3,2,500,y\n"
    rows = rows_of(make_batch(text, done=True))
    assert rows[2][:3] == ["short", "s", ""]
    answers = dict(zip(rows[0][7:], rows[2][7:], strict=True))
    assert "This row has 2 cells" in answers["warnings"]
    assert [answers[name] for name in ANSWER_COLUMNS if name != "warnings"] == [""] * 12
    assert "Mars" in rows[3][-2]


def test_parquet_has_the_same_rows(make_batch: MakeBatch) -> None:
    batch = make_batch(done=True)
    table = pq.read_table(io.BytesIO(b"".join(parquet_bytes(batch))))
    rows = rows_of(batch)
    assert table.schema.names == rows[0]
    assert table.num_rows == 25
    assert table["kepid"].to_pylist() == [row[0] for row in rows[1:]] or "kepid" in rows[0]
    place = rows[0].index("p_confirmed")
    assert [float(row[place]) for row in rows[1:]] == table["p_confirmed"].to_pylist()


@pytest.mark.parametrize(("form", "write"), [("votable", votable_bytes), ("fits", fits_bytes)])
def test_astropy_reads_numbers_and_units(make_batch: MakeBatch, form: str, write: Any) -> None:
    batch = make_batch(done=True)
    content = b"".join(write(batch))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table = Table.read(io.BytesIO(content), format=form)
    rows = rows_of(batch)
    assert table.colnames == rows[0]
    assert str(table["koi_period"].unit) == "d"
    assert str(table["koi_prad"].unit) == "earthRad"
    assert str(table["koi_depth"].unit) == "ppm"
    place = rows[0].index("planet_score")
    assert [float(row[place]) for row in rows[1:]] == list(table["planet_score"])
    assert list(table["predicted_disposition"]) == [
        row[rows[0].index("predicted_disposition")] for row in rows[1:]
    ]


def test_fits_takes_what_is_not_ascii(make_batch: MakeBatch) -> None:
    text = TEMPLATE.replace("note", "Größe") + "α Cen,s,TESS,3,2,500,“x”–y\n"
    table = Table.read(io.BytesIO(b"".join(fits_bytes(make_batch(text, done=True)))), format="fits")
    assert list(table["Gr??e"]) == ['"x"-y']


@pytest.mark.parametrize("name", ["x" * 500, "it's", "  ", "a\x1fb", "NOTE_2"])
def test_fits_takes_any_column_name(make_batch: MakeBatch, name: str) -> None:
    text = TEMPLATE.replace("note", f"{name},note") + "a,s,TESS,3,2,500,1,2\n"
    batch = make_batch(text, done=True)
    for write in (fits_bytes, votable_bytes):
        assert len(b"".join(write(batch))) > 1_000


def test_leading_zeros_stay_text(make_batch: MakeBatch) -> None:
    text = TEMPLATE + "0042,s,TESS,3,2,500,1\n0043,s,TESS,3,2,500,2\n"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table = Table.read(
            io.BytesIO(b"".join(votable_bytes(make_batch(text, done=True)))), format="votable"
        )
    assert list(table["identifier"]) == ["0042", "0043"]
    assert list(table["note"]) == [1, 2]


def test_formats_made_in_memory_have_a_stated_limit(make_batch: MakeBatch, settings: Any) -> None:
    settings.BATCH_TABLE_ROWS = 24
    batch = make_batch(done=True)
    with pytest.raises(TooLarge, match=r"25 rows, too many for FITS.*limit is 24 rows.*Parquet"):
        download_named("fits", batch)
    assert download_named("parquet", batch).key == "parquet"


def test_wide_fits_tables_have_a_limit_too(make_batch: MakeBatch, settings: Any) -> None:
    settings.BATCH_TABLE_CELLS = 100
    batch = make_batch(done=True)
    with pytest.raises(TooLarge, match=r"cells, too many for FITS.*limit is 100 cells.*VOTable"):
        b"".join(fits_bytes(batch))


def test_a_votable_is_streamed_and_kinds_hold_for_all_chunks(make_batch: MakeBatch) -> None:
    """The first chunk alone would make numbers of `note` and whole numbers of `count`."""
    header = TEMPLATE.replace("note", "note,count,empty,wild")
    rows = [f"s{n},s,TESS,3,2,500,{n},{n},,a<b & {n}\x07" for n in range(30)]
    rows[28] = rows[28].replace(",28,28,", ",x]]>y,,")
    batch = make_batch(header + "\n".join(rows) + "\n", done=True)
    parts = list(votable_bytes(batch))
    assert len(parts) > 3
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table = Table.read(io.BytesIO(b"".join(parts)), format="votable")
    assert len(table) == 30
    assert list(table["note"])[27:] == ["27", "x]]>y", "29"]
    assert table["count"].dtype.kind == "f"
    assert table["count"][29] == 29
    assert table["empty"][3] == ""
    assert table["wild"][4] == "a<b & 4"  # astropy takes blanks away
    assert table["p_confirmed"].dtype.kind == "f"
    assert set(table["learnt_from"]) == {"false"}


def test_reasons_go_with_the_answers_when_asked(make_batch: MakeBatch) -> None:
    batch = make_batch(top_contributions=2, done=True)
    rows = rows_of(batch)
    assert rows[0][-6:] == [
        f"reason_{k}{part}" for k in (1, 2) for part in ("", "_value", "_contribution")
    ]
    first, second = abs(float(rows[1][-4])), abs(float(rows[1][-1]))
    assert first >= second > 0


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("koi.csv.gz", "koi-classified.csv"),
        ("../../etc/passwd", "passwd-classified.csv"),
        ("C:\\fakepath\\my table.tsv", "my table-classified.csv"),
        ("", "table-classified.csv"),
        ("a\r\nSet-Cookie: x.csv", "aSet-Cookie: x-classified.csv"),
    ],
)
def test_the_files_name_is_only_ever_shown(make_batch: MakeBatch, name: str, expected: str) -> None:
    batch = make_batch(done=True, name=name)
    assert download_name(batch, download_named("csv", batch)) == expected
    assert batch.file == f"batches/{batch.pk}/table"

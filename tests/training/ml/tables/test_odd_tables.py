"""Tables that once got a confident wrong answer without a word."""

from __future__ import annotations

import io
from datetime import datetime

import openpyxl
import pytest

from training.ml.errors import DuplicateColumns
from training.ml.tables.cells import parse_cell
from training.ml.tables.data_loader import SignalTable, open_table, read_signals
from training.ml.tables.doubting.doubts import find_doubts
from training.ml.tables.preview import preview_table

HEAD = "kepoi_name,kepid,koi_period,koi_duration,koi_depth,koi_prad,koi_steff,koi_srad"
ROWS = (
    "K00752.01,10797460,9.488,2.9575,616,2.26,5455,0.927",
    "K00752.02,10797460,54.418,4.507,875,2.83,5455,0.927",
    "K00753.01,10811496,19.899,1.7822,10800,14.6,5853,0.868",
)


def text(*rows: str, head: str = HEAD, before: str = "") -> bytes:
    return "\n".join([before + head, *rows, ""]).encode()


def read(content: bytes) -> SignalTable:
    return read_signals(io.BytesIO(content))


@pytest.mark.parametrize("date", ["2026-04-09", "2026-04-09T00:00:00", "09.04.2026", "9-Apr"])
def test_a_date_that_a_spreadsheet_made_is_no_period(date: str):
    assert parse_cell(date) is None
    table = read(text(ROWS[0].replace("9.488", date), *ROWS[1:]))
    assert table.frame["orbital_period"].isna().tolist() == [True, False, False]
    assert "is not a number" in table.notes[0][0]


def test_a_date_in_a_workbook_is_no_period():
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["kepoi_name", "koi_period", "koi_duration", "koi_depth"])
    sheet.append(["K00752.01", datetime(2026, 4, 9), 2.9575, 616])
    buffer = io.BytesIO()
    book.save(buffer)
    table = read(buffer.getvalue())
    assert table.frame["orbital_period"].isna().all()
    assert "is not a number" in table.notes[0][0]


@pytest.mark.parametrize("name", ["Total", "MEAN", "Grand total", "Summe", "Moyenne", "Median:"])
def test_a_row_of_sums_is_no_signal(name: str):
    content = text(*ROWS, f"{name},,83.8,9.2,12291,19.7,,")
    table = read(content)
    assert table.signals.tolist() == ["K00752.01", "K00752.02", "K00753.01"]
    assert any("Total" in problem.sentence for problem in table.problems)
    preview = preview_table(io.BytesIO(content))
    assert any(problem.code == "summary_row" for problem in preview.problems)


@pytest.mark.parametrize(
    "line", ["# koi_duration in minutes", "# koi_duration is given in minutes"]
)
def test_a_unit_in_a_sentence_about_a_column_is_read(line: str):
    table = read(text(ROWS[0].replace("2.9575", "177.45"), before=line + "\n"))
    assert table.frame["transit_duration"].iloc[0] == pytest.approx(2.9575)


def test_a_radius_in_km_is_doubted():
    rows = [row.replace(",2.26,", ",14414,").replace(",14.6,", ",93118,") for row in ROWS]
    reader = open_table(io.BytesIO(text(*rows)))
    [doubt] = find_doubts(reader.table(), reader.plan)
    assert doubt.kind == "radius_km"
    assert (
        "far more than depth and star imply if read in Earth radii: it may be km"
        in doubt.problem.sentence
    )
    assert doubt.rows == (1,)


def test_columns_whose_names_differ_by_case_are_refused():
    with pytest.raises(DuplicateColumns, match="koi_period and KOI_PERIOD"):
        read(text(*[f"{row},1" for row in ROWS], head=f"{HEAD},KOI_PERIOD"))
    # Where neither is read, they may both stand.
    assert len(read(text(*[f"{row},1,2" for row in ROWS], head=f"{HEAD},P,p"))) == 3


def test_a_flag_of_limits_beside_a_kepler_column_is_heeded():
    table = read(text(*[f"{row},1" for row in ROWS], head=f"{HEAD},koi_depthlim"))
    assert table.frame["transit_depth"].isna().all()
    assert "given as a limit" in table.notes[0][0]

"""Numbers that stand for no value, and names that numbers have shortened."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable

import numpy as np
import pytest
from astropy.table import Table

from training.ml.tables.data_loader import open_table, read_signals
from training.ml.tables.preview import preview_table

HEAD = "kepoi_name,kepid,koi_period,koi_duration,koi_depth,koi_depth_err1,koi_steff\n"


def depths(rows: str) -> list[float]:
    depth: list[float] = (
        read_signals(io.BytesIO((HEAD + rows).encode())).frame["transit_depth"].tolist()
    )
    return depth


def test_a_depth_that_happens_to_be_9999_is_a_depth():
    assert depths("K1,1,3,2,9999,10,5000\nK2,2,4,2,500,10,5000\n") == [9999, 500]
    assert depths("K1,1,3,2,9999,10,5000\n") == [9999]


def test_9999_that_a_column_repeats_is_its_mark_for_no_value_and_said():
    text = HEAD + "K1,1,3,2,9999,10,5000\nK2,2,4,2,9999,10,5000\nK3,3,4,2,500,10,5000\n"
    table = read_signals(io.BytesIO(text.encode()))
    assert table.frame["transit_depth"].isna().tolist() == [True, True, False]
    assert table.notes[0] == ["koi_depth is 9,999, which stands for no value; treated as missing."]
    assert table.frame["stellar_teff"].notna().all()


def test_9999_is_no_mark_where_other_depths_are_as_frequent():
    rows = "".join(f"K{i},{i},3,2,{depth},10,5000\n" for i, depth in enumerate([9999, 12000] * 3))
    assert depths(rows) == [9999, 12000] * 3


def test_99999_is_no_value_where_it_is_impossible():
    table = read_signals(io.BytesIO((HEAD + "K1,1,3,2,500,10,99999\n").encode()))
    assert table.frame["stellar_teff"].isna().all()
    assert "stands for no value" in table.notes[0][0]


def test_what_a_row_becomes_does_not_depend_on_the_rows_read_with_it():
    marked = [9999 if i in (3, 50) else 500 + i for i in range(60)]
    rows = "".join(f"K{i},{i},3,2,{depth},10,5000\n" for i, depth in enumerate(marked))
    reader = open_table(io.BytesIO((HEAD + rows).encode()))
    for size in (1, 7, 100):
        chunks = [chunk.table.frame["transit_depth"] for chunk in reader.chunks(size)]
        missing = np.flatnonzero(np.concatenate([chunk.isna() for chunk in chunks]))
        assert missing.tolist() == [3, 50]


def toi(names: list[float] | list[str]) -> Table:
    return Table(
        {
            "toi": names,
            "tid": [259377017, 259377017],
            "pl_orbper": [3.36, 5.66],
            "pl_trandurh": [1.4, 2.1],
            "pl_trandep": [1200.0, 2800.0],
        }
    )


def written(table: Table, kind: str) -> bytes:
    buffer = io.BytesIO()
    if kind == "parquet":
        table.to_pandas().to_parquet(buffer)
    else:
        table.write(buffer, format=kind)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["votable", "fits", "parquet"])
def test_a_toi_number_that_lost_its_last_0_is_named(kind: str):
    reader = open_table(io.BytesIO(written(toi([270.10, 270.01]), kind)))
    table = reader.table()
    assert table.notes[0][0].startswith("The name 270.1 has one digit behind the point")
    assert not [note for note in table.notes[1] if "digit" in note]
    [problem] = [p for p in table.problems if p.code == "shortened_name"]
    assert problem.count == 1
    assert "taken for 270.10" in problem.sentence
    whole = open_table(io.BytesIO(written(toi(["270.10", "270.01"]), kind))).table()
    assert not [p for p in whole.problems if p.code == "shortened_name"]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_stream_may_be_read_twice_at_once(pack: Callable[[bytes], bytes]):
    rows = "".join(f"K{i},{i},3,2,500,10,5000\n" for i in range(40_000))
    reader = open_table(io.BytesIO(pack((HEAD + rows).encode())))
    first, second = reader.chunks(1_000), reader.chunks(1_000)
    for one, other in zip(first, second, strict=True):
        assert one.table.signals.tolist() == other.table.signals.tolist()


def test_the_preview_says_what_the_answer_takes_for_no_value():
    text = HEAD + "K1,1,3,2,9999,10,5000\nK2,2,4,2,9999,10,5000\nK3,3,4,2,500,10,5000\n"
    preview = preview_table(io.BytesIO(text.encode()))
    answered = read_signals(io.BytesIO(text.encode()))
    said = [p.sentence for p in preview.problems if p.code == "stand_in"]
    assert said == [p.sentence for p in answered.problems if p.code == "stand_in"]
    assert said
    assert preview.table is not None
    assert preview.table.frame["transit_depth"].isna().tolist() == [True, True, False]
    once = preview_table(io.BytesIO(text.replace("K1,1,3,2,9999", "K1,1,3,2,700").encode()))
    assert not [p for p in once.problems if p.code == "stand_in"]


def test_a_period_of_9999_days_that_stands_once_is_a_siblings_period():
    head = "kepoi_name,kepid,koi_period,koi_duration,koi_depth\n"
    once = head + "K1.01,1,9999,9,500\nK1.02,1,3333,6,500\nK2.01,2,5,3,500\n"
    assert read_signals(io.BytesIO(once.encode())).frame["sibling_period_ratio"].tolist()[:2] == [
        3,
        3,
    ]
    repeated = once + "K3.01,3,9999,3,500\nK4.01,4,9999,3,500\n"
    frame = read_signals(io.BytesIO(repeated.encode())).frame
    assert frame["orbital_period"].isna().tolist() == [True, False, False, True, True]
    assert frame["signal_count"].tolist()[1] == 2
    assert np.isnan(frame["sibling_period_ratio"].iloc[1])


def test_a_date_of_minus_999_makes_no_neighbours():
    head = "kepoi_name,kepid,koi_period,koi_duration,koi_depth,koi_time0bk,ra,dec\n"
    rows = "".join(f"K{n}.01,{n},5,3,500,{{}},290.0{2 * n},40\n" for n in (1, 2))
    same = read_signals(io.BytesIO((head + rows.format(170.5, 170.5)).encode())).frame
    assert same["neighbour_count"].tolist() == [1, 1]
    unknown = read_signals(io.BytesIO((head + rows.format(-999, -999)).encode())).frame
    assert unknown["neighbour_count"].tolist() != [1, 1]

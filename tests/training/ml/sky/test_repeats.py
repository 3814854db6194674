"""One signal in several rows is no sibling of itself."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from training.ml.sky.repeats import first_rows
from training.ml.tables.data_loader import open_table

NAN = np.nan


def rows_of(stars, names, catalogued, periods, errors) -> Any:
    return first_rows(
        np.array(stars, dtype=np.uint64),
        np.array(names, dtype=np.uint64),
        np.array(catalogued, dtype=bool),
        np.array(periods, dtype=float),
        np.array(errors, dtype=float),
    ).tolist()


def test_rows_of_one_name_are_one_signal_on_one_star_only():
    no = [False] * 4
    assert rows_of([1, 1, 2, 0], [5, 5, 5, 5], no, [3, 7, 3, 3], [NAN] * 4) == [0, 0, 2, 3]


def test_rows_of_one_period_within_its_error_are_one_signal():
    stars, names, no = [1, 1, 1, 0, 0], [0] * 5, [False] * 5
    periods = [10.0, 10.0005, 10.02, 10.0, 10.0]
    assert rows_of(stars, names, no, periods, [NAN] * 5) == [0, 0, 2, 3, 4]
    assert rows_of(stars, names, no, periods, [0.005] * 5) == [0, 0, 0, 3, 4]
    assert rows_of(stars, names, no, periods, [1e-6] * 5) == [0, 1, 2, 3, 4]


def test_two_numbers_of_a_catalogue_are_two_signals_at_one_period():
    assert rows_of([1, 1], [5, 6], [True, True], [10, 10], [NAN, NAN]) == [0, 1]
    assert rows_of([1, 1], [5, 6], [False, True], [10, 10], [NAN, NAN]) == [0, 0]


KOIS = (
    "kepid,kepoi_name,koi_period,koi_duration,koi_depth\n"
    "1,K00001.01,3.5,3,9000\n1,K00001.02,10,4,300\n2,K00002.01,5,3,500\n"
)


def test_each_row_of_a_repeated_signal_is_counted_as_if_alone_and_it_is_said_once():
    again = "1,KOI-1.01,3.5,3,9000\n1,K1.01,3.5,3,9000\n"
    once = open_table(io.BytesIO(KOIS.encode())).table().frame
    reader = open_table(io.BytesIO((KOIS + again).encode()))
    frame = reader.table().frame
    for name in ("signal_count", "sibling_period_ratio"):
        np.testing.assert_array_equal(frame[name][:3], once[name])
        np.testing.assert_array_equal(frame[name][3:], [once[name][0]] * 2)
    (said,) = [p for p in reader.problems if p.code == "repeated_signal"]
    assert said.sentence.startswith("K00001.01 stands 3 times")
    assert (said.count, said.rows) == (2, (4, 5))
    reopened = open_table(io.BytesIO((KOIS + again).encode()), counted=reader.counted)
    assert [p.sentence for p in reopened.problems] == [p.sentence for p in reader.problems]


def test_events_of_one_star_count_as_distinct_periods():
    table = (
        "ticid,tce_plnt_num,sector_run,tce_period,tce_duration,tce_depth\n"
        "7,1,S1,3.3601,1.36,1018\n7,1,S2,3.36012,1.4,1000\n7,2,S2,5.66,1.6,3282\n"
    )
    reader = open_table(io.BytesIO(table.encode()))
    assert reader.table().frame["signal_count"].tolist() == [2, 2, 2]
    assert reader.table().signals.tolist() == ["7-01", "7-01", "7-02"]

"""One K2 signal from its rows, whatever their order."""

from __future__ import annotations

import io
import itertools
import math

import pytest

from training.ml.tables.data_loader import SignalTable, open_table, read_signals

HEADER = (
    "pl_name,hostname,default_flag,disposition,discoverymethod,pl_orbper,pl_orbpererr1,"
    "pl_orbpererr2,pl_trandep,pl_trandeperr1,pl_trandeperr2,pl_ratror,pl_pubdate"
)


def read(*rows: str) -> SignalTable:
    return read_signals(io.BytesIO("\n".join((HEADER, *rows)).encode()))


def test_the_default_row_comes_first_and_others_fill_its_holes():
    rows = [
        "K2-3 b,K2-3,0,CONFIRMED,Transit,10.1,0.1,-0.1,0.13,0.01,-0.01,,2015-01",
        "K2-3 b,K2-3,1,CONFIRMED,Transit,10.0,,,,,,,2016-01",
        "K2-3 b,K2-3,0,CONFIRMED,Transit,10.2,0.2,-0.2,0.12,0.001,-0.003,,2014-01",
    ]
    orders = list(itertools.permutations(rows))
    assert len(orders) == 6
    for order in orders:
        table = read(*order)
        assert len(table) == 1
        got = table.frame.iloc[0]
        # The default period has no uncertainty, and none is borrowed from another row.
        assert got["orbital_period"] == 10.0
        assert math.isnan(got["orbital_period_error"])
        # The depth with the smaller relative uncertainty, and its own uncertainty.
        assert got["transit_depth"] == pytest.approx(1200)
        assert got["transit_depth_error"] == pytest.approx(20)
        assert table.row_signal.tolist() == [0, 0, 0]


def test_of_equally_good_values_the_newest_then_the_smaller_counts():
    old, new = (
        f"X b,X,0,CANDIDATE,Transit,{p},,,,,,,{d}" for p, d in ((10, "2015-01"), (11, "2018-05"))
    )
    assert (
        read(old, new).frame["orbital_period"].item()
        == read(new, old).frame["orbital_period"].item()
        == 11
    )
    one, two = (f"X b,X,0,CANDIDATE,Transit,{p},,,,,,," for p in (10, 11))
    assert (
        read(one, two).frame["orbital_period"].item()
        == read(two, one).frame["orbital_period"].item()
        == 10
    )


def test_what_no_transit_found_is_left_out_with_its_reason():
    table = read(
        "A b,A,1,CONFIRMED,Transit,3,,,,,,,",
        "A c,A,1,CONFIRMED,Radial Velocity,5,,,,,,,",
        "A d,A,1,CONFIRMED,,7,,,,,,,",
    )
    assert table.signals.tolist() == ["A b", "A d"]
    assert table.row_reasons == {
        1: "This row was found by another method than transits (Radial Velocity)."
    }
    # The planet that does not transit is no signal on the star either.
    assert table.frame["signal_count"].tolist() == [2, 2]
    assert table.frame["sibling_period_ratio"].tolist() == pytest.approx([7 / 3, 7 / 3])


def test_the_disposition_is_the_default_rows_and_disagreement_is_noted():
    table = read(
        "A b,A,0,CANDIDATE,Transit,3,,,,,,,",
        "A b,A,1,REFUTED,Transit,3,,,,,,,",
        "B b,B,1,CONFIRMED,Transit,3,,,,,,,",
    )
    assert table.dispositions.tolist() == ["FALSE POSITIVE", "CONFIRMED"]
    assert table.notes[0] == [
        "The rows of this object disagree about its disposition; FALSE POSITIVE stands."
    ]
    assert table.notes[1] == []


@pytest.mark.parametrize(
    ("depth", "ratio", "kept"),
    [
        (1.36, 0.1167, True),
        (0.01352, 0.1163, False),
        (2.268, 0.0144, False),
        (0.0553, 0.1163, True),
        (0.000135, 0.1163, False),
        (0.08276, 0.141, True),
        (0.01352, None, True),
    ],
)
def test_a_depth_in_another_unit_than_its_column_is_missing_and_noted(
    depth: float, ratio: float | None, kept: bool
):
    table = read(
        f"K2-114 b,K2-114,1,CONFIRMED,Transit,11.39,,,{depth},0.0003,-0.0003,{ratio or ''},"
    )
    assert table.frame["transit_depth"].isna().item() is not kept
    assert table.frame["transit_depth_error"].isna().item() is not kept
    assert bool(table.notes[0]) is not kept
    assert ("depth_unit" in {problem.code for problem in table.problems}) is not kept


def test_an_object_whose_rows_lie_in_two_chunks_has_one_answer():
    rows = [
        f"{'AB'[i % 2]} b,{'AB'[i % 2]},{int(i < 2)},CONFIRMED,Transit,{3 + i},,,,,,,"
        for i in range(6)
    ]
    chunks = list(open_table(io.BytesIO("\n".join((HEADER, *rows)).encode())).chunks(2))
    assert [chunk.table.signals.tolist() for chunk in chunks] == [["A b", "B b"]] * 3
    assert [chunk.table.frame["orbital_period"].tolist() for chunk in chunks] == [[3, 4]] * 3

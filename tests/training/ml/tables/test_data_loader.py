"""From tables in every layout to harmonised frames."""

from __future__ import annotations

import io
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.simulator import simulate, write_csv
from training.ml.errors import EmptyTable, NoSignalColumns, TableError, TooLarge
from training.ml.schema import (
    FEATURE_BY_NAME,
    LAYOUTS,
    NUMERIC_NAMES,
    Disposition,
    Mission,
    source_columns,
)
from training.ml.signal_rows import FRAME_COLUMNS
from training.ml.tables.data_loader import (
    Limits,
    SignalTable,
    open_table,
    read_signals,
    star_groups,
)
from training.ml.tables.harmonise import merge_problems
from training.ml.tables.recognition import WrongMission

ARCHIVE_MISSIONS = (Mission.KEPLER, Mission.TESS, Mission.K2)


def stream(*lines: str) -> io.BytesIO:
    return io.BytesIO("\n".join(lines).encode())


def read(*lines: str, mission: Mission | None = None) -> SignalTable:
    return read_signals(stream(*lines), mission=mission)


def value(table: SignalTable, name: str, signal: int = 0) -> float:
    return float(table.frame[name].iloc[signal])


def same(left: SignalTable, right: SignalTable) -> None:
    pd.testing.assert_frame_equal(left.frame, right.frame)
    pd.testing.assert_frame_equal(left.positions, right.positions)
    for name in ("signals", "stars", "dispositions"):
        pd.testing.assert_series_equal(getattr(left, name), getattr(right, name))
    assert left.notes == right.notes
    assert left.row_reasons == right.row_reasons
    np.testing.assert_array_equal(left.row_signal, right.row_signal)


@pytest.fixture(scope="module", params=ARCHIVE_MISSIONS)
def simulated(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Mission, Path]:
    mission = request.param
    folder = tmp_path_factory.mktemp("tables")
    return mission, write_csv(
        simulate(mission, 300, seed=3), folder / f"{mission}.csv.gz", header_lines=7
    )


# --- the frame ------------------------------------------------------------------------------------


def test_the_frame_has_every_feature_in_order(simulated: tuple[Mission, Path]):
    mission, path = simulated
    table = read_signals(path)
    assert table.mission is mission
    assert tuple(table.frame.columns) == FRAME_COLUMNS
    assert isinstance(table.frame.index, pd.RangeIndex)
    assert (table.frame[list(NUMERIC_NAMES)].dtypes == np.float64).all()
    assert set(table.frame["mission"]) == {str(mission)}
    assert len(table) == 300
    assert set(table.dispositions) == {str(disposition) for disposition in Disposition}


def test_no_value_of_the_simulated_tables_is_out_of_range(simulated: tuple[Mission, Path]):
    assert read_signals(simulated[1]).problems == []


@pytest.mark.parametrize("rows", [1, 7, 100, 5_000])
def test_chunks_of_any_size_give_the_same_rows(simulated: tuple[Mission, Path], rows: int):
    reader = open_table(simulated[1])
    whole = reader.table()
    chunks = list(reader.chunks(rows))
    assert sum(len(chunk) for chunk in chunks) == reader.rows
    for chunk in chunks:
        first = chunk.first_row - 1
        expected = whole.row_signal[first : first + len(chunk)]
        assert (expected >= 0).all()
        found = chunk.table.frame.iloc[chunk.table.row_signal].reset_index(drop=True)
        pd.testing.assert_frame_equal(found, whole.frame.iloc[expected].reset_index(drop=True))
        names = chunk.table.signals.iloc[chunk.table.row_signal].tolist()
        assert names == whole.signals.iloc[expected].tolist()


def test_reading_twice_gives_the_same_table(simulated: tuple[Mission, Path]):
    same(read_signals(simulated[1]), read_signals(simulated[1]))


def test_chunks_may_begin_at_any_row(simulated: tuple[Mission, Path]):
    reader = open_table(simulated[1])
    late = next(reader.chunks(50, start_row=201))
    assert late.first_row == 201
    expected = reader.table().frame.iloc[reader.table().row_signal[200:250]].reset_index(drop=True)
    found = late.table.frame.iloc[late.table.row_signal].reset_index(drop=True)
    pd.testing.assert_frame_equal(found, expected)


def test_workers_may_harmonise_only_their_blocks(simulated: tuple[Mission, Path]):
    reader = open_table(simulated[1])
    mine = [reader.chunk(block) for block in reader.blocks(50) if block.first_row == 101]
    assert [chunk.first_row for chunk in mine] == [101]
    pd.testing.assert_frame_equal(mine[0].table.frame, list(reader.chunks(50))[2].table.frame)


def test_raw_cells_come_out_as_they_went_in(simulated: tuple[Mission, Path]):
    _, path = simulated
    expected = pd.read_csv(path, skiprows=7, dtype="str", keep_default_na=False)
    chunks = list(open_table(path).chunks(64))
    pd.testing.assert_frame_equal(
        pd.concat([chunk.raw for chunk in chunks], ignore_index=True), expected
    )
    lines = [line for chunk in chunks for line in chunk.lines or []]
    assert [line.split(",") for line in lines] == expected.to_numpy().tolist()


def test_columns_in_another_order_and_case_change_nothing(
    simulated: tuple[Mission, Path], tmp_path: Path
):
    mission, _ = simulated
    table = simulate(mission, 100, seed=5)
    shuffled = table[sorted(table.columns, key=lambda name: str(name)[::-1])].rename(
        columns=str.upper
    )
    same(
        read_signals(write_csv(table, tmp_path / "a.csv")),
        read_signals(write_csv(shuffled, tmp_path / "b.csv")),
    )


def test_a_mission_can_be_given_and_is_checked(simulated: tuple[Mission, Path]):
    mission, path = simulated
    same(read_signals(path, mission=mission), read_signals(path))
    for other in set(ARCHIVE_MISSIONS) - {mission}:
        # TOI and K2 share many names, and the depth has one name in two units.
        with pytest.raises(WrongMission, match=f"not of a {other} table"):
            read_signals(path, mission=other)


# --- units ----------------------------------------------------------------------------------------


def test_kepler_10_b_in_the_columns_of_koi():
    table = read(
        "kepid,kepoi_name,koi_disposition,koi_period,koi_duration,koi_depth,koi_depth_err1,"
        "koi_depth_err2,koi_kepmag",
        "11904151,K00072.01,CONFIRMED,0.837491225,1.8089,190.2,1.2,-1.4,10.961",
    )
    assert value(table, "orbital_period") == 0.837491225
    assert value(table, "transit_depth") == 190.2
    assert value(table, "transit_depth_error") == pytest.approx(1.3)
    assert table.frame["magnitude_band"].tolist() == ["Kp"]
    assert table.stars.tolist() == ["KIC 11904151"]
    assert table.signals.tolist() == ["K00072.01"]
    assert table.dispositions.tolist() == ["CONFIRMED"]


def test_k2_gives_depth_in_percent_and_toi_in_ppm():
    k2 = read(
        "pl_name,hostname,disposition,default_flag,pl_orbper,pl_trandep",
        "K2-3 b,K2-3,CONFIRMED,1,10.05,0.1217",
    )
    toi = read("toi,tid,tfopwg_disp,pl_orbper,pl_trandep", "1000.01,50365310,FP,2.17,656.9")
    assert value(k2, "transit_depth") == pytest.approx(1217)
    assert value(toi, "transit_depth") == 656.9
    assert (k2.frame["mission"].item(), toi.frame["mission"].item()) == ("K2", "TESS")


def test_two_components_become_one_length_and_two_magnitudes_a_colour():
    toi = read("toi,tid,pl_orbper,st_pmra,st_pmdec", "1.01,1,2,-3,4", "1.02,1,3,-3,")
    koi = read("kepoi_name,koi_period,koi_jmag,koi_kmag", "K1.01,3,12.5,12.1")
    np.testing.assert_array_equal(toi.frame["proper_motion"], [5, math.nan])
    assert value(koi, "stellar_jk_colour") == pytest.approx(0.4)


def test_one_side_of_an_uncertainty_stands_for_both():
    table = read(
        "kepoi_name,koi_period,koi_period_err1,koi_period_err2",
        "a,3,0.2,-0.4",
        "b,3,,-0.4",
        "c,3,0.2,",
        "d,3,,",
    )
    np.testing.assert_allclose(table.frame["orbital_period_error"], [0.3, 0.4, 0.2, math.nan])


def test_the_position_gives_the_distances_from_the_galactic_plane_and_the_ecliptic():
    table = read(
        "kepoi_name,koi_period,ra,dec", "pole,3,192.85948,27.12825", "none,3,,", "off,3,400,10"
    )
    np.testing.assert_allclose(
        table.frame["galactic_latitude"], [90, math.nan, math.nan], atol=1e-4
    )
    np.testing.assert_allclose(
        table.frame["ecliptic_latitude"], [29.8114, math.nan, math.nan], atol=1e-3
    )
    assert [problem.code for problem in table.problems] == [
        "position",
        "absent_feature",
        "absent_feature",
    ]


# --- what only the whole table tells --------------------------------------------------------------


def test_signals_on_a_star_are_counted_across_chunks():
    lines = ["kepid,kepoi_name,koi_period", "1,a,10", "2,b,7", "1,c,21", "1,d,", "2,e,999999"]
    for rows in (1, 2, 100):
        chunks = [chunk.table.frame for chunk in open_table(stream(*lines)).chunks(rows)]
        frame = pd.concat(chunks, ignore_index=True)
        # 1,d is left out: it has no measurement at all; so is 2,e, whose period is out of range.
        np.testing.assert_array_equal(frame["signal_count"], [3, 2, 3])
        np.testing.assert_allclose(frame["sibling_period_ratio"], [2.1, math.nan, 2.1])


def test_what_our_template_gives_itself_wins_over_what_is_counted():
    table = read(
        "mission,star,orbital_period,signal_count,sibling_period_ratio",
        "TESS,7,10,5,1.5",
        "TESS,TIC 7,20,,",
        "Kepler,7,20,,",
    )
    np.testing.assert_array_equal(table.frame["signal_count"], [5, 2, 1])
    np.testing.assert_array_equal(table.frame["sibling_period_ratio"], [1.5, 2, math.nan])
    assert table.stars.tolist() == ["TIC 7", "TIC 7", "KIC 7"]


# --- our own template -----------------------------------------------------------------------------


def test_the_template_takes_a_mission_per_row_in_any_case():
    table = read(
        "identifier,mission,orbital_period,stellar_magnitude,magnitude_band,disposition",
        "a,kepler,3,12,,CONFIRMED",
        "b, TESS ,4,12,v,PC",
        "c,Other,5,12,,",
        "d,Gaia,5,,,",
        "e,,5,,,",
    )
    assert table.frame["mission"].tolist() == ["Kepler", "TESS", "other"]
    assert table.frame["magnitude_band"].fillna("none").tolist() == ["Kp", "V", "none"]
    assert table.dispositions.isna().tolist() == [False, False, True]
    assert table.row_signal.tolist() == [0, 1, 2, -1, -1]
    assert table.row_reasons == {
        3: "The mission “Gaia” is not known; write Kepler, TESS, K2 or other.",
        4: "The mission is missing; write Kepler, TESS, K2 or other.",
    }
    assert table.mission is None


def test_a_band_without_a_magnitude_is_void_and_one_that_is_none_of_ours_is_not_the_missions():
    table = read(
        "identifier,mission,orbital_period,stellar_magnitude,magnitude_band",
        "a,Kepler,3,,V",
        "b,Kepler,3,12,J",
        "c,Kepler,3,12,--",
    )
    assert table.frame["magnitude_band"].fillna("none").tolist() == ["none", "none", "Kp"]


def test_the_template_without_a_mission_needs_one_given():
    with pytest.raises(NoSignalColumns) as refusal:
        read("orbital_period,transit_depth", "3,100")
    assert "mission" in refusal.value.missing
    table = read("orbital_period,transit_depth", "3,100", mission=Mission.OTHER)
    assert table.frame["mission"].tolist() == ["other"]


def test_every_feature_can_be_given_in_the_template():
    middle = {
        name: FEATURE_BY_NAME[name].low + 1
        for name in NUMERIC_NAMES
        if FEATURE_BY_NAME[name].high > 2
    }
    table = read("mission," + ",".join(middle), "K2," + ",".join(map(str, middle.values())))
    for name, number in middle.items():
        assert value(table, name) == (round(number) if FEATURE_BY_NAME[name].integer else number), (
            name
        )


# --- ExoFOP ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("teff", "logg", "epoch"),
    [
        ("Stellar Eff Temp (K)", "Stellar log(g) (cm/s^2)", "Epoch (BJD)"),
        ("Stellar Teff (K)", "Stellar log(g) (cm/s2)", "T0"),
    ],
)
def test_exofops_list_is_recognised_without_help(teff: str, logg: str, epoch: str):
    header = (
        f"TIC ID,TOI,Master,TESS Disposition,TFOPWG Disposition,TESS Mag,RA,Dec,{epoch},Period"
        " (days),Period (days) err,Duration (hours),Depth (mmag),Depth (ppm),Planet Radius"
        f" (R_Earth),Planet SNR,{teff},{logg},Stellar Radius (R_Sun)"
    )
    row = (
        "50365310,1000.01,5,PC,FP,9.604,07:29:25.85,-12:41:45.46,1.0,2.1713,"
        "0.0003,2.02,0.7,656.9,5.8,12,10249,4.19,2.17"
    )
    content = f"\ufeffTOI list, made by ExoFOP, today\n\n{header}\n{row}\n"
    table = read_signals(io.BytesIO(content.encode()))
    assert table.layout is LAYOUTS["exofop"]
    assert table.mission is Mission.TESS
    got = table.frame.iloc[0]
    expected = {
        "orbital_period": 2.1713,
        "orbital_period_error": 0.0003,
        "transit_duration": 2.02,
        "transit_depth": 656.9,
        "planet_radius": 5.8,
        "transit_snr": 12,
        "stellar_teff": 10249,
        "stellar_logg": 4.19,
        "stellar_radius": 2.17,
        "stellar_magnitude": 9.604,
        "signal_count": 1,
    }
    assert {name: got[name] for name in expected} == expected
    assert table.positions.iloc[0].tolist() == pytest.approx([112.357708, -12.695961])
    assert (table.stars.item(), table.signals.item()) == ("TIC 50365310", "1000.01")
    assert table.dispositions.item() == "FALSE POSITIVE"


# --- what looks wrong -----------------------------------------------------------------------------


def test_values_out_of_range_are_missing_counted_and_noted():
    rows = ["kepoi_name,koi_period,koi_depth"] + [
        f"a{i},3,{-5 if i % 2 else 100}" for i in range(1, 15)
    ]
    table = read(*rows)
    problem = next(problem for problem in table.problems if problem.code == "out_of_range")
    assert (problem.column, problem.count, problem.rows) == ("koi_depth", 7, (1, 3, 5, 7, 9))
    assert (
        problem.sentence
        == "7 rows have a value in koi_depth that is not between 0.1 and 1,000,000 ppm (Transit"
        " depth), which is treated as missing (first in rows 1, 3, 5, 7 and 9)."
    )
    assert table.frame["transit_depth"].isna().tolist() == [True, False] * 7
    note = (
        "Transit depth is −5 ppm, which is not between 0.1 and 1,000,000 ppm; treated as missing."
    )
    assert table.notes[0] == [note]
    assert table.notes[1] == []


def test_text_in_a_number_is_missing_counted_and_noted():
    table = read("kepoi_name,koi_period,koi_depth", "a,3,100", "b,nearly 3,90", "c,4,deep")
    assert [(p.code, p.column, p.rows) for p in table.problems][:2] == [
        ("not_a_number", "koi_period", (2,)),
        ("not_a_number", "koi_depth", (3,)),
    ]
    assert table.notes[1] == [
        "koi_period is “nearly 3”, which is not a number; treated as missing."
    ]


def test_an_unknown_disposition_is_named_not_guessed():
    table = read(
        "toi,tid,tfopwg_disp,pl_orbper", "1,1,CP,3", "2,2,XYZ,3", "3,3,XYZ,3", "4,4,,3", "5,5,{x},3"
    )
    sentences = [p.sentence for p in table.problems if p.code == "unknown_disposition"]
    assert sentences == [
        (
            "2 rows have the disposition “XYZ”, whose meaning is not known, and are treated as not"
            " dispositioned (rows 2 and 3)."
        ),
        (
            "1 row has the disposition “{x}”, whose meaning is not known, and is treated as not"
            " dispositioned (row 5)."
        ),
    ]
    assert table.dispositions.isna().tolist() == [False, True, True, True, True]


def test_a_limit_is_no_value():
    table = read(
        "toi,tid,pl_orbper,pl_orbperlim,pl_orbpererr1,pl_rade", "1,1,30,-1,2,3", "2,2,30,0,2,3"
    )
    np.testing.assert_array_equal(table.frame["orbital_period"], [math.nan, 30])
    np.testing.assert_array_equal(table.frame["orbital_period_error"], [math.nan, 2])
    assert (table.problems[0].code, table.problems[0].count) == ("limit", 1)


def test_rows_that_cannot_be_used_say_why():
    table = read("kepoi_name,koi_period,koi_depth", "a,3,100", "b,,", "c,3", "d,4,100")
    assert table.row_signal.tolist() == [0, -1, -1, 1]
    assert table.row_reasons == {
        1: "This row has no measurement that can be read.",
        2: "This row has 2 cells, but the header has 3.",
    }
    assert table.signals.tolist() == ["a", "d"]


def test_a_table_without_a_required_feature_says_so_once():
    problems = [p.sentence for p in read("kepoi_name,koi_period", "a,3").problems]
    assert problems == [
        "This table has no transit duration, so this input is missing in every row.",
        "This table has no transit depth, so this input is missing in every row.",
    ]


def test_problems_of_chunks_add_up_to_those_of_the_table():
    lines = ["kepoi_name,koi_period,koi_depth"] + [
        f"a{i},3,{-1 if i % 3 else 'x'}" for i in range(30)
    ]
    reader = open_table(stream(*lines))
    added = merge_problems(p for chunk in reader.chunks(4) for p in chunk.table.problems)
    added += reader.problems
    assert {(p.code, p.sentence) for p in added} == {
        (p.code, p.sentence) for p in reader.table().problems
    }


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        (["alpha,beta", "1,2"], NoSignalColumns),
        (["kepid,kepoi_name", "1,K1.01"], NoSignalColumns),
        (["kepoi_name,koi_period"], EmptyTable),
        (["pl_orbper,pl_trandep", "3,0.1"], TableError),
    ],
)
def test_a_table_of_something_else_is_refused(lines: list[str], error: type[TableError]):
    with pytest.raises(error) as refusal:
        read(*lines)
    assert refusal.value.message.endswith(".")


def test_the_row_limit_is_told_before_anything_is_read():
    lines = ["kepoi_name,koi_period", *(f"a,{i + 1}" for i in range(20))]
    with pytest.raises(TooLarge, match="reading stopped at row 11"):
        open_table(stream(*lines), max_rows=10)
    assert open_table(stream(*lines), max_rows=20).rows == 20


def test_answers_hidden_in_columns_feed_no_feature():
    hidden = {
        "koi_score",
        "koi_pdisposition",
        "koi_fpflag_nt",
        "kepler_name",
        "soltype",
        "sy_pnum",
        "rowupdate",
        "toi",
    }
    for key in LAYOUTS:
        assert not hidden & set(source_columns(key))


# --- stars across tables --------------------------------------------------------------------------


def test_the_same_star_in_two_tables_is_one_group():
    koi = read("kepid,koi_period,ra,dec", "1,3,100,40", "2,3,200,10")
    toi = read(
        "toi,tid,pl_orbper,ra,dec", "9.01,9,3,100.0005,40.0005", "9.02,9,4,,", "8.01,8,3,300,0"
    )
    left, right = star_groups([koi, toi])
    assert left.tolist() == [0, 1]
    assert right.tolist() == [0, 0, 2]
    assert star_groups([]) == []


@pytest.mark.parametrize("mission", [Mission.KEPLER, Mission.TESS])
def test_what_was_counted_before_replaces_the_first_pass(
    mission: Mission, monkeypatch: pytest.MonkeyPatch
):
    source = io.BytesIO(simulate(mission, 40, seed=4).to_csv(index=False).encode())
    first = open_table(source)
    expected = first.table().frame
    monkeypatch.setattr(
        "training.ml.tables.data_loader.count_signals", lambda *_: pytest.fail("counted again")
    )
    again = open_table(source, counted=first.counted)
    assert again.rows == first.rows == 40
    pd.testing.assert_frame_equal(again.table().frame, expected)


def test_rows_that_are_combined_have_a_limit_of_their_own():
    table = simulate(Mission.K2, 12, seed=3)
    source = io.BytesIO(table.to_csv(index=False).encode())
    reader = open_table(source, limits=Limits(combined_rows=len(table)))
    assert reader.counted is None, "its signals are gathered, not counted"
    with pytest.raises(
        TooLarge,
        match=rf"The limit is {len(table) - 1} rows\. Split it, with all rows of an object",
    ):
        open_table(source, limits=Limits(combined_rows=len(table) - 1))

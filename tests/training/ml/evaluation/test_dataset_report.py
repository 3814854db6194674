"""What is in a labelled table, found by hand-made faults in it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.simulator import simulate, write_csv
from training.ml.evaluation.dataset_report import ReferenceData, SignalIndex, validate
from training.ml.evaluation.drift import (
    MIN_COMPARED,
    count_bins,
    feature_profile,
    shifts,
    stability_index,
)
from training.ml.evaluation.shapes import Report
from training.ml.fitting.selection import each_signal_once
from training.ml.schema import Mission
from training.ml.tables.data_loader import open_table


def report_on(table: pd.DataFrame, path: Path, **facts: object) -> Report:
    reader = open_table(write_csv(table, path))
    return validate(reader, reader.table(), **facts)  # type: ignore[arg-type]


@pytest.fixture
def koi() -> pd.DataFrame:
    return simulate(Mission.KEPLER, 300, 0)


def test_it_counts_dispositions_and_missing_values(koi: pd.DataFrame, tmp_path: Path) -> None:
    koi.loc[:9, "koi_depth"] = np.nan
    report = report_on(koi, tmp_path / "koi.csv")
    expected = koi["koi_disposition"].value_counts()
    assert report["missions"]["Kepler"]["CONFIRMED"] == expected["CONFIRMED"]
    assert sum(report["missions"]["Kepler"].values()) == report["signals"] == 300
    depth = next(feature for feature in report["features"] if feature["feature"] == "transit_depth")
    assert depth["missing"] == koi["koi_depth"].isna().sum() >= 10


def test_it_names_values_out_of_range_with_their_rows(koi: pd.DataFrame, tmp_path: Path) -> None:
    koi.loc[6, "koi_steff"] = 1e9
    report = report_on(koi, tmp_path / "koi.csv")
    found = [problem for problem in report["problems"] if problem["column"] == "koi_steff"]
    assert [(problem["code"], problem["rows"]) for problem in found] == [("out_of_range", [7])]


def test_it_finds_a_signal_that_stands_twice(koi: pd.DataFrame, tmp_path: Path) -> None:
    report = report_on(pd.concat([koi, koi.iloc[[4]]]), tmp_path / "koi.csv")
    name = koi["kepoi_name"].iloc[4]
    assert report["duplicates"] == {"count": 1, "examples": [{"signal": name, "rows": [5, 301]}]}


def test_it_says_which_dispositions_an_earlier_dataset_contradicts(
    koi: pd.DataFrame, tmp_path: Path
) -> None:
    earlier = ReferenceData(
        "last year", SignalIndex.of(open_table(write_csv(koi, tmp_path / "old.csv")).table())
    )
    before = koi.loc[2, "koi_disposition"]
    koi.loc[2, "koi_disposition"] = after = "CANDIDATE" if before != "CANDIDATE" else "CONFIRMED"
    report = report_on(koi.iloc[:200], tmp_path / "new.csv", earlier=[earlier], in_service=earlier)
    (overlap,) = report["overlaps"]
    assert (overlap["shared"], overlap["contradictions"]) == (200, 1)
    assert overlap["examples"][0] | {"signal": ""} == {
        "signal": "",
        "row": 3,
        "here": after,
        "there": before,
    }
    assert (report["adds"]["signals"], report["adds"]["changed"]) == (0, 1)


def test_it_leaves_out_what_holds_the_answer(koi: pd.DataFrame, tmp_path: Path) -> None:
    koi = koi.assign(koi_score=0.5, koi_fpflag_nt=0, kepler_name="", colour="red")
    report = report_on(koi, tmp_path / "koi.csv")
    assert {"koi_score", "koi_fpflag_nt", "kepler_name"} <= {
        column["column"] for column in report["left_out"]
    }
    assert "colour" in report["ignored"]
    assert "kepoi_name" not in {column["column"] for column in report["left_out"]}


def test_an_index_comes_back_from_its_file(koi: pd.DataFrame, tmp_path: Path) -> None:
    index = SignalIndex.of(open_table(write_csv(koi, tmp_path / "koi.csv")).table())
    again = SignalIndex.unpack(index.pack())
    assert all(
        (getattr(index, name) == getattr(again, name)).all()
        for name in ("signals", "stars", "truth", "names")
    )


def test_the_newest_table_keeps_a_signal(koi: pd.DataFrame, tmp_path: Path) -> None:
    old = open_table(write_csv(koi, tmp_path / "old.csv")).table()
    koi = koi.assign(koi_disposition="CONFIRMED")
    new = open_table(write_csv(koi.iloc[:100], tmp_path / "new.csv")).table()
    first, second = each_signal_once([old, new])
    assert (len(first), len(second)) == (200, 100)
    assert set(first.signals).isdisjoint(second.signals)
    assert set(second.dispositions) == {"CONFIRMED"}


# --- shift ----------------------------------------------------------------------------------------


def test_the_stability_index_of_a_hand_made_shift() -> None:
    """Half of everything moves from one bin of two into the other: (0.75 − 0.5) ln 1.5 + (0.25 −
    0.5) ln 0.5."""
    found = stability_index(np.array([50_000, 50_000]), np.array([75_000, 25_000]))
    assert found == pytest.approx(0.25 * np.log(1.5) - 0.25 * np.log(0.5), abs=1e-4)
    assert stability_index(np.array([10, 20]), np.array([100, 200])) < 0.005


def test_tenths_hold_a_tenth_each_and_missing_values_none() -> None:
    values = np.append(np.arange(1000.0), [np.nan] * 50)
    frame = simulate_frame(values)
    facts = feature_profile(frame)["pooled"]["orbital_period"]
    assert facts["counts"] == pytest.approx([100] * 10, abs=1)
    assert count_bins(np.array([np.nan, -5, 5000]), facts["edges"]).sum() == 2


def test_too_few_values_raise_no_alarm() -> None:
    group = feature_profile(simulate_frame(np.arange(1000.0)))["pooled"]
    edges = group["orbital_period"]["edges"]
    few, many = (
        shifts(group, {"orbital_period": count_bins(np.full(n, 5000.0), edges)})[0]
        for n in (MIN_COMPARED - 1, MIN_COMPARED)
    )
    assert few.index > 1
    assert (few.size, many.size) == ("none", "large")


def simulate_frame(periods: np.ndarray) -> pd.DataFrame:
    from training.ml.schema import NUMERIC_NAMES

    frame = pd.DataFrame({name: np.nan for name in NUMERIC_NAMES}, index=range(len(periods)))
    return frame.assign(mission="Kepler", orbital_period=periods)


def test_other_forms_of_known_names_are_no_new_signals(koi: pd.DataFrame, tmp_path: Path) -> None:
    known = SignalIndex.of(open_table(write_csv(koi, tmp_path / "old.csv")).table())
    few = koi.iloc[:4].copy()
    numbers = few["kepoi_name"].str[1:].str.lstrip("0")
    few["kepoi_name"] = [
        "KOI-" + numbers.iloc[0],
        "KOI " + numbers.iloc[1],
        "K" + numbers.iloc[2],
        "Kepler-11 c",
    ]
    report = report_on(few, tmp_path / "few.csv", in_service=ReferenceData("version", known))
    assert report["adds"]["signals"] == 0
    few["kepid"] = few["kepid"] + 1_000_000
    report = report_on(few, tmp_path / "few.csv", in_service=ReferenceData("version", known))
    assert report["adds"]["signals"] == 1

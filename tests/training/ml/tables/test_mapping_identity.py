"""A preview's mapping, sent back unchanged, reads the table as it is read without one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.known_signals import REAL_TABLES
from tests.simulator import simulate, write_csv
from training.ml.schema import Combine, Disposition, Mission
from training.ml.tables.data_loader import SignalTable, open_table, read_signals
from training.ml.tables.mapping import ColumnMapping, Detail, mapping_of_plan
from training.ml.tables.preview import preview_table

PEOPLES = sorted(
    path
    for path in (Path(__file__).parents[5] / "shared" / "cases").glob("*.*")
    if path.suffix not in (".md", "")
)


def sent_back(path: Path, mission: Mission | None = None) -> ColumnMapping:
    mapping = preview_table(path, mission=mission).mapping
    text = json.dumps(mapping.as_json(), sort_keys=True)
    return ColumnMapping.from_json(json.loads(text))


def assert_same(one: SignalTable, other: SignalTable) -> None:
    pd.testing.assert_frame_equal(one.frame, other.frame, check_exact=True)
    pd.testing.assert_series_equal(one.signals, other.signals)
    pd.testing.assert_series_equal(one.stars, other.stars)
    pd.testing.assert_series_equal(one.dispositions, other.dispositions)
    pd.testing.assert_frame_equal(one.positions, other.positions)
    np.testing.assert_array_equal(one.epochs, other.epochs)
    np.testing.assert_array_equal(one.doubted, other.doubted)
    np.testing.assert_array_equal(one.known_before, other.known_before)
    np.testing.assert_array_equal(one.row_signal, other.row_signal)
    assert one.notes == other.notes
    assert one.problems == other.problems
    assert one.row_reasons == other.row_reasons


@pytest.mark.parametrize("mission", [Mission.KEPLER, Mission.TESS, Mission.K2])
def test_every_missions_table_is_read_alike(mission: Mission, tmp_path: Path):
    path = write_csv(simulate(mission, 300, seed=8), tmp_path / "t.csv")
    mapping = sent_back(path)
    assert open_table(path).plan == open_table(path, mapping=mapping).plan
    assert_same(read_signals(path), read_signals(path, mapping=mapping))


@pytest.mark.shared_data
@pytest.mark.parametrize("name", REAL_TABLES)
def test_every_shared_table_is_read_alike(name: str, shared_data: Path):
    path = shared_data / name
    mapping = sent_back(path)
    assert open_table(path).plan == open_table(path, mapping=mapping).plan
    assert_same(read_signals(path), read_signals(path, mapping=mapping))


@pytest.mark.shared_data
@pytest.mark.parametrize("path", PEOPLES, ids=lambda path: path.name)
def test_peoples_tables_are_read_alike(path: Path):
    """Guesses, too: what the preview would read is what a batch reads by its mapping."""
    preview = preview_table(path)
    mission = None if preview.mapping.mission or preview.mapping.mission_column else Mission.OTHER
    mapping = sent_back(path)
    mapping = replace(mapping, mission=mission) if mission else mapping
    if preview.recognised or mission:
        expected = read_signals(path, mission=mission)
    else:
        expected = read_signals(path, mapping=preview.mapping)
    assert_same(expected, read_signals(path, mapping=mapping))


def test_another_unit_changes_that_input_alone(tmp_path: Path):
    path = write_csv(simulate(Mission.TESS, 60, seed=9), tmp_path / "t.csv")
    mapping = sent_back(path)
    column = mapping.features["transit_duration"][0]
    days = replace(mapping, features={**mapping.features, "transit_duration": (column, "minutes")})
    was, now = read_signals(path).frame, read_signals(path, mapping=days).frame
    changed = [name for name in was.columns if not was[name].equals(now[name])]
    assert changed == ["transit_duration"]


def test_a_mapping_says_all_that_a_plan_says():
    mapping = ColumnMapping(
        mission_column="m",
        features={
            "orbital_period": ("P", "days"),
            "transit_depth": ("d", "ppm"),
            "proper_motion": ("e", "mas/yr"),
            "stellar_jk_colour": ("J", "mag"),
            "transit_depth_error": ("up", "ppm"),
        },
        details={
            "proper_motion": Detail(("e", "n"), Combine.HYPOT),
            "stellar_jk_colour": Detail(("J", "K"), Combine.DIFFERENCE),
            "transit_depth_error": Detail(("up", "down"), Combine.MEAN_ABS),
            "transit_depth": Detail(("d",), limits=("dlim",), units={Mission.K2: "percent"}),
        },
        missions={"sat": Mission.TESS},
        dispositions={"1": Disposition.CONFIRMED},
        signal="name",
        several_rows=True,
        band="V",
        epoch="t0",
        epoch_zero=2_457_000,
    )
    again = ColumnMapping.from_json(json.loads(json.dumps(mapping.as_json())))
    assert again == mapping
    columns = ["m", "P", "d", "dlim", "e", "n", "J", "K", "up", "down", "name", "t0"]
    plan = again.plan(columns)
    assert plan.combines_rows
    assert (plan.band, plan.layout.epoch_zero) == ("V", 2_457_000)
    by_name = {source.feature: source for source in plan.features}
    assert by_name["proper_motion"].columns == ("e", "n")
    assert by_name["transit_depth"].limits == ("dlim",)
    depth = by_name["transit_depth"].convert(np.array([1.0, 2.0]), ["TESS", "K2"])
    np.testing.assert_array_equal(depth, [1, 20_000])


def test_a_detail_ends_where_its_column_is_changed_and_faults_are_named():
    mapping = ColumnMapping(
        Mission.TESS,
        {"orbital_period": ("P", "days"), "proper_motion": ("x", "mas/yr")},
        details={"proper_motion": Detail(("e", "n"), Combine.HYPOT)},
    )
    assert mapping.detail_of("proper_motion") is None
    with_two = replace(mapping, features={**mapping.features, "proper_motion": ("e", "mas/yr")})
    assert with_two.faults(["P", "e"]) == ["This table has no column “n”."]
    assert replace(mapping, band="Q").faults(["P", "x"]) == [
        "“Q” is not a magnitude band; choose Kp, T, G or V."
    ]


def test_what_a_form_does_not_show_is_kept(tmp_path: Path):
    path = write_csv(simulate(Mission.TESS, 60, seed=9), tmp_path / "t.csv")
    shown = sent_back(path)
    asked = ("signal", "star", "ra", "dec", "disposition", "mission_column")
    sent = ColumnMapping(
        shown.mission, shown.features, **{role: getattr(shown, role) for role in asked}
    )
    assert_same(read_signals(path), read_signals(path, mapping=sent.completed_by(shown)))


def test_an_old_mapping_without_details_still_means_the_same():
    old = {
        "mission": "TESS",
        "features": {"orbital_period_error": ["Perr1", "days"], "orbital_period": ["P", "days"]},
        "dispositions": {},
        "signal": None,
    }
    plan = ColumnMapping.from_json(old).plan(["P", "Perr1", "Perr2"])
    assert {f.feature: f.columns for f in plan.features} == {
        "orbital_period": ("P",),
        "orbital_period_error": ("Perr1", "Perr2"),
    }
    assert mapping_of_plan(plan).plan(["P", "Perr1", "Perr2"]).features == plan.features

"""Tables with other column names: mappings given, stored, guessed and previewed, and units that
look wrong."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.simulator import simulate, write_csv
from training.ml.errors import InvalidMapping, NoSignalColumns, TableError
from training.ml.schema import FEATURE_BY_NAME, NUMERIC_NAMES, Disposition, Mission
from training.ml.tables.data_loader import open_table, read_signals
from training.ml.tables.doubting.doubts import suspicions
from training.ml.tables.guessing.guesses import guess_columns, guess_mapping
from training.ml.tables.mapping import ColumnMapping, header_fingerprint
from training.ml.tables.preview import preview_table
from training.ml.tables.units import UNITS


def stream(text: str) -> io.BytesIO:
    return io.BytesIO(text.encode())


MAPPING = ColumnMapping(
    mission=Mission.TESS,
    features={
        "orbital_period": ("P", "hours"),
        "transit_duration": ("T", "minutes"),
        "transit_depth": ("D", "percent"),
        "planet_radius": ("R", "Jupiter radii"),
        "orbital_period_error": ("Perr1", "hours"),
    },
    signal="name",
    star="host",
    disposition="verdict",
    dispositions={"EB": Disposition.FALSE_POSITIVE},
)
TABLE = (
    "name,host,verdict,P,Perr1,Perr2,T,D,R\na,5,PC,48,2.4,-4.8,150,0.8,1\nb,5,eb,96,,,90,0.1,0.5\n"
)


def test_a_mapping_turns_columns_and_units_into_ours():
    table = read_signals(stream(TABLE), mapping=MAPPING)
    np.testing.assert_allclose(table.frame["orbital_period"], [2, 4])
    np.testing.assert_allclose(table.frame["orbital_period_error"], [0.15, np.nan])
    np.testing.assert_allclose(table.frame["transit_duration"], [2.5, 1.5])
    np.testing.assert_allclose(table.frame["transit_depth"], [8000, 1000])
    np.testing.assert_allclose(table.frame["planet_radius"], [11.209, 5.6045], rtol=1e-4)
    np.testing.assert_allclose(table.frame["sibling_period_ratio"], [2, 2])
    assert table.stars.tolist() == ["TIC 5", "TIC 5"]
    assert table.dispositions.tolist() == ["CANDIDATE", "FALSE POSITIVE"]
    assert set(table.frame["mission"]) == {"TESS"}


def test_a_depth_in_millimagnitudes_is_a_loss_of_light():
    mapping = ColumnMapping(Mission.TESS, {"transit_depth": ("D", "mmag")})
    depth = read_signals(stream("D,x\n1,0\n10,0\n750,0\n"), mapping=mapping).frame["transit_depth"]
    np.testing.assert_allclose(depth, [920.61, 9168.0, 498_813], rtol=1e-4)


def test_a_mapping_survives_being_stored():
    assert ColumnMapping.from_json(json.loads(json.dumps(MAPPING.as_json()))) == MAPPING


@pytest.mark.parametrize(
    "stored",
    [{}, {"features": 3}, {"features": {"a": "b"}}, {"features": {}, "dispositions": {"a": "b"}}],
)
def test_a_damaged_mapping_is_refused(stored: dict[str, object]):
    with pytest.raises(InvalidMapping):
        ColumnMapping.from_json(stored)


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        (ColumnMapping(Mission.K2, {}), "which column holds the orbital period"),
        (ColumnMapping(None, {"orbital_period": ("P", "days")}), "Choose the mission"),
        (ColumnMapping(Mission.K2, {"orbital_period": ("Q", "days")}), "has no column “Q”"),
        (
            ColumnMapping(Mission.K2, {"orbital_period": ("P", "weeks")}),
            "“weeks” is not a unit of orbital period",
        ),
        (
            ColumnMapping(Mission.K2, {"orbital_period": ("P", "days"), "koi_score": ("P", "")}),
            "“koi_score” is not an",
        ),
        (
            ColumnMapping(Mission.K2, {"orbital_period": ("P", "days")}, star="nobody"),
            "has no column “nobody”",
        ),
    ],
)
def test_a_mapping_that_does_not_fit_says_what_is_wrong(mapping: ColumnMapping, words: str):
    with pytest.raises(InvalidMapping) as refusal:
        open_table(stream(TABLE), mapping=mapping)
    assert words in refusal.value.message


def test_the_header_of_a_saved_mapping_is_known_again_in_any_order():
    assert (
        header_fingerprint(["a", "b"])
        == header_fingerprint(["b", "a"])
        != header_fingerprint(["a", "c"])
    )


def test_every_feature_has_units_and_ours_comes_first():
    assert set(UNITS) == set(NUMERIC_NAMES)
    for name, units in UNITS.items():
        assert (units[0].name, units[0].factor) == (FEATURE_BY_NAME[name].unit, 1)
        assert len({unit.name for unit in units}) == len(units)


@pytest.mark.parametrize(
    ("text", "features", "roles"),
    [
        (
            (
                "Name,P [d],T14 [h],Depth"
                " [%],Rp,Teff,Rs,Status,RA,DEC\nx,3.1,2.5,0.8,1.2,5600,0.95,planet,10.1,-5\n"
            ),
            {
                "orbital_period": ("P [d]", "days"),
                "transit_duration": ("T14 [h]", "hours"),
                "transit_depth": ("Depth [%]", "percent"),
                "planet_radius": ("Rp", "Earth radii"),
                "stellar_teff": ("Teff", "K"),
                "stellar_radius": ("Rs", "solar radii"),
            },
            {"signal": "Name", "disposition": "Status", "ra": "RA", "dec": "DEC", "mission": None},
        ),
        (
            (
                "tic_id,period_days,e_period,duration_min,depth_frac,planet_radius_rjup,star_temp\n"
                "1,3.1,0.0001,120,0.001,0.5,5600\n2,4.1,0.001,180,0.002,0.7,5600\n"
            ),
            {
                "orbital_period": ("period_days", "days"),
                "transit_duration": ("duration_min", "minutes"),
                "transit_depth": ("depth_frac", "fraction"),
                "planet_radius": ("planet_radius_rjup", "Jupiter radii"),
                "stellar_teff": ("star_temp", "K"),
                "orbital_period_error": ("e_period", "days"),
            },
            {"star": "tic_id", "mission": Mission.TESS},
        ),
        (
            (
                "target;Orbital Period;Transit"
                " Duration;depth\na;3;0.1;0.002\nb;4;0.12;0.001\nc;9;0.15;0.001\n"
            ),
            {
                "orbital_period": ("Orbital Period", "days"),
                "transit_duration": ("Transit Duration", "days"),
                "transit_depth": ("depth", "fraction"),
            },
            {"star": "target"},
        ),
    ],
)
def test_guesses_go_by_name_and_by_the_values(
    text: str, features: dict[str, tuple[str, str]], roles: dict[str, object]
):
    preview = preview_table(stream(text))
    assert isinstance(preview.refusal, NoSignalColumns)
    assert not preview.recognised
    assert preview.mapping.features == features
    assert {role: getattr(preview.mapping, role) for role in roles} == roles
    assert all(0 < confidence <= 1 for confidence in preview.mapping.confidence.values())


def test_columns_of_text_and_unknown_columns_are_not_guessed():
    guess = guess_mapping(
        ["period", "colour of ink"], pd.DataFrame({"period": ["long", "short"]}, dtype="str")
    )
    assert guess.features == {}


def test_a_renamed_archive_table_is_read_like_the_original_by_its_guess(tmp_path: Path):
    table = simulate(Mission.KEPLER, 120, seed=2)
    renamed = table.rename(
        columns=lambda name: name.replace("koi_", "my_").replace("my_period", "period_d")
    )
    renamed = renamed.rename(columns={"my_duration": "duration_h", "my_depth": "depth_ppm"})
    path = write_csv(renamed, tmp_path / "mine.csv")
    preview = preview_table(path, mission=Mission.KEPLER)
    assert preview.refusal is not None
    mine = read_signals(path, mapping=preview.mapping)
    theirs = read_signals(write_csv(table, tmp_path / "koi.csv"))
    for name in ("orbital_period", "transit_duration", "transit_depth"):
        pd.testing.assert_series_equal(mine.frame[name], theirs.frame[name])


@pytest.mark.parametrize("mission", [Mission.KEPLER, Mission.TESS, Mission.K2])
def test_a_known_table_is_previewed_as_it_will_be_read(mission: Mission, tmp_path: Path):
    path = write_csv(simulate(mission, 80, seed=4), tmp_path / "t.csv")
    preview = preview_table(path, rows=30)
    assert preview.recognised
    assert preview.table is not None
    assert len(preview.raw) == 30
    assert preview.problems == []
    assert preview.mapping.features["transit_depth"][1] == (
        "percent" if mission is Mission.K2 else "ppm"
    )


def test_a_file_that_is_no_table_has_no_preview():
    with pytest.raises(TableError):
        preview_table(stream("<html></html>"))
    with pytest.raises(TableError):
        preview_table(stream("a,b\n"))


@pytest.mark.parametrize(
    ("column", "factor", "code"),
    [
        ("koi_depth", 1e-6, "depth_fraction"),
        ("koi_depth", 1e-4, "depth_percent"),
        ("koi_depth", 1e-3, "depth_ppt"),
        ("koi_duration", 1 / 24, "duration_days"),
        ("koi_duration", 60, "duration_minutes"),
        ("koi_prad", 1 / 11.2, "radius_jupiter"),
        ("koi_steff", 1e-3, "mostly_out_of_range"),
        ("koi_depth", 1, None),
    ],
)
def test_a_column_in_another_unit_raises_suspicion(
    column: str, factor: float, code: str | None, tmp_path: Path
):
    table = simulate(Mission.KEPLER, 200, seed=6)
    table[column] *= factor
    found = suspicions(read_signals(write_csv(table, tmp_path / "t.csv")))
    assert [problem.code for problem in found] == ([code] if code else [])


@pytest.mark.parametrize(("column", "target"), [("b", "impact_parameter"), ("k", "radius_ratio")])
def test_a_letter_that_means_many_things_is_offered_and_not_filled_in(
    column: str, target: str
) -> None:
    sample = pd.DataFrame({"name": ["x", "y"], column: ["0.1", "0.3"]}, dtype="str")
    (guess,) = [g for g in guess_columns(["name", column], sample) if g.target == target]
    assert guess.column == column
    assert not guess.filled

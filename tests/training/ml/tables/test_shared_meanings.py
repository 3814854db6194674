"""Tables that people really have, each with one kind of trouble: what each is read as."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from training.ml.schema import Mission
from training.ml.tables.data_loader import open_table, read_signals
from training.ml.tables.preview import Preview, preview_table
from training.ml.tables.recognition import MissionNeeded

pytestmark = pytest.mark.shared_data


@pytest.fixture(scope="module")
def cases(shared_data: Path) -> Path:
    folder = shared_data.parent / "cases"
    if not folder.is_dir():
        pytest.skip(f"needs the tables in {folder}")
    return folder


def inputs(preview: Preview) -> dict[str, tuple[str, str]]:
    return dict(preview.mapping.features)


def test_stated_days_are_read_and_the_mission_is_asked_for(cases: Path):
    path = cases / "units_header_says_days.csv"
    with pytest.raises(MissionNeeded):
        open_table(path)
    preview = preview_table(path)
    assert preview.mapping.mission is None
    assert [question.kind for question in preview.questions] == ["mission"]
    frame = read_signals(path, mission=Mission.OTHER).frame
    assert frame["transit_duration"][0] == pytest.approx(0.1277 * 24)
    assert frame["transit_depth"][0] == pytest.approx(14_600)


def test_planets_of_all_missions_are_not_k2s(cases: Path):
    table = read_signals(cases / "mission_ps_is_not_k2.csv")
    assert table.frame["mission"].tolist() == ["Kepler", "Kepler", "other", "other", "TESS"]


def test_rows_in_days_are_doubted_in_the_list_of_ctois(cases: Path):
    preview = preview_table(cases / "ctoi_list_exofop_2023.csv")
    assert preview.plan is not None
    assert (preview.mapping.signal, preview.mapping.ra) == ("CTOI", "RA (deg)")
    doubts = {doubt.kind: doubt.rows for doubt in preview.doubts}
    assert doubts == {"duration_days": (1, 2, 4, 5), "depth_flux": (5,)}
    errors = [name for name in preview.plan.feature_names if name.endswith("_error")]
    assert len(errors) >= 8


def test_a_mapping_sent_back_reads_the_same(cases: Path):
    path = cases / "mapping_sent_back_toi.csv"
    mapping = preview_table(path).mapping
    frame = read_signals(path, mapping=mapping).frame
    assert frame.equals(read_signals(path).frame)
    assert frame["proper_motion"][0] == pytest.approx(np.hypot(83.08, 269.77))


def test_the_light_left_at_mid_transit_is_a_depth(cases: Path):
    table = read_signals(cases / "units_tls_output.csv")
    assert table.frame["transit_depth"][0] == pytest.approx(280)
    assert table.frame["transit_duration"][0] == pytest.approx(0.1225 * 24)
    assert table.mission is Mission.TESS


def test_planets_of_exoplanet_eu(cases: Path):
    table = read_signals(cases / "guess_exoplanet_eu.csv", mission=Mission.OTHER)
    assert table.row_reasons.keys() == {0}
    assert table.frame["planet_radius"][0] == pytest.approx(1.431 * 11.209, rel=1e-4)
    assert table.frame[["stellar_logg", "radius_ratio"]].isna().all(axis=None)


def test_units_in_brackets_decide_in_any_language(cases: Path):
    assert inputs(preview_table(cases / "columns_german.csv")) == {
        "orbital_period": ("Umlaufzeit [Tage]", "days"),
        "transit_duration": ("Transitdauer [Stunden]", "hours"),
        "transit_depth": ("Transittiefe [ppm]", "ppm"),
        "planet_radius": ("Planetenradius [Erdradien]", "Earth radii"),
        "stellar_teff": ("Sterntemperatur [K]", "K"),
        "stellar_radius": ("Sternradius [Sonnenradien]", "solar radii"),
    }


def test_identifiers_are_names_and_no_counts(cases: Path):
    tces = preview_table(cases / "guess_tess_tcestats.csv")
    assert (tces.mapping.signal, tces.mapping.star) == ("tceid", "ticid")
    assert {"radius_ratio", "scaled_semi_major_axis", "max_multiple_event_statistic"} <= set(
        inputs(tces)
    )
    labels = preview_table(cases / "labels_as_numbers.csv", mission=Mission.KEPLER)
    assert (labels.mapping.signal, labels.mapping.star) == (None, "search_id")
    assert [(q.kind, set(q.words)) for q in labels.questions] == [("labels", {"0", "1"})]


def test_words_of_missions_and_units_doubted_per_mission(cases: Path):
    path = cases / "mission_words_mixed_units.csv"
    mapping = preview_table(path).mapping
    assert mapping.mission_column == "type"
    preview = preview_table(path, mapping=mapping)
    (doubt,) = preview.doubts
    assert (doubt.kind, doubt.mission, doubt.rows) == ("depth_percent", Mission.K2, (7, 8))


def test_a_v_magnitude_is_no_magnitude_of_the_mission(cases: Path):
    mapping = preview_table(cases / "band_v_taken_for_mission_band.csv").mapping
    assert (mapping.features["stellar_magnitude"], mapping.band) == (("Vmag", "mag"), "V")
    frame = read_signals(cases / "band_v_taken_for_mission_band.csv", mapping=mapping).frame
    assert set(frame["magnitude_band"]) == {"V"}


def test_repeated_rows_are_said_once_and_are_not_siblings(cases: Path):
    reader = open_table(cases / "duplicates_same_name.csv")
    said = [p.sentence for p in reader.problems if p.code == "repeated_signal"]
    assert len(said) == 1
    assert "K00010.01 stands 4 times" in said[0]
    frame = reader.table().frame
    assert frame["signal_count"].tolist()[:5] == [2, 2, 1, 1, 1]


def test_rounded_star_numbers_join_nothing(cases: Path):
    table = read_signals(cases / "ids_mangled.csv")
    assert table.stars.isna().all()
    (said,) = [p for p in table.problems if p.code == "rounded_star"]
    assert "2.59377E+08" in said.sentence
    floats = read_signals(cases / "ids_float.csv")
    assert set(floats.stars) == {"TIC 259377017"}


def test_a_depth_is_computed_from_the_radius_ratio(cases: Path):
    table = read_signals(cases / "depth_only_as_radius_ratio.csv")
    assert table.frame["transit_depth"][0] == pytest.approx(0.022344**2 * 1e6)
    assert [p.count for p in table.problems if p.code == "derived"] == [4]


def test_plain_english_stays_right(cases: Path):
    found = inputs(preview_table(cases / "columns_readable_english.csv"))
    assert found["transit_duration"] == ("Transit Duration [hrs]", "hours")
    assert found["stellar_logg"][0] == "Stellar Surface Gravity [log10(cm/s**2)]"
    assert len(found) == 13

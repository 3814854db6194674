"""Required inputs that others determine are computed where a table has no column for them."""

from __future__ import annotations

import io

import numpy as np
import pytest

from training.ml.tables.data_loader import open_table

ROR = "kepid,kepoi_name,koi_period,koi_duration,koi_ror\n"


def table_of(text: str):
    reader = open_table(io.BytesIO(text.encode()))
    return reader, reader.table()


def test_a_depth_is_computed_from_the_radius_ratio_and_said():
    _, table = table_of(ROR + "1,K00001.01,9.5,3,0.02\n1,K00001.02,5,3,\n")
    np.testing.assert_allclose(table.frame["transit_depth"], [400, np.nan])
    assert "400 ppm is computed from the radius ratio" in table.notes[0][0]
    assert "factor of 2 in 15 %" in table.notes[0][0]
    assert table.notes[1] == []
    (said,) = [p for p in table.problems if p.code == "derived"]
    assert (said.count, said.rows, said.feature) == (1, (1,), "transit_depth")
    assert not [p for p in table.problems if p.code == "absent_feature"]


def test_a_gap_in_a_column_of_depths_stays_a_gap():
    text = "kepid,kepoi_name,koi_period,koi_duration,koi_depth,koi_ror\n1,K00001.01,9.5,3,,0.02\n"
    _, table = table_of(text)
    assert table.frame["transit_depth"].isna().all()
    assert not [p for p in table.problems if p.code == "derived"]


def test_a_duration_is_computed_from_the_orbit():
    # HD 209458 b: P 3.52475 d, a/Rs 8.76, b 0.507, Rp/Rs 0.1209; T14 is 3.07 h (Winn 2010).
    header = "kepid,kepoi_name,koi_period,koi_depth,koi_ror,koi_dor,koi_impact\n"
    _, table = table_of(header + "1,K00001.01,3.52475,15000,0.1209,8.76,0.507\n")
    assert table.frame["transit_duration"].item() == pytest.approx(3.07, rel=0.01)
    assert "computed from period, scaled semi-major axis" in table.notes[0][0]


def test_what_others_do_not_determine_is_missing():
    reader, table = table_of("kepid,kepoi_name,koi_period,koi_dor\n1,K00001.01,3.5,8.8\n")
    assert table.frame[["transit_depth", "transit_duration"]].isna().all(axis=None)
    absent = [p.sentence for p in reader.problems if p.code == "absent_feature"]
    assert len(absent) == 2

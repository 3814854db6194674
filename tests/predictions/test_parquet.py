"""`manage.py predict` on Parquet, here and on a Dask cluster of two worker processes."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from django.core.management import CommandError, call_command

from predictions.answers import PROBABILITY_COLUMNS
from predictions.parquet import _bands
from tests.simulator import simulate, write_csv
from training.ml.inputs import parse_signal
from training.ml.schema import Mission
from training.ml.tables.data_loader import read_signals
from training.models import ModelVersion

pytestmark = pytest.mark.django_db


@pytest.fixture
def signals(tmp_path: Path) -> pd.DataFrame:
    """Harmonised signals of three missions, with gaps, as somebody's catalogue would hold them."""
    tables = [
        read_signals(write_csv(simulate(mission, 40, seed=5), tmp_path / f"{mission}.csv"))
        for mission in (Mission.KEPLER, Mission.TESS, Mission.K2)
    ]
    frame = pd.concat([table.frame for table in tables], ignore_index=True)
    return frame.assign(catalogue_number=np.arange(len(frame)))


@pytest.fixture
def catalogue(signals: pd.DataFrame, tmp_path: Path) -> Path:
    path = tmp_path / "catalogue.parquet"
    signals.to_parquet(path, row_group_size=17)
    return path


def predict(*arguments: object, **options: Any) -> str:
    said = io.StringIO()
    call_command("predict", *map(str, arguments), stderr=said, **options)
    return said.getvalue()


def test_each_row_gets_the_numbers_of_the_classifier(
    catalogue: Path, signals: pd.DataFrame, tmp_path: Path
) -> None:
    target = tmp_path / "answers.parquet"
    said = predict(catalogue, "--to", target)
    assert said.startswith("120 rows written to ")
    assert len(list(target.glob("*.parquet"))) == 8  # one per row group
    found = pd.read_parquet(target)
    version = ModelVersion.objects.active()
    expected = version.classifier.predict(signals)
    np.testing.assert_array_equal(
        found[list(PROBABILITY_COLUMNS)].to_numpy(), expected.probabilities
    )
    np.testing.assert_array_equal(found["catalogue_number"], signals["catalogue_number"])
    assert found["predicted_disposition"].tolist() == [str(d) for d in expected.dispositions]
    assert set(found["model_version"]) == {version.name}


def test_impossible_values_are_missing_and_said(tmp_path: Path) -> None:
    given = {
        "mission": "tess",
        "orbital_period": 3.0,
        "transit_duration": 2.0,
        "transit_depth": 900.0,
    }
    rows = [
        given,
        {**given, "transit_depth": -5.0},
        {**given, "signal_count": 1.5},
        {**given, "mission": "Roman"},
    ]
    pd.DataFrame(rows).to_parquet(tmp_path / "few.parquet")
    predict(tmp_path / "few.parquet", tmp_path / "out")
    found = pd.read_parquet(tmp_path / "out")
    alone = ModelVersion.objects.active().classifier.predict(
        parse_signal({**given, "mission": "TESS"})
    )
    np.testing.assert_array_equal(
        found.loc[0, list(PROBABILITY_COLUMNS)].to_numpy(float), alone.probabilities[0]
    )
    assert "Transit depth is −5 ppm" in str(found.loc[1, "warnings"])
    assert "transit_depth" in str(found.loc[1, "missing_inputs"]).split("|")
    assert "not a whole number" in str(found.loc[2, "warnings"])
    assert found.loc[3, "predicted_disposition"]


def test_columns_are_named_where_they_are_missing(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    pd.DataFrame({"koi_period": [3.0]}).to_parquet(folder / "koi.parquet")
    with pytest.raises(
        CommandError,
        match="has no column mission, orbital_period, transit_duration or transit_depth",
    ):
        predict(folder, tmp_path / "out")
    (folder / "koi.parquet").write_text("no parquet")
    with pytest.raises(CommandError, match="is not a Parquet file"):
        predict(folder, tmp_path / "out")
    assert not list(tmp_path.glob("*.part")) and not (tmp_path / "out").exists()


def test_a_catalogue_in_parquet_is_a_table_like_others(tmp_path: Path) -> None:
    table = pd.DataFrame(simulate(Mission.KEPLER, 5, seed=5))
    table.to_parquet(tmp_path / "koi.parquet")
    table.to_csv(tmp_path / "koi.csv", index=False)
    for kind in ("parquet", "csv"):
        predict(tmp_path / f"koi.{kind}", tmp_path / f"{kind}.out")
    found, expected = (pd.read_csv(tmp_path / f"{kind}.out") for kind in ("parquet", "csv"))
    pd.testing.assert_frame_equal(
        found[list(PROBABILITY_COLUMNS)], expected[list(PROBABILITY_COLUMNS)]
    )


def test_what_cannot_be_done_is_said(
    catalogue: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CommandError, match="Name one OUTPUT"):
        predict(catalogue)
    with pytest.raises(CommandError, match="are for other tables"):
        predict(catalogue, tmp_path / "out", "--explain", "3")
    with pytest.raises(CommandError, match="is there already"):
        predict(catalogue, tmp_path)
    with pytest.raises(CommandError, match="No Dask scheduler answers"):
        predict(catalogue, tmp_path / "out", "--dask", "tcp://127.0.0.1:1")
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(CommandError, match="which is not installed"):
        predict(catalogue, tmp_path / "out", "--dask", "tcp://127.0.0.1:1")
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_two_dask_workers_give_the_same_answers(catalogue: Path, tmp_path: Path) -> None:
    from distributed import LocalCluster

    predict(catalogue, tmp_path / "here")
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        said = predict(catalogue, "--dask", cluster.scheduler_address, "--to", tmp_path / "there")
    assert said.startswith("120 rows written to ")
    here, there = (
        [(path.name, pd.read_parquet(path)) for path in sorted((tmp_path / name).glob("*.parquet"))]
        for name in ("here", "there")
    )
    assert len(there) == len(here) == 8
    for (name, own), (other_name, other) in zip(here, there, strict=True):
        assert name == other_name
        pd.testing.assert_frame_equal(own, other)


def test_bands_follow_the_rule_of_tables() -> None:
    magnitudes = np.array([12.0, 12.0, 12.0, np.nan])
    bands = _bands(["J", " v ", None, "V"], ["Kepler"] * 4, magnitudes)
    assert bands == [None, "V", "Kp", None]

"""Signals as points by period and radius: kept beside a classifier, and the nearest of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from training.ml.artifact import CLASSIFIER_FILE, METADATA_FILE, POINTS_FILE, sign
from training.ml.errors import ArtifactDamaged
from training.ml.fitting.bundling import bundled_files
from training.ml.fitting.points import known_points
from training.ml.model import ExoplanetClassifier
from training.ml.schema import DISPOSITIONS
from training.ml.sky.period_radius import KnownPoints
from training.ml.tables.signal_table import SignalTable

KEY = b"k" * 32


def points() -> KnownPoints:
    return KnownPoints(
        np.array([1, 10, 10, 10.4, 100, 10.0002], dtype=np.float32),
        np.array([1, 1, 2, 1.02, 10, 1.1], dtype=np.float32),
        np.array([0, 1, 2, 0, 2, 1], dtype=np.int8),
        ("K00001.01", "K00002.01", "TOI-3.01", "", "K2-18 b", "K00002.02"),
    )


def test_they_are_kept_as_they_are() -> None:
    one, again = points(), KnownPoints.unpack(points().pack())
    for name in ("period", "radius", "disposition"):
        assert np.array_equal(getattr(one, name), getattr(again, name))
        assert getattr(one, name).dtype == getattr(again, name).dtype
    assert again.names == one.names
    assert one.pack() == points().pack()  # one training, one file


def test_none_are_kept_too() -> None:
    empty = np.array([], dtype=np.float32)
    again = KnownPoints.unpack(KnownPoints(empty, empty, empty.astype(np.int8), ()).pack())
    assert (len(again), again.names) == (0, ())
    assert again.nearest(1, 1) == ([], None)


def test_the_nearest_come_first_in_the_plane_of_logarithms() -> None:
    near, own = points().nearest(10.5, 1.0)
    assert own is None
    assert [one.name for one in near] == ["", "K00002.01", "K00002.02", "TOI-3.01", "K00001.01"]
    assert near[1].distance == pytest.approx(np.log10(1.05), rel=1e-4)
    assert near[3].distance == pytest.approx(np.hypot(np.log10(1.05), np.log10(2)), rel=1e-4)
    assert [str(one.disposition) for one in near[:2]] == ["CONFIRMED", "CANDIDATE"]


@pytest.mark.parametrize("name", ["KOI-2.01", "K00002.01", " koi 2.01"])
def test_a_signal_is_no_neighbour_of_its_own_by_any_spelling(name: str) -> None:
    near, own = points().nearest(10.3, 1.5, name)
    assert own is not None and own.name == "K00002.01"
    assert "K00002.01" not in [one.name for one in near]


def test_a_signal_is_known_by_its_period() -> None:
    near, own = points().nearest(100.0001, 11)
    assert own is not None and own.name == "K2-18 b" and len(near) == 5
    near, own = points().nearest(100.0001, 20)  # of the same period, and twice as large
    assert own is None


def test_points_come_from_signals_with_a_disposition_and_a_radius(
    simulated_tables: Sequence[SignalTable],
) -> None:
    found, number = known_points(simulated_tables), {str(d): k for k, d in enumerate(DISPOSITIONS)}
    at, seen = 0, 0
    for table in simulated_tables:
        radius = table.frame["planet_radius"]
        whole = radius.notna() & table.frame["orbital_period"].notna()
        for row in np.flatnonzero(table.dispositions.notna() & whole):
            place = np.flatnonzero(
                (found.period == np.float32(table.frame["orbital_period"][row]))
                & (found.radius == np.float32(radius[row]))
            )
            assert len(place) and found.disposition[place[0]] == number[table.dispositions[row]]
            seen += 1
        at += int(table.dispositions.notna().sum())
    assert 500 < seen <= len(found) <= at


def test_only_names_that_catalogues_gave_are_kept(simulated_tables: Sequence[SignalTable]) -> None:
    names = set(known_points(simulated_tables).names)
    assert any(name.startswith("K0") for name in names)
    assert any(name.startswith("TOI-") for name in names)
    table = simulated_tables[0]
    before = table.signals.copy()
    try:
        table.signals[:] = "my grandmother's star"
        assert set(known_points([table]).names) == {""}
    finally:
        table.signals[:] = before


def test_a_training_keeps_them(tiny_classifier: ExoplanetClassifier, artifact: Path) -> None:
    files = {path.name: path.read_bytes() for path in artifact.iterdir()}
    again = ExoplanetClassifier.unpack(files, KEY)
    assert tiny_classifier.points is not None and again.points is not None
    assert again.points.names == tiny_classifier.points.names
    assert len(again.points) > 500


def test_a_version_without_them_is_read_as_ever(artifact: Path) -> None:
    files = {name: (artifact / name).read_bytes() for name in (CLASSIFIER_FILE, METADATA_FILE)}
    old = ExoplanetClassifier.unpack(sign(files, KEY), KEY)
    assert old.points is None
    assert POINTS_FILE not in old.pack(KEY)


def test_points_that_were_not_signed_or_are_lost_are_refused(artifact: Path) -> None:
    files = {path.name: path.read_bytes() for path in artifact.iterdir()}
    changed = files | {POINTS_FILE: points().pack()}
    with pytest.raises(ArtifactDamaged, match=r"points\.npz differs"):
        ExoplanetClassifier.unpack(changed, KEY)
    del changed[POINTS_FILE]
    with pytest.raises(ArtifactDamaged, match=r"points\.npz is missing"):
        ExoplanetClassifier.unpack(changed, KEY)


def test_the_bundled_classifier_answers_the_same_with_them(
    simulated_tables: Sequence[SignalTable],
) -> None:
    files = bundled_files()
    assert sum(map(len, files.values())) <= 10_000_000
    plain = {name: files[name] for name in (CLASSIFIER_FILE, METADATA_FILE)}
    new, old = (ExoplanetClassifier.unpack(sign(one, KEY), KEY) for one in (files, plain))
    assert new.points is not None and old.points is None
    assert 17_000 < len(new.points) <= new.metadata["signals"]
    frame = simulated_tables[0].frame
    for name in ("probabilities", "prediction_sets", "raw_scores", "open_score", "planet_sets"):
        one, other = (getattr(version.predict(frame), name) for version in (new, old))
        assert one.tobytes() == other.tobytes()

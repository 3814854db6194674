from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from training.ml.artifact import (
    CLASSIFIER_FILE,
    METADATA_FILE,
    POINTS_FILE,
    SIGNATURE_FILE,
    sign,
)
from training.ml.errors import ArtifactDamaged, ArtifactForged, ArtifactIncompatible
from training.ml.fitting import bundled
from training.ml.given import Regime, reduce_to
from training.ml.model import ExoplanetClassifier
from training.ml.schema import NEIGHBOUR_NAMES
from training.ml.sky.ephemerides import Ephemerides
from training.ml.tables.signal_table import SignalTable

KEY = b"k" * 32


@pytest.fixture
def frame(simulated_tables: Sequence[SignalTable]) -> pd.DataFrame:
    return pd.concat([table.frame for table in simulated_tables], ignore_index=True)


def test_probabilities_add_up_and_the_planet_score_follows(
    tiny_classifier: ExoplanetClassifier, frame: pd.DataFrame
) -> None:
    answers = tiny_classifier.predict(frame)
    assert np.allclose(answers.probabilities.sum(axis=1), 1)
    confirmed, _, false = answers.probabilities.T
    assert np.allclose(answers.planet_score, confirmed / (confirmed + false))


def test_a_row_gets_the_same_answer_alone_in_any_batch_and_on_any_threads(
    tiny_classifier: ExoplanetClassifier, frame: pd.DataFrame
) -> None:
    whole = tiny_classifier.predict(frame)
    for size in (1, 7, 64):
        parts = [tiny_classifier.predict(frame.iloc[at : at + size]) for at in range(0, 128, size)]
        assert np.array_equal(
            np.concatenate([p.probabilities for p in parts])[:128], whole.probabilities[:128]
        )
        assert np.array_equal(
            np.concatenate([p.prediction_sets for p in parts])[:128], whole.prediction_sets[:128]
        )
    tiny_classifier.threads = 2
    try:
        assert np.array_equal(tiny_classifier.predict(frame).raw_scores, whole.raw_scores)
    finally:
        tiny_classifier.threads = 1


def test_every_regime_and_a_bare_signal_are_answered(
    tiny_classifier: ExoplanetClassifier, frame: pd.DataFrame
) -> None:
    for regime in Regime:
        assert np.isfinite(tiny_classifier.predict(reduce_to(frame, regime)).probabilities).all()
    bare = frame.head(1).assign(**dict.fromkeys(frame.columns[1:], np.nan), mission="other")
    assert np.isfinite(tiny_classifier.predict(bare).probabilities).all()
    assert set(tiny_classifier.missing(bare)[0]) == set(frame.columns[1:])


def unpacked(artifact: Path) -> ExoplanetClassifier:
    files = {path.name: path.read_bytes() for path in artifact.iterdir()}
    return ExoplanetClassifier.unpack(files, KEY)


def test_an_artifact_comes_back_as_it_was(
    artifact: Path, tiny_classifier: ExoplanetClassifier, frame: pd.DataFrame
) -> None:
    loaded = unpacked(artifact)
    assert np.array_equal(
        loaded.predict(frame).probabilities, tiny_classifier.predict(frame).probabilities
    )
    assert loaded.metadata == tiny_classifier.metadata
    assert {path.name for path in artifact.iterdir()} == {
        CLASSIFIER_FILE,
        METADATA_FILE,
        POINTS_FILE,
        SIGNATURE_FILE,
    }


class Trap:
    """Unpickling this leaves a mark."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (self.mark,))


def test_a_swapped_file_is_refused_before_it_is_unpickled(artifact: Path, tmp_path: Path) -> None:
    mark = tmp_path / "sprung"
    (artifact / CLASSIFIER_FILE).write_bytes(pickle.dumps(Trap(mark)))
    with pytest.raises(ArtifactDamaged, match=r"classifier\.joblib differs"):
        unpacked(artifact)
    forged = sign(
        {name: (artifact / name).read_bytes() for name in (CLASSIFIER_FILE, METADATA_FILE)},
        b"another key",
    )
    (artifact / SIGNATURE_FILE).write_bytes(forged[SIGNATURE_FILE])
    with pytest.raises(ArtifactForged):
        unpacked(artifact)
    assert not mark.exists()
    assert (artifact / CLASSIFIER_FILE).exists()


@pytest.mark.parametrize("name", [CLASSIFIER_FILE, METADATA_FILE, SIGNATURE_FILE])
def test_damage_has_a_name(artifact: Path, name: str) -> None:
    content = (artifact / name).read_bytes()
    (artifact / name).write_bytes(content[: len(content) // 2])
    with pytest.raises((ArtifactDamaged, ArtifactForged)):
        unpacked(artifact)
    (artifact / name).unlink()
    with pytest.raises(ArtifactDamaged, match="is missing"):
        unpacked(artifact)


@pytest.mark.parametrize(("fact", "value"), [("format_version", 999), ("schema", "0" * 64)])
def test_another_format_or_schema_is_a_named_error(
    artifact: Path, fact: str, value: object
) -> None:
    files = {name: (artifact / name).read_bytes() for name in (CLASSIFIER_FILE, METADATA_FILE)}
    metadata = json.loads(files[METADATA_FILE]) | {fact: value}
    with pytest.raises(ArtifactIncompatible, match=str(value)[:12]):
        ExoplanetClassifier.unpack(
            sign({**files, METADATA_FILE: json.dumps(metadata).encode()}, KEY), KEY
        )


def test_metadata_says_how_it_was_made(tiny_classifier: ExoplanetClassifier) -> None:
    metadata = tiny_classifier.metadata
    assert metadata["seed"] == 3 and metadata["stars"] <= metadata["signals"]
    assert metadata["libraries"]["lightgbm"] and metadata["parameters"]["balance"] == "smote"
    assert {
        "cross_validation",
        "test",
        "importance",
        "absent_cost",
        "input_gain",
        "fold_spread",
        "protocol",
    } <= set(metadata["metrics"])
    json.dumps(metadata, allow_nan=False)


def test_the_encoder_does_what_its_fitted_steps_do(
    tiny_classifier: ExoplanetClassifier, frame: pd.DataFrame
) -> None:
    encoder = tiny_classifier.pipeline.named_steps["encode"]
    derived = tiny_classifier.derived(frame)
    assert np.isnan(derived).any()
    assert np.array_equal(encoder.transform(derived), encoder.columns_.transform(derived))


def test_the_bundled_classifier_loads_under_the_pinned_requirements(frame: pd.DataFrame) -> None:
    folder = Path(bundled.__file__).parent
    files = {name: (folder / name).read_bytes() for name in (CLASSIFIER_FILE, METADATA_FILE)}
    assert sum(map(len, files.values())) <= 10_000_000
    import hashlib

    assert hashlib.sha256(files[CLASSIFIER_FILE]).hexdigest() == bundled.BUNDLED_SHA256
    classifier = ExoplanetClassifier.unpack(sign(files, KEY), KEY)
    assert np.isfinite(classifier.predict(frame).probabilities).all()
    for table in classifier.metadata["tables"]:
        assert len(table["sha256"]) == 64 and table["date"]


def test_a_single_signal_has_the_neighbours_that_the_version_learnt_from(
    tiny_classifier: ExoplanetClassifier, simulated_tables: Sequence[SignalTable]
) -> None:
    def at(arcsec: float, star: int, depth: float) -> Ephemerides:
        one, hour = np.ones(1), np.full(1, 3.0)
        return Ephemerides.of(
            290 * one,
            44 + one * arcsec / 3600,
            5 * one,
            100 * one,
            hour,
            depth * one,
            np.array([star], dtype=np.uint64),
        )

    frame = simulated_tables[0].frame.iloc[:1]
    names = list(NEIGHBOUR_NAMES)
    assert tiny_classifier.with_neighbours(frame, at(0, 1, 300))[names].isna().all(axis=None)
    knowing = copy.copy(tiny_classifier)
    knowing.ephemerides = at(50, 2, 600)
    found = knowing.with_neighbours(frame, at(0, 1, 300))[names].iloc[0].tolist()
    assert found == pytest.approx([1, 50, 2], rel=1e-3)
    assert knowing.with_neighbours(frame, at(0, 2, 300))[names].iloc[0].tolist() == [0, 3600, 0]
    kept = ExoplanetClassifier.unpack(knowing.pack(KEY), KEY)
    assert kept.ephemerides is not None and len(kept.ephemerides) == 1

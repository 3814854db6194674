"""An artifact of format 2, made by the code of its day, answers as it did then."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from training.ml.answering.steps import encoded_matrix
from training.ml.artifact import sign
from training.ml.errors import ArtifactIncompatible
from training.ml.model import ExoplanetClassifier
from training.ml.schema import NEIGHBOUR_NAMES
from training.ml.signal_rows import SignalRows

FOLDER = Path(__file__).parent / "artifacts" / "format_2"
KEY = b"k" * 32


def files() -> dict[str, bytes]:
    return {name: (FOLDER / name).read_bytes() for name in ("classifier.joblib", "metadata.json")}


@pytest.fixture(scope="module")
def old() -> ExoplanetClassifier:
    return ExoplanetClassifier.unpack(sign(files(), KEY), KEY)


def test_it_answers_as_it_always_did(old: ExoplanetClassifier) -> None:
    kept = json.loads((FOLDER / "answers.json").read_text())
    assert len(kept) == 12
    rows = SignalRows.stack([SignalRows.of_values(answer["signal"]) for answer in kept])
    answers = old.predict(rows)
    expected = np.array([answer["probabilities"] for answer in kept])
    assert np.abs(answers.probabilities - expected).max() < 1e-12
    assert answers.prediction_sets.tolist() == [answer["set"] for answer in kept]


def test_what_it_does_not_know_yet_changes_nothing(old: ExoplanetClassifier) -> None:
    signal = json.loads((FOLDER / "answers.json").read_text())[0]["signal"]
    with_neighbours = {**signal, **dict.fromkeys(NEIGHBOUR_NAMES, 3.0)}
    one, other = (SignalRows.of_values(values) for values in (signal, with_neighbours))
    assert (old.matrix(one) == old.matrix(other)).all()
    assert (old.matrix(one) == encoded_matrix(old.pipeline, one.frame())).all()
    assert old.open_scores(old.matrix(one)).shape == (1,)
    assert old.ephemerides is None and not set(NEIGHBOUR_NAMES) & set(old.columns)


def test_it_is_packed_and_read_again(old: ExoplanetClassifier) -> None:
    again = ExoplanetClassifier.unpack(old.pack(KEY), KEY)
    signal = SignalRows.of_values(json.loads((FOLDER / "answers.json").read_text())[0]["signal"])
    assert (again.predict(signal).probabilities == old.predict(signal).probabilities).all()


def test_a_schema_of_that_format_that_nobody_knows_is_refused() -> None:
    changed = files()
    metadata = json.loads(changed["metadata.json"])
    changed["metadata.json"] = json.dumps({**metadata, "schema": "0" * 64}).encode()
    with pytest.raises(ArtifactIncompatible):
        ExoplanetClassifier.unpack(sign(changed, KEY), KEY)

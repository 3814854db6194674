"""Artifacts of formats 2 and 3, each made by the code of its day, answer as they did then."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.training.ml.conftest import complete
from training.ml.answering.steps import encoded_matrix
from training.ml.artifact import sign
from training.ml.errors import ArtifactIncompatible
from training.ml.model import ExoplanetClassifier
from training.ml.schema import NEIGHBOUR_NAMES
from training.ml.signal_rows import SignalRows

ARTIFACTS = Path(__file__).parent / "artifacts"
FOLDER = ARTIFACTS / "format_2"
FORMAT_3 = ARTIFACTS / "format_3"
KEY = b"k" * 32


def files(folder: Path = FOLDER) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in ("classifier.joblib", "metadata.json")}


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


# --- Format 3, before full signals had a booster of their own -------------------------------------


@pytest.fixture(scope="module", params=[False, True], ids=["whole", "only to answer"])
def before_full(request: pytest.FixtureRequest) -> ExoplanetClassifier:
    return ExoplanetClassifier.unpack(sign(files(FORMAT_3), KEY), KEY, to_answer=request.param)


@pytest.fixture(scope="module")
def rows() -> SignalRows:
    signals = json.loads((FORMAT_3 / "signals.json").read_text())
    return SignalRows.stack([SignalRows.of_values(signal) for signal in signals])


def test_format_3_says_what_it_said(before_full: ExoplanetClassifier, rows: SignalRows) -> None:
    assert before_full.metadata["format_version"] == 3
    matrix, answers = before_full.matrix(rows), before_full.predict(rows)
    found = {
        "matrix": matrix,
        "scores": before_full.scores(matrix),
        "open_scores": before_full.open_scores(matrix),
        "probabilities": answers.probabilities,
        "prediction_sets": answers.prediction_sets,
        "planet_sets": answers.planet_sets,
        "open_score": answers.open_score,
        **{f"reasons_{number}": before_full.contributions(matrix, number) for number in range(3)},
    }
    said = np.load(io.BytesIO((FORMAT_3 / "answers.npz").read_bytes()))
    assert set(said) == set(found)
    for name, values in found.items():
        assert values.shape == said[name].shape, name
        # Logarithms of another processor may differ in their last bit.
        assert_allclose(values.astype(np.float64), said[name], rtol=1e-12, atol=1e-12, err_msg=name)


def test_format_3_has_no_booster_for_full_signals(
    before_full: ExoplanetClassifier, rows: SignalRows
) -> None:
    matrix = before_full.matrix(complete(rows.frame()))
    assert matrix.shape[1] == len(before_full.columns)
    assert not len(before_full.boosters.shared(matrix)[0])

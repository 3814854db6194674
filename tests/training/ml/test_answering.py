"""A classifier that is unpacked to answer says what the whole one says, to the last bit, and loads
none of the libraries that fit."""

from __future__ import annotations

import io
import pickle
from pathlib import Path

import pytest

from tests.conftest import printed_by
from tests.simulator import simulate
from training.ml.answering import lightgbm_library
from training.ml.answering.boosters import Boosters, candidate_booster
from training.ml.answering.unpickling import plain_class
from training.ml.artifact import CLASSIFIER_FILE, METADATA_FILE, sign
from training.ml.fitting import bundled
from training.ml.model import ExoplanetClassifier
from training.ml.schema import Mission
from training.ml.tables.data_loader import open_table
from training.ml.tables.signal_table import SignalTable

KEY = b"k" * 32
FOLDERS = {
    "bundled": Path(str(bundled.__file__)).parent,
    "format 2": Path(__file__).parent / "artifacts" / "format_2",
}


@pytest.fixture(scope="module", params=FOLDERS)
def pair(request: pytest.FixtureRequest) -> tuple[ExoplanetClassifier, ExoplanetClassifier]:
    folder = FOLDERS[request.param]
    files = {name: (folder / name).read_bytes() for name in (CLASSIFIER_FILE, METADATA_FILE)}
    signed = sign(files, KEY)
    return (
        ExoplanetClassifier.unpack(signed, KEY),
        ExoplanetClassifier.unpack(signed, KEY, to_answer=True),
    )


@pytest.fixture(scope="module", params=[Mission.KEPLER, Mission.TESS, Mission.K2, "other"])
def table(request: pytest.FixtureRequest) -> SignalTable:
    mission = Mission.KEPLER if request.param == "other" else request.param
    text = simulate(mission, 300, 3).to_csv(index=False)
    table = open_table(io.BytesIO(text.encode()), mission=mission).table()
    if request.param == "other":
        table.frame["mission"] = "other"
    return table


def test_answers_are_the_same_bits(
    pair: tuple[ExoplanetClassifier, ExoplanetClassifier], table: SignalTable
) -> None:
    whole, light = pair
    one, other = whole.predict(table.frame), light.predict(table.frame)
    for name in one.__dataclass_fields__:
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes(), name
    assert whole.warnings(table.frame) == light.warnings(table.frame)
    assert whole.columns == light.columns


def test_reasons_are_the_same_bits(
    pair: tuple[ExoplanetClassifier, ExoplanetClassifier], table: SignalTable
) -> None:
    whole, light = pair
    matrix = whole.matrix(table.frame.head(30))
    assert light.matrix(table.frame.head(30)).tobytes() == matrix.tobytes()
    for number in range(3):
        one, other = whole.contributions(matrix, number), light.contributions(matrix, number)
        assert one.shape == other.shape
        assert one.tobytes() == other.tobytes()


def test_numbers_of_trees_are_the_same(
    pair: tuple[ExoplanetClassifier, ExoplanetClassifier],
) -> None:
    whole, light = (_numbers(one.boosters) for one in pair)
    assert whole == light
    assert min(whole) > 0


def _numbers(boosters: Boosters) -> tuple[int, ...]:
    return (
        boosters.planet_.num_trees(),
        boosters.dispositions_.current_iteration(),
        candidate_booster(boosters.dispositions_).num_trees(),
        boosters.evidence(0)[1],
        boosters.evidence(1)[1],
    )


def test_both_travel_to_another_process(
    pair: tuple[ExoplanetClassifier, ExoplanetClassifier], table: SignalTable
) -> None:
    for one in pair:
        there = pickle.loads(pickle.dumps(one))  # noqa: S301 - our own
        answers, same = there.predict(table.frame), one.predict(table.frame)
        assert answers.probabilities.tobytes() == same.probabilities.tobytes()
        matrix = one.matrix(table.frame.head(5))
        assert there.contributions(matrix, 0).tobytes() == one.contributions(matrix, 0).tobytes()


def test_a_broken_model_is_said_in_lightgbms_words() -> None:
    with pytest.raises(RuntimeError, match="LightGBM: "):
        lightgbm_library.Booster("no model")


def test_without_the_library_lightgbms_own_class_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    assert plain_class("lightgbm.basic", "Booster") is lightgbm_library.Booster
    monkeypatch.setattr("training.ml.answering.unpickling.library_path", lambda: None)
    assert plain_class("lightgbm.basic", "Booster") is None


def test_what_only_answers_loads_none_of_the_libraries_that_fit(tmp_path: Path) -> None:
    code = """
import sys, django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from training.models import ModelVersion
from training.ml.explanations.explain import answer_and_explain
from training.ml.signal_rows import SignalRows
classifier = ModelVersion.objects.active().classifier
answer_and_explain(classifier, SignalRows.of_values({"mission": "Kepler", "orbital_period": 9.5}))
print(sorted({"imblearn", "lightgbm", "pandas", "scipy", "shap", "sklearn"} & set(sys.modules)))
"""
    assert printed_by(code, tmp_path) == "[]"

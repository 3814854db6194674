"""The booster of Kepler's full signals: what it learns from, and whom it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.training.ml.conftest import TINY, complete
from tests.training.ml.explanations.test_explain import assert_equal_to_shap
from training.ml.answering.boosters import candidate_booster
from training.ml.answering.steps import encoded_matrix
from training.ml.boosting import FULL_ONLY, PLANET_ONLY, PlanetFirstClassifier
from training.ml.evaluation.measures import CANDIDATE, CONFIRMED, FALSE_POSITIVE
from training.ml.explanations.explain import explain
from training.ml.fitting.cross_validation import fit_pipeline
from training.ml.fitting.parameters import Balance
from training.ml.fitting.training_set import TrainingSet, gather
from training.ml.given import FULL_NAMES, Regime, reduce_to
from training.ml.model import ExoplanetClassifier
from training.ml.schema import DISPOSITIONS, Mission
from training.ml.tables.signal_table import SignalTable
from training.ml.train import train

KEY = b"k" * 32


@pytest.fixture(scope="module")
def tables(simulated_tables: Sequence[SignalTable]) -> Sequence[SignalTable]:
    return [replace(table, frame=complete(table.frame)) for table in simulated_tables]


@pytest.fixture(scope="module")
def signals(tables: Sequence[SignalTable]) -> TrainingSet:
    return gather(tables)


@pytest.fixture(scope="module")
def classifier(tables: Sequence[SignalTable]) -> ExoplanetClassifier:
    return train(tables, seed=3, parameters=TINY, threads=1)


@pytest.fixture(scope="module")
def frame(signals: TrainingSet) -> pd.DataFrame:
    return complete(signals.frame)  # with neighbours, which the tables do not hold


def rows_taught(booster: Any) -> int:
    counted: int = booster.dump_model()["tree_info"][0]["tree_structure"]["internal_count"]
    return counted


def test_kepler_signals_with_all_columns_are_full_and_no_others(
    classifier: ExoplanetClassifier, frame: pd.DataFrame
) -> None:
    for regime in Regime:
        matrix = classifier.matrix(reduce_to(frame, regime))
        assert matrix.shape == (len(frame), len(classifier.columns) + 1)
        rows, share = classifier.boosters.shared(matrix)
        kepler = np.flatnonzero(frame["mission"] == Mission.KEPLER)
        assert share.shape == (len(rows), 1)
        assert rows.tolist() == (kepler.tolist() if regime is Regime.ALL else [])
        assert (share == 1).all()
    as_other = classifier.matrix(frame.assign(mission="other"))
    assert not len(classifier.boosters.shared(as_other)[0])


def test_it_learns_from_rows_of_its_own() -> None:
    generator = np.random.default_rng(0)
    X, y = generator.normal(size=(900, 5)), generator.integers(0, 3, 900, dtype=np.int8)
    X[:, -1] = generator.choice([0, 0.5, 1], 900)
    y[:300] += PLANET_ONLY
    y[300:500] += FULL_ONLY
    boosters = PlanetFirstClassifier(3, 4, full_rounds=5, open_rounds=3, fullness=slice(-1, None))
    boosters.fit(X, y)
    assert boosters.full_ is not None
    assert boosters.full_.current_iteration() == 5
    assert rows_taught(boosters.full_) == 200
    assert rows_taught(boosters.dispositions_) == 400
    assert rows_taught(boosters.planet_) == (y[:300] % PLANET_ONLY != CANDIDATE).sum()
    for booster in (boosters.planet_, boosters.dispositions_, boosters.full_, *boosters.open_):
        assert booster.feature_importance()[-1] == 0  # nobody learns from how full a row is
        assert booster.feature_importance().sum() > 0
    assert (X[:, -1] > 0).any()  # the caller's rows stay as they were


def test_the_fuller_a_row_the_more_it_answers(
    classifier: ExoplanetClassifier, frame: pd.DataFrame
) -> None:
    """From none of it to all of it without a jump, and the planet score stays as it is."""
    matrix, boosters = classifier.matrix(frame), classifier.boosters
    assert boosters.full_ is not None
    matrix = matrix[boosters.shared(matrix)[0]]
    of_all: Any = boosters.dispositions_.predict(
        matrix, raw_score=True, num_iteration=boosters.used_rounds_
    )
    of_full: Any = boosters.full_.predict(matrix, raw_score=True)
    assert np.abs(of_full - of_all)[:, CANDIDATE].max() > 0.1
    planet = boosters.planet_.predict(matrix, raw_score=True)
    for share in (0.0, 0.25, 1.0):
        matrix[:, -1] = share
        scores = boosters.scores(matrix)
        expected = share * of_full + (1 - share) * of_all
        np.testing.assert_allclose(scores[:, CANDIDATE], expected[:, CANDIDATE], atol=1e-12)
        log_odds = scores[:, CONFIRMED] - scores[:, FALSE_POSITIVE]
        np.testing.assert_allclose(log_odds, planet, atol=1e-9)
        evidence = boosters.contributions(matrix, CANDIDATE)
        assert evidence.shape == (len(matrix), len(classifier.columns) + 1)
        np.testing.assert_allclose(evidence.sum(axis=1), expected[:, CANDIDATE], atol=1e-9)


def test_reasons_are_those_of_the_booster_that_answers(
    classifier: ExoplanetClassifier, frame: pd.DataFrame
) -> None:
    matrix, boosters = classifier.matrix(frame), classifier.boosters
    rows, share = boosters.shared(matrix)
    full = rows[share[:, 0] == 1]
    assert len(full) > 20 and boosters.full_ is not None
    own: Any = candidate_booster(boosters.full_).predict(matrix[full], pred_contrib=True)
    others = np.setdiff1d(np.arange(len(frame)), rows)
    booster, rounds = boosters.evidence(CANDIDATE)
    plain: Any = booster.predict(matrix[others], pred_contrib=True, num_iteration=rounds)
    told = boosters.contributions(matrix, CANDIDATE)
    for found, expected in ((told[full], own), (told[others], plain)):
        assert not expected[:, -2].any()  # how full a row is speaks neither for nor against
        np.testing.assert_array_equal(found, np.delete(expected, -2, axis=1))


def test_explanations_of_full_signals_add_up_to_the_shap_values(
    classifier: ExoplanetClassifier, frame: pd.DataFrame
) -> None:
    kepler = frame[frame["mission"] == Mission.KEPLER]
    # Some of them lack one, two or ten of the inputs, so that two boosters share their answer.
    fewer = kepler.iloc[:120].copy()
    for row, lost in enumerate((FULL_NAMES[12:13], FULL_NAMES[12:14], FULL_NAMES[12:22])):
        fewer.loc[fewer.index[row::4], list(lost)] = np.nan
    assert len(np.unique(classifier.boosters.shared(classifier.matrix(fewer))[1])) == 4
    assert_equal_to_shap(classifier, fewer)
    evidence, bases = classifier.raw_scores(fewer)[:, CANDIDATE], set()
    for row in range(len(fewer)):
        signal = fewer.iloc[[row]]
        still_open = np.array([[0.1, 0.8, 0.1]])
        answer = replace(classifier.predict(signal), probabilities=still_open)
        explanation = explain(classifier, signal, answer)
        assert explanation.disposition == DISPOSITIONS[CANDIDATE]
        assert explanation.raw_score == pytest.approx(evidence[row], abs=1e-9)
        bases.add(round(explanation.base_value, 9))
    assert len(bases) == 4


def test_without_full_rows_there_is_none(signals: TrainingSet) -> None:
    others = signals.take(np.flatnonzero(signals.frame["mission"] != Mission.KEPLER))
    default = replace(signals, frame=reduce_to(signals.frame, Regime.DEFAULT))
    for without in (others, default):
        pipeline = fit_pipeline(without, TINY, seed=0, threads=1)
        assert pipeline[-1].full_ is None
        matrix = encoded_matrix(pipeline, signals.frame)  # also of signals that are full
        assert np.isfinite(pipeline[-1].scores(matrix)).all()
        assert np.isfinite(pipeline[-1].contributions(matrix, CANDIDATE)).all()
    none = fit_pipeline(signals, replace(TINY, full_rounds=0), seed=0, threads=1)
    assert none[-1].full_ is None


@pytest.mark.parametrize("balance", list(Balance))
def test_every_balance_teaches_it(signals: TrainingSet, balance: Balance) -> None:
    pipeline = fit_pipeline(signals, replace(TINY, balance=balance), seed=0, threads=1)
    assert pipeline[-1].full_.num_trees() == 3 * TINY.full_rounds


def test_the_others_learn_what_they_learnt_without_it(
    signals: TrainingSet,
) -> None:
    without, beside = (
        fit_pipeline(signals, replace(TINY, full_rounds=rounds), seed=0, threads=1)[-1]
        for rounds in (0, TINY.full_rounds)
    )
    for name in ("planet_", "dispositions_", "foreign_"):
        one, other = getattr(without, name), getattr(beside, name)
        assert one.model_to_string() == other.model_to_string()


def test_who_only_answers_gives_the_same_answers_and_reasons(
    classifier: ExoplanetClassifier, frame: pd.DataFrame
) -> None:
    light = ExoplanetClassifier.unpack(classifier.pack(KEY), KEY, to_answer=True)
    matrix = classifier.matrix(frame)
    assert light.matrix(frame).tobytes() == matrix.tobytes()
    assert light.scores(matrix).tobytes() == classifier.scores(matrix).tobytes()
    one, other = classifier.predict(frame), light.predict(frame)
    assert one.probabilities.tobytes() == other.probabilities.tobytes()
    assert one.prediction_sets.tobytes() == other.prediction_sets.tobytes()
    for number in range(3):
        reasons = light.contributions(matrix, number)
        assert reasons.tobytes() == classifier.contributions(matrix, number).tobytes()

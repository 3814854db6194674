from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.ml.conftest import TINY
from training.ml import train as training
from training.ml.model import ExoplanetClassifier
from training.ml.preprocess import Balance, Regime
from training.ml.schema import DISPOSITIONS, NUMERIC_NAMES
from training.ml.signal_table import SignalTable


def test_no_star_stands_on_both_sides_of_a_fold(simulated_tables: Sequence[SignalTable]) -> None:
    signals = training.gather(simulated_tables)
    folds = training.folds_by_star(signals, 5, seed=0)
    assert len(folds) == 5
    for train_rows, held_rows in folds:
        assert not set(signals.groups[train_rows]) & set(signals.groups[held_rows])
    assert sorted(np.concatenate([held for _, held in folds])) == list(range(len(signals)))


def test_signals_without_a_disposition_are_left_out(simulated_tables: Sequence[SignalTable]) -> None:
    first = simulated_tables[0]
    undecided = first.dispositions.copy()
    undecided.iloc[:7] = None
    fewer = training.gather([replace(first, dispositions=undecided), *simulated_tables[1:]])
    assert len(fewer) == len(training.gather(simulated_tables)) - 7


def test_too_few_of_a_disposition_is_refused_by_name(simulated_tables: Sequence[SignalTable]) -> None:
    tables = [
        replace(table, dispositions=table.dispositions.mask(table.dispositions == "CONFIRMED"))
        for table in simulated_tables
    ]
    with pytest.raises(training.TooFewSignals, match="hold 0 CONFIRMED"):
        training.gather(tables)


def test_one_seed_gives_one_classifier(
    simulated_tables: Sequence[SignalTable], tiny_classifier: ExoplanetClassifier
) -> None:
    again = training.train(simulated_tables, seed=3, parameters=TINY, threads=2)
    frame = simulated_tables[0].frame
    assert np.array_equal(again.predict(frame).raw_scores, tiny_classifier.predict(frame).raw_scores)
    assert again.metadata["metrics"] == tiny_classifier.metadata["metrics"]
    other = training.train(simulated_tables, seed=4, parameters=TINY, threads=1)
    assert not np.array_equal(other.predict(frame).raw_scores, tiny_classifier.predict(frame).raw_scores)


def test_the_test_stars_touch_nothing_before_the_last_evaluation(
    simulated_tables: Sequence[SignalTable], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every pipeline but the last is fitted without them, and so are calibration and prediction sets."""
    signals = training.gather(simulated_tables)
    development, test = training.folds_by_star(signals, training.TEST_FOLDS, 3)[0]
    test_signals = set(signals.signals[test].tolist())
    fitted: list[set[int]] = []
    original = training.fit_pipeline

    def spy(own: training.TrainingSet, *args: object, **kwargs: object) -> object:
        fitted.append(set(own.signals.tolist()))
        return original(own, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(training, "fit_pipeline", spy)
    classifier = training.train(simulated_tables, seed=3, parameters=TINY, threads=1)
    assert len(fitted) == 1 + training.FOLDS + 1
    assert all(not rows & test_signals for rows in fitted[:-1])
    assert test_signals <= fitted[-1]
    assert classifier.metadata["metrics"]["protocol"]["test_signals"] == len(test)
    assert classifier.metadata["metrics"]["protocol"]["development_signals"] == len(development)


@pytest.mark.parametrize("balance", list(Balance))
def test_every_balance_trains(simulated_tables: Sequence[SignalTable], balance: Balance) -> None:
    signals = training.gather(simulated_tables)
    pipeline = training.fit_pipeline(signals, replace(TINY, balance=balance), seed=0, threads=1)
    assert training.pipeline_scores(pipeline, signals.frame).shape == (len(signals), len(DISPOSITIONS))


def test_samplers_act_in_training_only(simulated_tables: Sequence[SignalTable]) -> None:
    """The booster is fitted on more rows than there are signals; held-out rows stay as many as they are."""
    signals = training.gather(simulated_tables)
    out_of_fold = training.cross_validate(signals, TINY, seed=0, threads=1)
    assert set(out_of_fold.raw) == {str(regime) for regime in Regime}
    assert all(scores.shape == (len(signals), 3) for scores in out_of_fold.raw.values())
    assert set(out_of_fold.fold) == set(range(training.FOLDS))
    pipeline = training.fit_pipeline(signals, TINY, seed=0, threads=1)
    counts = np.bincount(signals.truth)
    views = 5
    masked = views * len(signals)
    assert pipeline[-1].booster_.num_trees() > 0
    resampled = pipeline.named_steps["mask"].fit_resample(signals.frame, signals.truth)
    assert len(resampled[0]) == masked and np.bincount(resampled[1]).tolist() == (views * counts).tolist()


def test_no_row_of_the_training_is_kept(simulated_tables: Sequence[SignalTable]) -> None:
    """SMOTE would keep all training rows inside the pipeline; the artifact must not carry them."""
    pipeline = training.fit_pipeline(training.gather(simulated_tables), TINY, seed=0, threads=1)
    assert not hasattr(pipeline.named_steps["balance"], "nn_k_")


def test_search_chooses_among_its_trials(simulated_tables: Sequence[SignalTable]) -> None:
    stages: list[str] = []
    classifier = training.train(
        simulated_tables, seed=3, parameters=TINY, threads=1, search_trials=2,
        progress=lambda words, share, figures: stages.append(words),
    )  # fmt: skip
    assert "Search: 2 of 2 choices tried" in stages
    assert classifier.metadata["parameters"]["rounds"] <= TINY.rounds


def test_progress_rises_to_the_end(simulated_tables: Sequence[SignalTable]) -> None:
    shares: list[float] = []
    training.train(
        simulated_tables,
        seed=3,
        parameters=TINY,
        threads=1,
        progress=lambda words, share, figures: shares.append(share),
    )
    assert shares == sorted(shares) and shares[-1] == 1.0


def test_the_gaps_of_a_donor_are_added_and_never_filled(simulated_tables: Sequence[SignalTable]) -> None:
    from training.ml.preprocess import donate_gaps

    frame = simulated_tables[0].frame
    donated = donate_gaps(frame, np.random.default_rng(0))
    before, after = frame[list(NUMERIC_NAMES)].isna(), donated[list(NUMERIC_NAMES)].isna()
    assert (after | ~before).all(axis=None) and after.sum().sum() > before.sum().sum()
    pd.testing.assert_series_equal(donated["mission"], frame["mission"])

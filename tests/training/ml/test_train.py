from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.metrics import roc_auc_score

from tests.training.ml.conftest import TINY
from training.ml import train as training
from training.ml.answering.steps import matrix_names
from training.ml.boosting import FULL_ONLY, KNOWN_BEFORE, PLANET_ONLY, PlanetFirstClassifier
from training.ml.evaluation.measures import CONFIRMED
from training.ml.fitting import cross_validation
from training.ml.fitting.cross_validation import (
    FOLDS,
    cross_validate,
    fit_pipeline,
    pipeline_scores,
)
from training.ml.fitting.masking import vetted
from training.ml.fitting.parameters import Balance
from training.ml.fitting.search import _changes
from training.ml.fitting.training_set import (
    TooFewSignals,
    TrainingSet,
    folds_by_star,
    gather,
)
from training.ml.given import Regime
from training.ml.model import ExoplanetClassifier
from training.ml.schema import DISPOSITIONS, NUMERIC_NAMES
from training.ml.tables.signal_table import SignalTable


def test_no_star_stands_on_both_sides_of_a_fold(simulated_tables: Sequence[SignalTable]) -> None:
    signals = gather(simulated_tables)
    folds = folds_by_star(signals, 5, seed=0)
    assert len(folds) == 5
    for train_rows, held_rows in folds:
        assert not set(signals.groups[train_rows]) & set(signals.groups[held_rows])
    assert sorted(np.concatenate([held for _, held in folds])) == list(range(len(signals)))


def test_signals_without_a_disposition_are_left_out(
    simulated_tables: Sequence[SignalTable],
) -> None:
    first = simulated_tables[0]
    undecided = first.dispositions.copy()
    undecided.iloc[:7] = None
    fewer = gather([replace(first, dispositions=undecided), *simulated_tables[1:]])
    assert len(fewer) == len(gather(simulated_tables)) - 7


def test_too_few_of_a_disposition_is_refused_by_name(
    simulated_tables: Sequence[SignalTable],
) -> None:
    tables = [
        replace(table, dispositions=table.dispositions.mask(table.dispositions == "CONFIRMED"))
        for table in simulated_tables
    ]
    with pytest.raises(TooFewSignals, match="hold 0 CONFIRMED"):
        gather(tables)


def test_one_seed_gives_one_classifier(
    simulated_tables: Sequence[SignalTable], tiny_classifier: ExoplanetClassifier
) -> None:
    again = training.train(simulated_tables, seed=3, parameters=TINY, threads=2)
    frame = simulated_tables[0].frame
    assert np.array_equal(
        again.predict(frame).raw_scores, tiny_classifier.predict(frame).raw_scores
    )
    assert again.metadata["metrics"] == tiny_classifier.metadata["metrics"]
    other = training.train(simulated_tables, seed=4, parameters=TINY, threads=1)
    assert not np.array_equal(
        other.predict(frame).raw_scores, tiny_classifier.predict(frame).raw_scores
    )


def test_the_test_stars_touch_nothing_before_the_last_evaluation(
    simulated_tables: Sequence[SignalTable], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every pipeline but the last is fitted without them, and so are calibration and prediction
    sets."""
    signals = gather(simulated_tables)
    development, test = folds_by_star(signals, training.TEST_FOLDS, 3)[0]
    test_signals = set(signals.signals[test].tolist())
    fitted: list[set[int]] = []
    original = fit_pipeline

    def spy(own: TrainingSet, *args: object, **kwargs: object) -> object:
        fitted.append(set(own.signals.tolist()))
        return original(own, *args, **kwargs)  # type: ignore[arg-type]

    for module in (training, cross_validation):
        monkeypatch.setattr(module, "fit_pipeline", spy)
    classifier = training.train(simulated_tables, seed=3, parameters=TINY, threads=1)
    assert len(fitted) == 1 + FOLDS + 1
    assert all(not rows & test_signals for rows in fitted[:-1])
    assert test_signals <= fitted[-1]
    assert classifier.metadata["metrics"]["protocol"]["test_signals"] == len(test)
    assert classifier.metadata["metrics"]["protocol"]["development_signals"] == len(development)


@pytest.mark.parametrize("balance", list(Balance))
def test_every_balance_trains(simulated_tables: Sequence[SignalTable], balance: Balance) -> None:
    signals = gather(simulated_tables)
    pipeline = fit_pipeline(signals, replace(TINY, balance=balance), seed=0, threads=1)
    assert pipeline_scores(pipeline, signals.frame).shape == (
        len(signals),
        len(DISPOSITIONS),
    )


def test_samplers_act_in_training_only(simulated_tables: Sequence[SignalTable]) -> None:
    """The booster is fitted on more rows than there are signals; held-out rows stay as many as they
    are."""
    signals = gather(simulated_tables)
    out_of_fold = cross_validate(signals, TINY, seed=0, threads=1)
    assert {str(regime) for regime in Regime} < set(out_of_fold.raw)
    assert all(scores.shape == (len(signals), 3) for scores in out_of_fold.raw.values())
    assert set(out_of_fold.fold) == set(range(FOLDS))
    pipeline = fit_pipeline(signals, TINY, seed=0, threads=1)
    counts = np.bincount(signals.truth)
    assert pipeline[-1].planet_.num_trees() > 0
    assert pipeline[-1].dispositions_.num_trees() > 0
    _, labels = pipeline.named_steps["mask"].fit_resample(signals.frame, signals.truth)
    taught = labels < PLANET_ONLY
    assert np.bincount(labels[taught]).tolist() == (5 * counts).tolist()
    full = labels >= FULL_ONLY
    assert np.bincount(labels[~taught & ~full] - PLANET_ONLY).tolist() == (6 * counts).tolist()
    assert full.sum() == vetted(signals.frame).sum() > 100


def test_the_planet_score_does_not_know_how_long_a_survey_looked(
    simulated_tables: Sequence[SignalTable],
) -> None:
    """A distance from the ecliptic that tells the disposition moves what is open, and never the
    planet score."""
    signals = gather(simulated_tables)
    telling = signals.frame.assign(ecliptic_latitude=10.0 + 30 * signals.truth)
    no_masks = replace(TINY, masking=False)
    pipeline = fit_pipeline(replace(signals, frame=telling), no_masks, seed=0, threads=1)
    boosters = pipeline[-1]
    column = matrix_names(pipeline).index("ecliptic_latitude")
    assert boosters.planet_.feature_importance()[column] == 0
    assert boosters.dispositions_.feature_importance()[column] > 0
    moved = pipeline_scores(pipeline, telling.assign(ecliptic_latitude=40.0))
    there = pipeline_scores(pipeline, telling)
    np.testing.assert_allclose(moved[:, 0] - moved[:, 2], there[:, 0] - there[:, 2], atol=1e-9)
    assert np.abs(moved[:, 1] - there[:, 1]).max() > 0.1


def test_a_training_without_any_position_has_a_place_for_the_ecliptic(
    simulated_tables: Sequence[SignalTable],
) -> None:
    """The column that the planet score must not see is found by its place, also where it tells
    nothing."""
    signals = gather(simulated_tables)
    blank = replace(signals, frame=signals.frame.assign(ecliptic_latitude=np.nan))
    pipeline = fit_pipeline(blank, TINY, seed=0, threads=1)
    names = np.array([*matrix_names(pipeline), "how full a row is"])
    assert names[pipeline[-1].fullness].tolist() == ["how full a row is"]
    assert names[pipeline[-1].circumstances].tolist() == ["ecliptic_latitude"]


def test_the_stars_that_it_has_learnt_from_are_found_by_key_or_place(
    simulated_tables: Sequence[SignalTable], tiny_classifier: ExoplanetClassifier
) -> None:
    table = simulated_tables[0]
    ra, dec = (table.positions[name].to_numpy() for name in ("ra", "dec"))
    nowhere, nobody = np.full(len(ra), np.nan), table.stars.mask(table.stars.notna())
    has_star = tiny_classifier.held_out.has_star
    assert has_star(table.stars, nowhere, nowhere).all()
    assert has_star(nobody, ra, dec).all()
    assert not has_star(nobody, nowhere, nowhere).any()
    assert not has_star(nobody, ra, dec + 0.01).any()


def test_no_row_of_the_training_is_kept(simulated_tables: Sequence[SignalTable]) -> None:
    """SMOTE would keep all training rows inside the pipeline; the artifact must not carry them."""
    pipeline = fit_pipeline(gather(simulated_tables), TINY, seed=0, threads=1)
    assert not hasattr(pipeline.named_steps["balance"], "nn_k_")


def test_search_chooses_among_its_trials(simulated_tables: Sequence[SignalTable]) -> None:
    stages: list[str] = []
    classifier = training.train(
        simulated_tables,
        seed=3,
        parameters=TINY,
        threads=1,
        search_trials=2,
        progress=lambda words, share, figures: stages.append(words),
    )
    assert "Search: 2 of 2 choices tried" in stages
    assert classifier.metadata["parameters"]["rounds"] <= TINY.rounds


@pytest.mark.parametrize(
    "clock", [[0.0, 0.0, 9.0], [0.0, 9.0]], ids=["after the usual choice", "before any"]
)
def test_a_search_ends_in_time_and_says_that_all_is_done(
    simulated_tables: Sequence[SignalTable], monkeypatch: pytest.MonkeyPatch, clock: list[float]
) -> None:
    ticks = iter(clock)
    monkeypatch.setattr("training.ml.train.time.monotonic", lambda: next(ticks, 9.0))
    stages: list[str] = []
    classifier = training.train(
        simulated_tables,
        seed=3,
        parameters=TINY,
        threads=1,
        search_trials=200,
        search_seconds=1,
        progress=lambda words, share, figures: stages.append(f"{share:.2f} {words}"),
    )
    assert classifier.metadata["search"] == {"trials": 200, "seconds": 1, "tried": 0}
    assert sum("Search" in stage for stage in stages) == len(clock) - 2, (
        "only the usual choice may have been judged"
    )
    assert stages[-1].startswith("1.00")


def test_a_longer_search_begins_with_the_choices_of_a_shorter_one() -> None:
    short, long = (_changes(TINY, trials, 7) for trials in (3, 30))
    assert long[:3] == short
    assert len({repr(choice) for choice in long}) == 30
    assert _changes(TINY, 3, 8) != short


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


def test_the_gaps_of_a_donor_are_added_and_never_filled(
    simulated_tables: Sequence[SignalTable],
) -> None:
    from training.ml.fitting.masking import donate_gaps

    frame = simulated_tables[0].frame
    donated = donate_gaps(frame, np.random.default_rng(0))
    before, after = frame[list(NUMERIC_NAMES)].isna(), donated[list(NUMERIC_NAMES)].isna()
    assert (after | ~before).all(axis=None) and after.sum().sum() > before.sum().sum()
    pd.testing.assert_series_equal(donated["mission"], frame["mission"])


def test_planets_known_before_teach_nothing_about_open_signals(
    simulated_tables: Sequence[SignalTable],
) -> None:
    signals = gather(simulated_tables)
    known = signals.labels == KNOWN_BEFORE
    assert known.sum() > 10 and (signals.truth[known] == CONFIRMED).all()
    X = np.random.default_rng(0).normal(size=(len(signals), 6))
    boosters = PlanetFirstClassifier(4, 4, open_rounds=4, open_seeds=2)
    before = clone(boosters).fit(X, signals.labels)
    X[known] += 3
    after = clone(boosters).fit(X, signals.labels)
    assert [b.model_to_string() for b in before.open_] == [b.model_to_string() for b in after.open_]
    assert len(after.open_) == 2
    assert before.planet_.model_to_string() != after.planet_.model_to_string()


def test_held_out_signals_are_scored_as_decided_and_as_open(
    simulated_tables: Sequence[SignalTable],
) -> None:
    signals = gather(simulated_tables)
    found = cross_validate(signals, TINY, seed=0, threads=1, folds=3)
    decided = signals.truth != 1
    for regime in Regime:
        assert found.open[regime].shape == (len(signals),)
        assert roc_auc_score(signals.truth[decided] == 0, found.open[regime][decided]) > 0.7


@pytest.mark.parametrize(
    ("losses", "rounds"),
    [
        # Every fold agrees that 60 rounds are better than 40: they are taken.
        ([[5, 4, 3, 3.5], [6, 5, 4, 4.6], [7, 6, 5, 5.5]], 60),
        # What 60 rounds gain over 40 is less than the folds differ about it.
        ([[5, 3.0, 3.2, 4], [6, 4.0, 3.6, 5], [7, 5.0, 5.1, 6]], 40),
        ([[5, 4, 3, 2]], 80),
    ],
)
def test_the_fewest_rounds_within_a_standard_error_of_the_best_are_taken(
    monkeypatch: pytest.MonkeyPatch, losses: list[list[float]], rounds: int
) -> None:
    waiting = iter(losses)
    monkeypatch.setattr(cross_validation, "_losses", lambda *_: next(waiting))
    fitted: Any = [(None, None)] * len(losses)
    assert cross_validation.best_rounds(fitted, 80) == rounds


def test_all_folds_stop_where_they_chose_together(simulated_tables: Sequence[SignalTable]) -> None:
    signals = gather(simulated_tables)
    parameters = replace(TINY, rounds=60)
    free = cross_validate(
        signals, parameters, seed=0, threads=1, folds=3, calibrate=False, choose_rounds=True
    )
    assert free.rounds in (20, 40, 60)
    fixed = replace(parameters, rounds=free.rounds)
    found = cross_validate(signals, fixed, seed=0, threads=1, folds=3, calibrate=False)
    assert np.abs(found.raw[Regime.ALL] - free.raw[Regime.ALL]).max() < 1e-9

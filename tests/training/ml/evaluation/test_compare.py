"""Two versions on the same stars: figures as evaluate has them, intervals that tell luck from
skill."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from training.ml.answers import HeldOut
from training.ml.evaluation.compare import MIN_STARS, compare
from training.ml.evaluation.measures import metrics_block
from training.ml.model import ExoplanetClassifier

SIGNALS = 3000


def held_out(noise: float, seed: int, keys: np.ndarray | None = None) -> HeldOut:
    truth = np.random.default_rng(0).integers(0, 3, SIGNALS).astype(np.int8)
    scores = 2 * np.eye(3)[truth] + np.random.default_rng(seed).normal(0, noise, (SIGNALS, 3))
    probabilities = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    signals = np.arange(1, SIGNALS + 1, dtype=np.uint64) if keys is None else keys
    missions = (np.arange(SIGNALS) % 2).astype(np.int8)
    return HeldOut(
        signals,
        (np.arange(SIGNALS) // 2).astype(np.uint64),
        probabilities.astype(np.float32),
        truth,
        missions,
    )


def test_its_figures_are_those_of_the_evaluation() -> None:
    first, second = held_out(1.0, 1), held_out(1.2, 2)
    figures = {figure.name: figure for figure in compare(first, second).groups["pooled"]}
    for one, name in ((first, "first"), (second, "second")):
        block = metrics_block(one.truth, one.probabilities.astype(np.float64))
        for figure in (
            "accuracy",
            "macro_f1",
            "roc_auc",
            "pr_auc",
            "log_loss",
            "calibration_error",
        ):
            assert getattr(figures[figure], name) == pytest.approx(block[figure], abs=1e-9), figure


def test_a_worse_version_is_called_worse_and_a_better_one_better() -> None:
    good, poor = held_out(1.0, 1), held_out(1.6, 2)
    assert {figure.name for figure in compare(good, poor).worse} == {
        "accuracy",
        "macro_f1",
        "roc_auc",
    }
    assert compare(poor, good).worse == []
    losses = [f for f in compare(poor, good).groups["pooled"] if f.name == "log_loss"]
    assert [figure.verdict for figure in losses] == ["better"]  # smaller is better


def test_luck_is_not_called_skill() -> None:
    """Of twenty pairs of equals, the 95 % interval of accuracy may miss zero once or twice."""
    misses = [
        bool(
            [
                f
                for f in compare(
                    held_out(1.0, 2 * k), held_out(1.0, 2 * k + 1), resamples=100
                ).worse
            ]
        )
        for k in range(10)
    ]
    assert sum(misses) <= 3


def test_the_same_seed_gives_the_same_interval() -> None:
    first, second = held_out(1.0, 1), held_out(1.2, 2)
    assert compare(first, second).groups == compare(first, second).groups


def test_only_signals_that_both_know_count_and_ambiguous_keys_do_not() -> None:
    keys = np.arange(1, SIGNALS + 1, dtype=np.uint64)
    keys[:1000] += 1_000_000  # not in the other
    keys[1000:1010] = 5_000_000  # one key for ten signals
    comparison = compare(held_out(1.0, 1), held_out(1.0, 2, keys))
    assert comparison.signals == SIGNALS - 1010


def test_too_few_shared_stars_give_no_figures() -> None:
    keys = np.arange(1, SIGNALS + 1, dtype=np.uint64) + np.uint64(SIGNALS - MIN_STARS)
    comparison = compare(held_out(1.0, 1), held_out(1.0, 2, keys))
    assert not comparison.possible
    assert comparison.groups == {}


def test_changes_come_with_the_most_confident_first() -> None:
    changes = compare(held_out(1.0, 1), held_out(1.0, 2)).changes
    assert changes
    confidences = [change.confidence for change in changes]
    assert confidences == sorted(confidences, reverse=True)
    assert all(change.first != change.second for change in changes)


def relabelled(one: HeldOut, signals: int) -> HeldOut:
    """As its own tables would have it, which call the first so many something else; and its answers
    are right about those."""
    truth, probabilities = one.truth.copy(), one.probabilities.copy()
    truth[:signals] = (truth[:signals] + 1) % 3
    probabilities[:signals] = np.eye(3)[truth[:signals]]
    return replace(one, truth=truth, probabilities=probabilities)


def test_what_the_newcomers_tables_alone_say_judges_nobody() -> None:
    """A third of the signals, which it would have all right and the other all wrong."""
    first, second = held_out(1.0, 1), held_out(1.0, 1)
    comparison = compare(first, relabelled(second, 1000))
    assert (comparison.signals, comparison.relabelled) == (SIGNALS - 1000, 1000)
    assert comparison.possible
    assert comparison.agreement == pytest.approx(0.5, abs=0.03)
    assert {figure.difference for figure in comparison.groups["pooled"]} == {0}


def test_signals_that_share_only_their_names_are_not_compared() -> None:
    first = held_out(1.0, 1)
    truth = np.random.default_rng(5).permutation(first.truth)
    made_up = replace(first, truth=truth, probabilities=np.eye(3, dtype=np.float32)[truth])
    comparison = compare(first, made_up)
    assert comparison.agreement == pytest.approx(0, abs=0.05)
    assert comparison.stars > MIN_STARS
    assert not comparison.possible
    assert comparison.groups == {}


def test_one_disposition_alone_is_nothing_to_disagree_about() -> None:
    first = replace(held_out(1.0, 1), truth=np.zeros(SIGNALS, dtype=np.int8))
    assert compare(first, first).agreement == 1


def test_one_of_made_up_signals_is_not_called_better_than_the_bundled_one(
    tiny_classifier: ExoplanetClassifier, bundled_classifier: ExoplanetClassifier
) -> None:
    """The simulator names its signals as the missions do, and draws their dispositions itself."""
    comparison = compare(bundled_classifier.held_out, tiny_classifier.held_out)
    assert comparison.relabelled > 50
    assert abs(comparison.agreement) < 0.2
    assert not comparison.possible
    assert comparison.groups == {}

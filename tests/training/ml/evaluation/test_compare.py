"""Two versions on the same stars: figures as evaluate has them, intervals that tell luck from
skill."""

from __future__ import annotations

import numpy as np
import pytest

from training.ml.answers import HeldOut
from training.ml.evaluation.compare import MIN_STARS, compare
from training.ml.evaluation.measures import metrics_block

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

"""Labels that are probably wrong."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from training.ml.reviewing.suspected_labels import UNLABELLED, suspected_labels

Whole = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float64]


def made_up(signals: int = 2_000, seed: int = 0) -> tuple[Whole, Floats, Whole]:
    """Labels of which one in twenty is wrong, probabilities that mostly know better, and where."""
    random = np.random.default_rng(seed)
    truth = random.integers(0, 2, signals)
    confirmed = np.where(truth == 0, random.beta(8, 2, signals), random.beta(2, 8, signals))
    wrong = random.choice(signals, signals // 20, replace=False)
    labels = truth.copy()
    labels[wrong] = 1 - labels[wrong]
    return labels, np.column_stack([confirmed, 1 - confirmed]), wrong


def test_wrong_labels_are_found_and_come_first() -> None:
    labels, probabilities, wrong = made_up()
    found = suspected_labels(labels, probabilities)
    assert np.isin(wrong, np.flatnonzero(found.suspected)).mean() > 0.65
    first = np.argsort(-found.margin)[: len(labels) // 10]
    assert np.isin(wrong, first).mean() > 0.9
    assert 0.03 < found.noise < 0.08


def test_the_joint_counts_labels_by_what_they_speak_for() -> None:
    labels = np.repeat([0, 1], 30)
    confirmed = np.where(labels == 0, 0.9, 0.1)
    confirmed[:3] = 0.05  # three CONFIRMED that look like false positives
    confirmed[3] = 0.5  # and one that looks like nothing
    found = suspected_labels(labels, np.column_stack([confirmed, 1 - confirmed]))
    assert found.joint.tolist() == [[26, 3], [0, 30]]
    assert np.flatnonzero(found.suspected).tolist() == [0, 1, 2]
    assert found.margin[0] == pytest.approx(0.9)
    assert found.noise == pytest.approx(3 / 59)


def test_what_is_high_for_one_mission_is_none_for_another() -> None:
    """Thresholds are a group's own: where all planets have a low score, a low one is no doubt."""
    labels = np.repeat([0, 1], 40)
    missions = np.tile([0, 1], 40)
    confirmed = np.where(labels == 0, np.where(missions == 0, 0.95, 0.55), 0.02)
    confirmed[1] = 0.45  # of the mission whose planets are seldom sure
    pair = np.column_stack([confirmed, 1 - confirmed])
    assert not suspected_labels(labels, pair, missions).suspected.any()
    assert suspected_labels(labels, pair, missions).joint.sum() == 79
    confirmed[3] = 0.01
    apart = suspected_labels(labels, np.column_stack([confirmed, 1 - confirmed]), missions)
    assert np.flatnonzero(apart.suspected).tolist() == [3]


def test_what_has_no_label_or_no_probability_is_never_suspected() -> None:
    labels, probabilities, _ = made_up(400)
    labels[:100] = UNLABELLED
    probabilities[100:110] = np.nan
    found = suspected_labels(labels, probabilities)
    assert not found.suspected[:110].any()
    assert np.isnan(found.margin[:100]).all()
    assert found.suspected[110:].any()


def test_a_class_of_few_has_no_threshold() -> None:
    labels = np.array([0] * 50 + [1] * 5)
    confirmed = np.full(55, 0.1)
    found = suspected_labels(labels, np.column_stack([confirmed, 1 - confirmed]))
    assert not found.suspected.any()
    empty = suspected_labels(np.array([], dtype=int), np.zeros((0, 2)), np.array([], dtype=int))
    assert (empty.noise, len(empty.suspected)) == (0.0, 0)

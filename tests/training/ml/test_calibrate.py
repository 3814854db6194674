from __future__ import annotations

import numpy as np
import pytest

from training.ml.calibrate import (
    IDENTITY,
    MIN_GROUP,
    POOLED,
    Calibration,
    Floats,
    Integers,
    PredictionSets,
    apply_scaling,
    fit_scaling,
    log_loss,
    softmax,
)

KEPLER, TESS, K2 = 0, 1, 2


def drawn(probabilities: Floats, generator: np.random.Generator) -> Integers:
    """Dispositions that come true as often as ``probabilities`` say."""
    places = generator.random(len(probabilities))
    numbers: Integers = (places[:, None] > probabilities.cumsum(axis=1)).sum(axis=1).astype(np.int8)
    return numbers


def overconfident(
    rows: int, generator: np.random.Generator, slope: float = 0.4
) -> tuple[Floats, Integers]:
    """Raw scores, and a truth for which they are 1 / slope times too sure and blind to a bias of
    CANDIDATE."""
    raw = generator.normal(0, 3, (rows, 3))
    return raw, drawn(softmax(raw * slope + np.array([0, 1.0, 0])), generator)


def calibration_error(probabilities: Floats, truth: Integers) -> float:
    top, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    bins = np.minimum((top * 10).astype(int), 9)
    gaps = [
        abs(top[bins == k].mean() - right[bins == k].mean()) * (bins == k).mean()
        for k in np.unique(bins)
    ]
    return float(sum(gaps))


def test_softmax_survives_large_scores_and_gives_a_row_the_same_bits_in_any_batch() -> None:
    raw = np.random.default_rng(0).normal(0, 50, (1001, 3))
    whole = softmax(raw)
    assert np.allclose(whole.sum(axis=1), 1)
    assert np.array_equal(np.vstack([softmax(raw[k : k + 1]) for k in range(len(raw))]), whole)
    assert softmax(np.array([[1e5, 0.0, -1e5]])).tolist() == [[1, 0, 0]]
    assert softmax(np.zeros((1, 3))) == pytest.approx(1 / 3)


def test_log_loss_is_finite_even_for_the_impossible() -> None:
    assert log_loss(np.array([[0.5, 0.25, 0.25]]), np.array([0], dtype=np.int8)) == pytest.approx(
        np.log(2)
    )
    assert np.isfinite(log_loss(np.array([[1.0, 0, 0]]), np.array([2], dtype=np.int8)))


def test_a_known_distortion_is_found() -> None:
    raw, truth = overconfident(8000, np.random.default_rng(1))
    slope, first, second, third = fit_scaling(raw, truth)
    assert slope == pytest.approx(0.4, abs=0.03)
    assert second - (first + third) / 2 == pytest.approx(1.0, abs=0.12)


def test_calibrated_probabilities_come_true_on_rows_that_were_not_fitted() -> None:
    generator = np.random.default_rng(2)
    raw, truth = overconfident(6000, generator)
    fitted, held = slice(0, 3000), slice(3000, None)
    missions = regimes = np.zeros(6000, dtype=np.int8)
    calibration = Calibration.fit(raw[fitted], truth[fitted], missions[fitted], regimes[fitted])
    before, after = softmax(raw[held]), calibration.apply(raw[held], missions[held], regimes[held])
    assert calibration_error(before, truth[held]) > 0.1
    assert calibration_error(after, truth[held]) < 0.03
    assert log_loss(after, truth[held]) < log_loss(before, truth[held])


def test_each_mission_and_regime_gets_a_calibration_of_its_own() -> None:
    generator = np.random.default_rng(3)
    sure, sure_truth = overconfident(3000, generator, slope=0.3)
    modest, modest_truth = overconfident(3000, generator, slope=1.5)
    raw, truth = np.vstack([sure, modest]), np.concatenate([sure_truth, modest_truth])
    missions = np.repeat([KEPLER, TESS], 3000).astype(np.int8)
    regimes = np.zeros(6000, dtype=np.int8)
    calibration = Calibration.fit(raw, truth, missions, regimes)
    assert calibration.scaling(KEPLER, 0)[0] == pytest.approx(0.3, abs=0.05)
    assert calibration.scaling(TESS, 0)[0] == pytest.approx(1.5, abs=0.15)
    # A mission never seen gets what holds for all of them, as does a regime never seen.
    pooled = calibration.scalings[POOLED, 0]
    assert calibration.scaling(K2, 0) == pooled == calibration.scaling(K2, 2)
    assert 0.3 < pooled[0] < 1.5
    # A row's answer depends on its own mission and regime, on nothing else in the batch.
    whole = calibration.apply(raw, missions, regimes)
    rows = [0, 1, 3000, 5999]
    alone = np.vstack([calibration.apply(raw[[k]], missions[[k]], regimes[[k]]) for k in rows])
    assert np.array_equal(alone, whole[rows])
    assert np.array_equal(alone[0], apply_scaling(raw[[0]], calibration.scaling(KEPLER, 0))[0])


def test_a_small_mission_is_served_by_the_pooled_calibration() -> None:
    raw, truth = overconfident(1000 + MIN_GROUP - 1, np.random.default_rng(4))
    missions = np.repeat([KEPLER, K2], [1000, MIN_GROUP - 1]).astype(np.int8)
    calibration = Calibration.fit(raw, truth, missions, np.zeros(len(raw), dtype=np.int8))
    assert (K2, 0) not in calibration.scalings
    assert calibration.scaling(K2, 0) == calibration.scalings[POOLED, 0]


def test_without_any_calibration_scores_are_taken_as_they_are() -> None:
    raw = np.array([[1.0, 2.0, 3.0]])
    assert Calibration().scaling(KEPLER, 0) == IDENTITY
    zero = np.zeros(1, dtype=np.int8)
    assert np.array_equal(Calibration().apply(raw, zero, zero), softmax(raw))


# --- prediction sets ------------------------------------------------------------------------------


def test_a_threshold_leaves_out_what_the_finite_sample_allows() -> None:
    # 99 signals of each disposition with probabilities 0.01 … 0.99: of 100 places, 10 may lie
    # below.
    steps = np.arange(1, 100) / 100
    probabilities = np.vstack([np.column_stack([steps, steps, steps])] * 3)
    truth = np.repeat([0, 1, 2], 99).astype(np.int8)
    zeros = np.zeros(297, dtype=np.int8)
    sets = PredictionSets.fit(probabilities, truth, zeros, zeros, level=0.9)
    assert sets.thresholds[KEPLER, 0] == pytest.approx((0.1, 0.1, 0.1))
    members = sets.apply(probabilities[:99], zeros[:99], zeros[:99])
    assert members[:, 0].sum() == 90


def coverage(level: float, seed: int) -> Floats:
    """How often the sets of held-out signals hold the truth, by mission and disposition, shape (2,
    3)."""
    generator = np.random.default_rng(seed)
    raw, truth = overconfident(6000, generator)
    probabilities = softmax(raw)  # need not be calibrated for sets to hold
    missions, regimes = (
        generator.integers(0, 2, 6000).astype(np.int8),
        np.zeros(6000, dtype=np.int8),
    )
    fitted, held = slice(0, 3000), slice(3000, None)
    sets = PredictionSets.fit(
        probabilities[fitted], truth[fitted], missions[fitted], regimes[fitted], level
    )
    members = sets.apply(probabilities[held], missions[held], regimes[held])
    assert members.sum(axis=1).mean() < 3  # a set that always holds everything would say nothing
    own = [[(missions[held] == m) & (truth[held] == d) for d in range(3)] for m in (KEPLER, TESS)]
    return np.array(
        [[members[rows, d].mean() for d, rows in enumerate(of_mission)] for of_mission in own]
    )


@pytest.mark.parametrize("level", [0.8, 0.9, 0.95])
def test_sets_hold_the_truth_as_often_as_promised_for_each_disposition_and_mission(
    level: float,
) -> None:
    found = np.mean([coverage(level, seed) for seed in range(12)], axis=0)
    assert found.shape == (2, 3)
    assert found == pytest.approx(np.full((2, 3), level), abs=0.02)


def test_a_higher_level_makes_larger_sets() -> None:
    raw, truth = overconfident(3000, np.random.default_rng(6))
    zeros = np.zeros(3000, dtype=np.int8)
    sizes = [
        PredictionSets.fit(softmax(raw), truth, zeros, zeros, level)
        .apply(softmax(raw), zeros, zeros)
        .sum()
        for level in (0.7, 0.8, 0.9, 0.99)
    ]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]


def test_a_disposition_that_a_mission_hardly_has_borrows_the_pooled_threshold() -> None:
    generator = np.random.default_rng(7)
    raw, truth = overconfident(2000, generator)
    missions = np.repeat([KEPLER, K2], [1800, 200]).astype(np.int8)
    truth[missions == K2] = generator.integers(0, 2, 200)  # no FALSE POSITIVE at all
    sets = PredictionSets.fit(softmax(raw), truth, missions, np.zeros(2000, dtype=np.int8))
    assert sets.thresholds[K2, 0][2] == sets.thresholds[POOLED, 0][2]
    assert sets.thresholds[K2, 0][0] != sets.thresholds[POOLED, 0][0]


def test_a_mission_never_seen_uses_the_pooled_thresholds() -> None:
    raw, truth = overconfident(1000, np.random.default_rng(8))
    zeros = np.zeros(1000, dtype=np.int8)
    sets = PredictionSets.fit(softmax(raw), truth, zeros, zeros)
    members = sets.apply(softmax(raw), zeros + 3, zeros)
    assert np.array_equal(members, softmax(raw) >= np.array(sets.thresholds[POOLED, 0]))

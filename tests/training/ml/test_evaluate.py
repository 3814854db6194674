from __future__ import annotations

import numpy as np
import pytest

from training.ml.evaluation.measures import (
    calibration_error,
    coverage,
    headlines,
    metrics_block,
    planet_auc,
    planet_scores,
    reliability,
)

TRUTH = np.array([0, 0, 1, 2, 2, 1], dtype=np.int8)
PROBABILITIES = np.array(
    [
        [0.8, 0.1, 0.1],
        [0.3, 0.4, 0.3],
        [0.2, 0.6, 0.2],
        [0.1, 0.1, 0.8],
        [0.5, 0.2, 0.3],
        [0.0, 1.0, 0.0],
    ]
)


def test_planet_score_leaves_candidate_out() -> None:
    assert planet_scores(PROBABILITIES)[:2] == pytest.approx([8 / 9, 0.5])
    assert planet_scores(PROBABILITIES)[5] == 0.5  # both of its probabilities are 0


def test_figures_worked_out_by_hand() -> None:
    block = metrics_block(TRUTH, PROBABILITIES)
    assert block["accuracy"] == pytest.approx(4 / 6)
    assert block["confusion"] == [[1, 1, 0], [0, 2, 0], [1, 0, 1]]
    assert block["dispositions"]["CANDIDATE"] == pytest.approx(
        {"signals": 2, "precision": 2 / 3, "recall": 1.0, "f1": 0.8, "roc_auc": 1.0, "pr_auc": 1.0}
    )
    # decided: scores 0.889 and 0.5 for CONFIRMED, 0.111 and 0.625 for FALSE POSITIVE: 3 of 4 pairs
    # in order
    assert block["roc_auc"] == pytest.approx(3 / 4)


@pytest.mark.parametrize("rows", [slice(None), slice(0, 3)], ids=["all", "one absent"])
def test_headlines_are_those_of_all_figures(rows: slice) -> None:
    block = metrics_block(TRUTH[rows], PROBABILITIES[rows])
    few = headlines(TRUTH[rows], PROBABILITIES[rows])
    assert len(few) == 5
    assert few == {name: block[name] for name in few}  # type: ignore[literal-required]


def test_calibration_error_is_the_weighted_gap() -> None:
    probabilities = np.tile([0.9, 0.05, 0.05], (10, 1))
    truth = np.array([0] * 6 + [2] * 4, dtype=np.int8)
    assert calibration_error(truth, probabilities) == pytest.approx(0.3)
    (only,) = reliability(truth, probabilities)
    assert (
        only["said"] == pytest.approx(0.9)
        and only["observed"] == pytest.approx(0.6)
        and only["signals"] == 10
    )


def test_no_area_where_one_side_is_absent() -> None:
    assert planet_auc(np.zeros(4, dtype=np.int8), PROBABILITIES[:4]) is None


def test_coverage_counts_the_truth_inside_the_set() -> None:
    sets = np.array([[1, 0, 0], [0, 1, 0], [1, 1, 0], [0, 0, 0], [0, 0, 1], [0, 1, 0]], dtype=bool)
    found = coverage(TRUTH, sets)
    assert found["coverage"] == pytest.approx(4 / 6)
    assert found["mean_size"] == pytest.approx(1.0) and found["empty"] == pytest.approx(1 / 6)
    assert found["dispositions"] == pytest.approx(
        {"CONFIRMED": 0.5, "CANDIDATE": 1.0, "FALSE POSITIVE": 0.5}
    )

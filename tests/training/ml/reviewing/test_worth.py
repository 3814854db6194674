"""The order of the queue."""

from __future__ import annotations

import numpy as np
import pytest

from training.ml.reviewing.worth import (
    FURTHER,
    WEIGHTS,
    Reason,
    apartness,
    evenness,
    unlikeness,
    worth,
)

NONE = np.nan


def test_the_strongest_reason_counts_and_further_ones_add_a_little() -> None:
    found = worth(
        {
            Reason.SUSPECTED_LABEL: np.array([1.0, NONE, 0.0, NONE]),
            Reason.SEVERAL: np.array([1.0, 0.5, NONE, NONE]),
            Reason.VERSIONS: np.array([NONE, 0.0, NONE, NONE]),
        }
    )
    most = WEIGHTS[Reason.SUSPECTED_LABEL].most + FURTHER
    just = WEIGHTS[Reason.VERSIONS].least + FURTHER
    assert found[:3] == pytest.approx([most, just, WEIGHTS[Reason.SUSPECTED_LABEL].least])
    assert np.isnan(found[3])


def test_every_reason_has_a_weight() -> None:
    assert set(WEIGHTS) == set(Reason)
    assert all(0 <= weight.least <= weight.most for weight in WEIGHTS.values())


def test_strengths() -> None:
    assert evenness(np.array([0.5, 0.0, 1.0, 0.75])) == pytest.approx([1, 0, 0, 0.5])
    lowest, highest = np.array([0.1, 0.6, NONE, 0.1]), np.array([0.2, 0.95, NONE, 0.95])
    apart = apartness(np.array([0.9, 0.9, 0.5, 0.5]), lowest, highest)
    assert apart == pytest.approx([0.4 / 0.6, NONE, NONE, 0.05 / 0.6], nan_ok=True)
    assert unlikeness(np.array([0, 1, 4, 9])) == pytest.approx([NONE, 0, 1, 1], nan_ok=True)

"""Agreement beyond chance."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from training.ml.reviewing.agreement import cohen_kappa, fleiss_kappa


def test_fleiss_as_worked_out_elsewhere() -> None:
    """Ten subjects, fourteen raters, five categories: the example of Fleiss' kappa that textbooks
    and encyclopaedias work out, 0.210."""
    rows = "0 0 0 0 14;0 2 6 4 2;0 0 3 5 6;0 3 9 2 0;2 2 8 1 1"
    rows += ";7 7 0 0 0;3 2 6 3 0;2 5 3 2 2;6 5 2 1 0;0 2 2 3 7"
    counts = np.array([[int(n) for n in row.split()] for row in rows.split(";")])
    assert fleiss_kappa(counts) == pytest.approx(0.210, abs=5e-4)


def test_unequal_numbers_of_people() -> None:
    agreed = np.array([[3, 0, 0], [0, 2, 0], [0, 4, 0], [1, 0, 0]])
    assert fleiss_kappa(agreed) == pytest.approx(1)
    apart = np.array([[1, 1, 0], [1, 1, 0]])
    assert fleiss_kappa(apart) == pytest.approx(-1)


def test_where_kappa_is_not_defined() -> None:
    assert fleiss_kappa(np.array([[1, 0], [0, 1]])) is None  # nobody shares a signal
    assert fleiss_kappa(np.array([[3, 0], [2, 0]])) is None  # all say one and the same
    assert fleiss_kappa(np.zeros((0, 3), dtype=int)) is None
    assert cohen_kappa([], []) is None
    assert cohen_kappa(["planet"] * 3, ["planet"] * 3) is None


def test_cohen_as_scikit_learn_has_it() -> None:
    random = np.random.default_rng(1)
    one = random.choice(["planet", "false positive", "cannot tell"], 60).tolist()
    other = [a if random.random() < 0.6 else "planet" for a in one]
    assert cohen_kappa(one, other) == pytest.approx(cohen_kappa_score(one, other))

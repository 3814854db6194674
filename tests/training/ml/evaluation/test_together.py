"""Any number of versions on the same signals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.training.ml.evaluation.test_compare import SIGNALS, held_out
from training.ml.answers import HeldOut
from training.ml.evaluation.compare import compare
from training.ml.evaluation.together import SHOWN, together


def test_two_together_are_what_a_comparison_says_of_them() -> None:
    first, second = held_out(1.0, 1), held_out(1.2, 2)
    found = together([first, second])
    compared = {figure.name: figure for figure in compare(first, second).groups["pooled"]}
    assert (found.signals, found.stars) == (SIGNALS, SIGNALS // 2)
    for name in SHOWN:
        assert found.figures[0][name] == pytest.approx(compared[name].first)
        assert found.figures[1][name] == pytest.approx(compared[name].second)


def rows_of(one: HeldOut, rows: np.ndarray) -> HeldOut:
    names = ("signals", "stars", "probabilities", "truth", "missions")
    return HeldOut(*(getattr(one, name)[rows] for name in names))


def test_three_are_judged_on_what_all_of_them_held_out() -> None:
    places = np.arange(SIGNALS)
    later = rows_of(held_out(1.2, 2), places[1000:])
    found = together([held_out(1.0, 1), later, held_out(1.4, 3)])
    assert found.signals == SIGNALS - 1000
    turned = together([held_out(1.0, 1), rows_of(held_out(1.0, 1), places[::-1])])
    assert turned.figures[0] == turned.figures[1], "the same signals at other places"


def test_what_two_tables_call_differently_judges_nobody() -> None:
    first, last = held_out(1.0, 1), held_out(1.0, 1)
    truth = last.truth.copy()
    truth[:1200] = (truth[:1200] + 1) % 3
    found = together([first, replace(last, truth=truth)])
    assert found.signals == SIGNALS - 1200
    assert found.figures[0] == found.figures[1]


def test_a_key_that_stands_twice_names_no_signal() -> None:
    keys = np.arange(1, SIGNALS + 1, dtype=np.uint64)
    keys[1] = keys[0]
    assert together([held_out(1.0, 1), held_out(1.0, 1, keys)]).signals == SIGNALS - 2


def test_the_best_is_the_lowest_of_losses_and_nobody_among_equals() -> None:
    good, poor = held_out(1.0, 1), held_out(1.6, 2)
    found = together([good, poor])
    for name in SHOWN[:5]:
        assert found.best(name) == found.figures[0][name], name
    assert together([good, good]).best("accuracy") is None


def test_too_few_shared_stars_give_no_figures() -> None:
    far = np.arange(10**6, 10**6 + SIGNALS, dtype=np.uint64)
    found = together([held_out(1.0, 1), held_out(1.0, 1, far)])
    assert (found.signals, found.stars, found.figures) == (0, 0, ())

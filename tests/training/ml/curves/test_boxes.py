"""One folding for neighbouring periods says what a folding for each would."""

from __future__ import annotations

import numpy as np

from tests.training.ml.curves.simulated import Planet, curve
from training.ml.curves.boxes import best_boxes
from training.ml.curves.curve import Ephemeris
from training.ml.curves.detrend import flatten

FLAT = flatten(curve(Planet(3.3, hours=3, ppm=3_000), noise=400))
PERIODS = np.linspace(3.2, 3.4, 60)
DURATIONS = np.array([0.06, 0.09, 0.125, 0.18])


def test_neighbouring_periods_are_folded_as_each_by_itself() -> None:
    together = best_boxes(FLAT, PERIODS, DURATIONS, np.ones(4), 4)[0]
    singly = [best_boxes(FLAT, PERIODS[k : k + 1], DURATIONS, np.ones(4), 4)[0] for k in range(60)]
    difference = together - np.concatenate(singly)
    assert np.abs(difference).max() < 0.1 * together.max()
    assert np.abs(np.mean(difference)) < 0.02 * together.max()


def test_a_box_is_as_strong_as_its_points_say() -> None:
    found = best_boxes(FLAT, PERIODS, DURATIONS, np.ones(4), 4)
    at = int(np.argmax(found[0]))
    strength, depth, duration, epoch = (float(one[at]) for one in found)
    assert abs(PERIODS[at] - 3.3) < 0.01
    inside = Ephemeris(float(PERIODS[at]), epoch, duration).during(FLAT.time)
    weight = 1 / FLAT.sigma**2
    inner, outer = (np.average(FLAT.flux[part], weights=weight[part]) for part in (inside, ~inside))
    spread = 1 / weight[inside].sum() + 1 / weight[~inside].sum()
    assert np.isclose(depth, outer - inner, rtol=0.08)
    assert np.isclose(strength, (outer - inner) / np.sqrt(spread), rtol=0.08)


def test_red_noise_makes_long_boxes_worth_less() -> None:
    white = best_boxes(FLAT, PERIODS, DURATIONS, np.ones(4), 4)
    red = best_boxes(FLAT, PERIODS, DURATIONS, np.array([1.0, 1.5, 2.0, 3.0]), 4)
    assert (red[0] <= white[0] + 1e-9).all()
    assert red[2].mean() < white[2].mean()

"""Real transits are dark at the limb: depth, duration and radius come out as the truth, and the
errors hold about two thirds of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.injecting import Transit, with_transit
from tests.training.ml.curves.simulated import curve
from training.ml.curves.calibration import LIMB, deeper, shorter
from training.ml.curves.curve import Ephemeris
from training.ml.curves.measure import Signal
from training.ml.curves.shape import Trapezoid
from training.ml.curves.stating import Stated, measure_stated

TRUTH = Transit(Ephemeris(2.9, 1.0, 0.11), 3e-3, 0.4)


@pytest.fixture(scope="module")
def measured() -> list[Signal]:
    """The same transit in ten noises."""
    box = replace(TRUTH.ephemeris, duration=0.1)
    return [
        measure_stated(
            with_transit(curve(minutes=20, noise=500, seed=seed), TRUTH),
            [Stated(2.9, box, TRUTH.depth)],
        ).signals[0]
        for seed in range(10)
    ]


def test_depth_duration_and_radius_are_those_of_the_planet(measured: list[Signal]) -> None:
    def middle(name: str) -> float:
        return float(np.median([getattr(one, name) for one in measured]))

    assert middle("depth_ppm") == pytest.approx(3_000, rel=0.04)
    assert middle("duration_hours") == pytest.approx(24 * 0.11, rel=0.05)
    assert middle("radius_ratio") == pytest.approx(TRUTH.ratio, rel=0.03)


def test_errors_hold_neither_none_nor_all(measured: list[Signal]) -> None:
    held = [abs(one.depth_ppm - 3_000) < one.depth_error for one in measured]
    held += [abs(one.period - 2.9) < one.period_error for one in measured]
    assert 0.35 < np.mean(held) < 0.95
    assert all(abs(one.depth_ppm - 3_000) < 4 * one.depth_error for one in measured)


def shaped(depth: float, ingress: float) -> Trapezoid:
    return Trapezoid(TRUTH.ephemeris, depth, ingress)


def test_what_is_certain_is_left_as_it_is() -> None:
    assert deeper(shaped(1e-3, 0.1), 3_000) == pytest.approx(1, abs=0.01)
    assert shorter(shaped(1e-3, 0.5), 3_000) == pytest.approx(1, abs=0.02)
    assert shorter(shaped(1e-3, 0.4), 20) < 0.9


def test_a_short_ingress_of_a_small_planet_is_no_fault() -> None:
    """A planet of a hundredth of the star's radius crosses its limb in a hundredth of the time, one
    of a fifth in a fifth: what is as short as it must be is corrected alike."""
    small, large = shaped(1e-4 * LIMB**2, 0.01), shaped(0.04 * LIMB**2, 0.2)
    assert deeper(small, 20) == pytest.approx(deeper(large, 20))
    assert shorter(small, 20) == pytest.approx(shorter(large, 20))
    assert deeper(small, 20) < 1.1
    assert shorter(shaped(1e-4 * LIMB**2, 0.2), 20) < shorter(small, 20)

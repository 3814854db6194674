"""Known signals are found and measured; what is none, or whose period is not known, is said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.training.ml.curves.simulated import Planet, curve
from training.ml.curves.detrend import flatten
from training.ml.curves.find import find_signals
from training.ml.curves.noise import red_factor
from training.ml.curves.search import trial_periods
from training.ml.curves.shape import profile


@pytest.mark.parametrize(
    "planet",
    [Planet(3.3, hours=3), Planet(0.9, hours=1.6, ppm=3_000), Planet(7.7, hours=5, ppm=2_000)],
)
@pytest.mark.parametrize("wave", [0.0, 4_000.0])
def test_a_planet_is_found_and_measured(planet: Planet, wave: float) -> None:
    signal, *more = find_signals(curve(planet, wave=(wave, 6.0))).signals
    assert not more
    assert signal.period == pytest.approx(planet.period, rel=1e-3)
    assert signal.depth_ppm == pytest.approx(planet.ppm, rel=0.1)
    assert signal.duration_hours == pytest.approx(planet.hours, rel=0.1)
    assert (signal.epoch - planet.epoch) / planet.period == pytest.approx(
        round((signal.epoch - planet.epoch) / planet.period), abs=0.01
    )
    assert signal.unknown == signal.vetoes == []
    assert abs(signal.period - planet.period) < 5 * signal.period_error
    assert signal.snr > signal.single_event > 7


@pytest.mark.parametrize("seed", range(5))
def test_noise_is_no_signal(seed: int) -> None:
    found = find_signals(curve(seed=seed, wave=(2_000, 4.0)))
    assert found.signals == []
    assert any(word in found.ended for word in ("S/N", "SDE", "waves"))


def test_two_planets_are_two_signals_and_siblings() -> None:
    found = find_signals(curve(Planet(3.1, ppm=6_000), Planet(7.4, epoch=2.2, ppm=3_000)))
    assert [round(signal.period, 1) for signal in found.accepted] == [3.1, 7.4]


@pytest.mark.parametrize("period", [20.0, 100.0])
def test_fewer_than_three_transits_have_no_period(period: float) -> None:
    (signal,) = find_signals(curve(Planet(period, epoch=4.0, hours=5, ppm=8_000))).signals
    assert "The period is not known" in signal.unknown[0]
    assert signal.transits in (1, 2)
    assert not find_signals(curve(Planet(period, epoch=4.0, hours=5, ppm=8_000))).accepted


def test_transits_that_disagree_have_no_period() -> None:
    depths = [2_000, 9_000, 7_000, 1_500, 9_500, 3_000]
    singles = [Planet(1e4, epoch=2 + 4.2 * k, hours=4, ppm=ppm) for k, ppm in enumerate(depths)]
    signal = find_signals(curve(*singles)).signals[0]
    assert "not known" in signal.unknown[0]


def test_alternating_transits_are_a_binary_of_twice_the_period() -> None:
    binary = Planet(2.5, hours=4, ppm=20_000, odd=0.7)
    signal, *rest = find_signals(curve(binary)).signals
    assert signal.period == pytest.approx(5.0, rel=1e-3)
    assert "Odd and even" in signal.vetoes[0]
    assert all("signal 1" in other.unknown[0] for other in rest)


def test_a_second_eclipse_is_a_veto_and_no_sibling() -> None:
    found = find_signals(curve(Planet(4.0, hours=4, ppm=30_000, second=9_000)))
    assert found.signals[0].secondary.phase == pytest.approx(0.5, abs=0.02)
    assert "second dip" in " ".join(found.signals[0].vetoes)
    assert len(found.accepted) == 1


def test_a_deep_eclipse_is_a_veto() -> None:
    (signal, *_) = find_signals(curve(Planet(4.0, hours=5, ppm=150_000, ingress=0.5))).signals
    assert "no planet takes more than 6 %" in " ".join(signal.vetoes)
    assert signal.v_shape > 0.8


@pytest.mark.parametrize("period", [0.45, 0.7])
def test_a_pulsating_star_has_no_transits(period: float) -> None:
    found = find_signals(curve(wave=(8_000, period)))
    assert found.signals == []


def test_a_jump_before_a_gap_hides_no_planet() -> None:
    light = curve(Planet(3.3, ppm=1_500))
    late = (light.time > 12.85) & (light.time < 13.1)
    jump = replace(light, flux=light.flux - 0.02 * late)
    assert [round(signal.period, 1) for signal in find_signals(jump).accepted] == [3.3]


def test_a_pulsating_star_hides_no_planet() -> None:
    found = find_signals(curve(Planet(5.3, hours=2.5, ppm=20_000), wave=(2_000, 0.7)))
    assert [round(signal.period, 1) for signal in found.accepted] == [5.3]


def test_every_third_wave_is_no_transit() -> None:
    light = curve(noise=300)
    third = np.cos(2 * np.pi * light.time / 3.3) + 4 * np.cos(2 * np.pi * light.time / 1.1)
    assert find_signals(replace(light, flux=light.flux - 1e-3 * third)).accepted == []


def test_a_transit_survives_the_trend() -> None:
    planet = Planet(6.0, hours=5, ppm=10_000)
    light = curve(planet, noise=50, wave=(5_000, 8.0))
    own = planet.light(light.time) < 1
    flat = flatten(light, own)
    assert np.median(flat.flux[planet.light(flat.time) < 0.9901]) == pytest.approx(0.99, abs=2e-4)
    assert np.abs(flat.flux[~own] - 1).max() < 6e-4


def test_red_noise_is_noticed() -> None:
    white = flatten(curve(noise=300))
    assert red_factor(white, 0.15) < 1.25
    wavy = flatten(curve(noise=300, wave=(600, 0.7)))
    assert red_factor(wavy, 0.15) > 1.5


def test_the_grid_is_dense_enough_and_bounded() -> None:
    periods = trial_periods(27.0)
    assert np.all(np.diff(periods) > 0)
    drift = np.diff(1 / periods) * -27.0 * periods[:-1] ** (2 / 3) / 0.076
    assert drift.max() < 0.5  # of a transit's duration, over the span
    assert len(trial_periods(1_470.0)) < 250_000


def test_the_averaged_trapezoid_is_the_mean_of_the_sharp_one() -> None:
    fine = np.linspace(-0.2, 0.2, 4_001)
    sharp = profile(fine, 0.12, 0.2, 1e-6)
    window = np.abs(fine - 0.05) <= 0.01
    mean = profile(np.array([0.05]), 0.12, 0.2, 0.02)[0]
    assert mean == pytest.approx(sharp[window].mean(), abs=2e-3)
    assert sharp.max() == pytest.approx(1)
    assert profile(np.array([0.2]), 0.12, 0.2, 0.02)[0] == pytest.approx(0, abs=1e-9)

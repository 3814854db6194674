"""The row that a classifier gets: what its training knows of the mission, and no more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.training.ml.curves.simulated import SUN, Planet, curve
from training.ml.curves.calibration import LIMB
from training.ml.curves.find import find_signals
from training.ml.curves.handover import signal_inputs, star_lacks
from training.ml.inputs import parse_signal
from training.ml.schema import FEATURE_BY_NAME, LAYOUT_OF_MISSION, Mission, source_of

FOUND = find_signals(curve(Planet(3.1, ppm=6_000), Planet(7.4, epoch=2.2, ppm=3_000)))


@pytest.mark.parametrize("mission", list(Mission))
def test_the_row_has_only_columns_of_its_missions_table(mission: Mission) -> None:
    signal = FOUND.accepted[0]
    inputs = signal_inputs(signal, FOUND.accepted, replace(SUN, mission=mission))
    assert len(parse_signal(inputs)) == 1
    siblings = {"mission", "signal_count", "sibling_period_ratio", "magnitude_band"}
    assert all(
        source_of(FEATURE_BY_NAME[name], LAYOUT_OF_MISSION[mission])
        for name in inputs.keys() - siblings
    )
    assert ("transit_snr" in inputs) == (mission in (Mission.KEPLER, Mission.OTHER))


def test_siblings_are_the_accepted_signals_alone() -> None:
    first, second = FOUND.accepted
    inputs = signal_inputs(first, FOUND.accepted, SUN)
    assert inputs["signal_count"] == 2
    assert inputs["sibling_period_ratio"] == pytest.approx(second.period / first.period)
    assert signal_inputs(first, [first], SUN)["signal_count"] == 1


def test_the_radius_is_the_stars_times_the_ratio() -> None:
    star = replace(SUN, mission=Mission.KEPLER, radius=2.0)
    inputs = signal_inputs(FOUND.accepted[0], FOUND.accepted, star)
    expected = 2 * 109.076 * 6_000e-6**0.5 / LIMB
    assert inputs["planet_radius"] == pytest.approx(expected, rel=0.05)
    # No header says how uncertain the star's radius is: the archive's of Kepler are by 21 %.
    assert inputs["planet_radius_error"] == pytest.approx(0.21 * expected, rel=0.1)


def test_what_the_table_of_tois_states_otherwise_is_left_out() -> None:
    inputs = signal_inputs(FOUND.accepted[0], FOUND.accepted, SUN)
    assert SUN.mission is Mission.TESS
    assert not [name for name in inputs if name.endswith("_error")]
    assert {"orbital_period", "transit_duration", "transit_depth", "stellar_radius"} <= set(inputs)
    assert "planet_radius" not in inputs


def test_no_digit_is_handed_over_that_the_uncertainty_does_not_bear() -> None:
    signal = replace(
        FOUND.accepted[0], period_error=6.7e-6, depth_error=31.4, snr=684.512345678, transits=27
    )
    inputs = signal_inputs(signal, [signal], replace(SUN, mission=Mission.KEPLER, logg=4.365831))
    assert inputs["orbital_period"] == round(signal.period, 7)
    assert inputs["transit_depth"] == round(signal.depth_ppm)
    assert inputs["orbital_period_error"] == 6.7e-6
    assert (inputs["transit_snr"], inputs["transit_count"]) == (684.512, 27)
    assert inputs["stellar_logg"] == 4.365831, "of the star, what is known of it is left"
    shown = {name: repr(value) for name, value in inputs.items() if isinstance(value, float)}
    assert [name for name, text in shown.items() if len(text) > len("0.00000000")] == []


def test_a_verdict_needs_temperature_and_radius() -> None:
    assert star_lacks(SUN) == []
    said = star_lacks(replace(SUN, teff=None, radius=None))
    assert "--teff" in said[0]
    assert "--radius" in said[1]

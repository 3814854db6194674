"""Values that cannot be true together."""

from __future__ import annotations

import numpy as np
import pytest

from training.ml.contradictions import RULES, Rule, contradictions, impossible
from training.ml.inputs import parse_signal
from training.ml.schema import NUMERIC_NAMES

# WASP-12 b, Hebb et al. 2009, ApJ 693, 1920
WASP_12_B = {
    "mission": "TESS",
    "orbital_period": 1.091423,
    "transit_duration": 2.93,
    "transit_depth": 13_800,
    "planet_radius": 20.07,
    "stellar_teff": 6300,
    "stellar_radius": 1.57,
    "stellar_mass": 1.35,
    "stellar_logg": 4.17,
    "semi_major_axis": 0.0229,
    "impact_parameter": 0.36,
    "equilibrium_temperature": 2516,
    "insolation": 6700,
    "signal_count": 1,
}


def said_of(**changes: float) -> list[str]:
    (sentences,) = contradictions(parse_signal({**WASP_12_B, **changes}))
    return sentences


def test_a_real_planet_contradicts_nothing() -> None:
    assert said_of() == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"transit_duration": 20.0}, "more than half of the orbital period of 1.091 days"),
        ({"transit_depth": 620_000.0}, "more than half of the star's light is lost"),
        ({"stellar_radius": 6.0, "stellar_logg": 3.0}, "the orbit would lie inside this star"),
        ({"scaled_semi_major_axis": 0.9}, "would put the orbit inside the star"),
        ({"radius_ratio": 1.4}, "larger than its star"),
        ({"impact_parameter": 1.6}, "the body would miss the star"),
        ({"orbital_period": 10.0, "transit_duration": 90.0}, "more than ten times the"),
        ({"equilibrium_temperature": 300.0}, "contradicts the insolation, which gives 2,518 K"),
        ({"semi_major_axis": 1.0}, "period and stellar mass, which give 0.02293 AU"),
        ({"stellar_logg": 2.0}, "the star's mass and radius, which give 4.177"),
        ({"sibling_period_ratio": 2.0}, "the star has only one signal"),
    ],
)
def test_what_physics_forbids_is_doubted(changes: dict[str, float], words: str) -> None:
    assert any(words in sentence for sentence in said_of(**changes)), said_of(**changes)


def test_what_is_not_given_contradicts_nothing() -> None:
    three = {"mission": "other", "orbital_period": 3.0, "transit_duration": 2.0, "transit_depth": 9}
    assert contradictions(parse_signal(three)) == [[]]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.sentence[:30])
def test_a_rule_wants_what_its_sentence_names(rule: Rule) -> None:
    """Rules are passed over where one of these is not given."""
    rng = np.random.default_rng(1)
    columns = {name: rng.lognormal(0, 3, 500) for name in NUMERIC_NAMES}
    with np.errstate(all="ignore"):
        for name in rule.inputs:
            assert not rule.holds(columns | {name: np.full(500, np.nan)}).any(), name


def test_a_transit_outlasts_no_orbit() -> None:
    said = impossible({"orbital_period": 1.2, "transit_duration": 48.0})
    assert said == {
        "transit_duration": (
            "Transit duration 48 hours is longer than the orbital period of 1.2 days: a transit"
            " ends before the next one begins. Check both numbers and their units."
        )
    }
    assert impossible({"orbital_period": 1.2, "transit_duration": 3.0}) == {}
    assert impossible({"orbital_period": 1.2}) == {}

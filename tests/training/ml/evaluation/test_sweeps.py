from __future__ import annotations

import numpy as np

from training.ml.evaluation.sweeps import (
    LARGEST_JUMP,
    PERCENTS,
    REASONS,
    Sweep,
    percentiles,
    sweep_facts,
    sweeps,
)
from training.ml.model import ExoplanetClassifier

SIGNAL: dict[str, float | str] = {
    "mission": "Kepler",
    "orbital_period": 3.5,
    "transit_duration": 3.0,
    "transit_depth": 5_000.0,
    "stellar_teff": 5_800.0,
    "stellar_radius": 1.0,
}


def test_a_signal_walks_through_its_mission(tiny_classifier: ExoplanetClassifier) -> None:
    found = sweeps(tiny_classifier, {"one": SIGNAL})
    assert [one.feature for one in found] == [
        "orbital_period",
        "transit_duration",
        "transit_depth",
        "stellar_teff",
        "stellar_radius",
    ]
    for one in found:
        assert len(one.values) == len(one.scores) == len(PERCENTS)
        assert list(one.values) == sorted(one.values)
        assert one.given == SIGNAL[one.feature] and 0 <= one.jump <= 1
        assert np.isfinite(one.scores).all()


def test_percentiles_are_those_of_the_training(tiny_classifier: ExoplanetClassifier) -> None:
    values = percentiles(tiny_classifier, "TESS", "orbital_period")
    edges = tiny_classifier.metadata["profile"]["TESS"]["orbital_period"]["edges"]
    assert np.allclose(values[9:90:10], edges)
    assert not len(percentiles(tiny_classifier, "other", "orbital_period"))


def test_the_largest_jump_is_named() -> None:
    one = Sweep("x", "orbital_period", 2, (1, 2, 3, 4), (0.1, 0.2, 0.9, 0.8))
    assert (round(one.jump, 6), one.jumps_at) == (0.7, 2)


def test_a_jump_is_kept_with_what_changed_there(tiny_classifier: ExoplanetClassifier) -> None:
    found = sweeps(tiny_classifier, {"one": SIGNAL})
    facts = sweep_facts(tiny_classifier, {"one": SIGNAL}, found)
    assert facts["sweeps"] == len(found)
    assert len(facts["jumps"]) == sum(one.jump > LARGEST_JUMP for one in found)
    for jump in facts["jumps"]:
        assert jump["quantity"] in tiny_classifier.columns
        assert jump["reason"] == REASONS.get(jump["quantity"], "")

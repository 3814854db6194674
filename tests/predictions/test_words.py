"""Sentences about an answer."""

import pytest

from predictions.words import (
    absent_groups,
    basis_sentence,
    identifier_links,
    most_helpful,
    prediction_set_sentence,
    typical_accuracy,
    verdict_sentence,
)
from training.ml.schema import FEATURE_NAMES


@pytest.mark.parametrize(
    ("disposition", "probability", "sentence"),
    [
        ("CONFIRMED", 0.97, "Very probably a planet: 97\u202f%"),
        ("CONFIRMED", 0.9996, "Very probably a planet: more than 99\u202f%"),
        ("CANDIDATE", 0.62, "Probably an open candidate: 62\u202f%"),
        ("FALSE POSITIVE", 0.4, "Perhaps a false positive: 40\u202f%"),
    ],
)
def test_a_verdict_is_one_line(disposition: str, probability: float, sentence: str) -> None:
    assert verdict_sentence(disposition, probability) == sentence


def test_what_a_verdict_rests_on() -> None:
    transit = ("orbital_period", "transit_duration", "transit_depth")
    assert basis_sentence(transit).startswith("Judged from 3 of ")
    assert basis_sentence(transit).endswith("inputs: nothing but the transit itself.")
    assert basis_sentence([*transit, "planet_radius", "stellar_teff"]).endswith("inputs: transit, planet and star.")


def test_prediction_sets_in_words() -> None:
    one = prediction_set_sentence(["CONFIRMED"], 0.9)
    two = prediction_set_sentence(["CONFIRMED", "CANDIDATE"], 0.95)
    assert one.startswith("At 90 % it is CONFIRMED alone: at most 10 in 100 signals")
    assert two.startswith("At 95 % it is CONFIRMED or CANDIDATE: at most 5 in 100 signals that are FALSE POSITIVE")
    assert "nothing can be ruled out" in prediction_set_sentence(["CONFIRMED", "CANDIDATE", "FALSE POSITIVE"], 0.9)
    assert "do not rely on this answer" in prediction_set_sentence([], 0.9)


def test_the_cost_of_absent_groups_comes_from_the_evaluation() -> None:
    missing = [
        n for n in FEATURE_NAMES if n not in ("orbital_period", "transit_duration", "transit_depth", "stellar_teff")
    ]
    metrics = {
        "absent_cost": [
            {"group": "uncertainties", "mission": "TESS", "accuracy_loss": 0.038},
            {"group": "planet", "mission": "pooled", "accuracy_loss": 0.05},
            {"group": "vetting measurements", "mission": "TESS", "accuracy_loss": -0.0002},
        ]
    }
    found = absent_groups(missing, "TESS", metrics)
    assert [(absent.group, absent.cost) for absent in found] == [
        ("planet", "On all signals their absence costs 5.0 points of accuracy."),
        ("uncertainties", "On TESS signals their absence costs 3.8 points of accuracy."),
        ("vetting measurements", "On TESS signals their absence costs no measurable accuracy."),
    ]  # the star is given in part, so its group is not absent
    assert {absent.cost for absent in absent_groups(missing, "TESS", {})} == {""}


def test_what_missing_inputs_cost_on_average_comes_from_the_evaluation() -> None:
    figures = {"all": {"Kepler": {"accuracy": 0.851}}, "six": {"Kepler": {"accuracy": 0.744}}}
    metrics = {"cross_validation": figures}
    words = "With about as much given as here it names the right disposition of {}\u202f% of Kepler signals"
    assert typical_accuracy("six", "Kepler", metrics) == words.format(74) + "; with everything given, of 85\u202f%."
    assert typical_accuracy("all", "Kepler", metrics) == words.format(85) + "."
    assert typical_accuracy("six", "TESS", metrics) == typical_accuracy("six", "Kepler", {}) == ""


def test_the_most_helpful_inputs_are_missing_ones_that_the_classifier_leans_on() -> None:
    metrics = {
        "importance": [{"feature": name} for name in ("mission", "duration_ratio", "planet_radius", "transit_snr")]
    }
    assert most_helpful(["transit_snr", "stellar_mass"], metrics) == ["Transit signal-to-noise"]
    assert most_helpful(["transit_snr"], {}) == []


EXOFOP, ARCHIVE = "https://exofop.ipac.caltech.edu", "https://exoplanetarchive.ipac.caltech.edu/overview"


@pytest.mark.parametrize(
    ("identifier", "exofop", "archive"),
    [
        ("TIC 420814525", "/tess/target.php?id=420814525", "TIC%20420814525"),
        ("tic420814525", "/tess/target.php?id=420814525", "TIC%20420814525"),
        ("TOI-700.02", "/tess/target.php?toi=700", "TOI-700"),
        ("KOI-72.01", "/kepler/edit_target.php?id=72", "KOI-72"),
        ("K00072.01", "/kepler/edit_target.php?id=72", "KOI-72"),
        ("KIC 11904151", "/kepler/edit_target.php?id=11904151", "KIC%2011904151"),
        ("EPIC 201912552.01", "/k2/edit_target.php?id=201912552", "EPIC%20201912552"),
        ("the TIC 25155310 one", "/tess/target.php?id=25155310", "TIC%2025155310"),
    ],
)
def test_identifiers_lead_to_exofop_and_the_archive(identifier: str, exofop: str, archive: str) -> None:
    assert [link.address for link in identifier_links(identifier)] == [EXOFOP + exofop, f"{ARCHIVE}/{archive}"]


@pytest.mark.parametrize(
    "identifier", ["", "my signal", "STATIC 5", "TOI", "KOI-<script>", "K2-18 b", "TIC 1234567890123"]
)
def test_other_identifiers_lead_nowhere(identifier: str) -> None:
    assert identifier_links(identifier) == []

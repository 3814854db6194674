"""Sentences about an answer."""

from typing import Any

import pytest

from predictions.signals.words import (
    absent_groups,
    basis_sentence,
    catalogue_sentence,
    has_input,
    identifier_links,
    most_helpful,
    open_sentence,
    planet_sentence,
    prediction_set_sentence,
    scores_apart_sentence,
    typical_accuracy,
    undecided_sentence,
    verdict_sentence,
)
from training.ml.fitting.bundles import BUNDLE_BY_KEY
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
    assert basis_sentence([*transit, "planet_radius", "stellar_teff"]).endswith(
        "inputs: transit, planet and star."
    )


def test_prediction_sets_in_words() -> None:
    one = prediction_set_sentence(["CONFIRMED"], 0.9)
    two = prediction_set_sentence(["CONFIRMED", "CANDIDATE"], 0.95)
    assert one.startswith("At 90 % it is CONFIRMED alone: at most 10 in 100 signals")
    assert two.startswith(
        "At 95 % it is CONFIRMED or CANDIDATE: at most 5 in 100 signals that are FALSE POSITIVE"
    )
    assert "nothing can be ruled out" in prediction_set_sentence(
        ["CONFIRMED", "CANDIDATE", "FALSE POSITIVE"], 0.9
    )
    assert "do not rely on this answer" in prediction_set_sentence([], 0.9)


def test_the_cost_of_absent_groups_comes_from_the_evaluation() -> None:
    missing = [
        n
        for n in FEATURE_NAMES
        if n not in ("orbital_period", "transit_duration", "transit_depth", "stellar_teff")
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
    words = (
        "With about as much given as here it names the right disposition of {}\u202f% of Kepler"
        " signals"
    )
    assert (
        typical_accuracy("six", "Kepler", metrics)
        == words.format(74) + "; with everything given, of 85\u202f%."
    )
    assert typical_accuracy("all", "Kepler", metrics) == words.format(85) + "."
    assert typical_accuracy("six", "TESS", metrics) == typical_accuracy("six", "Kepler", {}) == ""


def gain(
    bundle: str, mission: str, log_loss: float, accuracy: float = 0.0, start: str = "three"
) -> dict[str, Any]:
    return {
        "start": start,
        "mission": mission,
        "bundle": bundle,
        "signals": 500,
        "accuracy": 0.8,
        "accuracy_gain": accuracy,
        "log_loss_gain": log_loss,
        "roc_auc_gain": 0.2,
    }


GAINS = {
    "input_gain": [
        gain("star", "Kepler", 0.5, accuracy=0.26),
        gain("place", "Kepler", 0.2, accuracy=0.06),
        gain("stellar mass", "Kepler", 0.001),
        gain("place", "Kepler", 0.1, accuracy=0.07, start="six"),
        gain("star", "TESS", 0.3),
        gain("brightness", "TESS", 0.15),
    ]
}


def helped(mission: str, *given: str) -> list[tuple[str, str]]:
    missing = [name for name in FEATURE_NAMES if name not in given]
    return [(found.words, found.effect) for found in most_helpful(missing, mission, GAINS)]


def test_help_is_ranked_by_what_was_measured_on_the_mission() -> None:
    assert helped("Kepler") == [
        ("the star's radius and temperature", "names 26 more of 100 Kepler signals rightly"),
        ("whether the star's image moves in transit", "names 6 more of 100 Kepler signals rightly"),
    ]
    assert [words for words, _ in helped("TESS")] == [
        "the star's radius and temperature",
        "the star's brightness and distance",
    ]
    assert helped("K2") == []
    assert most_helpful(FEATURE_NAMES, "Kepler", {}) == []


def test_the_last_of_many_is_not_promised_what_all_of_them_bring() -> None:
    place = [*BUNDLE_BY_KEY["place"].names]
    star = ("stellar_teff", "stellar_radius", "planet_radius")
    ((_, effect),) = helped("Kepler", *star, *place[:2])
    assert effect == "names 7 more of 100 Kepler signals rightly"
    assert helped("Kepler", *star, *place[:4]) == []


def test_what_no_signal_of_a_mission_has_is_never_asked_for() -> None:
    assert not any("image" in words for words, _ in helped("TESS"))
    # Another mission is only asked for what every measured mission has.
    assert [words for words, _ in helped("other")] == ["the star's radius and temperature"]


def test_help_depends_on_what_is_given() -> None:
    six = ("stellar_teff", "stellar_radius", "planet_radius")
    assert helped("Kepler", *six) == [
        ("whether the star's image moves in transit", "names 7 more of 100 Kepler signals rightly")
    ]
    (first, *_) = helped("Kepler", "stellar_teff")
    assert first[0] == "the stellar radius"


def test_an_effect_is_told_by_what_it_changes() -> None:
    assert (
        helped("TESS")[0][1] == "ranks a TESS planet above a false positive in 20 more of 100 pairs"
    )


@pytest.mark.parametrize(
    ("score", "sentence"),
    [
        (0.97, "Very probably a planet: planet score 97\u202f%"),
        (0.62, "Probably a planet: planet score 62\u202f%"),
        (0.5, "Perhaps a planet, perhaps not: planet score 50\u202f%"),
        (0.2, "Probably not a planet: planet score 20\u202f%"),
        (0.0001, "Very probably not a planet: planet score less than 1\u202f%"),
    ],
)
def test_whether_it_is_a_planet_is_one_line(score: float, sentence: str) -> None:
    assert planet_sentence(score) == sentence
    assert planet_sentence(score, "open score") == sentence.replace("planet score", "open score")


def test_what_the_catalogue_would_say_is_another_line() -> None:
    assert (
        catalogue_sentence("CANDIDATE", 0.52)
        == "The catalogue would perhaps call it CANDIDATE today: 52\u202f%."
    )


@pytest.mark.parametrize(
    ("members", "words"),
    [
        (["planet", "false positive"], "neither planet nor false positive can be ruled out."),
        (["planet"], "it is a planet, because at most 10 in 100 false positives look like this."),
        (["false positive"], "it is a false positive, because at most 10 in 100 planets look"),
        ([], "it is unlike both planets and false positives."),
    ],
)
def test_an_open_signal_has_a_set_of_its_own(members: list[str], words: str) -> None:
    sentence = open_sentence(0.86, members, 0.9)
    assert sentence.startswith("If it is still open: of 100 open signals with this score about 86")
    assert words in sentence


@pytest.mark.parametrize(
    ("score", "words"),
    [(0.999, "more than 99 are planets"), (0.001, "hardly any are planets"), (0.5, "about 50 or")],
)
def test_nobody_is_told_of_all_or_none(score: float, words: str) -> None:
    assert words in open_sentence(score, ["planet"], 0.9)


EXOFOP, ARCHIVE = (
    "https://exofop.ipac.caltech.edu",
    "https://exoplanetarchive.ipac.caltech.edu/overview",
)


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
def test_identifiers_lead_to_exofop_and_the_archive(
    identifier: str, exofop: str, archive: str
) -> None:
    assert [link.address for link in identifier_links(identifier)] == [
        EXOFOP + exofop,
        f"{ARCHIVE}/{archive}",
    ]


@pytest.mark.parametrize(
    "identifier",
    ["", "my signal", "STATIC 5", "TOI", "KOI-<script>", "TIC 1234567890123"],
)
def test_other_identifiers_lead_nowhere(identifier: str) -> None:
    assert identifier_links(identifier) == []


def test_a_planets_name_leads_to_the_archive() -> None:
    (link,) = identifier_links("K2-18 b")
    assert link.address.endswith("/overview/K2-18%20b")


def test_scores_that_point_in_different_ways_are_said_to() -> None:
    assert scores_apart_sentence(0.7, 0.9) == scores_apart_sentence(0.7, None) == ""
    sentence = scores_apart_sentence(0.24, 0.69)
    assert "mostly planets: planet score 69" in sentence
    assert "mostly false positives" in scores_apart_sentence(0.6, 0.2)


def test_what_cannot_be_told_is_not_headed_by_a_low_score() -> None:
    assert undecided_sentence(0.24).startswith("Planet or not cannot be told from these inputs")


def test_nobody_is_asked_for_what_the_mission_does_not_measure() -> None:
    assert not has_input("TESS", "flux_centroid_offset")
    assert has_input("Kepler", "flux_centroid_offset")
    assert has_input("TESS", "stellar_distance")
    assert has_input("other", "flux_centroid_offset")
    row = {"mission": "TESS", "start": "six", "bundle": "brightness", "signals": 9}
    gains = {"accuracy_gain": 0.04, "log_loss_gain": 0.07, "roc_auc_gain": 0.01}
    missing = ["stellar_magnitude", "flux_centroid_offset", "stellar_distance", "proper_motion"]
    (help_,) = most_helpful(missing, "TESS", {"input_gain": [row | gains]})
    assert all(has_input("TESS", name) for name in help_.names)
    assert help_.effect == "names 4 more of 100 TESS signals rightly"

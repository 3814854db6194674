"""What an explanation says in words."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from dataclasses import replace

import pytest

from predictions.pages.examples import EXAMPLES
from tests.training.ml.explanations.parts import part
from training.ml.explanations.basis import Given, basis_sentences
from training.ml.explanations.explain import Contribution, Quantities
from training.ml.explanations.readings import READINGS, READINGS_BY_FEATURE
from training.ml.explanations.sentences import clause, sentences_for, two_digits
from training.ml.features import DERIVED_BY_NAME
from training.ml.inputs import parse_signal
from training.ml.model import ExoplanetClassifier
from training.ml.schema import DISPOSITIONS, NUMERIC_NAMES, Disposition

CONFIRMED, CANDIDATE, FALSE_POSITIVE = DISPOSITIONS


def mission(value: str, contribution: float) -> Contribution:
    return Contribution("mission", "Mission", "", value, contribution)


# --- one value ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("disposition", "contribution", "sentence"),
    [
        (
            FALSE_POSITIVE,
            part("duration_ratio", 2.1, 0.9),
            (
                "The transit lasts 2.1 times as long as this star's density allows, which speaks"
                " for FALSE POSITIVE (an eclipsing binary or a blend)"
            ),
        ),
        (
            CONFIRMED,
            part("duration_ratio", 2.1, -0.9),
            (
                "The transit lasts 2.1 times as long as this star's density allows, which speaks"
                " against CONFIRMED (an eclipsing binary or a blend)"
            ),
        ),
        # The trees may say what physics does not: then both are told and no reason is made up.
        (
            CONFIRMED,
            part("duration_ratio", 2.1, 0.9),
            (
                "The transit lasts 2.1 times as long as this star's density allows, which by itself"
                " points to a false positive (an eclipsing binary or a blend); the classifier"
                " counts it for CONFIRMED all the same, leaning on what such signals usually are"
            ),
        ),
        (
            FALSE_POSITIVE,
            part("radius_consistency", 1.0, 0.4),
            (
                "The planet radius agrees with depth and star (ratio 1.0), which by itself points"
                " to a planet (as for a dark body before this very star); the classifier counts it"
                " for FALSE POSITIVE all the same, leaning on what such signals usually are"
            ),
        ),
        (
            FALSE_POSITIVE,
            part("planet_radius", 38.4, 0.7),
            (
                "The planet radius is 38 Earth radii, larger than any planet, which speaks for"
                " FALSE POSITIVE (an eclipsing star)"
            ),
        ),
        (
            CONFIRMED,
            part("radius_from_depth", 2.44, 0.7),
            (
                "The radius from depth and star is 2.4 Earth radii, which speaks for CONFIRMED (the"
                " size of a small planet)"
            ),
        ),
        (
            FALSE_POSITIVE,
            part("centroid_shift", 3.2, 0.5),
            (
                "The image of the star moves by 3.2 arcsec in transit, which speaks for FALSE"
                " POSITIVE (a blend with another star)"
            ),
        ),
        (
            CONFIRMED,
            part("signal_count", 3.0, 0.5),
            (
                "The star has 3 signals, which speaks for CONFIRMED (false positives rarely come in"
                " groups)"
            ),
        ),
        (
            CONFIRMED,
            part("signal_count", 1.0, -0.5),
            (
                "The star has no other signal, which speaks against CONFIRMED "
                "(planets often come in groups, false positives rarely)"
            ),
        ),
        (
            FALSE_POSITIVE,
            part("odd_even_significance", 0.0001, 0.5),
            (
                "Odd and even transits differ in depth (chance probability below 0.001), which"
                " speaks for FALSE POSITIVE (an eclipsing binary of twice this period)"
            ),
        ),
        (
            CANDIDATE,
            part("transit_snr", 7.4, 0.5),
            (
                "The transit is weak, with a signal-to-noise of 7.4, which speaks for CANDIDATE "
                "(weak signals are hard to decide)"
            ),
        ),
        # No reading: the quantity itself, and what the classifier leans on.
        (
            CONFIRMED,
            part("insolation", 1123.0, 0.5),
            (
                "The insolation is 1,123 S⊕, which speaks for CONFIRMED (the classifier"
                " leans on what such signals usually are)"
            ),
        ),
        (
            CANDIDATE,
            part("duty_cycle", 0.37, 0.5),
            (
                "The transit takes up 0.37 % of the orbit, which speaks for CANDIDATE (the"
                " classifier leans on how often such signals are still open)"
            ),
        ),
    ],
)
def test_a_value_is_put_into_words(
    disposition: Disposition, contribution: Contribution, sentence: str
) -> None:
    assert clause(contribution, disposition) == sentence


def test_the_second_sentence_tells_another_story() -> None:
    parts = [
        part("planet_radius", 38.0, 0.9),
        part("transit_depth", 61_123.0, 0.8),
        part("signal_count", 1.0, 0.4),
        part("duty_cycle", 12.0, 0.3),
    ]
    first, second = sentences_for(FALSE_POSITIVE, parts)
    assert first.startswith("The planet radius is 38 Earth radii, larger than any planet")
    assert second.startswith("The star has no other signal, which also speaks for FALSE POSITIVE")


def test_a_large_contradiction_is_told_even_if_it_is_the_same_story() -> None:
    parts = [
        part("duty_cycle", 2.0, -0.9),
        part("duration_ratio", 1.8, 0.8),
        part("signal_count", 2.0, -0.5),
    ]
    first, second = sentences_for(FALSE_POSITIVE, parts)
    assert "speaks for FALSE POSITIVE" in first
    assert second.startswith(
        "The transit takes up 2.0 % of the orbit, which speaks against FALSE POSITIVE"
    )


def test_a_small_second_reason_is_left_out() -> None:
    assert (
        len(
            sentences_for(
                CONFIRMED, [part("signal_count", 4.0, 1.0), part("transit_depth", 500.0, 0.2)]
            )
        )
        == 1
    )


def test_without_anything_in_favour_that_is_said() -> None:
    first, second = sentences_for(
        CANDIDATE, [part("transit_snr", 40.0, -0.5), part("transit_depth", 500.0, 0.01)]
    )
    assert (
        first == "No single input speaks for CANDIDATE: it is what remains when the others are less"
        " likely."
    )
    assert "speaks against CANDIDATE" in second


def test_what_is_not_given_is_never_described() -> None:
    parts = [
        part("duration_ratio", None, 0.9),
        part("transit_depth", 500.0, 0.8),
        part("signal_count", 1.0, 0.7),
    ]
    sentences = sentences_for(FALSE_POSITIVE, parts)
    assert not any("lasts" in sentence for sentence in sentences)
    assert sentences[0].startswith("The transit is only 500 ppm deep")


def test_the_weight_of_absence_is_told() -> None:
    parts = [
        part("planet_radius", None, 0.9),
        part("radius_consistency", None, 0.5),
        part("stellar_mass", None, -0.4),
        part("transit_depth", 500.0, 0.3),
    ]
    assert (
        sentences_for(CONFIRMED, parts)[-1]
        == "More than half of the weight comes from what is not given, above all the planet radius"
        " and the stellar mass: typical values stand in."
    )
    parts = [
        part("planet_radius", None, -0.5),
        part("transit_depth", 500.0, 0.4),
        part("signal_count", 3.0, 0.4),
    ]
    assert (
        sentences_for(CONFIRMED, parts)[-1]
        == "That the planet radius is not given speaks against CONFIRMED: a typical value"
        " stands in."
    )
    # All inputs given, but the quantity is undefined.
    undefined = [
        part("timing_precision", None, 0.5),
        part("transit_depth", 500.0, 0.4),
        part("signal_count", 3.0, 0.4),
    ]
    assert (
        "mid-transit uncertainty over duration is not given"
        in sentences_for(CONFIRMED, undefined)[-1]
    )


def test_readings_of_a_quantity_do_not_overlap() -> None:
    assert set(READINGS_BY_FEATURE) <= {*NUMERIC_NAMES, *DERIVED_BY_NAME}
    assert sum(map(len, READINGS_BY_FEATURE.values())) == len(READINGS) > 80
    for readings in READINGS_BY_FEATURE.values():
        assert all(reading.low < reading.high for reading in readings)
        plain = [reading for reading in readings if not reading.where]
        ordered = sorted(plain, key=lambda reading: reading.low)
        assert all(below.high <= above.low for below, above in itertools.pairwise(ordered))


def test_every_quantity_at_every_value_makes_a_whole_sentence() -> None:
    checked = 0
    for name in [*NUMERIC_NAMES, *DERIVED_BY_NAME]:
        for value, contribution, disposition in itertools.product(
            [-1.0, 0.0, 1e-6, 0.03, 0.5, 0.99999, 1.0, 3.0, 20.0, 250.0, 999.96, 123_456.7, 2e9],
            [0.5, -0.5],
            DISPOSITIONS,
        ):
            text = clause(part(name, value, contribution), disposition)
            assert re.fullmatch(
                r"[A-Z0-9][^{}]+, which (speaks (for|against) [A-Z ]+ \([^{}()]+\)"
                r"|by itself points to a (planet|false positive) \([^{}()]+\); the classifier "
                r"counts it (for|against) [A-Z ]+ all the same, leaning on [a-z ]+)",
                text,
            ), text
            assert (
                "nan" not in text and "  " not in text and "e+" not in text and "e-0" not in text
            ), text
            checked += 1
    assert checked > 5000


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2.13, "2.1"),
        (1.0, "1.0"),
        (38.4, "38"),
        (0.0493, "0.049"),
        (1123.0, "1,100"),
        (0, "0"),
        (99.6, "100"),
    ],
)
def test_two_digits_are_enough_for_a_sentence(value: float, text: str) -> None:
    assert two_digits(value) == text


# --- real signals: published values, with contributions of either sign ----------------------------

PUBLISHED: dict[str, dict[str, object]] = {
    example.name: {"mission": str(example.mission), **example.values} for example in EXAMPLES
} | {
    # Hebb et al. 2009, ApJ 693, 1920
    "WASP-12 b": {
        "mission": "TESS",
        "orbital_period": 1.091423,
        "transit_duration": 2.93,
        "transit_depth": 13_800,
        "planet_radius": 20.07,
        "stellar_teff": 6300,
        "stellar_radius": 1.57,
        "stellar_mass": 1.35,
        "signal_count": 1,
    },
    # Torres et al. 2008, ApJ 677, 1324
    "HD 189733 b": {
        "mission": "TESS",
        "orbital_period": 2.218573,
        "transit_duration": 1.827,
        "transit_depth": 24_120,
        "planet_radius": 12.76,
        "stellar_teff": 5040,
        "stellar_radius": 0.756,
        "stellar_mass": 0.806,
        "signal_count": 1,
        "transit_snr": 900,
    },
    # Borucki et al. 2012, ApJ 745, 120
    "Kepler-22 b": {
        "mission": "Kepler",
        "orbital_period": 289.8623,
        "transit_duration": 7.415,
        "transit_depth": 492,
        "planet_radius": 2.38,
        "stellar_teff": 5518,
        "stellar_radius": 0.979,
    },
    # Jenkins et al. 2015, AJ 150, 56
    "Kepler-452 b": {
        "mission": "Kepler",
        "orbital_period": 384.843,
        "transit_duration": 10.63,
        "transit_depth": 199,
        "planet_radius": 1.63,
        "stellar_teff": 5757,
        "stellar_radius": 1.11,
    },
    # Hellier et al. 2012, MNRAS 426, 739: a planet that grazes its star
    "WASP-67 b": {
        "mission": "TESS",
        "orbital_period": 4.61442,
        "transit_duration": 1.9,
        "transit_depth": 16_700,
        "impact_parameter": 0.94,
        "radius_ratio": 0.16,
        "planet_radius": 15.7,
        "stellar_teff": 5200,
        "stellar_radius": 0.87,
        "stellar_mass": 0.87,
    },
}


def quantities_of(
    classifier: ExoplanetClassifier, raw: Mapping[str, object]
) -> dict[str, Contribution]:
    """Everything that is known of a signal, with no contribution yet."""
    quantities = Quantities(classifier, parse_signal(raw))
    parts = {name: 0.0 for name in quantities.names}
    values = quantities.plain_values()[0]
    return {
        name: part(name, None if value != value else float(value), 0.0)
        for name, value in zip(parts, values, strict=True)
        if name in DERIVED_BY_NAME or name in NUMERIC_NAMES
    }


def sentences_of(
    classifier: ExoplanetClassifier, name: str, disposition: Disposition, **contributions: float
) -> list[str]:
    parts = quantities_of(classifier, PUBLISHED[name])
    parts |= {
        feature: replace(parts[feature], contribution=contribution)
        for feature, contribution in contributions.items()
    }
    ordered = sorted(parts.values(), key=lambda p: -abs(p.contribution))
    return sentences_for(disposition, ordered)


@pytest.mark.parametrize("name", ["Kepler-10 b", "WASP-12 b", "WASP-18 b"])
def test_close_binaries_are_not_blamed_where_the_star_demands_the_duty_cycle(
    tiny_classifier: ExoplanetClassifier, name: str
) -> None:
    for disposition, contribution in ((CONFIRMED, -0.9), (FALSE_POSITIVE, 0.9)):
        (said,) = [
            sentence
            for sentence in sentences_of(
                tiny_classifier, name, disposition, duty_cycle=contribution
            )
            if "of the orbit" in sentence
        ]
        assert "as this star's own density demands" in said
        assert "by itself points to a planet" in said
        assert "binaries" not in said


def test_a_duty_cycle_without_its_star_may_be_either() -> None:
    said = clause(part("duty_cycle", 9.0, 0.9), FALSE_POSITIVE)
    assert "close eclipsing binaries do that; without the star, a planet" in said
    too_long = clause(
        part("duty_cycle", 9.0, 0.9), FALSE_POSITIVE, {"duty_cycle": 9.0, "duration_ratio": 2.0}
    )
    assert "more than this star's density allows" in too_long


@pytest.mark.parametrize(
    ("name", "feature", "says", "never"),
    [
        ("HD 189733 b", "transit_depth", "no more than a giant planet makes", "eclipsing stars"),
        ("HD 189733 b", "transit_snr", "not a play of noise", "deep eclipses"),
        ("WASP-12 b", "planet_radius", "swell", "brown dwarfs and small stars have such radii)"),
        ("HD 209458 b", "signal_count", "are alone", "planets often come in groups"),
        ("TOI-700 d", "transit_depth", "as for a small planet", "large"),
        ("KOI-698.01", "planet_radius", "larger than any planet", "swell"),
        ("HD 189733 b", "excess_duration", "no longer than a circular orbit", "times as long"),
        ("WASP-12 b", "excess_radius", "no larger than planets are", "larger than any planet"),
        ("Kepler-10 b", "radius_deficit", "no smaller than known planets", "is smaller"),
        ("WASP-67 b", "grazing", "over the star's edge", "fully in front"),
    ],
)
def test_what_a_value_means_depends_on_the_rest_of_the_signal(
    tiny_classifier: ExoplanetClassifier, name: str, feature: str, says: str, never: str
) -> None:
    parts = quantities_of(tiny_classifier, PUBLISHED[name])
    values = {p.feature: p.value for p in parts.values() if isinstance(p.value, float)}
    said = clause(replace(parts[feature], contribution=0.8), CONFIRMED, values)
    assert says in said
    assert never not in said


def test_no_explanation_opens_with_the_mission() -> None:
    strong = [mission("TESS", 1.2), part("transit_depth", 11_445.0, 0.3)]
    first, *_, last = sentences_for(CANDIDATE, strong)
    assert first.startswith("The transit is 11,445 ppm deep, which speaks for CANDIDATE")
    assert last.startswith(
        "Most of all, that the mission is TESS counts for CANDIDATE: no property"
    )
    (alone,) = sentences_for(CANDIDATE, [mission("TESS", 1.2), part("transit_depth", 500.0, 0.01)])
    assert alone.startswith("No property of this signal speaks for CANDIDATE: that the mission is")
    weak = [part("transit_depth", 500.0, 0.8), mission("TESS", 0.7)]
    assert not any("mission" in sentence for sentence in sentences_for(CONFIRMED, weak))


def test_what_stands_where_physics_gives_no_reason_is_said_once() -> None:
    parts = [part("insolation", 1123.0, 0.5), part("stellar_mass", 1.0, 0.4)]
    first, second = sentences_for(CONFIRMED, parts)
    assert "leans on" in first
    assert second == "The stellar mass is 1 M☉, which also speaks for CONFIRMED."


# --- how much it rests on -------------------------------------------------------------------------


def given_of(name: str, *inputs: str) -> Given:
    raw = PUBLISHED[name]
    numbers = {n: float(str(v)) for n, v in raw.items() if n != "mission"}
    return Given(str(raw["mission"]), {n: numbers[n] for n in inputs or numbers})


THREE = ("orbital_period", "transit_duration", "transit_depth")


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ([FALSE_POSITIVE, CONFIRMED], "cannot be told from a planet."),
        (
            [CONFIRMED, CANDIDATE, FALSE_POSITIVE],
            "cannot be told from a planet or an open candidate.",
        ),
        (
            [FALSE_POSITIVE],
            "are all that this rests on: whatever else is known of it could turn it.",
        ),
    ],
)
def test_few_inputs_are_said_to_be_few(members: list[Disposition], words: str) -> None:
    (said,) = basis_sentences(FALSE_POSITIVE, members, given_of("Kepler-10 b", *THREE))
    assert said.endswith(f"hese three numbers {'it ' * (len(members) > 1)}{words}")


def test_many_inputs_need_no_such_word() -> None:
    assert basis_sentences(CONFIRMED, [CONFIRMED], given_of("Kepler-10 b")) == []


@pytest.mark.parametrize(("name", "most"), [("Kepler-22 b", "six"), ("Kepler-452 b", "four")])
def test_a_long_period_says_why_it_counts_and_how_little_that_is(name: str, most: str) -> None:
    said, few = basis_sentences(FALSE_POSITIVE, [FALSE_POSITIVE, CONFIRMED], given_of(name))
    assert f"at most {most} transits could be seen" in said
    assert "most Kepler signals with so long a period turned out to be noise" in said
    assert "rests on little more than that" in said
    assert few == "With these six numbers it cannot be told from a planet."
    (few_again,) = basis_sentences(CONFIRMED, [CONFIRMED, CANDIDATE], given_of(name))
    assert "noise" not in few_again


def test_other_missions_have_long_periods_of_their_own() -> None:
    numbers = {"orbital_period": 150.0, "transit_duration": 9.0, "transit_depth": 700.0}
    said = {
        mission: basis_sentences(CANDIDATE, [CANDIDATE], Given(mission, numbers))[0]
        for mission in ("Kepler", "TESS", "K2", "other")
    }
    assert "27 days at a time, so at a period of 150 days transits lie far apart" in said["TESS"]
    assert "about 80 days" in said["K2"]
    assert "these three numbers" in said["Kepler"].lower()
    assert "these three numbers" in said["other"].lower()  # 150 days are not long everywhere


def test_a_transit_that_was_tested_speaks_for_itself() -> None:
    tested = given_of("Kepler-22 b")
    tested = replace(tested, numbers={**tested.numbers, "transit_snr": 30.0})
    assert not any("noise" in said for said in basis_sentences(FALSE_POSITIVE, [], tested))

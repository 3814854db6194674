"""Numbers as people read them."""

import pytest

from training.figures import (
    COMPUTED,
    counted,
    figure_text,
    given_text,
    measured_text,
    probability_text,
    rounded_text,
    share_text,
    signed_text,
    significant_text,
)
from training.ml.explanations.explanation import Contribution
from training.ml.schema import FEATURE_BY_NAME
from training.templatetags.signals import in_order


@pytest.mark.parametrize(
    ("probability", "text"),
    [
        (1.0, "more than 99\u202f%"),
        (0.995, "more than 99\u202f%"),
        (0.9949, "99\u202f%"),
        (0.5, "50\u202f%"),
        (0.0051, "1\u202f%"),
        (0.0049, "less than 1\u202f%"),
        (0.0, "less than 1\u202f%"),
    ],
)
def test_no_probability_is_certain(probability: float, text: str) -> None:
    assert probability_text(probability) == text


@pytest.mark.parametrize(
    ("name", "value", "error", "text"),
    [
        ("orbital_period", 3.52474859, None, "3.52474859\xa0d"),
        ("transit_depth", 1123.0, 12.5, "1,123 ± 12\xa0ppm"),
        ("planet_radius", 2.4, None, "2.4\xa0R⊕"),
        ("galactic_latitude", 28.5, None, "28.5°"),
        ("galactic_latitude", 17.5933024207, None, "17.5933°"),
        ("proper_motion", 353.413065299, None, "353.413\xa0mas/yr"),
        ("sibling_period_ratio", 1.63803903251, None, "1.63804"),
        ("flux_centroid_offset", 1.072800074571213, None, "1.0728\xa0arcsec"),
        ("centroid_shift", 0.00002353720459187964, None, "0.0000235372\xa0arcsec"),
        ("stellar_metallicity", -0.15, None, "−0.15\xa0dex"),
        ("magnitude_band", "Kp", None, "Kp"),
        ("transit_count", 12, None, "12"),
        ("planet_radius", None, None, "not given"),
    ],
)
def test_inputs_keep_their_digits_and_have_units(
    name: str, value: float | str | None, error: float | None, text: str
) -> None:
    assert given_text(name, value, error) == text


def test_what_is_computed_is_an_input() -> None:
    assert set(FEATURE_BY_NAME) >= COMPUTED


def test_computed_numbers_have_four_digits() -> None:
    assert significant_text(0.00012345678) == "0.0001235"
    assert significant_text(1234567.8) == "1,234,568"
    assert significant_text(-2.5) == "−2.5"
    assert significant_text(0) == "0"
    assert rounded_text(None) == "not known"
    assert rounded_text(1.41421356, "solar radii") == "1.414\xa0R☉"


def test_signs_and_figures() -> None:
    assert signed_text(-0.104) == "−0.10"
    assert signed_text(0.42) == "+0.42"
    assert figure_text(0.98765) == "0.988"
    assert figure_text(None) == "not known"
    assert [figure_text(x) for x in (0, 0.0004, 0.9994, 0.99996, 1)] == [
        "0.000",
        "< 0.001",
        "0.999",
        "> 0.999",
        "1.000",
    ]
    assert figure_text(0.999, 2) == "> 0.99"


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0"), (5 / 1086, "0.5"), (0.00001, "0.1"), (0.42, "42"), (0.996, "99.6"), (1, "100")],
)
def test_a_share_that_is_neither_nothing_nor_all_does_not_look_so(share: float, text: str) -> None:
    assert share_text(share) == f"{text}\u202f%"


def test_one_signal_is_no_signals() -> None:
    assert [counted(n, "signal") for n in (0, 1, 2723)] == [
        "0 signals",
        "1 signal",
        "2,723 signals",
    ]


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (0.837495, 0.000005, "0.8374950 ± 0.0000050"),
        (17803, 534.998, "17,800 ± 530"),
        (2.13402, 0.227364, "2.13 ± 0.23"),
        (-0.15, 0.0996, "−0.15 ± 0.10"),
        (5.0, 0.0, "5 ± 0"),
    ],
)
def test_an_uncertainty_has_two_digits_and_its_value_as_many_places(
    value: float, error: float, text: str
) -> None:
    assert measured_text(value, error) == text


def test_what_a_database_keeps_in_no_order_is_shown_in_one() -> None:
    kept = {"K2": 1, "TESS": 2, "Kepler": 3}
    assert [name for name, _ in in_order(kept)] == ["Kepler", "TESS", "K2"]
    assert in_order(None) == []
    counts = {"CANDIDATE": 1, "CONFIRMED": 2, "no disposition": 3, "FALSE POSITIVE": 4}
    said = [name for name, _ in in_order(counts)]
    assert said == ["CONFIRMED", "CANDIDATE", "FALSE POSITIVE", "no disposition"]


def test_what_stands_for_nothing_found_is_said_in_words() -> None:
    assert given_text("neighbour_separation", 3_600.0) == "none within 1°"
    assert given_text("neighbour_depth_ratio", 0) == "no such neighbour"
    assert given_text("neighbour_count", 0) == "0"
    assert given_text("neighbour_separation", 12.5) == "12.5\N{NO-BREAK SPACE}arcsec"
    far = Contribution("neighbour_separation", "Distance", "arcsec", 3_600.0, 0.1)
    assert far.value_text == "none within 1°"


def test_a_degree_stands_at_its_number() -> None:
    assert given_text("galactic_latitude", 69.3) == "69.3°"
    assert Contribution("galactic_latitude", "b", "degrees", 69.3, 0.1).value_text == "69.3°"
    assert Contribution("orbital_period", "P", "days", 3.5, 0.1).value_text == "3.5 d"

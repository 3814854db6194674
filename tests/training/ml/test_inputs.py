"""One signal typed by a person or sent by a program: what is accepted, and which sentence says what
is wrong."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from training.ml.errors import InvalidSignal
from training.ml.inputs import parse_signal, parse_values
from training.ml.numbers import number_text
from training.ml.schema import FEATURE_BY_NAME, FEATURE_NAMES, NUMERIC_NAMES, REQUIRED_NAMES

KEPLER_10_B: dict[str, Any] = {
    "mission": "Kepler",
    "orbital_period": 0.837495,
    "transit_duration": 1.811,
    "transit_depth": 152,
}


def errors_of(**changes: object) -> dict[str, list[str]]:
    with pytest.raises(InvalidSignal) as caught:
        parse_signal(KEPLER_10_B | changes)
    return caught.value.fields


def value_of(name: str, value: object) -> float | str:
    # A period and a duration that any other of them goes with.
    beside = {
        "orbital_period": {"transit_duration": 0.01},
        "transit_duration": {"orbital_period": 9.0},
    }
    return parse_values(KEPLER_10_B | beside.get(name, {}) | {name: value})[name]


def test_it_makes_a_frame_of_one_row_in_schema_order() -> None:
    frame = parse_signal(KEPLER_10_B | {"stellar_teff": 5627}).frame()
    assert list(frame.columns) == ["mission", *FEATURE_NAMES]
    assert len(frame) == 1
    assert isinstance(frame.index, pd.RangeIndex)
    assert frame["mission"].dtype == frame["magnitude_band"].dtype == "str"
    assert (frame[list(NUMERIC_NAMES)].dtypes == "float64").all()
    given_names = {"mission", *REQUIRED_NAMES, "stellar_teff"}
    assert frame.loc[0, "stellar_teff"] == 5627
    # What is not given is missing, never zero.
    assert set(frame.columns[frame.notna().iloc[0]]) == given_names


@pytest.mark.parametrize("written", ["kepler", "KEPLER", " Kepler "])
def test_it_takes_a_mission_in_any_case(written: str) -> None:
    assert value_of("mission", written) == "Kepler"


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("152", 152),
        (" 152.50 ", 152.5),
        ("1,123.5", 1123.5),
        ("1,234,567", 1234567),
        (".5", 0.5),
        ("7.", 7),
        ("1e3", 1000),
        ("1.5E+2", 150),
        ("1e\N{MINUS SIGN}1", 0.1),
        ("+3", 3),
        (3, 3),
        (3.5, 3.5),
    ],
)
def test_it_reads_numbers_that_can_be_read_in_one_way(written: object, number: float) -> None:
    name = "insolation"
    assert value_of(name, written) == number


def test_it_reads_a_real_minus_sign() -> None:
    assert value_of("stellar_metallicity", "\N{MINUS SIGN}0.15") == -0.15


@pytest.mark.parametrize("written", ["1,5", "1,123", "1.123,5", "1,12,3", "12,3456,789"])
def test_it_does_not_guess_what_a_comma_means(written: str) -> None:
    [sentence] = errors_of(transit_depth=written)["transit_depth"]
    assert f"“{written}”" in sentence
    assert "decimal point" in sentence


@pytest.mark.parametrize("nothing", [None, "", "   "])
def test_it_takes_empty_as_not_given(nothing: object) -> None:
    assert "stellar_teff" not in parse_values(KEPLER_10_B | {"stellar_teff": nothing})


@pytest.mark.parametrize("nothing", [None, "", "   "])
@pytest.mark.parametrize("name", REQUIRED_NAMES)
def test_it_wants_what_is_required(name: str, nothing: object) -> None:
    feature = FEATURE_BY_NAME[name]
    [sentence] = errors_of(**{name: nothing})[name]
    assert sentence.startswith(f"{feature.label} is missing: give a number between ")
    assert sentence.endswith(f" {feature.unit}.")


def test_it_names_all_that_is_missing_at_once() -> None:
    with pytest.raises(InvalidSignal) as caught:
        parse_signal({})
    assert list(caught.value.fields) == ["mission", *REQUIRED_NAMES]
    assert caught.value.fields["mission"] == [
        "Mission is missing: choose Kepler, TESS, K2 or other."
    ]


@pytest.mark.parametrize("value", ["Hubble", 5, True, ["Kepler"], {}])
def test_it_refuses_other_missions(value: object) -> None:
    [sentence] = errors_of(mission=value)["mission"]
    assert sentence.endswith("is not a mission: choose Kepler, TESS, K2 or other.")


@pytest.mark.parametrize(
    "value",
    [
        True,
        False,
        math.nan,
        math.inf,
        -math.inf,
        [],
        [5],
        {},
        {"a": 1},
        "abc",
        "nan",
        "inf",
        "1e999",
        "٣",
        "１２",
        "1_000",
        "0x10",
        "1 0",
        "5 metres",
        "1%",
        "--5",
        "5-",
        "1e",
        "e5",
        ".",
        ",",
        "9" * 500,
        10**400,
        -(10**400),
        "\x00",
        "\ud800",
        "=1+1",
        "<script>",
    ],
    ids=lambda value: (
        repr(value)[:12] if not isinstance(value, int) else f"int{value.bit_length()}"
    ),
)
def test_it_refuses_what_is_not_one_number(value: object) -> None:
    [sentence] = errors_of(orbital_period=value)["orbital_period"]
    assert sentence.startswith("Orbital period is ")
    assert sentence.endswith(".")
    assert len(sentence) < 250
    sentence.encode()  # a lone surrogate in the input must not break the answer


def test_it_says_value_unit_range_and_what_to_do() -> None:
    assert errors_of(transit_depth=0.00843)["transit_depth"] == [
        "Transit depth is 0.00843 ppm, but must be between 0.1 and 1,000,000 ppm: check the number"
        " and its unit (ppm)."
    ]
    assert errors_of(impact_parameter="-5")["impact_parameter"] == [
        "Impact parameter is −5, but must be between 0 and 110: check the number."
    ]


@pytest.mark.parametrize("name", NUMERIC_NAMES)
def test_it_includes_both_ends_of_a_range(name: str) -> None:
    feature = FEATURE_BY_NAME[name]
    for end in (feature.low, feature.high):
        assert value_of(name, end) == end
        assert value_of(name, number_text(end).replace(",", "")) == end
    for outside in (feature.low - 1, feature.high * 1.01 + 1):
        assert list(errors_of(**{name: outside})) == [name]


def test_it_wants_whole_counts() -> None:
    assert value_of("signal_count", "3.0") == 3
    assert errors_of(signal_count=2.5)["signal_count"] == [
        "Signals on the star is 2.5, but is a count: give a whole number between 1 and 100."
    ]


@pytest.mark.parametrize(("written", "band"), [("kp", "Kp"), ("T", "T"), ("g", "G"), (" v ", "V")])
def test_it_takes_a_band_in_any_case(written: str, band: str) -> None:
    assert (
        parse_values(KEPLER_10_B | {"stellar_magnitude": 11, "magnitude_band": written})[
            "magnitude_band"
        ]
        == band
    )


def test_a_band_without_a_magnitude_says_nothing() -> None:
    """As in the tables: otherwise one signal had two answers, by the form and by a table."""
    assert "magnitude_band" not in parse_values(KEPLER_10_B | {"magnitude_band": "V"})


@pytest.mark.parametrize("value", ["B", 5, True, [], {}, "KpT"])
def test_it_refuses_other_bands(value: object) -> None:
    [sentence] = errors_of(magnitude_band=value)["magnitude_band"]
    assert sentence.endswith("but must be Kp, T, G or V.")


@pytest.mark.parametrize(
    ("mission", "given_band", "band"),
    [
        ("Kepler", None, "Kp"),
        ("TESS", "", "T"),
        ("K2", None, "G"),
        ("other", None, None),
        ("Kepler", "V", "V"),
    ],
)
def test_it_takes_the_missions_band_for_a_magnitude(
    mission: str, given_band: str | None, band: str | None
) -> None:
    signal = KEPLER_10_B | {
        "mission": mission,
        "stellar_magnitude": 11,
        "magnitude_band": given_band,
    }
    assert parse_values(signal).get("magnitude_band") == band


@pytest.mark.parametrize(
    ("unknown", "nearest"),
    [
        ("orbital_perod", "orbital_period"),
        ("Mission", "mission"),
        ("koi_depth", "transit_depth"),
        ("pl_trandurh", "transit_duration"),
        ("Teff", "stellar_teff"),
        ("transit-depth", "transit_depth"),
        ("Planet Radius", "planet_radius"),
        ("stellar_tef", "stellar_teff"),
    ],
)
def test_it_suggests_the_nearest_name(unknown: str, nearest: str) -> None:
    assert errors_of(**{unknown: 5})[unknown] == [
        f"“{unknown}” is not an input of a signal. Did you mean {nearest}?"
    ]


def test_it_does_not_suggest_what_is_far() -> None:
    [sentence] = errors_of(koi_score=0.9)["koi_score"]
    assert sentence.startswith("“koi_score” is not an input of a signal.")


def test_it_keeps_the_answer_to_many_unknown_names_short() -> None:
    fields = errors_of(**{f"unknown{n}": n for n in range(500)})
    assert len(fields) == 20
    assert any(
        "480 more names" in sentence for sentences in fields.values() for sentence in sentences
    )


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=20)
    | st.sampled_from(
        ["1,5", "1e999", "−5", "٣", "NaN", "", " ", "1,234.5", "5 d", "Kepler", "t", 10**400]
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
names = st.sampled_from(
    ["mission", *FEATURE_NAMES, "Mission", "orbital period", "koi_period"]
) | st.text(max_size=30)


@settings(max_examples=600, deadline=None)
@given(st.dictionaries(names, json_values, max_size=12), st.booleans())
@example({"mission": "Kepler", "Mission": "TESS"}, True)
def test_anything_becomes_a_frame_or_a_named_error(raw: dict[str, object], complete: bool) -> None:
    signal = KEPLER_10_B | raw if complete else raw
    try:
        frame = parse_signal(signal).frame()
    except InvalidSignal as error:
        assert error.fields
        for name, sentences in error.fields.items():
            name.encode()
            assert sentences and all(
                sentence.encode() and sentence.endswith((".", "?")) for sentence in sentences
            )
        return
    given_names = {
        name for name, value in signal.items() if value is not None and str(value).strip() != ""
    }
    present = set(frame.columns[frame.notna().iloc[0]])
    assert present - {"magnitude_band"} == given_names - {"magnitude_band"}
    for name in present & set(NUMERIC_NAMES):
        assert FEATURE_BY_NAME[name].low <= frame[name].to_numpy()[0] <= FEATURE_BY_NAME[name].high


@given(json_values.filter(lambda value: not isinstance(value, dict)))
def test_what_is_no_object_is_a_named_error(raw: Any) -> None:
    with pytest.raises(InvalidSignal):
        parse_signal(raw)


def test_a_transit_that_outlasts_its_orbit_is_refused() -> None:
    (sentence,) = errors_of(transit_duration=48)["transit_duration"]
    assert sentence.startswith("Transit duration 48 hours is longer than the orbital period of 0.8")

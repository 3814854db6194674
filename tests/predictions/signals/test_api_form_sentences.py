"""The form and the API say the same sentence about the same mistake."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from predictions.signals.forms import SignalForm

pytestmark = pytest.mark.django_db

SIGNAL = {
    "mission": "Kepler",
    "orbital_period": "0.837495",
    "transit_duration": "1.811",
    "transit_depth": "152",
}

NUMBERS = {name: text if name == "mission" else float(text) for name, text in SIGNAL.items()}
"""The same signal as JSON has it."""

MISTAKES = [
    {"mission": ""},
    {"mission": "Hubble"},
    {"orbital_period": ""},
    {"orbital_period": "   "},
    {"orbital_period": "0"},
    {"orbital_period": "1e999"},
    {"orbital_period": "NaN"},
    {"transit_depth": "1,5"},
    {"transit_depth": "1,123"},
    {"transit_depth": "0.01"},
    {"transit_duration": "abc\x00"},
    {"transit_duration": "٣"},
    {"stellar_metallicity": "\N{MINUS SIGN}7"},
    {"signal_count": "2.5"},
    {"magnitude_band": "B"},
    {"transit_count": "-1"},
    {"identifier": "x" * 101},
    {"identifier": "a\x00b"},
    {"note": "x" * 2001},
    {"note": "\x1b[31m"},
    {"mission": "", "orbital_period": "?", "stellar_teff": "1", "identifier": "x" * 1001},
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: " ".join(mistake))
def test_they_say_the_same(member_client: Client, mistake: dict[str, str]) -> None:
    sent = SIGNAL | mistake
    answer = member_client.post(
        "/predict", json.dumps(NUMBERS | mistake), content_type="application/json"
    )
    assert answer.status_code == 400
    said = answer.json()["error"]["fields"]
    assert set(said) == set(mistake)
    assert {name: list(sentences) for name, sentences in SignalForm(sent).errors.items()} == said


def test_they_take_the_same_signal(member_client: Client) -> None:
    sent = SIGNAL | {"identifier": " KOI-72.01 ", "note": "two\r\nlines", "insolation": "1,234.5"}
    numbers = sent | NUMBERS | {"insolation": 1234.5}
    answer = member_client.post("/predict", json.dumps(numbers), content_type="application/json")
    assert answer.status_code == 200, answer.content
    form = SignalForm(sent)
    assert form.is_valid()
    assert form.cleaned_data["identifier"] == answer.json()["identifier"]
    assert form.rows["insolation"].tolist() == [1234.5]


MEASURED: dict[str, list[tuple[str, float]]] = {
    "orbital_period": [("3.5 d", 3.5), ("84 h", 3.5), ("3.52 ± 0.01", 3.52), ("3.5225(2)", 3.5225)],
    "transit_duration": [("1.81 h", 1.81), ("0.0754 d", 1.8096), ("108.6 min", 1.81)],
    "transit_depth": [("1000 ppm", 1000), ("1 %", 10_000), ("1.5 ppt", 1500), ("1 000", 1000)],
}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [(name, *pair) for name, pairs in MEASURED.items() for pair in pairs],
)
def test_a_number_with_unit_or_uncertainty_means_what_it_says(
    name: str, text: str, value: float
) -> None:
    form = SignalForm(SIGNAL | {name: text})
    assert form.is_valid(), form.errors
    assert form.rows.columns[name][0] == pytest.approx(value)


def test_an_uncertainty_beside_the_number_is_used() -> None:
    form = SignalForm(SIGNAL | {"orbital_period": "3.5225(2)"})
    assert form.is_valid()
    error = form.rows.columns["orbital_period_error"][0]
    assert error == pytest.approx(0.0002)


@pytest.mark.parametrize(
    ("text", "number", "field", "words"),
    [
        ("30 h", 30, "transit_duration", "is longer than the orbital period"),
        ("150 %", 1_500_000, "transit_depth", "1,500,000"),
        ("3 d", None, "transit_depth", "whose unit is none of this quantity"),
        ("<3.5", None, "orbital_period", "a limit and no value"),
    ],
)
def test_what_cannot_be_is_refused_in_both(
    member_client: Client, text: str, number: float | None, field: str, words: str
) -> None:
    assert words in str(SignalForm(SIGNAL | {field: text}).errors[field])
    if number is not None:
        answer = member_client.post(
            "/predict", json.dumps(NUMBERS | {field: number}), content_type="application/json"
        )
        assert answer.status_code == 400
        assert words in answer.json()["error"]["fields"][field][0]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"planet_radius": 20, "stellar_radius": 1}, "contradicts depth and star"),
        ({"transit_depth": 0.99842}, "If so, enter 1,580 ppm."),
        ({"transit_duration": 0.0754}, "If so, enter 1.81 hours."),
        ({"transit_depth": 600_000}, "more than half of the star's light"),
    ],
)
def test_what_can_hardly_be_is_doubted_beside_the_answer(
    member_client: Client, typed: dict[str, float], words: str
) -> None:
    answer = member_client.post(
        "/predict?explain=false", json.dumps(NUMBERS | typed), content_type="application/json"
    )
    assert answer.status_code == 200, answer.content
    assert any(words in warning for warning in answer.json()["warnings"])

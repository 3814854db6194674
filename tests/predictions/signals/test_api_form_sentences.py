"""The form and the API say the same sentence about the same mistake."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from predictions.forms import SignalForm

pytestmark = pytest.mark.django_db

SIGNAL = {"mission": "Kepler", "orbital_period": "0.837495", "transit_duration": "1.811", "transit_depth": "152"}

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
    {"orbital_period": "3.5 days"},
    {"transit_depth": "1,5"},
    {"transit_depth": "1,123"},
    {"transit_depth": "0.01"},
    {"transit_depth": "1%"},
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
    answer = member_client.post("/predict", json.dumps(NUMBERS | mistake), content_type="application/json")
    assert answer.status_code == 400
    said = answer.json()["error"]["fields"]
    assert set(said) == set(mistake)
    assert {name: list(sentences) for name, sentences in SignalForm(sent).errors.items()} == said


def test_they_take_the_same_signal(member_client: Client) -> None:
    sent = SIGNAL | {"identifier": " KOI-72.01 ", "note": "two\r\nlines", "insolation": "1,234.5"}
    numbers = sent | NUMBERS | {"insolation": 1234.5}
    answer = member_client.post("/predict", json.dumps(numbers), content_type="application/json")
    assert answer.status_code == 200
    form = SignalForm(sent)
    assert form.is_valid()
    assert form.cleaned_data["identifier"] == answer.json()["identifier"]
    assert form.rows["insolation"].tolist() == [1234.5]

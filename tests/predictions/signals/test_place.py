"""A typed signal with its place: neighbours, the star that was learnt from, and what is kept."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from predictions.models import Prediction
from predictions.signals.forms import SignalForm
from training.models import ModelVersion

pytestmark = pytest.mark.django_db

SIGNAL: dict[str, Any] = {
    "mission": "Kepler",
    "orbital_period": 3.0,
    "transit_duration": 3.0,
    "transit_depth": 120.0,
}


def known_neighbour() -> dict[str, float]:
    """A place half an arcminute from a signal that the version in service knows, and its time."""
    known = ModelVersion.objects.active().classifier.ephemerides
    assert known is not None
    x, y, z = known.sky[0].astype(float)
    from math import asin, atan2, degrees

    return {
        "ra": degrees(atan2(y, x)) % 360,
        "dec": degrees(asin(z)) + 30 / 3600,
        "epoch": float(known.epoch[0]) + 2_454_833,
        "orbital_period": float(known.period[0]),
    }


def test_the_api_looks_neighbours_up_and_keeps_what_it_found(member_client: Client) -> None:
    body = SIGNAL | known_neighbour()
    answer = member_client.post(
        "/predict?save=true&explain=false", json.dumps(body), content_type="application/json"
    )
    assert answer.status_code == 200, answer.json()
    assert "neighbour_count" not in answer.json()["missing"]
    assert "galactic_latitude" not in answer.json()["missing"]
    kept = Prediction.objects.get(pk=answer.json()["id"])
    assert kept.inputs["neighbour_count"] >= 1
    assert "ra" not in kept.inputs


def test_the_star_is_known_by_its_place(member_client: Client) -> None:
    place = known_neighbour()
    at_the_star = {**SIGNAL, "ra": place["ra"], "dec": place["dec"] - 30 / 3600}
    answers = [
        member_client.post(
            "/predict?explain=false", json.dumps(body), content_type="application/json"
        ).json()
        for body in (at_the_star, SIGNAL)
    ]
    assert [answer["learnt_from"] for answer in answers] == [True, False]


def test_the_form_takes_it_too(member_client: Client, member: User) -> None:
    typed = {name: str(value) for name, value in (SIGNAL | known_neighbour()).items()}
    answer = member_client.post("/classify/", typed, follow=True)
    assert answer.status_code == 200
    kept = Prediction.objects.get(owner=member)
    assert kept.inputs["neighbour_count"] >= 1


@pytest.mark.parametrize("mistake", [{"ra": 400, "dec": 20}, {"ra": 10, "dec": 20, "epoch": 131.5}])
def test_form_and_api_say_the_same_about_a_place(
    member_client: Client, mistake: dict[str, float]
) -> None:
    answer = member_client.post(
        "/predict", json.dumps(SIGNAL | mistake), content_type="application/json"
    )
    assert answer.status_code == 400
    typed = {name: str(value) for name, value in (SIGNAL | mistake).items()}
    said = {name: list(sentences) for name, sentences in SignalForm(typed).errors.items()}
    assert said == answer.json()["error"]["fields"]


@pytest.mark.parametrize(
    ("half", "sentence"),
    [
        ({"ra": 10}, "A right ascension without a declination is no position, so it was not used."),
        (
            {"dec": 20},
            "A declination without a right ascension is no position, so it was not used.",
        ),
    ],
)
def test_half_a_position_is_said_to_be_none(
    member_client: Client, half: dict[str, float], sentence: str
) -> None:
    answer = member_client.post(
        "/predict", json.dumps(SIGNAL | half), content_type="application/json"
    )
    assert answer.status_code == 200
    assert any(said.startswith(sentence) for said in answer.json()["warnings"])
    typed = {name: str(value) for name, value in (SIGNAL | half).items()}
    page = member_client.post("/classify/", typed, follow=True).content.decode()
    assert sentence in page

"""The map of periods and radii on the page of a prediction, and its picture of known signals."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.test import Client

from predictions.signals import surroundings as module
from predictions.signals.surroundings import across, known_lines, surroundings, up
from tests.known_signals import KEPLER_10_B
from tests.predictions.stored import stored
from training.ml.errors import ArtifactDamaged
from training.ml.sky.period_radius import KnownPoints
from training.models import ModelVersion

pytestmark = pytest.mark.django_db

INPUTS = {name: value for name, value in KEPLER_10_B.items() if name != "mission"}


def points(*rows: tuple[float, float, int, str]) -> KnownPoints:
    period, radius, disposition, names = zip(*rows, strict=True)
    return KnownPoints(
        np.array(period, dtype=np.float32),
        np.array(radius, dtype=np.float32),
        np.array(disposition, dtype=np.int8),
        names,
    )


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    classifier = ModelVersion.objects.serving().classifier
    found = points(
        (0.8375, 1.5, 0, "K00072.01"),
        (0.85, 1.4, 0, "TOI-7.01"),
        (0.8, 1.5, 2, ""),
        (2.0, 1.4, 2, "K00003.01"),
        (10.0, 9.0, 1, "K00004.01"),
        (99.0, 9.0, 1, "K00005.01"),
        (99.0, 19.0, 1, "K00006.01"),
    )
    monkeypatch.setattr(classifier, "points", found)


def test_neighbours_are_named_with_how_far_they_are(known: None) -> None:
    around = surroundings(INPUTS)
    assert around.title == (
        "Of its 5 nearest neighbours 2 are FALSE POSITIVE, 2 are CANDIDATE and 1 is CONFIRMED"
    )
    assert [near.name for near in around.near][:3] == [
        "TOI-7.01",
        "a signal without a public name",
        "K00003.01",
    ]
    assert around.near[0].distance == "0.01 dex"
    assert around.near[0].far == (
        "practically in the same place: period 1 % longer and radius 1 % smaller"
    )
    assert around.near[2].far == "far away: period 2.4 times longer and radius 1 % smaller"
    assert "exofop" in around.near[0].links[0].address and not around.near[1].links


def test_its_own_entry_is_none_of_them(known: None) -> None:
    around = surroundings(INPUTS)
    assert around.own_entry == (
        "Its own entry, K00072.01, is among them as CONFIRMED and does not count as a neighbour."
    )
    assert surroundings(INPUTS | {"orbital_period": 5.0}).own_entry == ""


def test_a_radius_that_is_not_given_follows_from_depth_and_star(known: None) -> None:
    inputs = {name: value for name, value in INPUTS.items() if name != "planet_radius"}
    assert surroundings(inputs).radius == pytest.approx(1.42, abs=0.01)
    del inputs["stellar_radius"]
    assert surroundings(inputs).missing == module.NO_RADIUS


def test_a_signal_beyond_the_map_is_drawn_at_its_edge(known: None) -> None:
    around = surroundings(INPUTS | {"orbital_period": 9000})
    assert around.at["x"] == f"{module.RIGHT:.1f}" and around.anchor == "end"
    assert "drawn at its edge" in around.place
    assert "edge" not in surroundings(INPUTS).place


def test_each_disposition_has_its_marks_planets_on_top() -> None:
    found = known_lines(
        points((1, 1, 0, ""), (1.0001, 1, 0, ""), (1, 1, 2, ""), (1, 5000, 2, ""), (10, 10, 1, ""))
    )
    assert [line["kind"] for line in found] == ["false-positive", "candidate", "confirmed"]
    at_one = f"{round(across(1))},{round(up(1))}"
    assert [line["points"] for line in found] == [
        at_one,  # the other one lies beyond the map
        f"{round(across(10))},{round(up(10))}",
        at_one,  # drawn once
    ]


def test_the_page_shows_the_map_and_the_list(
    member_client: Client, member: User, known: None
) -> None:
    html = member_client.get(f"/predictions/{stored(member).pk}/").content.decode()
    assert "Of its 5 nearest neighbours" in html
    label = re.search(
        r'<svg class="plot" viewBox="0 0 600 400" role="img" aria-label="([^"]+)', html
    )
    assert label and "The ring is this signal, at 0.8375" in label[1]
    assert "Orbital period [d]" in html and "Planet radius [R⊕]" in html
    for name in re.findall(r'<image [^>]*href="([^"]+)"', html):
        assert member_client.get(name).status_code == 200


def test_the_bundled_version_has_a_picture_for_day_and_night(member_client: Client) -> None:
    address = f"/known-signals/{ModelVersion.objects.active().name}.svg"
    day, night = member_client.get(address), member_client.get(f"{address}?dark")
    assert day["Content-Type"] == "image/svg+xml" and "private" in day["Cache-Control"]
    assert day.content != night.content
    counts = [len(line.split()) for line in re.findall(r'points="([^"]+)"', day.content.decode())]
    assert len(counts) == 3 and min(counts) > 1_000
    assert len(day.content) < 200_000
    assert member_client.get("/known-signals/nothing.svg").status_code == 404


def test_a_version_without_points_says_so(
    member_client: Client, member: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    prediction, version = stored(member), ModelVersion.objects.serving()
    monkeypatch.setattr(version.classifier, "points", None)
    html = member_client.get(f"/predictions/{prediction.pk}/").content.decode()
    assert module.NO_POINTS in html and "<image" not in html
    assert member_client.get(f"/known-signals/{version.name}.svg").status_code == 404


def test_a_version_that_cannot_be_read_leaves_the_page_standing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def damaged(*args: Any) -> None:
        raise ArtifactDamaged("lost")

    monkeypatch.setattr("training.versions.artifacts.classifier_load", damaged)
    assert surroundings(INPUTS).missing == module.NO_VERSION
    ModelVersion.objects.update(is_active=False)
    assert surroundings(INPUTS).missing == module.NO_VERSION


def test_moving_an_input_moves_the_ring(member_client: Client, member: User) -> None:
    address = f"/predictions/{stored(member).pk}/what-if/"
    places = [
        re.findall(
            r'class="here" cx="([\d.]+)"', member_client.get(address, moved).content.decode()
        )
        for moved in ({"orbital_period": "3"}, {"orbital_period": "30"})
    ]
    assert float(places[0][0]) < float(places[1][0])

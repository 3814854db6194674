"""How firm an answer is, what would turn it, and what if: one signal, many variations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Page, expect

from predictions.pages.examples import EXAMPLE_BY_KEY
from predictions.signals import variations
from predictions.signals.models import Prediction
from predictions.signals.variations import DRAWS, vary
from tests.predictions.stored import stored
from training.ml.explanations.draws import drawn_within
from training.ml.inputs import parse_signal
from training.ml.model import ExoplanetClassifier
from training.models import InputCount, ModelVersion
from training.versions.drift import input_counts_write

pytestmark = pytest.mark.django_db


def classifier() -> ExoplanetClassifier:
    return ModelVersion.objects.active().classifier


def example(key: str, **others: Any) -> Any:
    known = EXAMPLE_BY_KEY[key]
    return parse_signal({"mission": known.mission, **known.values, **others})


def test_a_well_measured_planet_is_firm_and_a_blurred_one_is_not() -> None:
    firm = vary(classifier(), example("kepler-10-b"), "CONFIRMED").firmness
    assert firm is not None
    assert firm.kept >= 0.95 * DRAWS
    assert "orbital_period" in firm.names
    assert firm.low <= firm.high
    wide = {"transit_depth_error": 150, "planet_radius_error": 9, "transit_duration_error": 1.5}
    blurred = vary(classifier(), example("kepler-10-b", **wide), "CONFIRMED").firmness
    assert blurred is not None
    assert blurred.kept < firm.kept
    assert blurred.is_fragile
    assert f"{blurred.kept} of {DRAWS} draws" in blurred.sentence


def test_draws_are_compared_with_what_the_version_itself_says() -> None:
    """The answer from when it had not seen the star may be another one."""
    signal = example("kepler-10-b")
    own, other = (vary(classifier(), signal, said) for said in ("CONFIRMED", "CANDIDATE"))
    assert (own.around, other.around) == ("", "CONFIRMED")
    assert other.firmness == own.firmness
    assert other.turns == own.turns


def test_without_uncertainties_nothing_is_said_of_them() -> None:
    bare = {"orbital_period": 3.5, "transit_duration": 3, "transit_depth": 900}
    found = vary(classifier(), parse_signal({"mission": "TESS", **bare}), "CANDIDATE")
    assert found.firmness is None


def test_a_turn_is_true() -> None:
    signal = example("kepler-10-b")
    said = str(classifier().predict(signal).dispositions[0])
    turns = vary(classifier(), signal, said).turns
    assert turns
    for turn in turns:
        moved = example("kepler-10-b", **{turn.name: turn.value})
        assert str(classifier().predict(moved).dispositions[0]) == turn.becomes != said
        assert turn.becomes in turn.sentence


def test_what_if_answers_stores_and_counts_nothing(member_client: Client, member: User) -> None:
    prediction = stored(member)
    input_counts_write()
    before = (Prediction.objects.count(), InputCount.objects.count())
    address = f"/predictions/{prediction.pk}/what-if/"
    query = {"transit_depth": "20000", "planet_radius": "16"}
    page = member_client.get(address, query).content.decode()
    assert "transit depth from 152\xa0ppm to 20,000\xa0ppm" in page
    assert "<html" in page
    assert 'value="20000"' in page
    alone = member_client.get(address, query, headers={"X-Fragment": "answer"}).content.decode()
    assert "<html" not in alone
    assert "Before" in alone
    input_counts_write()
    assert (Prediction.objects.count(), InputCount.objects.count()) == before


def test_what_cannot_be_is_told(member_client: Client, member: User) -> None:
    address = f"/predictions/{stored(member).pk}/what-if/"
    answer = member_client.get(address, {"transit_depth": "deep"})
    assert answer.status_code == 422
    assert "deep" in answer.content.decode()


def test_nobody_asks_about_what_another_one_keeps(curator_client: Client, member: User) -> None:
    address = f"/predictions/{stored(member).pk}/what-if/"
    assert curator_client.get(address).status_code == 404


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_answer_follows_while_an_input_is_typed(
    page: Page, member: User, sign_in: Callable[[User], None]
) -> None:
    prediction = stored(member)
    sign_in(member)
    page.goto(prediction.get_absolute_url())
    page.click("summary:has-text('What if')")
    page.fill("#what_if_transit_depth", "20000")
    expect(page.locator("#what-if-answer")).to_contain_text("to 20,000")
    expect(page.locator("#what-if-answer .waterfall")).to_be_visible()
    page.click("button:has-text('Back to what was given')")
    expect(page.locator("#what-if-answer")).to_contain_text("Nothing is varied yet")
    page.fill("#what_if_transit_depth", "deep")
    expect(page.locator("#what-if-answer .notice-error")).to_contain_text("deep")


def test_draws_are_answered_as_signals_are() -> None:
    """The shorter way for many rows gives what ``predict`` gives for each."""
    version, signal = classifier(), example("kepler-10-b")
    drawn, _ = drawn_within(signal.numbers[0], 20, seed=1)
    short = variations._answers(version, signal, drawn)
    whole = version.predict(variations._rows(signal, drawn))
    assert np.array_equal(short.probabilities, whole.probabilities)
    assert np.array_equal(short.planet_score, whole.planet_score)


def test_firmness_alone_is_that_of_the_page() -> None:
    signal = example("kepler-10-b")
    whole = vary(classifier(), signal, "CONFIRMED").firmness
    assert variations.drawn_firmness(classifier(), signal, "CONFIRMED") == whole
    bare = {"orbital_period": 3, "transit_duration": 3, "transit_depth": 900}
    nothing = parse_signal({"mission": "Kepler", **bare})
    assert variations.drawn_firmness(classifier(), nothing, "CONFIRMED") is None

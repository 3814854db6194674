"""Limits by kind of work: counted for token, user and address, said in headers, refused with a
sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from knox.models import AuthToken
from pytest_django import Settings

from exoplanet_site.errors import wait_words
from exoplanet_site.limits import rates as limits
from exoplanet_site.limits.middleware import AT_ONCE, SLOTS

pytestmark = pytest.mark.django_db

SIGNAL = {"mission": "TESS", "orbital_period": 3.5, "transit_duration": 2.5, "transit_depth": 1200}


@pytest.fixture(autouse=True)
def one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A window must not end while a test counts."""
    monkeypatch.setattr("exoplanet_site.limits.rates.time.time", lambda: 1_000_000_010.0)


def predict(client: Client, token: str = "", address: str = "127.0.0.1") -> Any:
    headers = {"Authorization": f"Token {token}"} if token else {}
    body = json.dumps(SIGNAL)
    return client.post(
        "/predict?explain=false", body, "application/json", headers=headers, REMOTE_ADDR=address
    )


def token_of(user: User) -> str:
    return str(AuthToken.objects.create(user)[1])


def test_what_is_left_stands_in_the_headers(member_client: Client, settings: Settings) -> None:
    settings.RATES = {"classify": {"user": "3/minute"}}
    left = [predict(member_client)["RateLimit-Remaining"] for _ in range(3)]
    assert left == ["2", "1", "0"]
    assert predict(member_client)["RateLimit-Limit"] == "3"


def test_one_too_many_is_429_with_the_time_to_wait(
    member_client: Client, settings: Settings
) -> None:
    settings.RATES = {"classify": {"user": "2/minute"}}
    statuses = [predict(member_client).status_code for _ in range(2)]
    refused = predict(member_client)
    assert (statuses, refused.status_code) == ([200, 200], 429)
    assert refused["Retry-After"] == refused["RateLimit-Reset"] == "10"
    assert refused.json()["error"]["code"] == "throttled"
    assert refused.json()["error"]["message"].endswith("Try again in 10 seconds.")


def test_the_next_window_begins_anew(
    member_client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RATES = {"classify": {"user": "1/minute"}}
    assert [predict(member_client).status_code for _ in range(2)] == [200, 429]
    monkeypatch.setattr("exoplanet_site.limits.rates.time.time", lambda: 1_000_000_021.0)
    assert predict(member_client).status_code == 200


def test_tokens_of_one_person_have_a_count_each(member: User, settings: Settings) -> None:
    settings.RATES = {"classify": {"token": "1/minute"}}
    first, second = token_of(member), token_of(member)
    assert [predict(Client(), first).status_code for _ in range(2)] == [200, 429]
    assert predict(Client(), second).status_code == 200


def test_a_person_does_not_get_more_by_making_tokens(member: User, settings: Settings) -> None:
    settings.RATES = {"classify": {"token": "5/minute", "user": "1/minute"}}
    assert predict(Client(), token_of(member)).status_code == 200
    assert predict(Client(), token_of(member)).status_code == 429


def test_people_at_one_address_share_its_limit(
    settings: Settings, make_user: Callable[..., User]
) -> None:
    settings.RATES = {"classify": {"address": "1/minute"}}
    ada, bob = token_of(make_user("ada")), token_of(make_user("bob"))
    assert predict(Client(), ada, "203.0.113.9").status_code == 200
    assert predict(Client(), bob, "203.0.113.9").status_code == 429
    assert predict(Client(), bob, "198.51.100.7").status_code == 200


def test_an_invented_forwarded_address_changes_nothing(
    member_client: Client, settings: Settings
) -> None:
    settings.RATES = {"classify": {"address": "1/minute"}}
    body = json.dumps(SIGNAL)
    statuses = [
        member_client.post(
            "/predict", body, "application/json", headers={"X-Forwarded-For": f"10.0.0.{n}"}
        ).status_code
        for n in range(2)
    ]
    assert statuses == [200, 429]


def test_pages_and_programs_share_one_count(member_client: Client, settings: Settings) -> None:
    settings.RATES = {"classify": {"user": "1/minute"}}
    assert predict(member_client).status_code == 200
    page = member_client.post("/classify/", SIGNAL)
    assert page.status_code == 429
    assert page["Retry-After"] == "10"
    assert "Try again in 10 seconds." in page.content.decode()


def test_kinds_of_work_are_counted_apart_and_looking_is_free(
    member_client: Client, settings: Settings
) -> None:
    settings.RATES = {work: {"user": "1/minute"} for work in ("classify", "batch", "train")}
    assert [predict(member_client).status_code for _ in range(2)] == [200, 429]
    batch = member_client.post("/predict_batch?", json.dumps([SIGNAL]), "application/json")
    assert batch.status_code == 200
    assert all(member_client.get("/classify/").status_code == 200 for _ in range(3))


def test_letters_to_people_who_forgot_are_limited(settings: Settings) -> None:
    settings.RATES = {"mail": {"address": "1/hour"}}
    statuses = [
        Client().post("/accounts/password_reset/", {"email": "a@example.org"}).status_code
        for _ in range(2)
    ]
    assert statuses == [302, 429]


def test_names_tried_from_one_address_are_limited(settings: Settings) -> None:
    settings.RATES = {"sign_in": {"address": "2/hour"}}
    forms = [{"username": f"name{number}", "password": "summer2026"} for number in range(3)]
    answers = [Client().post("/accounts/login/", form) for form in forms]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1]["Retry-After"] == answers[-1]["RateLimit-Reset"]
    assert answers[0]["RateLimit-Remaining"] == "1"


def test_wrong_tokens_are_limited_by_address_and_right_ones_go_on(
    member: User, settings: Settings
) -> None:
    settings.RATES = {"wrong_token": {"address": "2/minute"}}
    right = token_of(member)
    answers = [predict(Client(), f"{number}" * 64) for number in range(4)]
    assert [answer.status_code for answer in answers] == [401, 401, 429, 429]
    assert answers[0]["RateLimit-Remaining"] == "1"
    assert answers[2]["Retry-After"] == "10"
    assert answers[2].json()["error"]["code"] == "throttled"
    assert predict(Client(), right).status_code == 200
    assert predict(Client(), "9" * 64, "198.51.100.7").status_code == 401


def test_a_pause_after_wrong_passwords_says_how_long(member: User, settings: Settings) -> None:
    form = {"username": "member", "password": "wrong"}
    answers = [Client().post("/accounts/login/", form) for _ in range(settings.AXES_FAILURE_LIMIT)]
    assert answers[-1].status_code == 429
    assert answers[-1]["Retry-After"] == "900"
    assert "Try again in 15 minutes." in answers[-1].content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "/model-versions/roll-back/",
        "/model-versions/none/activate/",
        "/datasets/map/",
        "/api/v1/model-versions/roll-back",
        "/api/v1/model-versions/none/activate",
    ],
)
def test_what_makes_work_for_curators_is_limited(
    curator_client: Client, settings: Settings, address: str
) -> None:
    settings.RATES = {kind: {"user": "1/hour"} for kind in ("train", "decide")}
    assert curator_client.post(address).status_code != 429
    refused = curator_client.post(address)
    assert (refused.status_code, refused["RateLimit-Remaining"]) == (429, "0")
    assert int(refused["Retry-After"]) > 0


def test_whoever_has_brought_too_much_can_still_roll_back(
    curator_client: Client, settings: Settings
) -> None:
    settings.RATES = {kind: {"user": "2/hour"} for kind in ("train", "decide")}
    uploads = [curator_client.post("/api/v1/datasets").status_code for _ in range(3)]
    assert uploads[-1] == 429
    for address in ("/api/v1/model-versions/roll-back", "/api/v1/model-versions/none/activate"):
        assert curator_client.post(address).status_code in (404, 409), address


@pytest.mark.parametrize("rate", ["", "many/minute", "3", "3/fortnight", "-1/minute"])
def test_a_rate_that_is_none_is_named(rate: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="is not a rate"):
        limits.rate_read(rate)


def test_the_rates_of_the_site_can_be_read() -> None:
    from exoplanet_site import settings as site

    rates = [rate for kinds in site.RATES.values() for rate in kinds.values()]
    assert len(rates) >= 10
    assert all(limits.rate_read(rate) for rate in rates)
    assert set(site.RATES) == {*limits.WORK.values(), limits.WRONG_TOKEN, limits.PUBLIC}


def test_every_limited_address_exists() -> None:
    from django.urls import get_resolver

    def names(patterns: Any) -> set[str]:
        found: set[str] = set()
        for pattern in patterns:
            found |= (
                names(pattern.url_patterns) if hasattr(pattern, "url_patterns") else {pattern.name}
            )
        return found

    assert set(limits.WORK) <= names(get_resolver().url_patterns)


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 second"), (59.1, "60 seconds"), (91, "2 minutes")]
)
def test_waiting_is_said_in_words(seconds: float, words: str) -> None:
    assert wait_words(seconds) == words


@pytest.mark.parametrize("address", ["/accounts/login/", "/admin/login/"])
def test_a_flood_of_passwords_leaves_threads_for_everybody_else(
    client: Client, address: str
) -> None:
    wrong = {"username": "admin", "password": "guess"}
    for _ in range(AT_ONCE + 1):  # each gives its place back
        assert client.post(address, wrong).status_code == 200
    for _ in range(AT_ONCE):
        assert SLOTS.acquire(blocking=False)
    try:
        refused = client.post(address, wrong)
        assert (refused.status_code, refused["Retry-After"]) == (429, "2")
        assert "Try again in 2 seconds." in refused.content.decode()
        assert client.get(address).status_code == 200
        assert client.get("/glossary/").status_code == 200
    finally:
        SLOTS.release(AT_ONCE)
    assert client.post(address, wrong).status_code == 200

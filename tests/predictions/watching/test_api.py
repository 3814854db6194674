"""Watching for programs."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from predictions.catalogue.models import Signal
from predictions.watching.looking import changes_look
from predictions.watching.models import Watch, Watcher, Webhook
from tests.predictions.watching.conftest import NOW, Change
from training.accounts.services import token_create

pytestmark = pytest.mark.django_db
SITE = "/api/v1/watching"


@pytest.fixture
def ask(member: User) -> Any:
    """`ask("post", "/watches", {...})` with a token that may classify."""
    _, token = token_create(user=member, name="p", scopes=["read", "classify"], days=1)
    client = Client(headers={"authorization": f"Token {token}"})

    def asked(method: str, path: str, body: Any = None) -> Any:
        return getattr(client, method)(f"{SITE}{path}", body, content_type="application/json")

    return asked


def test_watches_are_made_listed_and_ended(ask: Any, signals: list[Signal]) -> None:
    made = ask("post", "/watches", {"signal": "TOI-1.01", "threshold": 0.5})
    assert made.status_code == 201
    assert made.json() | {"created_at": ""} == {
        "id": Watch.objects.get().pk,
        "kind": "signal",
        "name": "TOI-1.01",
        "address": "http://testserver/catalogue/signals/TOI-1.01/",
        "query": "",
        "threshold": 0.5,
        "created_at": "",
    }
    assert ask("post", "/watches", {"signal": "TOI-1.01"}).status_code == 200
    assert ask("post", "/watches", {"star": "TIC-1"}).json()["kind"] == "star"
    a_list = ask("post", "/watches", {"query": "radius_to=2&nothing=1"}).json()
    assert (a_list["kind"], a_list["query"]) == ("list", "show=open&radius_to=2")
    assert len(ask("get", "/watches").json()) == 3
    assert ask("delete", f"/watches/{a_list['id']}").status_code == 204
    assert ask("delete", f"/watches/{a_list['id']}").status_code == 404
    assert len(ask("get", "/watches").json()) == 2


@pytest.mark.parametrize(
    ("sent", "status", "words"),
    [
        ({}, 400, "Send one of signal, star and query."),
        ({"signal": "TOI-1.01", "star": "TIC-1"}, 400, "Send one of"),
        ({"signal": "nowhere"}, 404, ""),
        ({"signal": 5}, 400, ""),
        ({"signal": "TOI-1.01", "threshold": 2}, 400, "0.99"),
        ({"planet": "b"}, 400, "no part of what is sent"),
        ([], 400, ""),
    ],
)
def test_what_makes_no_sense_is_said(
    ask: Any, signals: list[Signal], sent: Any, status: int, words: str
) -> None:
    answer = ask("post", "/watches", sent)
    assert answer.status_code == status
    assert words in answer.json()["error"]["message"]
    assert not Watch.objects.exists()


def test_news_are_read(ask: Any, signals: list[Signal], change: Change) -> None:
    ask("post", "/watches", {"signal": "TOI-1.01"})
    change(signals[0], "FALSE POSITIVE")
    changes_look(NOW)
    [news] = ask("get", "/news").json()
    assert news["kind"] == "decided"
    assert news["address"] == "http://testserver/catalogue/signals/TOI-1.01/"
    assert news["facts"]["old"] == "CANDIDATE"
    assert news["facts"]["before"]["planet_score"] == 0.7


def test_the_feed_s_address_is_told_and_renewed(ask: Any) -> None:
    assert ask("get", "/feed").json() == {"address": ""}
    address = ask("post", "/feed").json()["address"]
    assert address == ask("get", "/feed").json()["address"]
    assert Client().get(address).status_code == 200
    ask("post", "/feed")
    assert Client().get(address).status_code == 404


def test_mail_is_chosen(ask: Any) -> None:
    assert ask("get", "/mail").json() == {"mail": "at once"}
    assert not Watcher.objects.exists()  # looking writes nothing
    assert ask("put", "/mail", {"mail": "weekly"}).json() == {"mail": "weekly"}
    assert ask("put", "/mail", {"mail": "hourly"}).status_code == 400


def test_webhooks_are_made_tried_out_and_deleted(ask: Any) -> None:
    made = ask("post", "/webhooks", {"address": "https://example.org/hook"})
    assert made.status_code == 201
    assert made.json()["secret"].startswith("whsec_")
    again = ask("post", "/webhooks", {"address": "https://example.org/hook"})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "webhook_there")
    refused = ask("post", "/webhooks", {"address": "http://example.org"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "address_refused")
    [listed] = ask("get", "/webhooks").json()
    assert "secret" not in listed
    tried = ask("post", f"/webhooks/{listed['id']}/test")
    assert (tried.status_code, tried.json()["status"]) == (202, "WAITING")
    [delivery] = ask("get", "/deliveries").json()
    assert (delivery["way"], delivery["is_test"]) == ("https://example.org/hook", True)
    assert ask("delete", f"/webhooks/{listed['id']}").status_code == 204
    assert not Webhook.objects.exists()


def test_a_token_that_may_only_read_changes_nothing(member: User, signals: list[Signal]) -> None:
    _, token = token_create(user=member, name="p", scopes=["read"], days=1)
    client = Client(headers={"authorization": f"Token {token}"})
    assert client.get(f"{SITE}/watches").status_code == 200
    sent = client.post(f"{SITE}/watches", {"star": "TIC-1"}, content_type="application/json")
    assert sent.status_code == 403

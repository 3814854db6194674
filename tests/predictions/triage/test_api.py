"""Rows of a batch are kept, rejected and noted by programs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from predictions.batches.models import Batch
from predictions.triage.models import RowMark
from predictions.triage.services import decision_counts
from tests.predictions.conftest import kepler_csv, make_batch, queue  # noqa: F401 - fixtures
from training.accounts.services import token_create

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch(make_batch: Callable[..., Batch]) -> Batch:
    return make_batch(kepler_csv(12), done=True)


def address(batch: Batch, row: int | None = None) -> str:
    rest = "marks" if row is None else f"rows/{row}/mark"
    return f"/api/v1/batches/{batch.pk}/{rest}"


def put(client: Client, batch: Batch, row: int, body: Any, **headers: str) -> Any:
    return client.put(address(batch, row), body, "application/json", headers=headers)


def test_a_row_is_kept_and_noted_and_the_page_says_so(batch: Batch, member_client: Client) -> None:
    nothing = {"row": 3, "decision": None, "note": ""}
    assert member_client.get(address(batch, 3)).json() == nothing
    answer = put(member_client, batch, 3, {"decision": "kept", "note": " deep "})
    assert answer.status_code == 200
    assert answer.json() == {"row": 3, "decision": "kept", "note": "deep"}
    assert member_client.get(address(batch, 3)).json() == answer.json()
    page = member_client.get(f"/batches/{batch.pk}/?decision=kept")
    assert [row.number for row, *_ in page.context["rows"]] == [3]


def test_what_is_left_out_is_taken_back(batch: Batch, member_client: Client) -> None:
    put(member_client, batch, 3, {"decision": "kept", "note": "deep"})
    assert put(member_client, batch, 3, {"decision": "rejected"}).json()["note"] == ""
    assert decision_counts(batch) == {"kept": 0, "rejected": 1, "noted": 0}
    assert put(member_client, batch, 3, {"decision": None}).json()["decision"] is None
    assert not RowMark.objects.exists()
    put(member_client, batch, 3, {"note": "x"})
    put(member_client, batch, 3, {})
    assert not RowMark.objects.exists()


def test_all_decisions_are_listed_in_the_order_of_the_table(
    batch: Batch, member_client: Client
) -> None:
    assert member_client.get(address(batch)).json() == []
    put(member_client, batch, 9, {"decision": "rejected"})
    put(member_client, batch, 2, {"note": "odd"})
    listed = member_client.get(address(batch)).json()
    assert [(mark["row"], mark["decision"], mark["note"]) for mark in listed] == [
        (2, None, "odd"),
        (9, "rejected", ""),
    ]
    assert listed[0]["identifier"].startswith("K") and listed[0]["changed_at"].endswith("Z")


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({"decision": "maybe"}, "decision", "is not a valid choice"),
        ({"decision": ""}, "decision", "is not a valid choice"),
        ({"note": "x" * 2001}, "note", "Shorten the note to 2,000 characters at most."),
        ({"note": 7}, "note", "Not a valid string."),
        ({"note": " " * 2001}, "note", "Shorten the note"),
        ({"descision": "kept"}, "descision", "no part of a decision; send decision and note"),
        ([], "", "Invalid data. Expected a dictionary"),
    ],
)
def test_what_is_no_decision_is_refused_by_its_name(
    batch: Batch, member_client: Client, body: Any, field: str, words: str
) -> None:
    answer = put(member_client, batch, 3, body)
    assert answer.status_code == 400
    said = answer.json()["error"]
    assert words in (" ".join(said["fields"][field]) if field else str(said))
    assert not RowMark.objects.exists()


def test_rows_that_are_not_there_are_not_found(batch: Batch, member_client: Client) -> None:
    for row in (0, 13, 10**9):
        assert member_client.get(address(batch, row)).status_code == 404
        assert put(member_client, batch, row, {"decision": "kept"}).status_code == 404


def test_a_batch_that_is_not_done_has_no_decisions_yet(
    make_batch: Callable[..., Batch], member_client: Client
) -> None:
    waiting = make_batch(kepler_csv(12))
    answer = put(member_client, waiting, 1, {"decision": "kept"})
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "batch_state"
    assert "is not classified yet" in answer.json()["error"]["message"]
    assert member_client.get(address(waiting)).json() == []


def test_colleagues_read_what_is_shared_and_decide_nothing(
    batch: Batch, member_client: Client, curator_client: Client
) -> None:
    put(member_client, batch, 3, {"decision": "kept"})
    assert curator_client.get(address(batch, 3)).status_code == 404
    assert curator_client.get(address(batch)).status_code == 404
    Batch.objects.update(shared=True)
    assert curator_client.get(address(batch, 3)).json()["decision"] == "kept"
    assert len(curator_client.get(address(batch)).json()) == 1
    assert put(curator_client, batch, 3, {"decision": "rejected"}).status_code == 404
    assert RowMark.objects.get().decision == "kept"


@pytest.mark.parametrize(
    ("scopes", "reads", "decides"),
    [(["read"], 200, 403), (["read", "classify"], 200, 200), (["classify"], 403, 200)],
)
def test_a_token_does_what_it_may(
    batch: Batch, client: Client, member: User, scopes: list[str], reads: int, decides: int
) -> None:
    _, token = token_create(user=member, name="t", scopes=scopes, days=7)
    sent = {"authorization": f"Token {token}"}
    assert client.get(address(batch, 3), headers=sent).status_code == reads
    assert client.get(address(batch), headers=sent).status_code == reads
    assert put(client, batch, 3, {"decision": "kept"}, **sent).status_code == decides
    assert RowMark.objects.count() == (decides == 200)


def test_without_a_token_nothing_is_told(batch: Batch, client: Client) -> None:
    for answer in (client.get(address(batch, 3)), put(client, batch, 3, {"decision": "kept"})):
        assert answer.status_code == 401

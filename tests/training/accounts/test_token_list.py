"""The page of tokens: made, shown once, limited, used, revoked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from knox.models import AuthToken
from pytest_django import DjangoAssertNumQueries

from training.accounts.authentication import SiteTokenAuthentication
from training.accounts.models import UNGRANTED, TokenGrant, token_scopes
from training.accounts.services import token_create
from training.accounts.views import TOKENS_MOST

pytestmark = pytest.mark.django_db

SIGNAL = {"mission": "TESS", "orbital_period": 3.5, "transit_duration": 2.5, "transit_depth": 1200}
FORM = {"name": "laptop", "days": 30, "scopes": ["read", "classify"]}


def predict(token: str) -> Any:
    headers = {"Authorization": f"Token {token}"}
    return Client().post(
        "/predict?explain=false", json.dumps(SIGNAL), "application/json", headers=headers
    )


def read(token: str) -> Any:
    return Client().get("/model/metrics", headers={"Authorization": f"Token {token}"})


def made(client: Client, **more: Any) -> str:
    page = client.post("/accounts/tokens/", FORM | more)
    found = re.search(r"data-token>(\w+)<", page.content.decode())
    assert found
    return found[1]


def test_a_token_is_shown_once_and_kept_nowhere(member_client: Client) -> None:
    page = member_client.post("/accounts/tokens/", FORM)
    token = re.search(r"data-token>(\w+)<", page.content.decode())[1]  # type: ignore[index]
    assert "no-store" in page["Cache-Control"]
    assert token not in member_client.get("/accounts/tokens/").content.decode()
    assert token not in repr(
        [list(model.objects.values()) for model in (AuthToken, TokenGrant, LogEntry)]
    )
    assert predict(token).status_code == 200


def test_the_new_token_is_filled_into_the_examples(member_client: Client) -> None:
    text = member_client.post("/accounts/tokens/", FORM).content.decode()
    token = re.search(r"data-token>(\w+)<", text)[1]  # type: ignore[index]
    assert text.count(f"Token {token}") == 3
    assert "YOUR_TOKEN" not in text
    assert "http://testserver/predict" in text


@pytest.mark.parametrize(
    ("scopes", "may_read", "may_classify"),
    [
        (["read"], 200, 403),
        (["classify"], 403, 200),
        (["train"], 403, 403),
        (["read", "classify", "train"], 200, 200),
    ],
)
def test_a_token_does_what_it_may(
    member_client: Client, scopes: list[str], may_read: int, may_classify: int
) -> None:
    token = made(member_client, scopes=scopes)
    assert (read(token).status_code, predict(token).status_code) == (may_read, may_classify)


def test_who_may_not_is_told_what_is_missing(member_client: Client) -> None:
    error = predict(made(member_client, scopes=["read"])).json()["error"]
    assert error["code"] == "permission_denied"
    assert error["message"].startswith("This token may not classify")


def test_a_token_ends_with_its_last_day(member_client: Client) -> None:
    token = made(member_client, days=7)
    [row] = AuthToken.objects.all()
    assert timedelta(days=6.99) < row.expiry - timezone.now() < timedelta(days=7.01)
    AuthToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))
    assert predict(token).status_code == 401


def test_its_last_use_is_noted_at_most_once_a_minute(member_client: Client) -> None:
    token = made(member_client)
    assert "never" in member_client.get("/accounts/tokens/").content.decode()
    read(token)
    first = TokenGrant.objects.get().last_used_at
    assert first is not None
    read(token)
    assert TokenGrant.objects.get().last_used_at == first


def test_a_revoked_token_is_refused(member_client: Client) -> None:
    token = made(member_client)
    member_client.post(f"/accounts/tokens/{TokenGrant.objects.get().pk}/revoke/")
    assert predict(token).status_code == 401
    assert not AuthToken.objects.exists()
    said = list(
        LogEntry.objects.filter(content_type__model="tokengrant").values_list(
            "change_message", flat=True
        )
    )
    assert said == ["Revoked the token.", "Made a token to read, classify, valid for 30 days."]


def test_nobody_revokes_or_sees_the_token_of_another(
    member_client: Client, make_user: Callable[..., User]
) -> None:
    grant, token = token_create(user=make_user("other"), name="hers", scopes=["read"], days=7)
    assert member_client.post(f"/accounts/tokens/{grant.pk}/revoke/").status_code == 404
    assert "hers" not in member_client.get("/accounts/tokens/").content.decode()
    assert read(token).status_code == 200


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": ""}, "Give the token a name."),
        ({"scopes": []}, "Choose at least one thing"),
        ({"scopes": ["everything"]}, "everything is not one of the available choices"),
        ({"days": 100000}, "not one of the available choices"),
    ],
)
def test_what_makes_no_sense_makes_no_token(
    member_client: Client, change: dict[str, Any], sentence: str
) -> None:
    page = member_client.post("/accounts/tokens/", FORM | change)
    assert page.status_code == 400
    assert sentence in page.content.decode()
    assert not AuthToken.objects.exists()


def test_a_person_has_only_so_many(member: User, member_client: Client) -> None:
    for number in range(TOKENS_MOST):
        token_create(user=member, name=str(number), scopes=["read"], days=7)
    page = member_client.post("/accounts/tokens/", FORM)
    assert f"You have {TOKENS_MOST} tokens" in page.content.decode()
    assert AuthToken.objects.count() == TOKENS_MOST


@pytest.mark.parametrize("token", [b"\xff\xfe", b"a" * 8000, b"%00", b"' OR 1=1 --"])
def test_nonsense_for_a_token_is_401(token: bytes) -> None:
    answer = Client().get("/model/metrics", HTTP_AUTHORIZATION=b"Token " + token)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "authentication_failed"


def test_tokens_are_compared_in_constant_time(member_client: Client) -> None:
    """The right beginning with a wrong end takes as long
    as any other wrong token that begins so."""
    token = made(member_client)
    with mock.patch(
        "training.accounts.authentication.compare_digest", return_value=False
    ) as compare:
        assert read(token[:-1] + ("0" if token[-1] != "0" else "1")).status_code == 401
    compare.assert_called_once()


@pytest.mark.parametrize("scopes", [["classify"], None], ids=["granted", "knox's own"])
def test_a_token_is_read_by_one_statement(
    member: User, scopes: list[str] | None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    row, token = AuthToken.objects.create(user=member)
    if scopes is not None:
        last = timezone.now()
        TokenGrant.objects.create(token=row, name="mine", scopes=scopes, last_used_at=last)
    with django_assert_num_queries(1 if scopes is not None else 2):
        user, found = SiteTokenAuthentication().authenticate_credentials(token.encode())
        may = token_scopes(found)
    assert (user, found) == (member, row)
    assert (user.username, user.is_active, user.is_staff) == (member.username, True, False)
    assert may == (tuple(scopes) if scopes is not None else UNGRANTED)
    if scopes is not None:
        assert found.grant.last_used_at == last
    assert user.email == member.email  # read when it is asked for

"""Accounts elsewhere, against a provider that is a process of its own."""

from __future__ import annotations

import html
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from tests.conftest import PASSWORD
from tests.training.identities.provider import CLIENT, SECRET
from training.identities.models import ExternalIdentity

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def process() -> Iterator[str]:
    """The provider's address."""
    program = Path(__file__).with_name("provider.py")
    with subprocess.Popen([sys.executable, program], stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout is not None
        yield f"http://127.0.0.1:{int(started.stdout.readline())}"
        started.terminate()


@pytest.fixture
def provider(process: str, settings: Settings) -> Any:
    """`provider(claims={"sub": "x"})` tells it how to behave from now on."""
    facts = {"client_id": CLIENT, "client_secret": SECRET, "issuer": process}
    settings.IDENTITY_PROVIDERS = {
        "institution": facts | {"name": "Kepler University", "scope": "openid profile email"},
        "orcid": facts | {"name": "ORCID", "scope": "openid"},
    }
    settings.IDENTITY_SIGN_UP = "member"

    def behave(**how: Any) -> None:
        assert requests.post(f"{process}/behave", json=how, timeout=10).ok

    behave()
    return behave


def leave(client: Client, address: str = "/accounts/with/institution/", **form: str) -> str:
    """Where one is sent."""
    page = client.post(address, form).content.decode()
    found = re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', page)
    assert found, page
    return html.unescape(found[1])


def come_back(client: Client, address: str) -> Any:
    back = requests.get(address, allow_redirects=False, timeout=10).headers["Location"]
    parts = urlsplit(back)
    return client.get(f"{parts.path}?{parts.query}")


def refused(answer: Any, words: str, status: int = 403) -> None:
    assert answer.status_code == status
    assert words in answer.content.decode()
    assert "_auth_user_id" not in answer.wsgi_request.session


def test_without_a_provider_there_is_nothing(client: Client, settings: Settings) -> None:
    assert settings.IDENTITY_PROVIDERS == {}
    assert "Sign in with" not in client.get("/accounts/login/").content.decode()
    assert client.post("/accounts/with/institution/").status_code == 404
    assert client.get("/accounts/with/institution/back/").status_code == 404


def test_a_newcomer_is_a_member(client: Client, provider: Any) -> None:
    email = {"email": "ada@example.org", "email_verified": True}
    provider(claims={"preferred_username": "Ada L.", "name": "Ada Lovelace", **email})
    assert "Sign in with Kepler University" in client.get("/accounts/login/").content.decode()
    address = leave(client, next="/glossary/")
    asked = parse_qs(urlsplit(address).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["nonce"][0]) >= 20
    assert come_back(client, address)["Location"] == "/glossary/"
    user = User.objects.get(username="Ada-L")
    assert [group.name for group in user.groups.all()] == ["member"]
    assert (user.email, user.last_name) == ("ada@example.org", "Lovelace")
    assert not user.is_staff
    assert not user.has_usable_password()
    said = LogEntry.objects.filter(user=user).values_list("change_message", flat=True)
    assert {"Opened the account, with one of Kepler University.", "Signed in."} <= set(said)
    # the second time it is the same account
    again = Client()
    come_back(again, leave(again))
    assert again.get("/accounts/profile/").context["user"] == user


def test_orcid_gives_no_address(client: Client, provider: Any) -> None:
    provider(claims={"sub": "0000-0002-1825-0097"}, methods=["client_secret_post"])
    assert come_back(client, leave(client, "/accounts/with/orcid/")).status_code == 302
    user = User.objects.get(username="0000-0002-1825-0097")
    assert user.email == ""
    identity = ExternalIdentity.objects.get(user=user)
    assert str(identity) == "ORCID: 0000-0002-1825-0097"


@pytest.mark.parametrize(
    "how",
    [
        {"claims": {"nonce": "another"}},
        {"claims": {"nonce": None}},
        {"claims": {"aud": "another site"}},
        {"claims": {"aud": [CLIENT, "another site"], "azp": "another site"}},
        {"claims": {"iss": "https://evil.example.org"}},
        {"claims": {"exp": 1_000_000_000}},
        {"claims": {"sub": None}},
        {"claims": {"sub": "x" * 300}},
        {"forged": True},
        {"broken": True},
    ],
)
def test_a_wrong_token_signs_nobody_in(client: Client, provider: Any, how: Any) -> None:
    provider(**how)
    answer = come_back(client, leave(client))
    assert answer.status_code in (403, 502)
    assert "_auth_user_id" not in client.session
    assert not User.objects.exists()
    assert not ExternalIdentity.objects.exists()


def test_a_wrong_state_is_refused(client: Client, provider: Any) -> None:
    provider(state="of another")
    refused(come_back(client, leave(client)), "was not begun here")
    provider()
    address = leave(client)
    refused(come_back(Client(), address), "was not begun here")  # another browser
    back = requests.get(address, allow_redirects=False, timeout=10).headers["Location"]
    assert client.get(back.partition("testserver")[2]).status_code == 302
    client.logout()
    refused(client.get(back.partition("testserver")[2]), "was not begun here")  # once only


def test_a_person_who_says_no_and_a_provider_that_is_away(
    client: Client, provider: Any, settings: Settings
) -> None:
    provider(error="access_denied")
    refused(come_back(client, leave(client)), "Kepler University did not let you through.")
    provider(issuer="https://elsewhere.example.org")
    answer = client.post("/accounts/with/institution/")
    refused(answer, "calls itself by another address")
    settings.IDENTITY_PROVIDERS["institution"]["issuer"] = "http://127.0.0.1:9"
    refused(client.post("/accounts/with/institution/"), "does not answer as it should", 502)
    settings.IDENTITY_PROVIDERS["institution"]["issuer"] = "http://login.example.org"
    refused(client.post("/accounts/with/institution/"), "is set up without https")


@pytest.mark.parametrize("verified", [True, False, "true", None])
def test_nobodys_account_is_taken_over_by_its_address(
    client: Client, provider: Any, member: User, verified: Any
) -> None:
    claims = {"email": member.email, "email_verified": verified, "preferred_username": "member"}
    provider(claims=claims)
    come_back(client, leave(client))
    newcomer = client.get("/accounts/profile/").context["user"]
    assert newcomer != member
    assert newcomer.username == "member-2"
    assert newcomer.email == ""


@pytest.mark.parametrize("setting", ["closed", "approval"])
def test_newcomers_wait(client: Client, provider: Any, settings: Settings, setting: str) -> None:
    settings.IDENTITY_SIGN_UP = setting
    for words in (
        ("No account here is connected",) * 2
        if setting == "closed"
        else ("an administrator of this site has to make it so", "Your account is not active")
    ):
        refused(come_back(client, leave(client)), words)
    assert User.objects.filter(is_active=False).count() == (setting == "approval")
    User.objects.update(is_active=True)
    assert come_back(client, leave(client)).status_code == (403 if setting == "closed" else 302)


def test_connecting_asks_for_the_password(
    member: User, member_client: Client, provider: Any
) -> None:
    connect = "/accounts/with/institution/connect/"
    page = member_client.post(connect, {"password": "a wrong one"}, follow=True)
    assert "give your present password" in page.content.decode()
    answer = come_back(member_client, leave(member_client, connect, password=PASSWORD))
    assert answer["Location"] == "/accounts/profile/"
    assert "Kepler University: s-1" in member_client.get("/accounts/profile/").content.decode()
    other = Client()
    come_back(other, leave(other))
    assert other.get("/accounts/profile/").context["user"] == member
    # and back: a page asks first
    pk = ExternalIdentity.objects.get().pk
    address = f"/accounts/identities/{pk}/disconnect/"
    assert "Disconnect this account?" in member_client.get(address).content.decode()
    assert member_client.post(address).status_code == 302
    assert not ExternalIdentity.objects.exists()


def test_what_was_begun_signed_in_is_not_finished_as_another(
    member: User, make_user: Any, member_client: Client, provider: Any
) -> None:
    address = leave(member_client, "/accounts/with/institution/connect/", password=PASSWORD)
    member_client.logout()
    refused(come_back(member_client, address), "was not begun here")
    assert not ExternalIdentity.objects.exists()
    # an identity of one is not given to another
    ExternalIdentity.objects.create(
        user=make_user("owner"),
        provider="institution",
        issuer=address.partition("/authorize")[0],
        subject="s-1",
    )
    member_client.force_login(member)
    address = leave(member_client, "/accounts/with/institution/connect/", password=PASSWORD)
    answer = come_back(member_client, address)
    assert "belongs to another person here" in answer.content.decode()


def test_the_only_way_in_stays(client: Client, provider: Any) -> None:
    come_back(client, leave(client))
    pk = ExternalIdentity.objects.get().pk
    page = client.post(f"/accounts/identities/{pk}/disconnect/", follow=True).content.decode()
    assert "this is your only way in" in page
    assert ExternalIdentity.objects.exists()
    assert "Connect another account" not in page


@pytest.mark.parametrize("wanted", ["https://evil.example.org/", "//evil.example.org", "x:y"])
def test_it_leads_nowhere_else(client: Client, provider: Any, wanted: str) -> None:
    assert come_back(client, leave(client, next=wanted))["Location"] == "/"


def test_beginning_is_counted(client: Client, provider: Any, settings: Settings) -> None:
    settings.RATES = {"sign_in": {"address": "2/hour"}}
    begun = [client.post("/accounts/with/institution/").status_code for _ in range(3)]
    assert begun == [200, 200, 429]


def test_an_expired_token_is_not_kept_alive_by_leeway(client: Client, provider: Any) -> None:
    provider(claims={"exp": int(time.time()) - 600})
    refused(come_back(client, leave(client)), "could not be confirmed")

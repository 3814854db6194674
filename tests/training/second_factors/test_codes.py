"""Codes of an app and recovery codes: set up, asked for, guessed at, taken away."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from tests.conftest import PASSWORD
from training.second_factors import services
from training.second_factors.models import RecoveryCode, SecondFactor

pytestmark = pytest.mark.django_db
BEGIN = "/accounts/second-factors/codes/begin/"


@pytest.fixture(autouse=True)
def switched_on(settings: Settings) -> None:
    settings.SECOND_FACTORS = True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """`clock(30)`: half a minute later."""
    now = [time.time()]
    monkeypatch.setattr(time, "time", lambda: now[0])

    def later(seconds: float) -> None:
        now[0] += seconds

    return later


def code_of(user: User, offset: int = 0) -> str:
    row = SecondFactor.objects.get(user=user)
    return pyotp.TOTP(row.pending or row.secret).at(int(time.time()), counter_offset=offset)


def set_up(client: Client, user: User) -> list[str]:
    assert client.post(BEGIN, {"password": PASSWORD})["Location"].endswith("/codes/")
    page = client.get("/accounts/second-factors/codes/").content.decode()
    assert SecondFactor.objects.get(user=user).pending in page
    assert "<svg" in page
    done = client.post("/accounts/second-factors/codes/", {"code": code_of(user)})
    return re.findall(r"(?:[0-9a-f]{5}-){3}[0-9a-f]{5}", done.content.decode())


def sign_in(name: str = "member", **more: str) -> tuple[Client, Any]:
    client = Client()
    body = {"username": name, "password": PASSWORD} | more
    return client, client.post("/accounts/login/", body)


def is_in(client: Client) -> bool:
    return client.get("/accounts/profile/").status_code == 200


def test_off_there_is_nothing(member_client: Client, settings: Settings) -> None:
    settings.SECOND_FACTORS = False
    assert "Second factors" not in member_client.get("/accounts/profile/").content.decode()
    for address in ("/accounts/second-factors/", "/accounts/second-factor/"):
        assert member_client.get(address).status_code == 404
    assert member_client.post(BEGIN, {"password": PASSWORD}).status_code == 404


def test_it_is_asked_for(
    member: User, member_client: Client, clock: Callable[[float], None]
) -> None:
    assert len(set_up(member_client, member)) == services.RECOVERY_CODES
    clock(30)
    client, answer = sign_in(next="/glossary/")
    assert answer["Location"] == "/accounts/second-factor/"
    assert not is_in(client)
    wrong = client.post("/accounts/second-factor/", {"code": "000000"})
    assert wrong.status_code == 400
    assert "That did not fit." in wrong.content.decode()
    right = client.post("/accounts/second-factor/", {"code": code_of(member)})
    assert right["Location"] == "/glossary/"
    assert is_in(client)
    said = LogEntry.objects.filter(user=member).values_list("change_message", flat=True)
    assert "A sign-in with a wrong second factor failed." in said
    assert "Set up codes of an app as a second factor." in said


def test_a_code_is_taken_once_and_half_a_minute_early_or_late(
    member: User, member_client: Client, clock: Callable[[float], None]
) -> None:
    set_up(member_client, member)
    used = code_of(member)
    assert not services.code_check(user=member, code=used)  # it was given at the set-up
    clock(30)
    assert not services.code_check(user=member, code=code_of(member, 2))
    assert services.code_check(user=member, code=code_of(member, 1))
    assert not services.code_check(user=member, code=code_of(member))  # an earlier one
    clock(60)
    assert services.code_check(user=member, code=f" {code_of(member)[:3]} {code_of(member)[3:]}")
    for nonsense in ("", "abc", "１２３４５６", "\0", "9" * 100):
        SecondFactor.objects.update(failures=0)
        assert not services.code_check(user=member, code=nonsense)


def test_a_recovery_code_holds_once(
    member: User, member_client: Client, make_user: Callable[..., User]
) -> None:
    first, second, *_ = set_up(member_client, member)
    client, _ = sign_in()
    assert client.post("/accounts/second-factor/", {"code": first.upper()}).status_code == 302
    assert is_in(client)
    client, _ = sign_in()
    assert client.post("/accounts/second-factor/", {"code": first}).status_code == 400
    assert not services.code_check(user=make_user("other"), code=second)
    new = member_client.post("/accounts/second-factors/recovery/", {"password": PASSWORD})
    assert new.content.decode().count("-") > 20
    assert client.post("/accounts/second-factor/", {"code": second}).status_code == 400
    assert not RecoveryCode.objects.filter(digest__contains=second.replace("-", "")).exists()


def test_guessing_ends(
    member: User, member_client: Client, settings: Settings, clock: Callable[[float], None]
) -> None:
    recovery = set_up(member_client, member)
    clock(60)
    client, _ = sign_in()
    answers = [
        client.post("/accounts/second-factor/", {"code": f"{n:06}"}).content.decode()
        for n in range(settings.AXES_FAILURE_LIMIT + 1)
    ]
    assert "That did not fit." in answers[-2]
    assert "Too many wrong codes. Try again in 15 minutes." in answers[-1]
    for right in (code_of(member), recovery[0]):  # nor by the right one, nor from elsewhere
        other, _ = sign_in()
        assert other.post("/accounts/second-factor/", {"code": right}).status_code == 400
    failed_at = SecondFactor.objects.get().failed_at
    assert failed_at is not None
    long_ago = failed_at - settings.AXES_COOLOFF_TIME * 2
    SecondFactor.objects.update(failed_at=long_ago)
    assert other.post("/accounts/second-factor/", {"code": code_of(member)}).status_code == 302


def test_the_first_step_is_forgotten(
    member: User, member_client: Client, clock: Callable[[float], None]
) -> None:
    set_up(member_client, member)
    clock(30)
    assert Client().get("/accounts/second-factor/")["Location"] == "/accounts/login/"
    client, _ = sign_in()
    member.set_password("another long one")
    member.save()
    late = client.post("/accounts/second-factor/", {"code": code_of(member)})
    assert late["Location"] == "/accounts/login/"
    member.set_password(PASSWORD)
    member.save()
    client, _ = sign_in()
    clock(601)
    late = client.post("/accounts/second-factor/", {"code": code_of(member)})
    assert late["Location"] == "/accounts/login/"
    assert not is_in(client)


def test_djangos_administration_is_no_way_around(
    administrator: User, administrator_client: Client, settings: Settings
) -> None:
    set_up(administrator_client, administrator)
    body = {"username": "administrator", "password": PASSWORD}
    client = Client()
    answer = client.post("/admin/login/?next=/admin/", body)
    assert answer["Location"] == "/accounts/login/?next=/admin/"
    assert client.get("/admin/").status_code == 302
    settings.SECOND_FACTORS = False
    assert client.post("/admin/login/?next=/admin/", body)["Location"] == "/admin/"


@pytest.mark.parametrize("part", ["codes/begin", "recovery", "passkeys/begin", "off"])
def test_each_change_asks_for_the_password(member: User, member_client: Client, part: str) -> None:
    set_up(member_client, member)
    before = list(RecoveryCode.objects.values_list("digest", flat=True))
    address = f"/accounts/second-factors/{part}/"
    page = member_client.post(address, {"password": "a wrong one"}, follow=True)
    assert "give your present password" in page.content.decode()
    assert list(RecoveryCode.objects.values_list("digest", flat=True)) == before
    assert services.has_codes(member)
    assert services.pending_secret(member) == ""
    assert member_client.get(address).status_code == 405


def test_a_half_finished_change_leaves_what_was(
    member: User, member_client: Client, clock: Callable[[float], None]
) -> None:
    set_up(member_client, member)
    member_client.post(BEGIN, {"password": PASSWORD})
    assert member_client.post("/accounts/second-factors/codes/", {"code": "1"}).status_code == 400
    _, answer = sign_in()
    assert answer["Location"] == "/accounts/second-factor/"


def test_it_is_taken_away(member: User, member_client: Client) -> None:
    set_up(member_client, member)
    member_client.post("/accounts/second-factors/off/", {"password": PASSWORD})
    assert not RecoveryCode.objects.exists()
    client, answer = sign_in()
    assert answer["Location"] == "/"
    assert is_in(client)
    set_up(client, member)
    call_command("second_factors_remove", "member")
    assert is_in(sign_in()[0])
    assert LogEntry.objects.filter(change_message="Took away all second factors.").count() == 2


def test_it_is_asked_for_after_an_account_elsewhere_too(
    member: User, member_client: Client, rf: Any
) -> None:
    from django.contrib.sessions.backends.db import SessionStore

    from training.second_factors.entering import enter

    set_up(member_client, member)
    request = rf.get("/accounts/with/institution/back/")
    request.session = SessionStore()
    assert enter(request, member, "/")["Location"] == "/accounts/second-factor/"
    assert "_auth_user_id" not in request.session

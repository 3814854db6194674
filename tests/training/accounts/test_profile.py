"""One's own account: what it says and what can be changed."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from pytest_django import Settings

from tests.conftest import PASSWORD
from training.accounts.services import token_create

pytestmark = pytest.mark.django_db


def test_it_shows_the_role(curator_client: Client) -> None:
    assert "curator" in curator_client.get("/accounts/profile/").content.decode()


def test_name_and_address_can_be_changed_and_nothing_else(
    member: User, member_client: Client
) -> None:
    form = {
        "first_name": "Ada",
        "last_name": "L",
        "email": "new@example.org",
        "username": "root",
        "password": PASSWORD,
        "is_staff": "on",
        "is_superuser": "on",
    }
    assert member_client.post("/accounts/profile/", form).status_code == 302
    member.refresh_from_db()
    assert (member.first_name, member.email, member.username) == (
        "Ada",
        "new@example.org",
        "member",
    )
    assert not member.is_staff
    assert not member.is_superuser


def test_a_wrong_address_is_refused(member: User, member_client: Client) -> None:
    page = member_client.post("/accounts/profile/", {"email": "nowhere"})
    assert page.status_code == 400
    member.refresh_from_db()
    assert member.email == "member@example.org"


def test_a_forgotten_password_is_replaced_by_mail(member: User, client: Client) -> None:
    client.post("/accounts/password_reset/", {"email": member.email})
    [letter] = mail.outbox
    found = re.search(r"http://testserver(/accounts/reset/\S+)", str(letter.body))
    assert found
    form_address = client.get(found[1]).headers["Location"]
    changed = client.post(
        form_address, {"new_password1": "another long one", "new_password2": "another long one"}
    )
    assert changed.status_code == 302
    member.refresh_from_db()
    assert member.check_password("another long one")
    assert not member.check_password(PASSWORD)
    assert "used or is too old" in Client().get(found[1], follow=True).content.decode()


def test_who_has_no_account_learns_nothing_from_it(member: User, client: Client) -> None:
    known = client.post("/accounts/password_reset/", {"email": member.email})
    unknown = client.post("/accounts/password_reset/", {"email": "stranger@example.org"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert len(mail.outbox) == 1


def test_a_site_without_mail_prints_no_link_to_a_new_password(
    member: User, client: Client, settings: Settings
) -> None:
    settings.SENDS_MAIL = False
    assert "This site sends no mail." in client.get("/accounts/password_reset/").content.decode()
    page = client.post("/accounts/password_reset/", {"email": member.email})
    assert "This site sends no mail." in page.content.decode()
    assert mail.outbox == []


def test_another_mail_address_asks_for_the_password(member: User, member_client: Client) -> None:
    new = {"email": "thief@example.org"}
    for password in ("", "a wrong one"):
        page = member_client.post("/accounts/profile/", new | {"password": password})
        assert page.status_code == 400
        assert "give your present password" in page.content.decode()
    member.refresh_from_db()
    assert member.email == "member@example.org"
    assert member_client.post("/accounts/profile/", new | {"password": PASSWORD}).status_code == 302
    member.refresh_from_db()
    assert member.email == new["email"]


def test_a_new_password_revokes_the_tokens_made_with_the_old_one(
    member: User, member_client: Client
) -> None:
    _, token = token_create(user=member, name="old", scopes=["read"], days=30)
    header = {"Authorization": f"Token {token}"}
    assert Client().get("/accounts/signed-in/", headers=header).status_code == 204
    new = {"new_password1": "another long one", "new_password2": "another long one"}
    page = member_client.post(
        "/accounts/password_change/", {"old_password": PASSWORD} | new, follow=True
    )
    assert "Your token was revoked with the old password" in page.content.decode()
    assert Client().get("/accounts/signed-in/", headers=header).status_code == 401
    assert LogEntry.objects.filter(change_message__contains="Revoked 1 token").exists()

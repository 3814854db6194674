"""One's own account: what it says and what can be changed."""

import re

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client

from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def test_it_shows_the_role(curator_client: Client) -> None:
    assert "curator" in curator_client.get("/accounts/profile/").content.decode()


def test_name_and_address_can_be_changed_and_nothing_else(member: User, member_client: Client) -> None:
    form = {"first_name": "Ada", "last_name": "L", "email": "new@example.org", "username": "root", "is_staff": "on",
            "is_superuser": "on"}  # fmt: skip
    assert member_client.post("/accounts/profile/", form).status_code == 302
    member.refresh_from_db()
    assert (member.first_name, member.email, member.username) == ("Ada", "new@example.org", "member")
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
    changed = client.post(form_address, {"new_password1": "another long one", "new_password2": "another long one"})
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

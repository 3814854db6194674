"""Signing in and out, and passwords."""

import re

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client

from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def test_it_signs_in_and_goes_where_one_wanted(client: Client, member: User) -> None:
    page = client.get("/predictions/", follow=True).content.decode()
    assert "Sign in to see that page." in page
    body = {"username": "member", "password": PASSWORD, "next": "/predictions/"}
    assert client.post("/accounts/login/", body)["Location"] == "/predictions/"


def test_a_wrong_password_is_said_and_the_name_stays(client: Client, member: User) -> None:
    html = client.post(
        "/accounts/login/", {"username": "member", "password": "no"}
    ).content.decode()
    assert "User name and password do not fit together." in html
    assert 'value="member"' in html


@pytest.mark.parametrize(
    "address", ["https://example.org/", "//example.org", "javascript:alert(1)"]
)
def test_it_leads_nowhere_else(client: Client, member: User, address: str) -> None:
    body = {"username": "member", "password": PASSWORD, "next": address}
    assert client.post("/accounts/login/", body)["Location"] == "/"


def test_signing_out_needs_a_post(member_client: Client) -> None:
    assert member_client.get("/accounts/logout/").status_code == 405
    assert member_client.post("/accounts/logout/")["Location"] == "/accounts/login/"
    assert member_client.get("/").status_code == 302


def test_a_password_is_changed(member_client: Client, member: User) -> None:
    body = {
        "old_password": PASSWORD,
        "new_password1": "another long one",
        "new_password2": "another long one",
    }
    html = member_client.post("/accounts/password_change/", body, follow=True).content.decode()
    assert "Your password has been changed" in html
    member.refresh_from_db()
    assert member.check_password("another long one")


def test_a_weak_password_is_refused_with_reasons(member_client: Client) -> None:
    body = {"old_password": PASSWORD, "new_password1": "12345", "new_password2": "12345"}
    html = member_client.post("/accounts/password_change/", body).content.decode()
    assert "This password is too short." in html
    assert 'href="#id_new_password2"' in html


def test_a_forgotten_password_is_reset_by_mail(client: Client, member: User) -> None:
    html = client.post(
        "/accounts/password_reset/", {"email": member.email}, follow=True
    ).content.decode()
    assert "Look into your mail" in html
    link = re.search(r"http://testserver(/accounts/reset/\S+)", str(mail.outbox[0].body))
    assert link
    form = client.get(link[1], follow=True)
    address = form.redirect_chain[-1][0]
    body = {"new_password1": "quite another one", "new_password2": "quite another one"}
    assert "Your new password is set" in client.post(address, body, follow=True).content.decode()
    member.refresh_from_db()
    assert member.check_password("quite another one")


def test_an_unknown_address_gets_the_same_answer_and_no_mail(client: Client) -> None:
    html = client.post(
        "/accounts/password_reset/", {"email": "nobody@example.org"}, follow=True
    ).content.decode()
    assert "Look into your mail" in html
    assert mail.outbox == []


def test_a_used_link_says_so(client: Client) -> None:
    assert (
        "This link has been used or is too old."
        in client.get("/accounts/reset/MQ/x-y/").content.decode()
    )

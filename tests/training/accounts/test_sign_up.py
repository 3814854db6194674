"""Who may open an account: nobody, who is invited, or everybody."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from training.accounts.models import Invitation
from training.accounts.services import invitation_create

pytestmark = pytest.mark.django_db

FORM = {
    "username": "grace",
    "email": "grace@example.org",
    "password1": "nine long bugs",
    "password2": "nine long bugs",
}


def test_it_is_closed_unless_a_setting_opens_it(client: Client) -> None:
    assert client.get("/accounts/sign-up/").status_code == 403
    assert client.post("/accounts/sign-up/", FORM).status_code == 403
    assert not User.objects.filter(username="grace").exists()
    assert "sign-up" not in client.get("/accounts/login/").content.decode()


def test_where_it_is_open_one_becomes_a_member_and_no_more(
    client: Client, settings: Settings
) -> None:
    settings.SIGN_UP = "open"
    assert "sign-up" in client.get("/accounts/login/").content.decode()
    assert (
        client.post("/accounts/sign-up/", FORM | {"is_staff": "on", "groups": "3"})["Location"]
        == "/"
    )
    user = User.objects.get(username="grace")
    assert [group.name for group in user.groups.all()] == ["member"]
    assert not user.is_staff
    assert client.get("/").status_code == 200


def test_an_invitation_opens_one_account(
    administrator: User, client: Client, settings: Settings
) -> None:
    settings.SIGN_UP = "invitation"
    _, code = invitation_create(user=administrator, note="Grace")
    assert client.get("/accounts/sign-up/").status_code == 403
    assert client.get(f"/accounts/sign-up/?code={code}x").status_code == 403
    assert client.post(f"/accounts/sign-up/?code={code}", FORM).status_code == 302
    again = Client().post(f"/accounts/sign-up/?code={code}", FORM | {"username": "mallory"})
    assert again.status_code == 403
    assert not User.objects.filter(username="mallory").exists()


def test_an_old_invitation_opens_nothing(
    administrator: User, client: Client, settings: Settings
) -> None:
    settings.SIGN_UP = "invitation"
    _, code = invitation_create(user=administrator, note="")
    Invitation.objects.update(expires_at=timezone.now())
    assert client.post(f"/accounts/sign-up/?code={code}", FORM).status_code == 403


def test_administrators_make_links(administrator_client: Client, settings: Settings) -> None:
    settings.SIGN_UP = "invitation"
    page = administrator_client.post("/accounts/invitations/", {"note": "Grace"}).content.decode()
    found = re.search(r"http://testserver(/accounts/sign-up/\?code=\S+?)<", page)
    assert found
    assert Client().get(found[1]).status_code == 200
    assert found[1] not in administrator_client.get("/accounts/invitations/").content.decode()


def test_others_do_not(curator_client: Client, settings: Settings) -> None:
    settings.SIGN_UP = "invitation"
    assert curator_client.post("/accounts/invitations/", {"note": "me"}).status_code == 403
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    "change", [{"password1": "short", "password2": "short"}, {"email": ""}, {"username": "a b"}]
)
def test_what_is_wrong_is_said(client: Client, settings: Settings, change: dict[str, str]) -> None:
    settings.SIGN_UP = "open"
    page = client.post("/accounts/sign-up/", FORM | change)
    assert page.status_code == 400
    assert "error-summary" in page.content.decode()
    assert not User.objects.filter(email="grace@example.org").exists()

"""Who did what: written wherever it is done, read by administrators, changed by nobody."""

import re
from collections.abc import Callable

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from predictions.batches.models import Batch
from tests.conftest import PASSWORD
from tests.predictions.conftest import make_batch, queue  # noqa: F401 - fixtures
from tests.predictions.stored import stored
from training.accounts.audit import record

pytestmark = pytest.mark.django_db


def test_it_says_who_signed_in(member: User, administrator_client: Client) -> None:
    Client().post("/accounts/login/", {"username": "member", "password": PASSWORD})
    page = administrator_client.get("/accounts/audit/?user=member").content.decode()
    assert "Signed in." in page


def said(user: User) -> list[str]:
    return list(
        LogEntry.objects.filter(user=user).order_by("pk").values_list("change_message", flat=True)
    )


def test_it_says_who_signed_out(member: User, member_client: Client) -> None:
    member_client.post("/accounts/logout/")
    assert said(member) == ["Signed in.", "Signed out."]


def test_failures_are_said_until_the_pause_and_the_pause_once(
    member: User, settings: Settings
) -> None:
    settings.AXES_FAILURE_LIMIT = 3
    for _ in range(6):
        Client().post(
            "/accounts/login/",
            {"username": "member", "password": "wrong"},
            REMOTE_ADDR="203.0.113.9",
        )
    assert said(member) == [
        *["A sign-in with a wrong password failed, from 203.0.113.9."] * 2,
        "Locked out for a while after repeated failures to sign in, from 203.0.113.9.",
    ]


def test_a_name_that_is_nobodys_is_not_kept(member: User) -> None:
    Client().post("/accounts/login/", {"username": "my secret password", "password": "x"})
    assert not LogEntry.objects.exists()


def test_it_says_who_changed_a_password_or_an_address(member: User, member_client: Client) -> None:
    new = {"new_password1": "another long one", "new_password2": "another long one"}
    assert (
        member_client.post(
            "/accounts/password_change/", {"old_password": PASSWORD, **new}
        ).status_code
        == 302
    )
    address = {"email": "new@example.org", "password": "another long one"}
    assert member_client.post("/accounts/profile/", address).status_code == 302
    Client().post("/accounts/password_reset/", {"email": "new@example.org"})
    [link] = re.findall(r"http://testserver(/accounts/reset/\S+)", str(mail.outbox[0].body))
    client = Client()
    assert client.post(client.get(link)["Location"], new).status_code == 302
    assert said(member)[1:] == [
        "Changed the password.",
        "Changed the profile: email.",
        "Asked for a new password by mail.",
        "Set a new password, by the link in a mail.",
    ]


def test_it_says_who_shared_and_renamed(member: User, member_client: Client) -> None:
    page = stored(member).get_absolute_url()
    member_client.post(f"{page}share/", {"shared": "yes"})
    member_client.post(f"{page}share/", {"shared": "no"})
    member_client.post(f"{page}edit/", {"identifier": "b", "note": ""})
    everybody = "Shared it with everybody who is signed in."
    assert said(member)[1:] == [everybody, "Made it private.", "Changed its name or note."]


def test_it_says_who_shared_cancelled_and_resumed_a_batch(
    member: User,
    member_client: Client,
    make_batch: Callable[..., Batch],
) -> None:
    page = make_batch(owner=member).get_absolute_url()
    for step in ("share", "cancel", "cancel", "resume"):
        member_client.post(f"{page}{step}/", {"shared": "yes"})
    assert said(member)[-3:] == [
        "Shared it with everybody who is signed in.",
        "Cancelled.",
        "Resumed.",
    ]


def test_it_says_who_uploaded_and_deleted_a_table(member: User, member_client: Client) -> None:
    table = SimpleUploadedFile(
        "t.csv", b"koi_period,koi_duration,koi_depth\n3.5,2.5,1200\n", "text/csv"
    )
    check = member_client.post("/batches/new/", {"file": table, "mission": "Kepler"})
    assert check.status_code == 302, check.content
    member_client.post(check["Location"].replace("check", "delete"))
    said = list(
        LogEntry.objects.filter(content_type__model="batch").values_list(
            "change_message", flat=True
        )
    )
    assert said[0] == "Deleted the batch."
    assert said[1].startswith("Uploaded a table of ")


def test_every_word_of_a_search_must_be_there(member: User, administrator_client: Client) -> None:
    record(member, member, "Counted the stars of the north.")
    assert (
        "of the north"
        in administrator_client.get("/accounts/audit/?q=member+stars").content.decode()
    )
    assert (
        "of the north"
        not in administrator_client.get("/accounts/audit/?q=curator+stars").content.decode()
    )
    assert (
        "of the north"
        not in administrator_client.get("/accounts/audit/?since=2999-01-01").content.decode()
    )


def test_what_people_write_stays_text(member: User, administrator_client: Client) -> None:
    record(member, member, "<script>alert(1)</script>\nfake line")
    page = administrator_client.get("/accounts/audit/?q=<script>").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_a_wrong_date_is_said_and_not_guessed(administrator_client: Client) -> None:
    assert (
        "Enter a valid date"
        in administrator_client.get("/accounts/audit/?since=yesterday").content.decode()
    )


@pytest.mark.parametrize("address", ["/accounts/audit/", "/accounts/invitations/"])
def test_it_is_for_administrators(curator_client: Client, address: str) -> None:
    assert curator_client.get(address).status_code == 403
    assert Client().get(address).status_code == 302


def test_nothing_on_the_site_changes_it(administrator_client: Client) -> None:
    assert administrator_client.post("/accounts/audit/").status_code == 405
    assert administrator_client.get("/admin/admin/logentry/").status_code == 404


def test_nobody_takes_entries_away_with_the_account(
    member: User, administrator_client: Client
) -> None:
    """LogEntry goes with its user, so users stay."""
    record(member, member, "Was here.")
    assert administrator_client.get(f"/admin/auth/user/{member.pk}/change/").status_code == 200
    assert (
        administrator_client.post(
            f"/admin/auth/user/{member.pk}/delete/", {"post": "yes"}
        ).status_code
        == 403
    )
    form = {"action": "delete_selected", "_selected_action": str(member.pk), "post": "yes"}
    administrator_client.post("/admin/auth/user/", form)
    assert said(member) == ["Was here."]


@pytest.mark.parametrize("address", ["/admin/django_q/schedule/add/", "/admin/knox/authtoken/add/"])
def test_administrators_neither_schedule_functions_nor_make_tokens_for_others(
    administrator_client: Client, address: str
) -> None:
    assert administrator_client.get(address).status_code == 403
    assert administrator_client.post(address).status_code == 403
    assert administrator_client.get(address.replace("add/", "")).status_code == 200

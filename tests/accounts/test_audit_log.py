"""Who did what: written at every door, read by administrators, changed by nobody."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.conftest import PASSWORD
from training.audit import record

pytestmark = pytest.mark.django_db


def test_it_says_who_signed_in(member: User, administrator_client: Client) -> None:
    Client().post("/accounts/login/", {"username": "member", "password": PASSWORD})
    page = administrator_client.get("/accounts/audit/?user=member").content.decode()
    assert "Signed in." in page


def test_a_failed_sign_in_is_none(member: User) -> None:
    Client().post("/accounts/login/", {"username": "member", "password": "wrong"})
    assert not LogEntry.objects.exists()


def test_it_says_who_uploaded_and_deleted_a_table(member: User, member_client: Client) -> None:
    table = SimpleUploadedFile("t.csv", b"koi_period,koi_duration,koi_depth\n3.5,2.5,1200\n", "text/csv")
    check = member_client.post("/batches/new/", {"file": table, "mission": "Kepler"})
    assert check.status_code == 302, check.content
    member_client.post(check["Location"].replace("check", "delete"))
    said = list(LogEntry.objects.filter(content_type__model="batch").values_list("change_message", flat=True))
    assert said[0] == "Deleted the batch."
    assert said[1].startswith("Uploaded a table of ")


def test_every_word_of_a_search_must_be_there(member: User, administrator_client: Client) -> None:
    record(member, member, "Counted the stars of the north.")
    assert "of the north" in administrator_client.get("/accounts/audit/?q=member+stars").content.decode()
    assert "of the north" not in administrator_client.get("/accounts/audit/?q=curator+stars").content.decode()
    assert "of the north" not in administrator_client.get("/accounts/audit/?since=2999-01-01").content.decode()


def test_what_people_write_stays_text(member: User, administrator_client: Client) -> None:
    record(member, member, "<script>alert(1)</script>\nfake line")
    page = administrator_client.get("/accounts/audit/?q=<script>").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_a_wrong_date_is_said_and_not_guessed(administrator_client: Client) -> None:
    assert "Enter a valid date" in administrator_client.get("/accounts/audit/?since=yesterday").content.decode()


@pytest.mark.parametrize("address", ["/accounts/audit/", "/accounts/invitations/"])
def test_it_is_for_administrators(curator_client: Client, address: str) -> None:
    assert curator_client.get(address).status_code == 403
    assert Client().get(address).status_code == 302


def test_nothing_on_the_site_changes_it(administrator_client: Client) -> None:
    assert administrator_client.post("/accounts/audit/").status_code == 405
    assert administrator_client.get("/admin/admin/logentry/").status_code == 404

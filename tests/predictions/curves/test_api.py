"""Light curves sent by programs: accepted, followed, answered, cancelled, deleted."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from predictions.curves import searching, work
from predictions.curves.models import CurveSearch
from predictions.curves.serializers import CurveSearchDetailSerializer
from tests.predictions.curves.searches import bare_table, make_queued, make_search, planet_file

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    tasks: list[Any] = []
    monkeypatch.setattr(searching, "async_task", lambda *task, **options: tasks.append(task))
    return tasks


def post(client: Client, content: bytes | None = None, /, **parts: Any) -> Any:
    file = SimpleUploadedFile("tess.fits", content or planet_file())
    return client.post("/api/v1/curves/", {"files": [file], **parts})


def test_it_is_accepted_and_answered(member_client: Client) -> None:
    answer = post(member_client)
    assert answer.status_code == 202
    assert answer["Location"].endswith(f"/api/v1/curves/{answer.json()['id']}")
    assert answer.json()["status"] == "QUEUED"
    work.search_execute(CurveSearch.objects.get().pk)
    done = member_client.get(answer["Location"]).json()
    assert (done["status"], done["progress"]) == ("SUCCEEDED", 1.0)
    (signal,) = done["result"]["signals"]
    assert signal["verdict"]["disposition"]
    assert set(done) == set(CurveSearchDetailSerializer().fields)
    shown = CurveSearchDetailSerializer().fields["result"].fields["signals"].child.fields  # type: ignore[attr-defined]
    assert set(signal) == set(shown)


def test_what_a_table_does_not_say_goes_along(member_client: Client) -> None:
    told = {"time_column": "when", "flux_column": "brightness", "time_zero": "2457000"}
    star = {"name": "TIC 7", "mission": "TESS", "teff": "5772", "radius": "1"}
    post(member_client, bare_table(), **told, **star)
    search = CurveSearch.objects.get()
    assert search.name == "TIC 7"
    work.search_execute(search.pk)
    search.refresh_from_db()
    assert search.result is not None
    assert search.result["signals"][0]["verdict"]


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"teff": "hot"}, "teff"),
        ({"teff": "1e9"}, "teff"),
        ({"colour": "red"}, "colour"),
        ({"time_unit": "weeks"}, "time_unit"),
    ],
)
def test_what_is_wrong_is_named(member_client: Client, parts: dict[str, str], field: str) -> None:
    answer = post(member_client, None, **parts)
    assert answer.status_code == 400
    assert field in answer.json()["error"]["fields"]
    assert not CurveSearch.objects.exists()


def test_no_file_and_no_table_are_refused(member_client: Client, settings: Settings) -> None:
    assert member_client.post("/api/v1/curves", {"teff": "1"}).status_code == 400
    refused = post(member_client, b"nonsense")
    assert refused.json()["error"]["code"] == "invalid_curve"
    settings.CURVE_MAX_BYTES = 100
    assert post(member_client).status_code == 413
    assert not CurveSearch.objects.exists()


def test_searches_are_counted_as_batches_are(member_client: Client, settings: Settings) -> None:
    settings.RATES = {"batch": {"user": "1/hour"}}
    assert post(member_client).status_code == 202
    refused = post(member_client)
    assert refused.status_code == 429
    assert refused["Retry-After"]


def test_it_can_be_cancelled_once(member: User, member_client: Client) -> None:
    search = make_queued(member)
    address = f"/api/v1/curves/{search.pk}/cancel"
    assert member_client.post(address).json()["status"] == "CANCELLED"
    done = make_search(member)
    conflict = member_client.post(f"/api/v1/curves/{done.pk}/cancel")
    assert conflict.status_code == 409
    assert conflict.json()["error"]["code"] == "curve_state"


def test_it_can_be_listed_and_deleted(member: User, member_client: Client) -> None:
    search = make_search(member)
    (listed,) = member_client.get("/api/v1/curves").json()
    assert listed["id"] == str(search.pk)
    assert "result" not in listed
    assert member_client.delete(f"/api/v1/curves/{search.pk}").status_code == 204
    assert not CurveSearch.objects.exists()


def test_others_see_nothing_of_it(administrator: User, member_client: Client) -> None:
    search = make_search(administrator)
    assert member_client.get("/api/v1/curves").json() == []
    for ask in (member_client.get, member_client.delete):
        assert ask(f"/api/v1/curves/{search.pk}").status_code == 404
    assert member_client.post(f"/api/v1/curves/{search.pk}/cancel").status_code == 404

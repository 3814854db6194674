"""Light curves sent by programs: accepted, followed, answered, cancelled, deleted."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from predictions.catalogue.models import Name
from predictions.curves import searching, work
from predictions.curves.models import CurveSearch
from predictions.curves.serializers import CurveSearchDetailSerializer
from tests.predictions.curves.searches import bare_table, make_queued, make_search, planet_file
from tests.test_access import catalogue_signal
from training.ml.sky.typed import read_typed
from training.models import Dataset

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
    work.search_execute(CurveSearch.objects.get().pk, is_child=False)
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
    work.search_execute(search.pk, is_child=False)
    search.refresh_from_db()
    assert search.result is not None
    assert search.result["signals"][0]["verdict"]


def test_the_star_is_the_catalogues_where_nobody_says_it(member_client: Client) -> None:
    dataset = Dataset.objects.create(name="t.csv", created_at=timezone.now(), file="t.csv")
    signal = catalogue_signal(dataset)
    signal.inputs |= {"stellar_teff": 5_811.0, "stellar_radius": 1.21}
    signal.save()
    (key,) = read_typed("TIC 7").keys
    Name.objects.create(key=key, name="TIC 7", star=signal.star)
    told = {"time_column": "when", "flux_column": "brightness", "time_zero": "2457000"}
    answer = post(member_client, bare_table(), name="TIC 7", radius="1.5", mission="TESS", **told)
    work.search_execute(CurveSearch.objects.get().pk, is_child=False)
    result = member_client.get(answer["Location"]).json()["result"]
    assert (result["star"]["teff"], result["star"]["radius"]) == (5_811.0, 1.5)
    assert result["star_from"]["teff"] == "catalogue"
    assert result["star_from"]["radius"] == result["star_from"]["name"] == "stated"
    header = post(member_client)
    work.search_execute(CurveSearch.objects.first().pk, is_child=False)  # type: ignore[union-attr]
    assert member_client.get(header["Location"]).json()["result"]["star_from"]["teff"] == "files"


def test_another_period_is_measured_at_once(member: User, member_client: Client) -> None:
    search = make_search(member)
    address = f"/api/v1/curves/{search.pk}/again"
    answer = member_client.post(address, {"period": 6}, content_type="application/json")
    assert answer.status_code == 201
    (signal,) = answer.json()["result"]["signals"]
    assert signal["stated"] == {"period": 6.0, "epoch": None, "by": member.username}
    assert member_client.get(answer["Location"]).json()["result"] == answer.json()["result"]
    for wrong in ({}, {"period": -1}, {"period": "x"}, {"period": 900}):
        refused = member_client.post(address, wrong, content_type="application/json")
        assert refused.status_code == 400, wrong
    waiting = make_queued(member)
    address = f"/api/v1/curves/{waiting.pk}/again"
    assert member_client.post(address, {"period": 6}).status_code == 409


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

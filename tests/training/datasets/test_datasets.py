"""Datasets: uploaded, recognised, reported on, mapped, archived."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from tests.simulator import simulate
from training import tasks
from training.ml.schema import Mission
from training.models import Dataset

pytestmark = pytest.mark.django_db


def csv(table: pd.DataFrame) -> bytes:
    return table.to_csv(index=False).encode()


def upload(client: Client, content: bytes, name: str = "koi.csv", **fields: str):
    return client.post(
        "/datasets/upload/", {"file": SimpleUploadedFile(name, content), **fields}, follow=True
    )


def files() -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT, "datasets").rglob("*") if path.is_file()]


@pytest.fixture
def koi() -> bytes:
    return csv(simulate(Mission.KEPLER, 200, 0))


def test_it_reports_on_an_uploaded_table_and_keeps_it(curator_client: Client, koi: bytes) -> None:
    response = upload(curator_client, koi)
    dataset = Dataset.objects.get()
    assert response.redirect_chain == [(f"/datasets/{dataset.pk}/", 302)]
    assert "200 signals around" in response.content.decode()
    assert (dataset.signals, dataset.mission, dataset.status) == (200, "Kepler", "READY")
    assert Path(settings.MEDIA_ROOT, dataset.file).read_bytes() == koi
    assert (
        LogEntry.objects.filter(change_message="Brought 200 signals.", object_id=dataset.pk).count()
        == 1
    )


def test_it_recognises_the_same_file(curator_client: Client, koi: bytes) -> None:
    upload(curator_client, koi)
    response = upload(curator_client, koi, "another name.csv")
    assert "This very file is here already" in response.content.decode()
    assert Dataset.objects.count() == 1


def test_archiving_loses_nothing_and_the_same_file_brings_it_back(
    curator_client: Client, koi: bytes
) -> None:
    upload(curator_client, koi)
    dataset = Dataset.objects.get()
    curator_client.post(f"/datasets/{dataset.pk}/archive/")
    assert not Dataset.objects.usable().exists()
    assert len(files()) == 2
    assert b"koi.csv" in curator_client.get("/datasets/?archived").content
    upload(curator_client, koi)
    assert Dataset.objects.usable().get() == dataset


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<!DOCTYPE html><html><title>403</title></html>", "is a web page"),
        (b"kepid,koi_period\n", "no rows"),
        (b"PK\x03\x04...........", "is damaged"),
    ],
)
def test_what_is_no_table_is_refused_in_words_and_not_kept(
    curator_client: Client, content: bytes, sentence: str
) -> None:
    response = upload(curator_client, content)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not Dataset.objects.exists()
    assert files() == []


def test_row_50_001_is_too_much(curator_client: Client, koi: bytes, settings: Settings) -> None:
    settings.RETRAIN_MAX_ROWS = 199
    response = upload(curator_client, koi)
    assert response.status_code == 422
    assert "199" in response.content.decode()
    settings.RETRAIN_MAX_ROWS = 200
    assert upload(curator_client, koi).status_code == 200


def test_bytes_are_counted_while_they_arrive(
    curator_client: Client, koi: bytes, settings: Settings
) -> None:
    settings.DATASET_MAX_BYTES = len(koi) - 1
    response = upload(curator_client, koi)
    assert response.status_code == 413
    assert "The limit is" in response.content.decode()


def test_a_table_with_other_names_is_mapped(curator_client: Client) -> None:
    table = simulate(Mission.KEPLER, 200, 0)[
        ["kepoi_name", "koi_disposition", "koi_period", "koi_depth"]
    ]
    table.columns = ["who", "verdict", "how often", "how deep"]
    response = upload(curator_client, csv(table), "mine.csv")
    assert response.redirect_chain == [("/datasets/map/", 302)]
    response = curator_client.post(
        "/datasets/map/",
        {
            "map-mission": "Kepler",
            "map-signal": "who",
            "map-disposition": "verdict",
            "map-column_orbital_period": "how often",
            "map-unit_orbital_period": "days",
            "map-column_transit_depth": "how deep",
            "map-unit_transit_depth": "ppm",
        },
        follow=True,
    )
    assert response.status_code == 200, response.content.decode()[:3000]
    dataset = Dataset.objects.get()
    assert dataset.report is not None
    assert (
        dataset.report["missions"]["Kepler"]["CONFIRMED"] == (table["verdict"] == "CONFIRMED").sum()
    )
    assert not [path for path in files() if "pending" in str(path)]


@pytest.fixture
def unnamed() -> bytes:
    """A table whose columns nobody but its person understands."""
    table = simulate(Mission.KEPLER, 40, 0)[["kepoi_name", "koi_disposition", "koi_period"]]
    return csv(table.set_axis(["who", "verdict", "how often"], axis=1))


def pending() -> list[Path]:
    return [path for path in files() if path.parent.name == "pending"]


def test_what_waits_for_its_mapping_is_a_draft(
    curator_client: Client, curator: User, unnamed: bytes
) -> None:
    upload(curator_client, unnamed, "mine.csv")
    draft = Dataset.objects.get()
    assert (draft.status, draft.created_by, draft.name) == ("DRAFT", curator, "mine.csv")
    assert [Path(settings.MEDIA_ROOT, draft.file)] == pending()
    assert f'/datasets/map/?draft={draft.pk}"' in curator_client.get("/datasets/").content.decode()
    # Nowhere else before it has been taken in.
    assert curator_client.get("/api/v1/datasets").json() == []
    assert curator_client.get(f"/api/v1/datasets/{draft.pk}").status_code == 404
    assert curator_client.delete(f"/api/v1/datasets/{draft.pk}").status_code == 404
    assert curator_client.get(f"/datasets/{draft.pk}/").status_code == 404
    assert not Dataset.objects.current().exists()


def test_the_map_page_opens_the_stored_table_only_to_take_it_in(
    curator_client: Client, unnamed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    real = default_storage.open

    def noted(name: str, *arguments: str):
        opened.append(name)
        return real(name, *arguments)

    monkeypatch.setattr(default_storage, "open", noted)
    upload(curator_client, unnamed, "mine.csv")
    page = curator_client.get("/datasets/map/").content.decode()
    assert "how often" in page
    assert curator_client.post("/datasets/map/", {"map-mission": "Kepler"}).status_code == 422
    assert opened == []
    draft = Dataset.objects.get()
    Dataset.objects.update(head=None)  # as the release before kept it
    assert "how often" in curator_client.get("/datasets/map/").content.decode()
    assert opened == [draft.file]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"pl_name,hostname,pl_orbper,pl_trandep\nA b,A,3.5,1.4\nB b,B,4.5,1.3\n", "which mission"),
        (
            b"# COLUMN koi_period: Period [K]\nkepoi_name,koi_period,koi_depth\nK1.01,3.5,900\n",
            "unit \u201cK\u201d",
        ),
    ],
)
def test_a_mission_or_a_unit_that_is_open_is_asked_for(
    curator_client: Client, content: bytes, words: str
) -> None:
    response = upload(curator_client, content, "mine.csv")
    assert response.redirect_chain == [("/datasets/map/", 302)]
    assert words in response.content.decode()


def test_a_table_of_a_header_alone_waits_for_no_mapping(curator_client: Client) -> None:
    upload = SimpleUploadedFile("mine.csv", b"a,b,c\n")
    page = curator_client.post("/datasets/upload/", {"file": upload})
    assert page.status_code == 422
    assert "The table has a header but no rows." in page.content.decode()
    assert not Dataset.objects.exists()


def test_each_draft_gets_its_own_mapping(curator_client: Client, unnamed: bytes) -> None:
    """Two tables in two windows: the form says which one it is about."""
    upload(curator_client, unnamed, "first.csv")
    upload(curator_client, unnamed.replace(b"who", b"name", 1), "second.csv")
    first = Dataset.objects.get(name="first.csv")
    page = curator_client.get(f"/datasets/map/?draft={first.pk}").content.decode()
    assert f'name="draft" value="{first.pk}"' in page
    assert "first.csv" in page
    assert "second.csv" in curator_client.get("/datasets/map/").content.decode()
    for wrong in ("0", "x", "9" * 30):
        response = curator_client.get(f"/datasets/map/?draft={wrong}")
        assert (response.status_code, response["Location"]) == (302, "/datasets/upload/"), wrong


def test_nobody_maps_what_somebody_else_brought(
    curator_client: Client, unnamed: bytes, django_user_model: type[User]
) -> None:
    upload(curator_client, unnamed)
    other = django_user_model.objects.create_user("other")
    other.groups.add(Group.objects.get(name="curator"))
    client = Client()
    client.force_login(other)
    for address in ("/datasets/map/", f"/datasets/map/?draft={Dataset.objects.get().pk}"):
        assert client.get(address)["Location"] == "/datasets/upload/"


def test_the_janitor_removes_drafts_that_nobody_came_back_to(
    curator_client: Client, unnamed: bytes, koi: bytes
) -> None:
    upload(curator_client, koi)
    upload(curator_client, unnamed, "new.csv")
    upload(curator_client, unnamed + b"\n", "old.csv")
    two_days_ago = timezone.now() - timedelta(days=2)
    Dataset.objects.exclude(name="new.csv").update(created_at=two_days_ago)
    kept, orphan = pending()[0].parent / "just written", pending()[0].parent / "left long ago"
    kept.touch()
    orphan.touch()
    os.utime(orphan, (two_days_ago.timestamp(),) * 2)
    tasks.clean_up()
    assert set(Dataset.objects.values_list("name", flat=True)) == {"koi.csv", "new.csv"}
    draft = Dataset.objects.get(name="new.csv")
    assert set(pending()) == {kept, Path(settings.MEDIA_ROOT, draft.file)}


def test_a_path_in_the_file_name_goes_nowhere(curator_client: Client, koi: bytes) -> None:
    upload(curator_client, koi, "..\\..\\evil<script>.csv")
    dataset = Dataset.objects.get()
    assert dataset.name == "evil<script>.csv"
    assert dataset.file == f"datasets/{dataset.sha256}.csv"
    assert "<script>.csv" not in curator_client.get(f"/datasets/{dataset.pk}/").content.decode()


def test_the_second_table_is_compared_with_the_first(curator_client: Client) -> None:
    table = simulate(Mission.KEPLER, 200, 0)
    upload(curator_client, csv(table))
    was_confirmed = table["koi_disposition"].iloc[0] == "CONFIRMED"
    table.loc[0, "koi_disposition"] = "CANDIDATE" if was_confirmed else "CONFIRMED"
    page = upload(curator_client, csv(table), "newer.csv").content.decode()
    assert "Signals that are something else in koi.csv" in page


def test_members_neither_see_nor_bring_datasets(member_client: Client, koi: bytes) -> None:
    for address in ("/datasets/", "/datasets/upload/", "/training-runs/", "/training-runs/new/"):
        assert member_client.get(address).status_code == 403
    assert upload(member_client, koi).status_code == 403

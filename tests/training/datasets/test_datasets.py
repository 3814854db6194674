"""Datasets: uploaded, recognised, reported on, mapped, archived."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from tests.simulator import simulate
from training.ml.schema import Mission
from training.models import Dataset

pytestmark = pytest.mark.django_db


def csv(table: pd.DataFrame) -> bytes:
    return table.to_csv(index=False).encode()


def upload(client: Client, content: bytes, name: str = "koi.csv", **fields: str):
    return client.post("/datasets/upload/", {"file": SimpleUploadedFile(name, content), **fields}, follow=True)


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
    assert LogEntry.objects.filter(change_message="Brought 200 signals.", object_id=dataset.pk).count() == 1


def test_it_recognises_the_same_file(curator_client: Client, koi: bytes) -> None:
    upload(curator_client, koi)
    response = upload(curator_client, koi, "another name.csv")
    assert "This very file is here already" in response.content.decode()
    assert Dataset.objects.count() == 1


def test_archiving_loses_nothing_and_the_same_file_brings_it_back(curator_client: Client, koi: bytes) -> None:
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
        (b"PK\x03\x04...........", "Unpack it"),
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


def test_bytes_are_counted_while_they_arrive(curator_client: Client, koi: bytes, settings: Settings) -> None:
    settings.DATASET_MAX_BYTES = len(koi) - 1
    response = upload(curator_client, koi)
    assert response.status_code == 422
    assert "The limit is" in response.content.decode()


def test_a_table_with_other_names_is_mapped(curator_client: Client) -> None:
    table = simulate(Mission.KEPLER, 200, 0)[["kepoi_name", "koi_disposition", "koi_period", "koi_depth"]]
    table.columns = ["who", "verdict", "how often", "how deep"]
    response = upload(curator_client, csv(table), "mine.csv")
    assert response.redirect_chain == [("/datasets/map/", 302)]
    response = curator_client.post(
        "/datasets/map/",
        {"map-mission": "Kepler", "map-signal": "who", "map-disposition": "verdict",
         "map-column_orbital_period": "how often", "map-unit_orbital_period": "days",
         "map-column_transit_depth": "how deep", "map-unit_transit_depth": "ppm"},
        follow=True,
    )  # fmt: skip
    assert response.status_code == 200, response.content.decode()[:3000]
    dataset = Dataset.objects.get()
    assert dataset.report is not None
    assert dataset.report["missions"]["Kepler"]["CONFIRMED"] == (table["verdict"] == "CONFIRMED").sum()
    assert not [path for path in files() if "pending" in str(path)]


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

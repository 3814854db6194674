"""Versions have a name and labels beside their timestamp; all of them stand on one page of
figures."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from training.models import ModelVersion
from training.versions.services import model_version_activate, model_version_create

pytestmark = pytest.mark.django_db
RUN = ModelVersion.Origin.TRAINING_RUN


@pytest.fixture
def versions(small_classifiers: tuple[Any, Any]) -> tuple[ModelVersion, ModelVersion]:
    good, poor = (model_version_create(classifier, origin=RUN) for classifier in small_classifiers)
    model_version_activate(good)
    return good, poor


Pair = tuple[ModelVersion, ModelVersion]


def called(client: Client, version: ModelVersion, title: str, labels: str = "") -> Any:
    address = f"/model-versions/{version.name}/name/"
    return client.post(address, {"title": title, "labels": labels})


def test_a_curator_names_and_labels_it(versions: Pair, curator_client: Client) -> None:
    _, poor = versions
    answer = called(curator_client, poor, " Deaf  and blind ", "paper, All missions,paper;")
    assert answer.status_code == 302
    poor.refresh_from_db()
    assert (poor.title, poor.label_list) == ("Deaf and blind", ["All missions", "paper"])
    entry = LogEntry.objects.first()
    assert entry is not None
    assert "“Deaf and blind”, with labels: All missions, paper" in entry.get_change_message()


def test_the_name_stands_in_lists_comparison_and_api(
    versions: Pair, curator_client: Client
) -> None:
    good, poor = versions
    called(curator_client, poor, "Deaf and blind", "paper")
    for address in (
        "/model-versions/",
        "/model-versions/figures/",
        f"/model-versions/{poor.name}/",
        f"/model-versions/{good.name}/",  # to choose from for a comparison
        f"/model-versions/{good.name}/compare/?other={poor.name}",
    ):
        page = curator_client.get(address).content.decode()
        assert "Deaf and blind" in page, address
        assert poor.name in page, address
    told = curator_client.get(f"/api/v1/model-versions/{poor.name}").json()
    assert (told["title"], told["labels"]) == ("Deaf and blind", ["paper"])


def test_the_list_is_filtered_by_whole_labels(versions: Pair, curator_client: Client) -> None:
    good, poor = versions
    called(curator_client, poor, "Deaf", "paper")
    called(curator_client, good, "Good", "paper two")
    rows = curator_client.get("/model-versions/?label=paper").context["rows"]
    assert [row["version"] for row in rows] == [poor]
    page = curator_client.get("/model-versions/?label=pap")
    assert page.context["rows"] == []
    assert "No version has this label" in page.content.decode()


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (", ".join(f"label {n}" for n in range(13)), "13 labels; a version has at most 12"),
        ("x" * 31, "is longer than 30 characters"),
    ],
)
def test_what_is_too_much_is_refused_and_not_lost(
    versions: Pair, curator_client: Client, labels: str, words: str
) -> None:
    answer = called(curator_client, versions[1], "Kept in the field", labels)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert words in page
    assert "Kept in the field" in page
    versions[1].refresh_from_db()
    assert versions[1].title == ""


def test_the_release_before_can_still_store_a_version(versions: Pair) -> None:
    """It knows neither column; the database fills them."""
    columns = {field.name: field for field in ModelVersion._meta.concrete_fields}
    assert all(columns[name].has_db_default() for name in ("title", "labels"))


def test_every_figure_of_every_version_is_drawn_and_listed(
    versions: Pair, curator_client: Client
) -> None:
    page = curator_client.get("/model-versions/figures/")
    plots = page.context["plots"]
    assert [plot["label"] for plot in plots] == [
        "Accuracy",
        "Macro-F1",
        "ROC-AUC",
        "Calibration error",
    ]
    judged = [row for row in page.context["rows"] if row["figures"][0] is not None]
    assert len(judged) >= 2
    assert all(len(plot["dots"]) == len(judged) for plot in plots)
    assert all(plot["band"] for plot in plots), "the version in service has a spread"
    ends = [float(tick["text"]) for plot in plots for tick in plot["ticks"]]
    assert 0 <= min(ends) < max(ends) <= 1, "no share is below nothing or above all"


def test_a_version_that_was_not_evaluated_is_listed_only(
    versions: Pair, curator_client: Client
) -> None:
    _, poor = versions
    poor.metadata = {**poor.metadata, "metrics": {}}  # the classifier is other tests' too
    poor.save()
    page = curator_client.get("/model-versions/figures/")
    assert "not known" in page.content.decode()
    dots = page.context["plots"][0]["dots"]
    assert dots
    assert poor not in [dot["version"] for dot in dots]

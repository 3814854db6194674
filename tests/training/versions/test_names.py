"""Versions have a name and labels beside their timestamp; all of them stand on one page of
figures."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.test import Client

from training.models import ModelVersion
from training.versions import artifacts
from training.versions.comparison import versions_compare
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


def test_any_number_of_versions_is_chosen_and_drawn(versions: Pair, curator_client: Client) -> None:
    good, poor = versions
    third = model_version_create(good.classifier, origin=RUN)
    everything = curator_client.get("/model-versions/figures/")
    assert "On the same stars" not in everything.content.decode()
    page = curator_client.get(
        "/model-versions/figures/", {"version": [good.name, poor.name, "nothing of the kind"]}
    )
    html = page.content.decode()
    assert "<h1>Figures of 2 chosen versions</h1>" in html
    drawn = {dot["version"] for plot in page.context["plots"] for dot in plot["dots"]}
    assert good in drawn and drawn <= {good, poor}
    assert len(page.context["rows"]) == len(everything.context["rows"])
    assert html.count(" checked ") == 2
    assert third.name in html, "it can still be chosen"
    one = curator_client.get("/model-versions/figures/", {"version": good.name})
    assert "together" not in one.context and "Figures of 1 chosen version<" in one.content.decode()


def test_chosen_versions_stand_side_by_side_on_the_stars_that_all_share(
    versions: Pair, curator_client: Client
) -> None:
    good, poor = versions
    comparison = versions_compare(good, poor)
    names = {"version": [good.name, poor.name]}
    found = curator_client.get("/model-versions/figures/", names).context["together"]
    assert (found["signals"], found["stars"]) == (comparison.signals, comparison.stars)
    values = {
        row["version"]: {cell["label"]: cell["value"] for cell in row["cells"]}
        for row in found["rows"]
    }
    compared = [figure for figure in comparison.groups["pooled"] if figure.label in values[good]]
    assert len(compared) == 6
    for figure in compared:
        assert values[good][figure.label] == pytest.approx(figure.first)
        assert values[poor][figure.label] == pytest.approx(figure.second)
    best = [row["version"] for row in found["rows"] for cell in row["cells"] if cell["is_best"]]
    assert best.count(good) > best.count(poor)


def test_what_keeps_chosen_versions_apart_is_said(
    versions: Pair, curator_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {"version": [version.name for version in versions]}
    monkeypatch.setattr("training.versions.side_by_side.MOST", 1)
    html = curator_client.get("/model-versions/figures/", names).content.decode()
    assert "Choose at most 1 versions" in html
    monkeypatch.undo()
    monkeypatch.setattr("training.ml.evaluation.together.MIN_STARS", 10**6)
    html = curator_client.get("/model-versions/figures/", names).content.decode()
    assert "too few to be compared on" in html
    poor = versions[1]
    default_storage.delete(f"{poor.artifact}/classifier.joblib")
    artifacts._kept.clear()
    cache.clear()
    html = curator_client.get("/model-versions/figures/", names).content.decode()
    assert "classifier.joblib is missing" in html

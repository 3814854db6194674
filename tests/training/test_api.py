"""Datasets, trainings and versions for programs: the same rules and roles as the pages."""

from __future__ import annotations

import io
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client

from tests.simulator import simulate
from training.ml.schema import Mission
from training.models import Activation, Dataset, ModelVersion, TrainingRun
from training.versions.services import model_version_activate, model_version_create

pytestmark = pytest.mark.django_db


Document = dict[str, Any]


@pytest.fixture(scope="module")
def document() -> Document:
    out = io.StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)
    loaded: Document = yaml.safe_load(out.getvalue())
    return loaded


def check(document: Document, operation: str, response: Any) -> None:
    """The answer is what the OpenAPI document says of this status, and has no field that it does
    not name."""
    (found,) = [
        each
        for path in document["paths"].values()
        for each in path.values()
        if each["operationId"] == operation
    ]
    answer = found["responses"][str(response.status_code)]
    if "$ref" in answer:  # errors are described once for all
        answer = document["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    schema = answer["content"]["application/json"]["schema"]
    jsonschema.validate(response.json(), {**schema, "components": _closed(document["components"])})


def _closed(part: Any) -> Any:
    if isinstance(part, list):
        return [_closed(each) for each in part]
    if not isinstance(part, dict):
        return part
    closed = (
        {"additionalProperties": False}
        if "properties" in part and part.get("type") == "object"
        else {}
    )
    return closed | {name: _closed(each) for name, each in part.items()}


def test_answers_are_as_documented(
    curator_client: Client, small_classifiers: tuple[Any, Any], document: Document
) -> None:
    client, base = curator_client, "/api/v1"
    uploaded = upload(client)
    check(document, "dataset_upload", uploaded)
    check(document, "dataset_upload", upload(client))
    check(document, "dataset_list", client.get(f"{base}/datasets"))
    check(document, "dataset_report", client.get(uploaded.headers["Location"]))
    started = post(
        client,
        "training-runs",
        {"datasets": [uploaded.json()["id"]], "search_trials": 3, "rounds": 40},
    )
    check(document, "training_run_start", started)
    folds = [{"fold": 1, "accuracy": 0.8, "macro_f1": 0.7, "roc_auc": None}]
    TrainingRun.objects.update(folds=folds, log=[[3, "Fold 1 of 5 done"]])
    check(document, "training_run_list", client.get(f"{base}/training-runs"))
    check(document, "training_run_progress", client.get(started.headers["Location"]))
    for _ in range(2):
        check(document, "training_run_cancel", client.post(f"{started.headers['Location']}/cancel"))

    Activation.objects.all().delete()
    good, poor = (
        model_version_create(classifier, origin=ModelVersion.Origin.TRAINING_RUN)
        for classifier in small_classifiers
    )
    model_version_activate(good)
    address = f"{base}/model-versions/{poor.name}"
    check(document, "model_version_list", client.get(f"{base}/model-versions"))
    check(document, "model_version_detail", client.get(address))
    check(document, "model_version_metrics", client.get(f"{address}/metrics"))
    check(document, "model_version_compare", client.get(f"{address}/compare?other={good.name}"))
    activate = f"model-versions/{poor.name}/activate"
    check(document, "model_version_activate", post(client, activate, {"reason": "Try"}))
    check(
        document,
        "model_version_activate",
        post(client, activate, {"reason": "Try", "override": True}),
    )
    check(document, "model_version_roll_back", post(client, "model-versions/roll-back"))
    Activation.objects.update(previous=None)
    check(document, "model_version_roll_back", post(client, "model-versions/roll-back"))
    check(document, "dataset_archive", client.delete(uploaded.headers["Location"]))


def test_the_bundled_versions_metrics_are_as_documented(
    member_client: Client, document: Document
) -> None:
    name = ModelVersion.objects.active().name
    check(
        document,
        "model_version_metrics",
        member_client.get(f"/api/v1/model-versions/{name}/metrics"),
    )
    check(document, "model_version_detail", member_client.get(f"/api/v1/model-versions/{name}"))


def upload(client: Client) -> Any:
    content = simulate(Mission.TESS, 200, 1).to_csv(index=False).encode()
    return client.post("/api/v1/datasets", {"file": SimpleUploadedFile("toi.csv", content)})


def post(client: Client, address: str, body: Any = None) -> Any:
    return client.post(f"/api/v1/{address}", body or {}, content_type="application/json")


def test_upload_report_train_and_cancel(curator_client: Client) -> None:
    response = upload(curator_client)
    assert response.status_code == 201
    dataset = response.json()
    assert dataset["report"]["missions"]["TESS"]["CONFIRMED"] > 0
    assert upload(curator_client).status_code == 200
    assert curator_client.get(response.headers["Location"]).json()["sha256"] == dataset["sha256"]

    started = post(curator_client, "training-runs", {"datasets": [dataset["id"]], "seed": 5})
    assert (started.status_code, started.json()["status"], started.json()["seed"]) == (
        202,
        "QUEUED",
        5,
    )
    address = started.headers["Location"]
    assert curator_client.get(address).json()["progress"] == 0
    assert curator_client.post(f"{address}/cancel").json()["status"] == "CANCELLED"
    again = curator_client.post(f"{address}/cancel")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "training_run_ended")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "datasets"),
        ({"datasets": [999]}, "datasets"),
        ({"datasets": [], "seed": "x"}, "seed"),
        ({"datasets": [1], "colour": "red"}, "colour"),
    ],
)
def test_a_wrong_request_is_answered_by_field(
    curator_client: Client, body: dict[str, Any], field: str
) -> None:
    response = post(curator_client, "training-runs", body)
    assert response.status_code == 400
    assert field in response.json()["error"]["fields"]
    assert not TrainingRun.objects.exists()


def test_what_is_no_table_is_400_in_one_shape(curator_client: Client) -> None:
    response = curator_client.post(
        "/api/v1/datasets", {"file": SimpleUploadedFile("x.csv", b"<html></html>")}
    )
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "not_a_table"
    assert not Dataset.objects.exists()


def test_versions_are_shown_compared_and_activated(
    curator_client: Client, small_classifiers: tuple[Any, Any]
) -> None:
    Activation.objects.all().delete()
    good, poor = (
        model_version_create(classifier, origin=ModelVersion.Origin.TRAINING_RUN)
        for classifier in small_classifiers
    )
    model_version_activate(good)
    listed = curator_client.get("/api/v1/model-versions").json()
    assert [row["name"] for row in listed if row["in_service"]] == [good.name]
    compared = curator_client.get(
        f"/api/v1/model-versions/{poor.name}/compare?other={good.name}"
    ).json()
    assert {"accuracy", "macro_f1"} <= {figure["name"] for figure in compared["groups"]["pooled"]}
    held = post(curator_client, f"model-versions/{poor.name}/activate", {"reason": "Try"})
    assert (held.status_code, held.json()["error"]["code"]) == (409, "activation_held")
    done = post(
        curator_client, f"model-versions/{poor.name}/activate", {"reason": "Try", "override": True}
    )
    assert done.json()["in_service"]
    assert post(curator_client, "model-versions/roll-back").json()["name"] == good.name
    assert curator_client.get(f"/api/v1/model-versions/{good.name}/artifact").content[:2] == b"PK"
    assert "test" in curator_client.get(f"/api/v1/model-versions/{good.name}/metrics").json()


def test_members_may_read_versions_only(member_client: Client) -> None:
    assert member_client.get("/api/v1/model-versions").status_code == 200
    for address in ("datasets", "training-runs"):
        assert member_client.get(f"/api/v1/{address}").status_code == 403
    assert upload(member_client).status_code == 403
    assert post(member_client, "training-runs", {"datasets": [1]}).status_code == 403
    assert post(member_client, "model-versions/roll-back").status_code == 403


def test_nobody_gets_in_without_signing_in(client: Client) -> None:
    for address in ("datasets", "training-runs", "model-versions"):
        assert client.get(f"/api/v1/{address}").status_code == 401


@pytest.mark.parametrize(
    "body", [{"reason": 0}, {"reason": ["x"]}, {"reason": " "}, {"reason": "x", "override": 0}]
)
def test_an_activation_needs_words_and_true_or_false(
    curator_client: Client, body: dict[str, Any]
) -> None:
    version = ModelVersion.objects.active()
    answer = post(curator_client, f"model-versions/{version.name}/activate", body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid")

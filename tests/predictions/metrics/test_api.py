"""`GET /model/metrics`: which classifier is in service and how good it is."""

from __future__ import annotations

import pytest
from django.test import Client

from training.models import ModelVersion
from training.versions.evaluation import backtest_store

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ["/model/metrics", "/api/v1/model/metrics"])
def test_it_tells_the_version_in_service_and_its_figures(
    member_client: Client, address: str
) -> None:
    version = ModelVersion.objects.active()
    answer = member_client.get(address)
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {
        "version",
        "created",
        "in_service_since",
        "tables",
        "metrics",
        "evaluation",
        "backtests",
        "prospective",
    }
    assert body["version"] == version.name
    assert body["metrics"] == version.metadata["metrics"] != {}
    assert body["tables"] == version.metadata["tables"] != []


def test_it_tells_the_procedure_over_seeds_and_what_looking_back_says(
    member_client: Client,
) -> None:
    version = ModelVersion.objects.active()
    version.metadata |= {
        "evaluation": {"seeds": [0, 1]},
        "backtests": {"TESS": {"roc_auc": 0.9}, "K2": {"roc_auc": 1}},
    }
    version.save()
    backtest_store({"mission": "TESS", "created": "2026-01-01T00:00:00+00:00", "roc_auc": 0.8})
    body = member_client.get("/model/metrics").json()
    assert body["evaluation"] == {"seeds": [0, 1]}
    assert body["backtests"]["K2"] == {"roc_auc": 1}
    assert body["backtests"]["TESS"]["roc_auc"] == 0.8


def test_a_version_without_these_studies_answers_with_nothing_there(member_client: Client) -> None:
    version = ModelVersion.objects.active()
    version.metadata = {"metrics": version.metrics}
    version.save()
    body = member_client.get("/model/metrics").json()
    assert body["evaluation"] is None
    assert body["backtests"] == {}


def test_nobody_is_asked_to_sign_in(client: Client) -> None:
    assert client.get("/model/metrics").status_code == 401


def test_it_does_not_take_posts(member_client: Client) -> None:
    answer = member_client.post("/model/metrics", "{}", content_type="application/json")
    assert answer.status_code == 405
    assert answer.json()["error"]["code"] == "method_not_allowed"


def test_without_a_version_in_service_it_is_503(member_client: Client) -> None:
    ModelVersion.objects.update(is_active=False)
    answer = member_client.get("/model/metrics")
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "no_version_in_service"


def test_an_unknown_parameter_is_400(member_client: Client) -> None:
    answer = member_client.get("/model/metrics?version=5")
    assert answer.status_code == 400
    assert answer.json()["error"]["fields"] == {
        "version": ["“version” is not a parameter of this address; there is none."]
    }

"""The OpenAPI document of the API is generated from the schema of features, and answers are as it
says."""

from __future__ import annotations

import io
import json
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml
from django.core.management import call_command
from django.test import Client

from training.ml.schema import FEATURES, REQUIRED_NAMES

SIGNAL = {"mission": "TESS", "orbital_period": 3.5, "transit_duration": 2.5, "transit_depth": 1200}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    out = io.StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)
    loaded: dict[str, Any] = yaml.safe_load(out.getvalue())
    return loaded


def schema_of(document: dict[str, Any], name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}", "components": document["components"]}


def test_it_shows_unit_range_and_help_of_each_feature(document: dict[str, Any]) -> None:
    signal = document["components"]["schemas"]["Signal"]
    assert signal["required"] == ["mission", *REQUIRED_NAMES]
    assert signal["additionalProperties"] is False
    for feature in FEATURES:
        words = signal["properties"][feature.name]
        assert feature.help in words["description"]
        if not feature.is_categorical:
            assert (words["minimum"], words["maximum"]) == (feature.low, feature.high)
            assert words.get("x-unit", "") == feature.unit


def test_each_operation_documents_its_errors(document: dict[str, Any]) -> None:
    predict = document["paths"]["/predict"]["post"]["responses"]
    assert {"200", "400", "401", "403", "405", "406", "413", "415", "503"} <= set(predict)
    metrics = document["paths"]["/model/metrics"]["get"]["responses"]
    assert {"200", "400", "401", "403", "405", "406", "503"} <= set(metrics)


def test_its_example_is_a_signal(document: dict[str, Any]) -> None:
    [body] = document["paths"]["/predict"]["post"]["requestBody"]["content"].values()
    examples = list(body["examples"].values())
    assert examples
    for example in examples:
        jsonschema.validate(example["value"], schema_of(document, "Signal"))


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["", "?explain=false", "?save=true"])
def test_answers_are_as_documented(
    member_client: Client, document: dict[str, Any], query: str
) -> None:
    answer = member_client.post(
        f"/predict{query}", json.dumps(SIGNAL), content_type="application/json"
    )
    assert answer.status_code == 200
    jsonschema.validate(answer.json(), schema_of(document, "Verdict"))
    assert set(answer.json()) <= set(document["components"]["schemas"]["Verdict"]["properties"])


@pytest.mark.django_db
def test_errors_are_as_documented(member_client: Client, document: dict[str, Any]) -> None:
    answer = member_client.post(
        "/predict", json.dumps(SIGNAL | {"transit_depth": -1}), content_type="application/json"
    )
    assert answer.status_code == 400
    jsonschema.validate(answer.json(), schema_of(document, "Error"))


@pytest.mark.django_db
def test_metrics_are_as_documented(member_client: Client, document: dict[str, Any]) -> None:
    jsonschema.validate(
        member_client.get("/model/metrics").json(), schema_of(document, "ModelMetrics")
    )

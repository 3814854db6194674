"""Run by the code of the release before, on a database that this one has migrated.

Prints what it found as JSON. The steps are those of people and of the worker; a training is queued
and its version stored, as far as rows go: what lies between is not the database's.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from typing import Any

import django

django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: E402
from django.test import Client  # noqa: E402
from django_q.models import OrmQ  # noqa: E402
from predictions.batch_models import Batch  # type: ignore[import-not-found]  # noqa: E402

from training.models import ModelVersion  # noqa: E402

PAGES = ("/", "/classify/", "/model/", "/model-versions/", "/batches/", "/predictions/", "/readyz")
SIGNAL = {"mission": "TESS", "orbital_period": 3.5, "transit_duration": 2.5, "transit_depth": 1200}


def main(table: bytes) -> None:
    client = Client(headers={"host": "localhost"})
    found: dict[str, Any] = {"signed_in": signed_in(client)}
    found["predict"] = client.post("/predict", SIGNAL, "application/json").status_code
    classified: Any = client.post("/classify/", SIGNAL)
    found["classify"] = [classified.status_code, status_of(client, classified.headers["Location"])]
    sent = SimpleUploadedFile("table.csv", table)
    found["batch"] = client.post("/predict_batch", {"file": sent}).status_code
    found["worked"] = run_queued_tasks()
    found["batches"] = [
        [batch.status, batch.rows, status_of(client, batch.get_absolute_url())]
        for batch in Batch.objects.all()
    ]
    found["training"] = trained(client, table)
    found["pages"] = {address: status_of(client, address) for address in PAGES}
    json.dump(found, sys.stdout)


def signed_in(client: Client) -> int:
    User.objects.create_superuser("ada", password="a long enough password")
    person = {"username": "ada", "password": "a long enough password"}
    return client.post("/accounts/login/", person).status_code


def trained(client: Client, table: bytes) -> list[Any]:
    """Statuses of upload, start and cancelling, and whether a version is kept."""
    sent = SimpleUploadedFile("labelled.csv", table)
    dataset: Any = client.post("/api/v1/datasets", {"file": sent})
    choices = {"datasets": [dataset.json()["id"]], "rounds": 20}
    run: Any = client.post("/api/v1/training-runs", choices, "application/json")
    (queued,) = (row.task["func"] for row in OrmQ.objects.all())
    cancelled = client.post(f"/api/v1/training-runs/{run.json()['id']}/cancel")
    statuses = [answer.status_code for answer in (dataset, run, cancelled)]
    return [*statuses, queued, kept_version().name != ModelVersion.objects.active().name]


def kept_version() -> ModelVersion:
    """The classifier in service once more, as a training stores what it has made."""
    services: Any = import_module("training.services")
    classifier = ModelVersion.objects.get(is_active=True).classifier
    origin = ModelVersion.Origin.TRAINING_RUN
    kept: ModelVersion = services.model_version_create(classifier, origin=origin)
    return kept


def run_queued_tasks() -> list[str]:
    """As a worker does, one after the other."""
    paths = []
    while (queued := OrmQ.objects.order_by("pk").first()) is not None:
        task = queued.task
        paths.append(task["func"])
        module, name = task["func"].rsplit(".", 1)
        queued.delete()
        getattr(import_module(module), name)(*task["args"], **task["kwargs"])
    return paths


def status_of(client: Client, address: str) -> int:
    return int(client.get(address).status_code)


main(sys.stdin.buffer.read())

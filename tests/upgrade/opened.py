"""Run inside a folder of data that an earlier version made: everything in it must work.

Prints what it found as JSON. The steps are those of people and of the worker: pages are asked for,
queued tasks are run by the dotted path that was queued.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from typing import Any

import django

django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.test import Client  # noqa: E402
from django_q.models import OrmQ  # noqa: E402

from predictions.models import Batch, Prediction  # noqa: E402
from predictions.signals.services import prediction_rows, signal_classify  # noqa: E402
from training.ml.errors import ArtifactError  # noqa: E402
from training.models import Activation, Dataset, ModelVersion, TrainingRun  # noqa: E402

PAGES = ("/", "/classify/", "/model/", "/model-versions/", "/batches/", "/predictions/", "/readyz")
SIGNAL = {"mission": "TESS", "orbital_period": 3.5, "transit_duration": 2.5, "transit_depth": 1200}


def main() -> None:
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get(username="ada"))
    found: dict[str, Any] = {"tasks": run_queued_tasks()}
    found["batches"] = {batch.name: batch_found(client, batch) for batch in Batch.objects.all()}
    found["predictions"] = [prediction_found(client, p) for p in Prediction.objects.all()]
    found["predict"] = predicted(client)
    found["pages"] = {address: status_of(client, address) for address in PAGES}
    found["activations"] = [
        [str(change.previous), str(change.model_version), change.reason]
        for change in Activation.objects.order_by("pk")
    ]
    found["datasets"] = [status_of(client, d.get_absolute_url()) for d in Dataset.objects.all()]
    found["runs"] = [
        [run.status, run.reason, status_of(client, run.get_absolute_url())]
        for run in TrainingRun.objects.all()
    ]
    found["versions"] = {
        version.name: status_of(client, version.get_absolute_url())
        for version in ModelVersion.objects.all()
    }
    json.dump(found, sys.stdout)


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


def predicted(client: Client) -> list[Any]:
    """Of a new signal: status, and the version that answers."""
    answer = client.post("/predict", SIGNAL, "application/json")
    return [answer.status_code, answer.json().get("model_version")]


def status_of(client: Client, address: str) -> int:
    return int(client.get(address).status_code)


def batch_found(client: Client, batch: Batch) -> dict[str, Any]:
    address = batch.get_absolute_url()
    found: dict[str, Any] = {"status": batch.status, "page": status_of(client, address)}
    if batch.is_done:
        rows = [
            status_of(client, f"{address}rows/{row}/") for row in range(1, (batch.rows or 0) + 1)
        ]
        download: Any = client.get(f"{address}download/csv/")
        found |= {
            "rows": rows,
            "chunks": [chunk.rows for chunk in batch.chunks.all()],
            "filtered": status_of(client, f"{address}?disposition=CONFIRMED&sort=-planet_score"),
            "csv": b"".join(download.streaming_content).decode(),
        }
    return found


def prediction_found(client: Client, prediction: Prediction) -> dict[str, Any]:
    """Its page, and whether its own version still answers as it did, or says why not."""
    try:
        verdict = signal_classify(prediction_rows(prediction), version=prediction.version)
        now = verdict.as_json()["probabilities"]
    except ArtifactError as error:
        now = error.message
    return {
        "page": status_of(client, prediction.get_absolute_url()),
        "version": prediction.version.name,
        "stored": prediction.answer["probabilities"],
        "now": now,
    }


main()

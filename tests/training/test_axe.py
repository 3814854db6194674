"""axe finds nothing serious on the training's pages in any of their states, in light and dark, wide
and narrow."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import FilePayload, Page

from tests.accessibility import troubles
from tests.simulator import simulate
from training.datasets.services import dataset_upload
from training.ml.schema import Mission
from training.ml.tables.data_loader import read_signals
from training.models import Activation, Dataset, ModelVersion, TrainingRun
from training.runs.services import Choices, training_run_start
from training.versions.drift import input_counts_write, inputs_count
from training.versions.services import model_version_activate, model_version_create

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MINE = b"who,verdict,how often,how deep\nA,CONFIRMED,3.5,200\nB,CANDIDATE,4.5,100\n"


@pytest.fixture
def addresses(
    tables: dict[Mission, Path], small_classifiers: tuple[Any, Any], curator: User
) -> list[str]:
    """Every page, and each in every state that it has."""
    Activation.objects.all().delete()
    good, poor = (
        model_version_create(
            each, origin=ModelVersion.Origin.TRAINING_RUN, created_by=curator, notes="Try."
        )
        for each in small_classifiers
    )
    model_version_activate(good, curator, "It is the first.")
    inputs_count(good, read_signals(tables[Mission.KEPLER]).frame.assign(orbital_period=400.0))
    input_counts_write()
    datasets = [*_datasets(tables, curator)]
    runs = [*_runs(datasets[0], good, curator)]
    versions = [f"/model-versions/{version.name}/" for version in (good, poor)]
    return [
        "/datasets/",
        "/datasets/?archived",
        "/datasets/upload/",
        "/training-runs/",
        "/training-runs/new/",
        "/model-versions/",
        *versions,
        f"{versions[1]}activate/",
        f"{versions[1]}compare/?other={good.name}",
        *(dataset.get_absolute_url() for dataset in datasets),
        *(run.get_absolute_url() for run in runs),
    ]


def _datasets(tables: dict[Mission, Path], user: User) -> list[Dataset]:
    ready = dataset_upload(
        file=tables[Mission.KEPLER].open("rb"), name="koi.csv", user=user
    ).dataset
    changed = simulate(Mission.KEPLER, 400, 0).assign(
        koi_period=500.0, koi_score=1.0, koi_disposition="CONFIRMED"
    )
    second = dataset_upload(
        file=io.BytesIO(changed.to_csv(index=False).encode()), name="newer.csv"
    ).dataset
    facts = {
        "source": "archive",
        "mission": "TESS",
        "created_at": timezone.now(),
        "heartbeat_at": timezone.now(),
    }
    busy = Dataset.objects.create(
        name="TESS", status="WORKING", stage="counting: 3 of 7,699 rows", **facts
    )
    reason = (
        "The archive turned us away.\nOpen https://example.org in a browser.\nSave the"
        " table.\nUpload it."
    )
    refused = Dataset.objects.create(name="TESS", status="REFUSED", reason=reason, **facts)
    return [ready, second, busy, refused]


def _runs(dataset: Dataset, version: ModelVersion, user: User) -> list[TrainingRun]:
    now, runs = timezone.now(), []
    log = [[0, "Gathering signals and stars"], [80, "Fold 1 of 5 done"]]
    folds = [{"fold": 1, "accuracy": 0.8, "macro_f1": 0.7, "roc_auc": 0.91}]
    for status in ("SUCCEEDED", "FAILED", "CANCELLED", "RUNNING", "QUEUED"):
        run = training_run_start(
            datasets=[dataset], choices=Choices(), user=user, notes="What for."
        )
        open_run = status in ("RUNNING", "QUEUED")
        facts: dict[str, Any] = {
            "status": status,
            "reason": "" if open_run else "The disk is full.",
        }
        if status != "QUEUED":
            facts |= {
                "log": log,
                "folds": folds,
                "progress": 0.4,
                "stage": "Fold 1 of 5 done",
                "heartbeat_at": now,
            }
            facts |= {
                "started_at": now - timedelta(seconds=90),
                "finished_at": None if open_run else now,
            }
        if status == "SUCCEEDED":
            facts["model_version"] = version
        TrainingRun.objects.filter(pk=run.pk).update(**facts)
        runs.append(run)
    return runs


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_nothing_serious(
    page: Page,
    sign_in: Callable[[User], None],
    curator: User,
    addresses: list[str],
    scheme: Any,
    width: int,
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    sign_in(curator)
    found = []
    for address in addresses:
        response = page.goto(address)
        assert response is not None
        assert response.status == 200, address
        found += troubles(page, address)
    page.goto("/training-runs/new/")
    page.check("text=koi.csv")
    page.click("main button[type=submit]")
    page.wait_for_selector("button[name=confirmed]")
    found += troubles(page, "confirm")
    page.goto("/datasets/upload/")
    mine = FilePayload(name="mine.csv", mimeType="text/csv", buffer=MINE)
    page.set_input_files("input[type=file]", files=mine)
    page.click("main button[type=submit]")
    page.wait_for_url("**/datasets/map/")
    found += troubles(page, "map")
    assert found == []

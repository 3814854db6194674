"""Training runs: chosen, confirmed, queued on commit, claimed once, cancelled."""

from __future__ import annotations

import io
import time
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ
from pytest_django import DjangoCaptureOnCommitCallbacks

from tests.simulator import simulate
from training.ml.schema import Mission
from training.models import Dataset, ModelVersion, TrainingRun
from training.services_datasets import dataset_upload
from training.services_runs import (
    Choices,
    RunEnded,
    seconds_expected,
    training_run_cancel,
    training_run_claim,
    training_run_start,
    training_runs_clean_up,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def dataset(db: None) -> Dataset:
    content = simulate(Mission.KEPLER, 200, 0).to_csv(index=False).encode()
    return dataset_upload(file=io.BytesIO(content), name="koi.csv").dataset


@pytest.fixture
def run(dataset: Dataset) -> TrainingRun:
    return training_run_start(datasets=[dataset], choices=Choices())


def test_nothing_starts_before_it_is_confirmed(
    curator_client: Client, dataset: Dataset, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    choices = {"datasets": dataset.pk, "seed": 3, "balance": "weights", "search_trials": 0, "notes": "Try weights."}
    page = curator_client.post("/training-runs/new/", choices).content.decode()
    assert "Start this training?" in page
    assert "200 signals of 1 dataset" in page
    assert not TrainingRun.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        response = curator_client.post("/training-runs/new/", choices | {"confirmed": "1"})
    run = TrainingRun.objects.get()
    assert response.headers["Location"] == f"/training-runs/{run.pk}/"
    assert (run.seed, run.parameters["balance"], run.parameters["masking"]) == (3, "weights", False)
    (task,) = OrmQ.objects.all()
    assert (task.key, task.func(), task.task["args"]) == (
        "training",
        "training.tasks.execute_training_run",
        (run.pk,),
    )
    assert "koi.csv" in LogEntry.objects.latest("pk").change_message


def test_a_run_without_datasets_is_an_error_beside_its_field(curator_client: Client, dataset: Dataset) -> None:
    response = curator_client.post("/training-runs/new/", {"seed": 0, "balance": "smote", "search_trials": 0})
    assert response.status_code == 422
    assert "Choose at least one dataset." in response.content.decode()


def test_a_search_may_have_a_budget_of_minutes(curator_client: Client, dataset: Dataset) -> None:
    choices = {"datasets": dataset.pk, "seed": 0, "balance": "smote", "search_trials": 0, "search_minutes": 20}
    page = curator_client.post("/training-runs/new/", choices).content.decode()
    assert 'name="search_minutes" value="20"' in page
    curator_client.post("/training-runs/new/", choices | {"confirmed": "1"})
    run = TrainingRun.objects.get()
    assert (run.parameters["search_trials"], run.parameters["search_minutes"]) == (200, 20)
    assert "up to 200 choices in 20 minutes" in curator_client.get(run.get_absolute_url()).content.decode()
    body = {"datasets": [dataset.pk], "search_trials": 5, "search_minutes": 1}
    started = curator_client.post("/api/v1/training-runs", body, content_type="application/json").json()
    assert (started["parameters"]["search_trials"], started["parameters"]["search_minutes"]) == (5, 1)


def test_the_time_expected_follows_signals_and_search(dataset: Dataset) -> None:
    assert seconds_expected(1000, {}) is None
    run = training_run_start(datasets=[dataset], choices=Choices())
    version = ModelVersion.objects.create(
        name="paced", created_at=timezone.now(), origin="training run", artifact="a", sha256="0" * 64,
        metadata={"signals": 1000},
    )  # fmt: skip
    now = timezone.now()
    TrainingRun.objects.filter(pk=run.pk).update(
        status="SUCCEEDED", model_version=version, started_at=now - timedelta(seconds=70), finished_at=now
    )
    assert seconds_expected(2000, {}) == pytest.approx(140)
    assert seconds_expected(1000, {"search_trials": 9}) == pytest.approx(70 + 200)
    assert seconds_expected(1000, {"search_trials": 9, "search_minutes": 1}) == pytest.approx(70 + 60)
    assert seconds_expected(1000, {"rounds": 20}) is None


def test_only_one_process_gets_it(run: TrainingRun) -> None:
    assert [training_run_claim(run.pk, claim) for claim in "abc"] == [True, False, False]


def test_the_page_shows_stage_folds_and_time_left(curator_client: Client, run: TrainingRun) -> None:
    TrainingRun.objects.filter(pk=run.pk).update(
        status="RUNNING", started_at=timezone.now() - timedelta(seconds=100), heartbeat_at=timezone.now(),
        progress=0.5, stage="Fold 2 of 5 done",
        folds=[{"fold": 1, "accuracy": 0.8, "macro_f1": 0.7, "roc_auc": 0.912}],
    )  # fmt: skip
    response = curator_client.get(f"/training-runs/{run.pk}/progress/")
    page = response.content.decode()
    assert response.status_code == 200
    for words in ("Fold 2 of 5 done", "50 %", "0.912", "1 min 40 s so far", "about 1 min 40 s left"):
        assert words in page, words
    TrainingRun.objects.filter(pk=run.pk).update(status="FAILED", reason="The disk is full.")
    assert curator_client.get(f"/training-runs/{run.pk}/progress/").status_code == 286


def test_cancelling_is_for_open_runs(run: TrainingRun, curator: User) -> None:
    training_run_cancel(run, curator)
    assert (run.status, run.reason) == ("CANCELLED", "Cancelled by curator.")
    with pytest.raises(RunEnded):
        training_run_cancel(run, curator)
    assert not training_run_claim(run.pk, "late")


def test_a_lost_task_is_delivered_again(run: TrainingRun) -> None:
    OrmQ.objects.all().delete()
    TrainingRun.objects.filter(pk=run.pk).update(enqueued_at=timezone.now() - timedelta(minutes=5))
    training_runs_clean_up(second_look=0)
    training_runs_clean_up(second_look=0)
    assert [task.task["args"] for task in OrmQ.objects.all()] == [(run.pk,)]


def test_a_run_is_failed_whose_last_sign_of_life_the_database_has_dated(
    run: TrainingRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite writes its own time with three decimals and ours with six, and compares the two as text."""
    monkeypatch.setattr("training.services_runs.SILENT", timedelta(0))
    assert training_run_claim(run.pk, "a worker's")
    TrainingRun.objects.filter(pk=run.pk).update(heartbeat_at=Now(), pid=None)
    time.sleep(0.02)
    assert training_runs_clean_up(second_look=0) == 1
    assert TrainingRun.objects.get(pk=run.pk).status == "FAILED"

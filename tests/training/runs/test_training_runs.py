"""Training runs: chosen, confirmed, queued on commit, claimed once, cancelled."""

from __future__ import annotations

import io
import socket
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import OrmQ
from pytest_django import DjangoCaptureOnCommitCallbacks

from tests.simulator import simulate
from training.datasets.services import dataset_upload
from training.ml.schema import Mission
from training.models import Dataset, ModelVersion, TrainingRun
from training.runs.services import (
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
    curator_client: Client,
    dataset: Dataset,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    choices = {
        "datasets": dataset.pk,
        "seed": 3,
        "balance": "weights",
        "search_trials": 0,
        "notes": "Try weights.",
    }
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


def test_a_run_without_datasets_is_an_error_beside_its_field(
    curator_client: Client, dataset: Dataset
) -> None:
    response = curator_client.post(
        "/training-runs/new/", {"seed": 0, "balance": "smote", "search_trials": 0}
    )
    assert response.status_code == 422
    assert "Choose at least one dataset." in response.content.decode()


def test_a_disposition_that_lacks_is_said_before_anything_starts(
    curator_client: Client, dataset: Dataset
) -> None:
    table = simulate(Mission.KEPLER, 200, 1)
    decided = table[table["koi_disposition"] != "CANDIDATE"]
    content = decided.to_csv(index=False).encode()
    lacking = dataset_upload(file=io.BytesIO(content), name="decided.csv").dataset
    choices = {"datasets": lacking.pk, "seed": 0, "balance": "smote", "search_trials": 0}
    sentence = "the tables hold 0 CANDIDATE"
    assert sentence in curator_client.post("/training-runs/new/", choices).content.decode()
    both = choices | {"datasets": [lacking.pk, dataset.pk]}
    assert sentence not in curator_client.post("/training-runs/new/", both).content.decode()
    assert not TrainingRun.objects.exists()


def test_a_search_may_have_a_budget_of_minutes(curator_client: Client, dataset: Dataset) -> None:
    choices = {
        "datasets": dataset.pk,
        "seed": 0,
        "balance": "smote",
        "search_trials": 0,
        "search_minutes": 20,
    }
    page = curator_client.post("/training-runs/new/", choices).content.decode()
    assert 'name="search_minutes" value="20"' in page
    curator_client.post("/training-runs/new/", choices | {"confirmed": "1"})
    run = TrainingRun.objects.get()
    assert (run.parameters["search_trials"], run.parameters["search_minutes"]) == (200, 20)
    assert (
        "up to 200 choices in 20 minutes"
        in curator_client.get(run.get_absolute_url()).content.decode()
    )
    body = {"datasets": [dataset.pk], "search_trials": 5, "search_minutes": 1}
    started = curator_client.post(
        "/api/v1/training-runs", body, content_type="application/json"
    ).json()
    assert (started["parameters"]["search_trials"], started["parameters"]["search_minutes"]) == (
        5,
        1,
    )


def test_the_time_expected_follows_signals_and_search(dataset: Dataset) -> None:
    assert seconds_expected(1000, {}) is None
    run = training_run_start(datasets=[dataset], choices=Choices())
    version = ModelVersion.objects.create(
        name="paced",
        created_at=timezone.now(),
        origin="training run",
        artifact="a",
        sha256="0" * 64,
        metadata={"signals": 1000},
    )
    now = timezone.now()
    TrainingRun.objects.filter(pk=run.pk).update(
        status="SUCCEEDED",
        model_version=version,
        started_at=now - timedelta(seconds=70),
        finished_at=now,
    )
    assert seconds_expected(2000, {}) == pytest.approx(140)
    assert seconds_expected(1000, {"search_trials": 9}) == pytest.approx(70 + 200)
    assert seconds_expected(1000, {"search_trials": 9, "search_minutes": 1}) == pytest.approx(
        70 + 60
    )
    assert seconds_expected(1000, {"rounds": 20}) is None


def test_only_one_process_gets_it(run: TrainingRun) -> None:
    assert [training_run_claim(run.pk, claim) for claim in "abc"] == [True, False, False]


def test_the_page_shows_stage_folds_and_time_left(curator_client: Client, run: TrainingRun) -> None:
    TrainingRun.objects.filter(pk=run.pk).update(
        status="RUNNING",
        started_at=timezone.now() - timedelta(seconds=100),
        heartbeat_at=timezone.now(),
        progress=0.5,
        stage="Fold 2 of 5 done",
        folds=[{"fold": 1, "accuracy": 0.8, "macro_f1": 0.7, "roc_auc": 0.912}],
    )
    response = curator_client.get(f"/training-runs/{run.pk}/progress/")
    page = response.content.decode()
    assert response.status_code == 200
    for words in (
        "Fold 2 of 5 done",
        "50 %",
        "0.912",
        "1 min 40 s so far",
        "about 1 min 40 s left",
    ):
        assert words in page, words
    TrainingRun.objects.filter(pk=run.pk).update(status="FAILED", reason="The disk is full.")
    assert curator_client.get(f"/training-runs/{run.pk}/progress/").status_code == 286


def test_cancelling_asks_first(run: TrainingRun, curator_client: Client) -> None:
    address = f"/training-runs/{run.pk}/cancel/"
    page = curator_client.get(address).content.decode()
    for words in ("Cancel this training?", "What will happen", "How to undo it"):
        assert words in page, words
    run.refresh_from_db()
    assert run.is_open
    curator_client.post(address)
    run.refresh_from_db()
    assert run.status == "CANCELLED"


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


@pytest.mark.parametrize("dated", ["12:00:00", "12:00:00.000", "12:00:00.123", "12:00:00.123456"])
def test_a_run_is_failed_whose_last_sign_of_life_the_database_has_dated(
    run: TrainingRun, dated: str
) -> None:
    """SQLite writes its own time with three decimals, ours with six or, on the second, with none,
    and compares them as text."""
    assert training_run_claim(run.pk, "a worker's")
    TrainingRun.objects.filter(pk=run.pk).update(pid=None)
    with connection.cursor() as cursor:
        cursor.execute(
            "update training_trainingrun set heartbeat_at = %s where id = %s",
            [f"2026-11-01 {dated}", run.pk],
        )
    assert training_runs_clean_up(second_look=0) == 1
    assert TrainingRun.objects.get(pk=run.pk).status == "FAILED"


def test_who_only_looks_changes_nothing(
    run: TrainingRun, curator_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages and the API show a silent run as what it is; to end it is the janitor's business."""
    killed: list[int] = []
    monkeypatch.setattr("training.runs.services.os.kill", lambda pid, _: killed.append(pid))
    long_ago = timezone.now() - timedelta(hours=1)
    TrainingRun.objects.filter(pk=run.pk).update(
        status="RUNNING",
        host=socket.gethostname(),
        pid=2**22 + 1,  # more than the kernel gives out
        started_at=long_ago,
        heartbeat_at=long_ago,
    )
    before = TrainingRun.objects.filter(pk=run.pk).values().get()
    for address in (
        "/training-runs/",
        f"/training-runs/{run.pk}/",
        f"/training-runs/{run.pk}/progress/",
        "/api/v1/training-runs",
        f"/api/v1/training-runs/{run.pk}",
    ):
        with CaptureQueriesContext(connection) as asked:
            assert curator_client.get(address).status_code == 200, address
        writes = [query["sql"] for query in asked if "training_trainingrun" in query["sql"]]
        assert writes, address
        assert not [sql for sql in writes if not sql.startswith("SELECT")], address
    assert TrainingRun.objects.filter(pk=run.pk).values().get() == before
    page = curator_client.get(f"/training-runs/{run.pk}/").content.decode()
    assert "No sign of life since" in page
    assert not killed
    assert training_runs_clean_up(second_look=0) == 1
    assert TrainingRun.objects.get(pk=run.pk).status == "FAILED"

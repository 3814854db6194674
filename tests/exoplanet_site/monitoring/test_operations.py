"""/livez, /readyz, /metrics, and a log whose lines can be followed from a request into its task."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import shutil
import subprocess
import sys
from collections import namedtuple
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ
from django_q.signals import post_execute_in_worker, pre_execute
from django_q.signing import SignedPackage
from django_q.tasks import async_task
from pytest_django import Settings

from exoplanet_site.monitoring import readiness
from exoplanet_site.monitoring.logs import JSONFormatter
from exoplanet_site.monitoring.metrics import DatabaseCollector
from exoplanet_site.monitoring.middleware import OperationsMiddleware
from predictions.batches.models import Batch, BatchChunk
from tests.conftest import PROJECT
from training.background import tracing
from training.models import ModelVersion, TrainingRun

SIGNAL = {
    "mission": "Kepler",
    "orbital_period": 9.488,
    "transit_duration": 2.9575,
    "transit_depth": 615.8,
}


def checks(client: Client) -> tuple[int, dict[str, str]]:
    response = client.get("/readyz")
    return response.status_code, response.json()["checks"]


# --- /livez and /readyz ---------------------------------------------------------------------------


def test_alive_by_any_name_without_https_and_without_database(
    client: Client, settings: Settings
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    response = client.get("/livez", headers={"host": "10.0.0.7"})
    assert (response.status_code, response.content) == (200, b"ok\n")


def test_a_post_to_it_is_no_health_check(client: Client) -> None:
    assert client.post("/livez").status_code == 404


@pytest.mark.django_db
def test_ready_where_all_is_well(client: Client) -> None:
    assert checks(client) == (200, dict.fromkeys(readiness.CHECKS, "ok"))


@pytest.mark.django_db
def test_a_task_that_waits_too_long(client: Client) -> None:
    OrmQ.objects.create(key="batches", payload="", lock=timezone.now() - timedelta(seconds=700))
    status, found = checks(client)
    assert status == 503
    assert found["queue"].startswith("the oldest task has waited for 70")
    assert [name for name, outcome in found.items() if outcome != "ok"] == ["queue"]


@pytest.mark.django_db
def test_a_task_that_is_being_worked_at_does_not_wait(client: Client) -> None:
    OrmQ.objects.create(key="batches", payload="", lock=timezone.now() + timedelta(seconds=700))
    assert checks(client)[0] == 200


@pytest.mark.django_db
def test_no_version_in_service(client: Client) -> None:
    ModelVersion.objects.update(is_active=False)
    assert checks(client) == (
        503,
        dict.fromkeys(readiness.CHECKS, "ok") | {"artifact": "no version is in service"},
    )


@pytest.mark.django_db
def test_little_disk(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**9, 9 * 10**8, 100 * 1024**2))
    assert checks(client) == (
        503,
        dict.fromkeys(readiness.CHECKS, "ok") | {"disk": "100 MB are free"},
    )


@pytest.mark.django_db
def test_a_database_that_is_away(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> str:
        raise OperationalError("connection refused to secret-host")

    monkeypatch.setitem(readiness.CHECKS, "database", away)
    assert checks(client) == (
        503,
        dict.fromkeys(readiness.CHECKS, "ok") | {"database": "the database does not answer"},
    )


# --- /metrics -------------------------------------------------------------------------------------


def test_no_metrics_unless_switched_on(client: Client) -> None:
    assert client.get("/metrics").status_code == 404


@pytest.fixture
def measured(settings: Settings) -> Client:
    settings.METRICS = True
    return Client()  # builds the middlewares anew


@pytest.mark.django_db
def test_every_metric(measured: Client, member_client: Client, member: Any) -> None:
    measured.force_login(member)
    version = ModelVersion.objects.active()
    batch = Batch.objects.create(owner=member, name="a.csv", file="f", sha256="0", size=1)
    BatchChunk.objects.create(
        batch=batch, number=0, first_row=1, rows=70, status=BatchChunk.Status.DONE
    )
    BatchChunk.objects.create(batch=batch, number=1, first_row=71, rows=30)
    TrainingRun.objects.create(
        created_at=timezone.now(), status="RUNNING", stage="Fold 2 of 5", progress=0.25
    )
    OrmQ.objects.create(key="batches", payload="", lock=timezone.now() - timedelta(seconds=50))
    answer = measured.post("/predict", SIGNAL, content_type="application/json").json()
    measured.get("/nothing/at/all")
    text = measured.get("/metrics", headers={"host": "web"}).content.decode()
    assert 'exoplanet_requests_total{method="POST",status="200",view="predict"} ' in text
    assert 'exoplanet_requests_total{method="GET",status="404",view="none"} ' in text
    assert 'exoplanet_request_seconds_count{view="predict"} ' in text
    counted = (
        f'exoplanet_predictions_total{{disposition="{answer["disposition"]}",'
        f'version="{version.name}"}} '
    )
    assert counted in text
    assert 'exoplanet_queue_tasks{queue="batches"} 1.0' in text
    assert 'exoplanet_queue_tasks{queue="training"} 0.0' in text
    assert 'exoplanet_queue_age_seconds{queue="batches"} 5' in text
    assert 'exoplanet_batch_rows{status="done"} 70.0' in text
    assert 'exoplanet_batch_rows{status="waiting"} 30.0' in text
    assert 'exoplanet_training_runs{status="running"} 1.0' in text
    assert 'stage="Fold 2 of 5"} 0.25' in text


def test_what_a_process_counted_is_told_without_database(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> Any:
        raise OperationalError

    monkeypatch.setattr("exoplanet_site.monitoring.metrics.queue_length", away)
    assert list(DatabaseCollector().collect()) == []


# --- Log ------------------------------------------------------------------------------------------


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JSONFormatter())
    root, requests = logging.getLogger(), logging.getLogger("exoplanet_site.requests")
    root.addHandler(handler)
    requests.setLevel(logging.INFO)
    yield stream
    requests.setLevel(logging.NOTSET)
    root.removeHandler(handler)


def test_a_request_has_one_line_and_the_number_that_nginx_gave(
    client: Client, lines: io.StringIO
) -> None:
    response = client.get("/livez?name=secret", headers={"X-Request-ID": "0123456789abcdef"})
    [line] = map(json.loads, lines.getvalue().splitlines())
    assert response["X-Request-ID"] == line["request_id"] == "0123456789abcdef"
    assert (line["method"], line["path"], line["status"], line["level"]) == (
        "GET",
        "/livez",
        200,
        "INFO",
    )
    assert "secret" not in lines.getvalue()


@pytest.mark.django_db
def test_a_link_to_a_new_password_is_not_in_the_log(
    client: Client, member: User, lines: io.StringIO
) -> None:
    client.post("/accounts/password_reset/", {"email": member.email})
    link = re.search(r"/accounts/reset/\S+/(\S+)/", str(mail.outbox[0].body))
    assert link
    assert client.get(link[0]).status_code == 302
    told = lines.getvalue()
    assert link[1] not in told
    assert "/accounts/reset/" in told


def test_a_number_that_could_forge_a_line_is_replaced(client: Client, lines: io.StringIO) -> None:
    response = client.get("/livez", headers={"X-Request-ID": 'x","level":"ERROR'})
    assert len(response["X-Request-ID"]) == 32
    assert tracing.request_id.get() == "", "the number ends with its request"


def test_an_exception_is_part_of_its_line() -> None:
    try:
        raise ValueError("no\nsuch thing")
    except ValueError:
        record = logging.LogRecord(
            "a", logging.ERROR, "f.py", 1, "went %s", ("wrong",), sys.exc_info()
        )
    text = JSONFormatter().format(record)
    assert "\n" not in text
    assert json.loads(text)["message"] == "went wrong"
    assert "ValueError: no\nsuch thing" in json.loads(text)["exception"]


@pytest.mark.django_db
def test_the_number_follows_into_the_task() -> None:
    token = tracing.request_id.set("number-of-request")
    async_task("training.tasks.clean_up")
    tracing.request_id.reset(token)
    task = SignedPackage.loads(OrmQ.objects.get().payload)
    pre_execute.send(sender="django_q", func=None, task=task)
    assert (
        json.loads(JSONFormatter().format(logging.makeLogRecord({})))["request_id"]
        == "number-of-request"
    )
    post_execute_in_worker.send(sender="django_q", func=None, task=task)
    assert tracing.request_id.get() == ""


def test_the_number_follows_into_the_process_of_a_training() -> None:
    environment = {**os.environ, "LOG_FORMAT": "json", tracing.VARIABLE: "number-of-request"}
    code = "import logging; logging.getLogger('training').warning('begun')"
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v0", "-c", code],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    [line] = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    assert (line["request_id"], line["message"]) == ("number-of-request", "begun")


def test_it_stands_before_what_knows_hosts_and_sessions(settings: Settings) -> None:
    name = f"{OperationsMiddleware.__module__}.{OperationsMiddleware.__name__}"
    assert settings.MIDDLEWARE.index(name) == 1

"""Two hosts that share a database and an object store, and nothing else: each has a data folder of
its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.conftest import PROJECT
from tests.predictions.conftest import kepler_csv
from tests.simulator import simulate, write_csv
from training.ml.schema import Mission

pytestmark = pytest.mark.slow
BUCKET = "exoplanets"
KEYS = {"S3_ACCESS_KEY": "test", "S3_SECRET_KEY": "test", "S3_REGION": "eu-central-1"}

CREATE = """
import sys
from django.contrib.auth.models import User
from predictions.batches import services as batch_services
from predictions.batches.models import Batch
owner = User.objects.create_user("ada")
batch = batch_services.batch_create(owner=owner, file=open("{table}", "rb"), name="koi.csv")
batch_services.batch_start(batch=batch)
print(batch.pk)
"""
WORK = "from predictions.batches.work import batch_execute; batch_execute(batch_id='{batch}')"
STATUS = (
    "from predictions.batches.models import Batch; b = Batch.objects.get(); print(b.status, b.rows,"
    " b.reason)"
)
DOWNLOAD = """
from django.contrib.auth.models import User
from django.test import Client
client = Client()
client.force_login(User.objects.get())
answer = client.get("/api/v1/batches/{batch}/results/csv", headers={{"host": "localhost"}})
print(answer.status_code, b"".join(answer.streaming_content).decode())
"""
SERVE = (
    "from training.models import ModelVersion; v = ModelVersion.objects.active(); v.classifier;"
    " print(v.name)"
)
TRAINED = """
from training.models import ModelVersion
print(*ModelVersion.objects.filter(origin="training run").values_list("name", flat=True))
"""


class Hosts:
    def __init__(self, folder: Path, endpoint: str) -> None:
        self.folder = folder
        self.environment = (
            os.environ
            | KEYS
            | {
                "TRAINING_THREADS": "1",
                "DATABASE_URL": f"sqlite:///{folder / 'shared.sqlite3'}",
                "DJANGO_SETTINGS_MODULE": "exoplanet_site.settings",
                "S3_BUCKET": BUCKET,
                "S3_ENDPOINT_URL": endpoint,
                "S3_PREFIX": "site",
            }
        )

    def data(self, host: str) -> Path:
        return self.folder / host

    def manage(self, host: str, *command: str, check: bool = True) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=PROJECT,
            env=self.environment | {"DATA_DIR": str(self.data(host))},
            capture_output=True,
            text=True,
        )
        assert not check or done.returncode == 0, done.stderr[-2000:]
        return done.stdout.strip()

    def python(self, host: str, code: str) -> str:
        return self.manage(host, "shell", "-v0", "-c", code)

    def cached(self, host: str) -> list[Path]:
        return sorted(self.data(host).glob("artifact-cache/*/classifier.joblib"))


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    _, port = server.get_host_and_port()
    yield f"http://127.0.0.1:{port}"
    server.stop()


@pytest.fixture
def hosts(tmp_path: Path, endpoint: str) -> Iterator[Hosts]:
    store = boto3.resource(
        "s3",
        endpoint_url=endpoint,
        region_name="eu-central-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    bucket = store.create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    made = Hosts(tmp_path, endpoint)
    made.manage("web", "migrate", "-v0")
    yield made
    bucket.objects.all().delete()
    bucket.delete()


def test_a_batch_begun_on_one_host_is_worked_on_another(hosts: Hosts, tmp_path: Path) -> None:
    (tmp_path / "koi.csv").write_text(kepler_csv())
    batch = hosts.python("web", CREATE.format(table=tmp_path / "koi.csv"))
    hosts.python("worker", WORK.format(batch=batch))
    assert hosts.python("web", STATUS) == "succeeded 25"
    status, rows = hosts.python("web", DOWNLOAD.format(batch=batch)).split(" ", 1)
    assert (status, len(rows.splitlines())) == ("200", 26)
    assert [host for host in ("web", "worker") if (hosts.data(host) / "media").exists()] == []


def test_a_dataset_sent_to_one_host_is_read_on_another(hosts: Hosts, tmp_path: Path) -> None:
    table = write_csv(simulate(Mission.KEPLER, 120, 1), tmp_path / "koi.csv")
    hosts.manage("web", "dataset", "upload", str(table))
    code = (
        "from training.models import Dataset; from training.datasets.services import"
        " dataset_content;c = dataset_content(Dataset.objects.get()); print(type(c).__name__)"
    )
    assert hosts.python("worker", code)
    assert not (hosts.data("worker") / "media").exists()


def test_a_host_keeps_what_it_has_verified(hosts: Hosts) -> None:
    name = hosts.python("web", SERVE)
    assert hosts.python("worker", SERVE) == name
    [kept] = hosts.cached("worker")
    hosts.environment["S3_ENDPOINT_URL"] = "http://127.0.0.1:9"  # nobody answers there
    assert hosts.python("worker", SERVE) == name
    assert kept.exists()


def test_what_was_changed_on_the_disk_is_fetched_again(hosts: Hosts) -> None:
    name = hosts.python("worker", SERVE)
    [kept] = hosts.cached("worker")
    whole = kept.read_bytes()
    kept.write_bytes(whole[:-1] + b"x")
    assert hosts.python("worker", SERVE) == name
    assert hosts.cached("worker")[0].read_bytes() == whole


def test_a_version_trained_on_one_host_serves_on_another(hosts: Hosts, tmp_path: Path) -> None:
    table = write_csv(simulate(Mission.KEPLER, 400, 1), tmp_path / "koi.csv")
    hosts.manage("web", "dataset", "upload", str(table))
    hosts.manage("worker", "training_run", "start", "1", "--rounds", "20", "--wait")
    [name] = hosts.python("web", TRAINED).split()
    hosts.manage("web", "model_version", "activate", name, "--reason", "a test", "--override")
    assert hosts.python("web", SERVE) == name
    assert [host for host in ("web", "worker") if (hosts.data(host) / "media").exists()] == []

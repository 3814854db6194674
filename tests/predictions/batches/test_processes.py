"""Real worker processes at one database file: they share a batch, and one that is killed is
replaced."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.predictions.conftest import kepler_csv

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).resolve().parents[3]
SETUP = """
import sys, json, time, uuid, django
django.setup()
from datetime import timedelta
from predictions.batches import downloads as batch_downloads
from predictions.batches import models as batch_models
from predictions.batches import results as batch_results
from predictions.batches import services as batch_services
from predictions.batches import work as batch_work
from predictions.batches.models import Batch
for module in (batch_results, batch_work):
    module.CHUNK_ROWS = 10
batch_services.async_task = lambda *_, **__: None
"""
CREATE = """
import io
from django.contrib.auth.models import User
owner = User.objects.create_user("ada")
batch = batch_services.batch_create(owner=owner, file=open(sys.argv[1], "rb"), name="koi.csv")
batch_services.batch_start(batch=batch)
print(batch.pk)
"""
WORK = """
from training.models import ModelVersion
ModelVersion.objects.active().classifier
real = batch_work.chunk_answers
def slow(chunk, **options):
    print(chunk.first_row, flush=True)
    time.sleep(float(sys.argv[2]))
    return real(chunk, **options)
batch_work.chunk_answers = slow
print("ready", flush=True)
sys.stdin.readline()
while not Batch.objects.filter(pk=sys.argv[1], status__in=Batch.ENDED).exists():
    batch_work.batch_execute(batch_id=sys.argv[1])
    if len(sys.argv) > 3:
        break
    time.sleep(0.1)
"""
CLEAN = """
batch_work.STALE_AFTER = batch_models.STALE_AFTER = timedelta(0)
time.sleep(0.1)
batch_work.batches_clean_up()
"""
SHOW = """
batch = Batch.objects.get(pk=sys.argv[1])
chunks = list(batch.chunks.values_list("status", "attempts"))
claims = len(set(batch.chunks.values_list("claim", flat=True)))
rows = sum(1 for _ in b"".join(batch_downloads.csv_bytes(batch)).splitlines())
print(json.dumps({
    "status": batch.status, "reason": batch.reason,
    "chunks": chunks, "workers": claims, "rows": rows,
}))
"""


class Site:
    """A site of its own, whose parts are processes."""

    def __init__(self, folder: Path) -> None:
        own = {
            "DATA_DIR": str(folder),
            "DJANGO_SETTINGS_MODULE": "exoplanet_site.settings",
            "OMP_NUM_THREADS": "1",
        }
        self.environment = {**os.environ, **own}
        self.folder = folder
        command = [sys.executable, "manage.py", "migrate", "-v0", "--skip-checks"]
        subprocess.run(command, check=True, env=self.environment, cwd=PROJECT)

    def run(self, code: str, *arguments: str) -> str:
        command = [sys.executable, "-c", SETUP + code, *arguments]
        done = subprocess.run(
            command, check=True, env=self.environment, cwd=PROJECT, capture_output=True, text=True
        )
        return done.stdout.strip()

    def worker(self, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", SETUP + WORK, *arguments]
        process = subprocess.Popen(
            command,
            env=self.environment,
            cwd=PROJECT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    def batch(self, rows: int) -> str:
        table = self.folder / "koi.csv"
        table.write_text(kepler_csv(rows))
        return self.run(CREATE, str(table))

    def show(self, key: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.run(SHOW, key))
        return found


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(tmp_path_factory.mktemp("site"))


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def test_two_workers_share_the_chunks_and_a_killed_one_is_replaced(site: Site) -> None:
    key = site.batch(60)
    victim = site.worker(key, "0.3", "once")
    assert victim.stdout is not None
    go(victim)
    assert victim.stdout.readline() == "1\n"
    assert victim.stdout.readline() == "11\n", (
        "it has handed in its first chunk and holds the second"
    )
    victim.send_signal(signal.SIGKILL)
    victim.wait()

    site.run(CLEAN)
    others = [site.worker(key, "0.3") for _ in range(2)]
    for other in others:
        go(other)
    taken = [[int(row) for row in other.communicate(timeout=120)[0].split()] for other in others]
    assert [other.returncode for other in others] == [0, 0]
    assert sorted(taken[0] + taken[1]) == [
        11,
        21,
        31,
        41,
        51,
    ], "the finished chunk is not classified again"
    assert taken[0] and taken[1], "both had their part"
    found = site.show(key)
    assert (found["status"], found["rows"], found["workers"]) == ("succeeded", 61, 3)
    assert found["chunks"] == [["done", 1], ["done", 2], *[["done", 1]] * 4]

"""A backup is worth what a restore makes of it: a site is backed up, emptied, restored elsewhere, and asked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT
from tests.predictions.conftest import kepler_csv

pytestmark = pytest.mark.slow
FILL = """
from django.contrib.auth.models import User
from predictions import batch_services, batch_work
owner = User.objects.create_user("ada", password="a long enough password")
batch = batch_services.batch_create(owner=owner, file=open("{table}", "rb"), name="koi.csv")
batch_services.batch_start(batch=batch)
batch_work.batch_execute(batch_id=str(batch.pk))
"""
CHANGE = "from django.contrib.auth.models import User; User.objects.create_user('later')"
ASK = """
import json
from django.contrib.auth.models import User
from django.test import Client
from predictions.batch_models import Batch
from training.models import ModelVersion
client = Client(headers={"host": "localhost"})
client.force_login(User.objects.get(username="ada"))
batch = Batch.objects.get()
results = client.get(f"/api/v1/batches/{batch.pk}/results/csv")
signal = {"mission": "Kepler", "orbital_period": 9.488, "transit_duration": 2.9575, "transit_depth": 615.8}
answer = client.post("/predict", json.dumps(signal), content_type="application/json").json()
print(sorted(User.objects.values_list("username", flat=True)), batch.status, b"".join(results.streaming_content),
      answer["disposition"], answer["probabilities"], ModelVersion.objects.active().name)
"""


class Place:
    """The real commands on a database and a storage of their own."""

    def __init__(self, folder: Path, database: str = "") -> None:
        self.environment = {name: value for name, value in os.environ.items() if name != "REDIS_URL"}
        self.environment |= {
            "DATA_DIR": str(folder),
            "DATABASE_URL": database,
            "DJANGO_SETTINGS_MODULE": "exoplanet_site.settings",
        }

    def manage(self, *command: str, check: bool = True) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *command], cwd=PROJECT, env=self.environment, capture_output=True, text=True
        )
        assert not check or done.returncode == 0, done.stderr[-2000:]
        return (done.stdout if check else done.stderr).strip()

    def python(self, code: str) -> str:
        return self.manage("shell", "-v0", "-c", code)


def filled(place: Place, folder: Path) -> Place:
    place.manage("migrate", "-v0")
    table = folder / "koi.csv"
    table.write_text(kepler_csv())
    place.python(FILL.format(table=table))
    return place


def test_everything_is_there_again(tmp_path: Path) -> None:
    old = filled(Place(tmp_path / "old"), tmp_path)
    before = old.python(ASK)
    assert "['ada'] succeeded" in before
    assert "files are in" in old.manage("backup", str(tmp_path / "backup"))
    old.python(CHANGE)
    new = Place(tmp_path / "new")  # another machine, without so much as a table
    assert "is whole" in new.manage("restore", "--check", str(tmp_path / "backup"))
    assert "has been put back" in new.manage("restore", "--yes", str(tmp_path / "backup"))
    assert new.python(ASK) == before
    old.manage("restore", "--yes", str(tmp_path / "backup"))
    assert old.python(ASK) == before, "what came later is gone"


@pytest.mark.parametrize("harm", ["shortened", "lost", "unfinished", "newer"])
def test_half_a_backup_changes_nothing(tmp_path: Path, harm: str) -> None:
    place = Place(tmp_path / "data")
    place.manage("migrate", "-v0")
    backup = tmp_path / "backup"
    place.manage("backup", str(backup))
    classifier = next((backup / "files").rglob("classifier.joblib"))
    match harm:
        case "shortened":
            classifier.write_bytes(classifier.read_bytes()[:-1])
        case "lost":
            classifier.unlink()
        case "unfinished":
            (backup / "manifest.json").unlink()
        case "newer":
            manifest = backup / "manifest.json"
            manifest.write_text(manifest.read_text().replace('"format": 1', '"format": 99'))
    place.python(CHANGE)
    said = place.manage("restore", "--yes", str(backup), check=False)
    assert {
        "shortened": "is not what was written",
        "lost": "is missing",
        "unfinished": "is no backup, or not a whole one",
        "newer": "has format 99",
    }[harm] in said
    assert place.python("from django.contrib.auth.models import User; print(User.objects.count())") == "1"


def test_a_backup_is_never_written_over(tmp_path: Path) -> None:
    place = Place(tmp_path / "data")
    place.manage("migrate", "-v0")
    (tmp_path / "backup").mkdir()
    assert "is there already" in place.manage("backup", str(tmp_path / "backup"), check=False)

"""A backup is worth what a restore makes of it: a site is backed up, emptied, restored elsewhere,
and asked."""

from __future__ import annotations

import atexit
import errno
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import pytest

from tests.conftest import PROJECT
from tests.predictions.conftest import kepler_csv
from tests.upgrade.conftest import unpacked
from training import backups, restoring
from training.backups import BackupError

pytestmark = pytest.mark.slow
FILL = """
from django.contrib.auth.models import User
from predictions.batches import services as batch_services
from predictions.batches import work as batch_work
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
from predictions.batches.models import Batch
from training.models import ModelVersion
client = Client(headers={"host": "localhost"})
client.force_login(User.objects.get(username="ada"))
batch = Batch.objects.get()
results = client.get(f"/api/v1/batches/{batch.pk}/results/csv")
signal = {"mission": "Kepler", "orbital_period": 9.488, "transit_duration": 2.9575,
          "transit_depth": 615.8}
answer = client.post("/predict", json.dumps(signal), content_type="application/json").json()
print(sorted(User.objects.values_list("username", flat=True)), batch.status,
      b"".join(results.streaming_content),
      answer["disposition"], answer["probabilities"], ModelVersion.objects.active().name)
"""


class Place:
    """The real commands on a database and a storage of their own."""

    def __init__(self, folder: Path, database: str = "") -> None:
        self.environment = {
            name: value for name, value in os.environ.items() if name != "REDIS_URL"
        }
        self.environment |= {
            "DATA_DIR": str(folder),
            "DATABASE_URL": database,
            "DJANGO_SETTINGS_MODULE": "exoplanet_site.settings",
        }

    def manage(self, *command: str, check: bool = True) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=PROJECT,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        assert not check or done.returncode == 0, done.stderr[-2000:]
        return (done.stdout if check else done.stderr).strip()

    def python(self, code: str) -> str:
        return self.manage("shell", "-v0", "-c", code)


@cache
def _migrated_once() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="exoplanet-migrated-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    Place(folder).manage("migrate", "-v0")
    return folder


def migrated(folder: Path) -> Place:
    """A site of its own in ``folder``."""
    shutil.copytree(_migrated_once(), folder, dirs_exist_ok=True)
    return Place(folder)


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
    place, backup = migrated(tmp_path / "data"), tmp_path / "backup"
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
    assert (
        place.python("from django.contrib.auth.models import User; print(User.objects.count())")
        == "1"
    )


def test_a_backup_is_never_written_over(tmp_path: Path) -> None:
    place = migrated(tmp_path / "data")
    (tmp_path / "backup").mkdir()
    assert "is there already" in place.manage("backup", str(tmp_path / "backup"), check=False)


def state(folder: Path) -> dict[str, bytes]:
    """Everything below it, without what SQLite keeps beside its database."""
    files = (path for path in folder.rglob("*") if path.is_file() and "sqlite3-" not in path.name)
    return {str(path): path.read_bytes() for path in files}


def test_a_backup_of_a_newer_version_touches_nothing(tmp_path: Path) -> None:
    place, backup = migrated(tmp_path / "data"), tmp_path / "backup"
    place.python(
        "from django.db.migrations.recorder import MigrationRecorder as R;"
        "from django.db import connection;"
        "R(connection).record_applied('training', '9999_from_the_future')"
    )
    place.manage("backup", str(backup))
    here = migrated(tmp_path / "here")
    before = state(tmp_path / "here")
    for said in (
        here.manage("restore", "--yes", str(backup), check=False),
        here.manage("restore", "--check", str(backup), check=False),
    ):
        assert "training.9999_from_the_future, which this version does not know" in said
        assert "nothing has been changed" in said
    assert state(tmp_path / "here") == before


def test_a_backup_that_does_not_name_its_migrations_is_looked_into(tmp_path: Path) -> None:
    """As those that an earlier version made."""
    place, backup = migrated(tmp_path / "data"), tmp_path / "backup"
    place.manage("backup", str(backup))
    manifest = json.loads((backup / "manifest.json").read_text())
    del manifest["migrations"]
    (backup / "manifest.json").write_text(json.dumps(manifest))
    assert "is whole" in place.manage("restore", "--check", str(backup))


def test_a_backup_of_an_older_version_says_to_migrate(tmp_path: Path) -> None:
    old = Place(unpacked("site.tar.xz", tmp_path / "old"))
    old.manage("backup", str(tmp_path / "backup"))
    here = migrated(tmp_path / "here")
    assert "run manage.py migrate" in here.manage("restore", "--yes", str(tmp_path / "backup"))
    here.manage("migrate", "-v0")
    assert here.python("from training.models import ModelVersion as V; print(V.objects.count())")


def test_a_database_that_is_cut_short_is_noticed(tmp_path: Path) -> None:
    """Whatever its hash says: it may have been written like that."""
    place, backup = migrated(tmp_path / "data"), tmp_path / "backup"
    place.manage("backup", str(backup))
    database = backup / "database.sqlite3"
    database.write_bytes(database.read_bytes()[:50_000])
    manifest = json.loads((backup / "manifest.json").read_text())
    manifest["database"] = {database.name: hashlib.sha256(database.read_bytes()).hexdigest()}
    (backup / "manifest.json").write_text(json.dumps(manifest))
    before = state(tmp_path / "data")
    assert "is no whole database" in place.manage("restore", "--yes", str(backup), check=False)
    assert state(tmp_path / "data") == before


def test_no_room_is_said_before_anything_is_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, backup = migrated(tmp_path / "data"), tmp_path / "backup"
    place.manage("backup", str(backup))
    manifest = json.loads((backup / "manifest.json").read_text())
    usage = shutil._ntuple_diskusage(100, 100, 10)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(BackupError, match=r"has 0 MB free, and this backup takes .* Free some"):
        restoring._check_room(backup, manifest)


@pytest.mark.parametrize(
    "fault",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        sqlite3.OperationalError("database or disk is full"),
        BackupError("pg_dump failed: could not write: No space left on device"),
    ],
    ids=["file", "SQLite", "PostgreSQL"],
)
def test_a_backup_that_fails_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    def fails(path: Path) -> None:
        path.write_bytes(b"half of it")
        raise fault

    monkeypatch.setattr(backups, "migrations_applied", list)
    monkeypatch.setattr(backups, "_database_dump", fails)
    with pytest.raises(BackupError, match=f"The disk of {tmp_path} is full"):
        backups.backup_create(tmp_path / "backup")
    assert [path for path in tmp_path.iterdir() if "backup" in path.name] == []


def test_another_fault_leaves_nothing_and_keeps_its_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(path: Path) -> None:
        raise BackupError("pg_dump is not here")

    monkeypatch.setattr(backups, "migrations_applied", list)
    monkeypatch.setattr(backups, "_database_dump", fails)
    with pytest.raises(BackupError, match="pg_dump is not here"):
        backups.backup_create(tmp_path / "backup")
    assert [path for path in tmp_path.iterdir() if "backup" in path.name] == []

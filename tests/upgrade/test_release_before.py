"""While an upgrade runs, processes of the release before go on with the database of this one.

Its real code, taken from the history, works on a database that it made and this code migrated: on
SQLite, or on the PostgreSQL server that `DATABASE_URL` names.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.conftest import PROJECT
from tests.simulator import simulate, write_csv
from tests.training.conftest import site_in
from training.ml.schema import Mission

RELEASE = "dfaa957"  # 0.1.0
SCRIPT = Path(__file__).with_name("release_before.py")
FOLDERS = ("exoplanet_site", "predictions", "training", "templates", "static", "manage.py")


@dataclass(frozen=True)
class Before:
    """The code of the release before, and the environment of one site."""

    code: Path
    environment: dict[str, str]

    def run(self, *command: str, code: Path = PROJECT, **given: Any) -> str:
        environment = self.environment | {"PYTHONPATH": str(code)} | given.pop("also", {})
        done = subprocess.run(
            [sys.executable, "-W", "ignore", *command],
            cwd=code,
            env=environment,
            capture_output=True,
            **given,
        )
        assert done.returncode == 0, done.stderr.decode()[-4000:]
        printed: bytes = done.stdout if given.get("input") else done.stderr
        return printed.decode()


@pytest.fixture
def database(worker_id: str) -> Iterator[dict[str, str]]:
    """A database of its own where the tests run on a server."""
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        yield {}
        return
    name = f"before_{worker_id}_{os.getpid()}"
    own = urlsplit(server)._replace(path="/postgres").geturl()
    with psycopg.connect(own, autocommit=True) as c:
        c.execute(f"create database {name}")
        yield {"DATABASE_URL": urlsplit(server)._replace(path=f"/{name}").geturl()}
        c.execute(f"drop database {name} with (force)")


@pytest.fixture
def before(tmp_path: Path, database: dict[str, str]) -> Before:
    """A site that the release before has set up."""
    packed = subprocess.run(
        ["git", "archive", RELEASE, *FOLDERS], cwd=PROJECT, capture_output=True, check=False
    )
    if packed.returncode:
        pytest.skip(f"the history of this copy does not reach back to {RELEASE}")
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(tmp_path / "code", filter="data")
    (tmp_path / "site").mkdir()
    environment = site_in(tmp_path / "site").environment | database | {"BATCH_SYNC_ROWS": "10"}
    found = Before(tmp_path / "code", environment)
    found.run("manage.py", "migrate", "-v0", code=found.code)
    return found


def test_its_processes_go_on_with_the_migrated_database(before: Before, tmp_path: Path) -> None:
    assert before.run("manage.py", "migrate", "-v0", also={"KEEP_VERSION": "on"}) == ""
    table = write_csv(simulate(Mission.KEPLER, 400, 0), tmp_path / "kepler.csv").read_bytes()
    found = json.loads(before.run(str(SCRIPT), code=before.code, input=table))
    assert found["signed_in"] == 302
    assert found["predict"] == 200
    assert found["classify"] == [302, 200]
    assert found["batch"] == 202
    assert found["worked"] == ["predictions.batch_tasks.execute_batch"]
    assert found["batches"] == [["succeeded", 400, 200]]
    assert found["training"] == [201, 202, 200, "training.tasks.execute_training_run", True]
    assert len(found["pages"]) > 5
    assert set(found["pages"].values()) == {200}

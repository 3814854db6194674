"""Small labelled tables, and a whole site in a folder of its own that can be killed, filled and
locked."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PROJECT
from tests.simulator import simulate, write_csv
from training.ml.schema import Mission

ROUNDS = "20"


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[Mission, Path]:
    """One simulated table of 400 signals per mission."""
    folder = tmp_path_factory.mktemp("tables")
    missions = (Mission.KEPLER, Mission.TESS, Mission.K2)
    return {
        m: write_csv(simulate(m, 400, seed), folder / f"{m}.csv") for seed, m in enumerate(missions)
    }


@dataclass
class Site:
    """The real commands, in processes of their own, on a database and a storage of their own."""

    folder: Path
    environment: dict[str, str]
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def run(self, *command: str, check: bool = True) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            env=self.environment,
            cwd=PROJECT,
            capture_output=True,
            text=True,
        )
        assert not check or done.returncode == 0, done.stderr[-2000:]
        return done.stdout + done.stderr

    def start(self, *command: str, **environment: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "manage.py", *command],
            env=self.environment | environment,
            cwd=PROJECT,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.processes.append(process)
        return process

    def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        connection = sqlite3.connect(self.folder / "db.sqlite3", timeout=30)
        connection.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in connection.execute(query, values)]
        finally:
            connection.close()

    def write(self, query: str, *values: Any) -> None:
        with sqlite3.connect(self.folder / "db.sqlite3", timeout=30) as connection:
            connection.execute(query, values)
        connection.close()

    def run_row(self, number: int) -> dict[str, Any]:
        return self.rows("select * from training_trainingrun where id = ?", number)[0]

    def queue(self, rounds: str = ROUNDS) -> int:
        """A queued run that no worker knows of: the test itself starts, and stops, its process."""
        run = json.loads(self.run("training_run", "start", "1", "--rounds", rounds, "--json"))
        return int(run["id"])

    def wait(
        self, number: int, until: Callable[[dict[str, Any]], bool], seconds: float = 90
    ) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        while not until(row := self.run_row(number)):
            assert time.monotonic() < deadline, f"still {row['status']}: {row['stage']}"
            time.sleep(0.2)
        return row

    @property
    def made(self) -> list[dict[str, Any]]:
        return self.rows("select * from training_modelversion where origin = 'training run'")

    @property
    def in_service(self) -> list[str]:
        return [
            row["name"]
            for row in self.rows("select name from training_modelversion where is_active")
        ]

    @property
    def artifact_folders(self) -> set[str]:
        return {folder.name for folder in (self.folder / "media" / "artifacts").iterdir()}

    def expect_nothing_left(self, before: tuple[list[str], set[str]]) -> None:
        """No version, no half artifact, and the same version in service."""
        assert (self.in_service, self.artifact_folders) == before
        assert self.made == []

    @property
    def state(self) -> tuple[list[str], set[str]]:
        return self.in_service, self.artifact_folders


def site_in(folder: Path) -> Site:
    others = (
        "DJANGO_",
        "EXOPLANET_",
        "DATABASE_URL",
        "REDIS_URL",
    )  # this site has a database of its own
    environment = {k: v for k, v in os.environ.items() if not k.startswith(others)}
    environment |= {
        "DATA_DIR": str(folder),
        "OMP_NUM_THREADS": "1",
        "TRAINING_THREADS": "1",
        "SECRET_KEY": "only-for-tests-" * 5,
        "ARTIFACT_SIGNING_KEY": "only-for-tests",
        "DJANGO_SETTINGS_MODULE": "exoplanet_site.settings",
    }
    return Site(folder, environment)


@pytest.fixture(scope="session")
def prepared_site(tmp_path_factory: pytest.TempPathFactory, tables: dict[Mission, Path]) -> Path:
    """A migrated site with one dataset, made once."""
    folder = tmp_path_factory.mktemp("site")
    site = site_in(folder)
    site.run("migrate", "-v0")
    site.run("dataset", "upload", str(tables[Mission.KEPLER]))
    site.rows("pragma wal_checkpoint(truncate)")
    return folder


@pytest.fixture
def site(prepared_site: Path, tmp_path: Path) -> Iterator[Site]:
    folder = tmp_path / "site"
    shutil.copytree(prepared_site, folder)
    site = site_in(folder)
    yield site
    for process in site.processes:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture(scope="session")
def small_classifiers(tables: dict[Mission, Path]) -> tuple[Any, Any]:
    """A good classifier, and one that a deaf-and-blind training made: both judged on the same
    simulated stars."""
    from training.ml.fitting.parameters import Parameters
    from training.ml.tables.data_loader import read_signals
    from training.ml.train import train

    table = read_signals(tables[Mission.KEPLER])
    good = train([table], parameters=Parameters().at_most(40), threads=1)
    poor = Parameters(leaves=2, learning_rate=0.001).at_most(1)
    return good, train([table], parameters=poor, threads=1)

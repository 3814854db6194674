"""A real PostgreSQL that is stopped under a running training, and started again."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.training.conftest import Site, site_in
from tests.training.runs.test_faults import ended, running, supervise
from training.ml.schema import Mission

pytestmark = pytest.mark.slow
AWAY = 60  # seconds


@dataclass
class Server:
    """A PostgreSQL of our own, in a folder and on a port of its own."""

    programs: Path
    folder: Path
    port: int

    def run(self, program: str, *arguments: str) -> None:
        command = [str(self.programs / program), *arguments]
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            command = ["runuser", "-u", "postgres", "--", *command]
        subprocess.run(command, check=True, cwd=self.folder, stdout=subprocess.DEVNULL, timeout=120)

    def start(self) -> None:
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        log = str(self.folder / "log")
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-l", log, "-o", options, "-w", "start")

    def stop(self) -> None:
        """At once, connections or not."""
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")

    @property
    def url(self) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"


@pytest.fixture
def server() -> Iterator[Server]:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("needs PostgreSQL (apt-get install postgresql)")
    pytest.importorskip("psycopg", reason="needs psycopg (requirements-production.txt)")
    folder = Path(tempfile.mkdtemp(prefix="exoplanet-postgresql-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    server = Server(found[-1].parent, folder, port)
    server.run("initdb", "-D", str(folder / "data"), "-A", "trust", "-U", "postgres", "-E", "UTF8")
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder)


class PostgreSQLSite(Site):
    def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        import psycopg
        from psycopg.rows import dict_row

        with psycopg.connect(self.environment["DATABASE_URL"], row_factory=dict_row) as connection:
            return connection.execute(query.replace("?", "%s"), values).fetchall()


@pytest.fixture
def pg_site(server: Server, tmp_path: Path, tables: dict[Mission, Path]) -> Iterator[Site]:
    plain = site_in(tmp_path)
    site = PostgreSQLSite(plain.folder, plain.environment | {"DATABASE_URL": server.url})
    site.run("migrate", "-v0")
    site.run("dataset", "upload", str(tables[Mission.KEPLER]))
    yield site
    for process in site.processes:
        process.kill()
        process.wait()


def test_a_postgresql_that_is_away_for_a_minute_costs_nothing(
    server: Server, pg_site: Site
) -> None:
    """Killed under the worker and its training, which carry on and store their version when it is
    back."""
    before, run = pg_site.in_service, pg_site.queue()
    worker = supervise(pg_site, run)
    pid = pg_site.wait(run, running)["pid"]
    server.stop()
    time.sleep(AWAY)
    assert worker.poll() is None, "the worker has given up"
    server.start()
    pg_site.run("training_run", "clean-up")  # the janitor comes the moment the database is back
    row = pg_site.wait(run, ended, 120)
    assert (row["status"], row["reason"], row["pid"]) == ("SUCCEEDED", "", pid)
    assert worker.wait(60) == 0
    assert [version["id"] for version in pg_site.made] == [row["model_version_id"]]
    assert pg_site.in_service == before


def test_a_postgresql_that_restarts_in_the_middle_is_hardly_noticed(
    server: Server, pg_site: Site
) -> None:
    run = pg_site.queue("4000")
    worker = supervise(pg_site, run)
    pg_site.wait(run, running)
    server.stop()
    server.start()
    seen = pg_site.run_row(run)["heartbeat_at"]
    row = pg_site.wait(run, lambda row: row["heartbeat_at"] > seen, 30)
    assert row["status"] == "RUNNING"
    pg_site.run("training_run", "cancel", str(run))
    assert worker.wait(30) == 0
    assert pg_site.run_row(run)["status"] == "CANCELLED"

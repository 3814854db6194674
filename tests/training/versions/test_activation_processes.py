"""Two real web servers at one database: an activation reaches both at once, and what is under way
stays what it was."""

from __future__ import annotations

import io
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from exoplanet_site.processes import WEB_COMMAND
from tests.conftest import PROJECT
from tests.simulator import simulate
from tests.training.conftest import Site, site_in
from training.ml.schema import Mission

pytestmark = pytest.mark.slow
SIGNAL = {
    "mission": "Kepler",
    "orbital_period": 9.488,
    "transit_duration": 2.96,
    "transit_depth": 616,
}
LONG_TABLE = 20_000  # rows; takes seconds to classify
SIX = ["kepoi_name", "koi_period", "koi_duration", "koi_depth", "koi_prad", "koi_steff", "koi_srad"]
ACCOUNT = """
from django.contrib.auth.models import Group, User
User.objects.create_user("cara").groups.add(Group.objects.get(name="curator"))
"""


class Web:
    """One gunicorn with one process: another machine, as far as the site is concerned."""

    def __init__(self, site: Site, token: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        self.headers = {"Authorization": f"Token {token}"}
        environment = site.environment | {
            "PORT": str(port),
            "WEB_PROCESSES": "1",
            "BATCH_SYNC_ROWS": str(LONG_TABLE),
            "DATA_DIR": str(site.folder),
        }
        self.process = subprocess.Popen(
            [sys.executable, *WEB_COMMAND], env=environment, cwd=PROJECT
        )

    def post(self, path: str, **body: object) -> requests.Response:
        response = requests.post(f"{self.address}{path}", headers=self.headers, timeout=120, **body)  # type: ignore[arg-type]
        response.raise_for_status()
        return response

    def wait(self) -> None:
        for _ in range(300):
            try:
                requests.get(f"{self.address}/accounts/login/", timeout=60)
                return
            except requests.ConnectionError:
                time.sleep(0.2)
        raise AssertionError("the web server did not start")

    @property
    def version(self) -> str:
        return str(self.post("/predict?explain=false", json=SIGNAL).json()["model_version"])

    @property
    def processes(self) -> str:
        return Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()


@pytest.fixture
def two_servers(tmp_path: Path, tables: dict[Mission, Path]) -> Iterator[tuple[Site, Web, Web]]:
    site = site_in(tmp_path)
    site.run("migrate", "-v0")
    site.run("shell", "-v0", "-c", ACCOUNT)
    site.run("dataset", "upload", str(tables[Mission.KEPLER]))
    site.run("training_run", "start", "1", "--rounds", "20", "--wait")
    command = ("create_token", "cara", "--scope", "read", "--scope", "classify", "--scope", "train")
    token = site.run(*command).splitlines()[0].strip()
    servers = Web(site, token), Web(site, token)
    try:
        for server in servers:
            server.wait()
        yield site, *servers
    finally:
        for server in servers:
            server.process.send_signal(signal.SIGTERM)
        for server in servers:
            server.process.wait(60)


def long_table() -> bytes:
    few = simulate(Mission.KEPLER, 400, 5)[SIX]
    many = few.loc[few.index.repeat(LONG_TABLE // len(few))].reset_index(drop=True)
    many["kepoi_name"] = [f"K{row:05}.01" for row in range(len(many))]
    return many.to_csv(index=False).encode()


def test_an_activation_reaches_both_and_requests_in_flight_stay_theirs(
    two_servers: tuple[Site, Web, Web],
) -> None:
    site, one, other = two_servers
    (old,), new = site.in_service, site.made[0]["name"]
    before = one.processes, other.processes
    assert {one.version, other.version} == {old}
    requests.get(
        f"{other.address}/api/v1/model-versions/{new}/compare?other={old}",
        headers=other.headers,
        timeout=120,
    )

    finished: dict[str, object] = {}

    def classify_for_long() -> None:
        files = {"file": ("many.csv", io.BytesIO(table))}
        answer = one.post("/predict_batch", files=files).json()
        finished.update(at=time.monotonic(), version=answer["model_version"], rows=answer["rows"])

    table = long_table()
    began = time.monotonic()
    classify_for_long()
    lasts = time.monotonic() - began
    finished.clear()
    in_flight = threading.Thread(target=classify_for_long)
    in_flight.start()
    time.sleep(lasts / 2)  # it has begun, and takes longer than what follows
    reason = {"reason": "To see it arrive", "override": True}
    other.post(f"/api/v1/model-versions/{new}/activate", json=reason)
    activated = time.monotonic()
    for server in (one, other):
        while server.version != new:
            assert time.monotonic() < activated + 5
            time.sleep(0.1)
    in_flight.join(120)
    assert finished["rows"] == LONG_TABLE
    assert float(str(finished["at"])) > activated, (
        "it was over before the activation: nothing was shown"
    )
    assert finished["version"] == old
    assert (one.processes, other.processes) == before, "no process was started anew"

    for server in (one, other):
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(60)
    counted = site.rows("select sum(signals) as signals from training_inputcount")[0]["signals"]
    assert counted >= 4, "what a web process has counted is written when it ends"

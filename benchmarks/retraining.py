"""Retraining through the site:
``python -m benchmarks.retraining [--json] [--smoke]``, on a machine that is quiet.

1. The three full tables through the site (API, queue, process of its own, stored version) against
   the bare ``training.ml`` function in a process of its own: at most 1.15 times the seconds, both
   with the same threads.
2. ``POST /predict`` of the running site while it trains:
   at most twice the median of the site at rest.
3. 50,000 rows of 94 columns validated beside earlier datasets and a version in service:
   at most 20 s and 700 MB.

About eight minutes on two cores. The site has a data folder of its own and no limits on requests.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import requests

from benchmarks.real_tables import widest_tables
from training.ml.schema import Mission

PROJECT: Final = Path(__file__).resolve().parent.parent
THREADS: Final = os.cpu_count() or 1
SIGNAL: Final = {
    "mission": "Kepler",
    "orbital_period": 9.488,
    "transit_duration": 2.96,
    "transit_depth": 616,
}
LIMITS: Final = {
    "training_ratio": 1.15,
    "predict_ratio": 2.0,
    "validation_seconds": 20,
    "validation_megabytes": 700,
}
LONGEST_TRAINING: Final = 1800  # seconds
MANY: Final = ",".join(f"{who}=1000000/second" for who in ("token", "user", "address"))


@dataclass(frozen=True)
class Size:
    """How much is measured. ``rounds`` None: as many as the site usually takes."""

    missions: tuple[Mission, ...] = (Mission.KEPLER, Mission.TESS, Mission.K2)
    rounds: int | None = None
    rows: int = 50_000
    predict_seconds: float = 15.0

    @property
    def tables(self) -> Mapping[Mission, Path]:
        return {
            mission: path for mission, path in widest_tables().items() if mission in self.missions
        }


SMOKE: Final = Size((Mission.K2,), rounds=20, rows=5_000, predict_seconds=2.0)

BARE = """
import json, sys
from pathlib import Path
from training.ml.fitting.lineage import read_with_facts
from training.ml.fitting.parameters import Parameters
from training.ml.schema import Mission
from training.ml.train import train
paths, rounds, threads = json.loads(sys.argv[1])
read = [read_with_facts(Path(path), Mission(mission)) for mission, path in paths.items()]
parameters = Parameters(rounds=rounds) if rounds else Parameters()
tables, facts = zip(*read)
train(list(tables), facts=list(facts), parameters=parameters, threads=threads)
"""
VALIDATE = """
import resource, sys, time
from training.datasets.services import dataset_upload
from training.models import Dataset
before = Dataset.objects.usable().count()
began = time.perf_counter()
with open({path!r}, "rb") as file:
    dataset = dataset_upload(file=file, name="many.csv").dataset
seconds = time.perf_counter() - began
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(dataset.signals, before, bool(dataset.report["shift_against"]), seconds, memory)
"""
CURATOR = """
from django.contrib.auth.models import Group, User
User.objects.create_user("bench").groups.add(Group.objects.get(name="curator"))
"""


def python(*arguments: str, environment: Mapping[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], env=environment, cwd=PROJECT, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(
            f"{' '.join(arguments)[:200]} ended with {done.returncode}:\n{done.stderr[-2000:]}"
        )
    return done.stdout


class Site:
    """The whole site on a free port, as `make run` starts it, with a curator's token."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        ours = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("DJANGO_", "EXOPLANET_"))
        }
        self.environment = ours | {
            "DATA_DIR": str(folder),
            "PORT": str(port),
            "TRAINING_THREADS": str(THREADS),
            "OMP_NUM_THREADS": "1",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "RATE_CLASSIFY": MANY,
            "RATE_TRAIN": MANY,
        }
        self.address = f"http://127.0.0.1:{port}"
        self.session = requests.Session()

    def manage(self, *command: str) -> str:
        return python("manage.py", *command, environment=self.environment)

    @contextmanager
    def running(self) -> Iterator[None]:
        command = [sys.executable, "-m", "exoplanet_site.serve"]
        with subprocess.Popen(
            command, env=self.environment, cwd=PROJECT, stdout=subprocess.DEVNULL
        ) as process:
            try:
                self._wait(process)
                self._sign_in()
                yield
            finally:
                process.terminate()
                process.wait()

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + 180
        while process.poll() is None and time.monotonic() < deadline:
            try:
                requests.get(f"{self.address}/accounts/login/", timeout=30)
                return
            except (
                requests.ConnectionError,
                requests.Timeout,
            ):  # not there yet, or still loading on a busy machine
                time.sleep(0.3)
        raise SystemExit("The site did not start.")

    def _sign_in(self) -> None:
        self.manage("shell", "-v0", "-c", CURATOR)
        scopes = [word for scope in ("read", "classify", "train") for word in ("--scope", scope)]
        token = self.manage("create_token", "bench", *scopes).strip()
        self.session.headers["Authorization"] = f"Token {token}"

    def ask(self, method: str, path: str, **body: Any) -> Any:
        response = self.session.request(method, f"{self.address}{path}", timeout=120, **body)
        if not response.ok:
            raise SystemExit(f"{method} {path}: {response.status_code} {response.text[:500]}")
        return response.json()

    def upload(self, path: Path) -> int:
        with path.open("rb") as file:
            return int(self.ask("POST", "/api/v1/datasets", files={"file": file})["id"])

    def train(self, datasets: list[int], rounds: int | None) -> int:
        asked = {"datasets": datasets, **({"rounds": rounds} if rounds else {})}
        return int(self.ask("POST", "/api/v1/training-runs", json=asked)["id"])

    def wait_for(self, run: int, *statuses: str, stage: str = "") -> dict[str, Any]:
        deadline = time.monotonic() + LONGEST_TRAINING
        while time.monotonic() < deadline:
            found: dict[str, Any] = self.ask("GET", f"/api/v1/training-runs/{run}")
            if found["status"] in statuses and found["stage"].startswith(stage):
                return found
            if found["status"] in ("FAILED", "CANCELLED"):
                raise SystemExit(f"The training run has {found['status']}: {found['reason']}")
            time.sleep(0.5)
        raise SystemExit("The training run takes too long.")

    def predict_milliseconds(self, seconds: float) -> float:
        times, deadline = [], time.monotonic() + seconds
        while time.monotonic() < deadline:
            began = time.perf_counter()
            self.ask("POST", "/predict", json=SIGNAL)
            times.append(1000 * (time.perf_counter() - began))
        return statistics.median(times)


def bare_seconds(size: Size, folder: Path) -> float:
    """Of the process, from its start to its end."""
    asked = json.dumps(
        [{str(m): str(path) for m, path in size.tables.items()}, size.rounds, THREADS]
    )
    environment = {**os.environ, "OMP_NUM_THREADS": str(THREADS), "DATA_DIR": str(folder)}
    began = time.perf_counter()
    python("-c", BARE, asked, environment=environment)
    return time.perf_counter() - began


def predict_figures(site: Site, datasets: list[int], size: Size) -> dict[str, float]:
    """At rest, and while a training, cancelled afterwards, is boosting."""
    site.predict_milliseconds(size.predict_seconds)  # every process has loaded the classifier
    at_rest = site.predict_milliseconds(size.predict_seconds)
    run = site.train(datasets, None)
    site.wait_for(run, "RUNNING", stage="Finding")
    busy = site.predict_milliseconds(size.predict_seconds)
    still = site.ask("GET", f"/api/v1/training-runs/{run}")
    if still["status"] != "RUNNING":
        raise SystemExit("The training was over before its effect had been measured.")
    site.ask("POST", f"/api/v1/training-runs/{run}/cancel")
    return {
        "predict_at_rest_milliseconds": round(at_rest, 2),
        "predict_during_training_milliseconds": round(busy, 2),
        "predict_ratio": round(busy / at_rest, 2),
    }


def training_seconds(site: Site, datasets: list[int], size: Size) -> float:
    """From the request to the stored version."""
    run = site.wait_for(site.train(datasets, size.rounds), "SUCCEEDED")
    asked, ended = (datetime.fromisoformat(run[name]) for name in ("created_at", "finished_at"))
    return (ended - asked).total_seconds()


def validation_figures(site: Site, folder: Path, size: Size) -> dict[str, float]:
    """In a process of its own, whose memory is only its own."""
    import pandas as pd

    koi = pd.read_csv(widest_tables()[Mission.KEPLER], comment="#")
    many = pd.concat([koi] * (size.rows // len(koi) + 1), ignore_index=True).head(size.rows)
    many["kepoi_name"] = [f"K{row:06}.01" for row in range(size.rows)]
    path = folder / "many.csv"
    many.to_csv(path, index=False)
    said = site.manage("shell", "-v0", "-c", VALIDATE.format(path=str(path))).split()
    signals, earlier, compared = int(said[0]), int(said[1]), said[2] == "True"
    assert (signals, earlier, compared) == (size.rows, len(size.missions), True), said
    return {
        "validation_seconds": round(float(said[3]), 2),
        "validation_megabytes": round(float(said[4])),
    }


def measure(size: Size, report: Any) -> dict[str, Any]:
    figures: dict[str, Any] = {
        "threads": THREADS,
        "tables": [path.name for path in size.tables.values()],
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        report("training with the bare function …")
        bare = bare_seconds(size, folder)
        site = Site(folder / "site")
        with site.running():
            datasets = [site.upload(path) for path in size.tables.values()]
            report(f"{bare:.0f} s; asking for predictions at rest and during a training …")
            figures |= predict_figures(site, datasets, size)
            report("training through the site …")
            through = training_seconds(site, datasets, size)
        figures |= {
            "bare_training_seconds": round(bare, 1),
            "site_training_seconds": round(through, 1),
        }
        figures["training_ratio"] = round(through / bare, 3)
        report(f"{through:.0f} s; validating {size.rows:,} rows …")
        figures |= validation_figures(site, folder, size)
    limits = {f"at_most_{name}": limit for name, limit in LIMITS.items()}
    return (
        figures | limits | {"kept": all(figures[name] <= limit for name, limit in LIMITS.items())}
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--smoke", action="store_true", help="Whether it runs at all: one small table, 20 rounds."
    )
    options = parser.parse_args()
    figures = measure(
        SMOKE if options.smoke else Size(), lambda words: print(words, file=sys.stderr, flush=True)
    )
    if options.json:
        json.dump(figures, sys.stdout, indent=1)
        print()
    else:
        for name, value in figures.items():
            print(f"{name.replace('_', ' '):38}{value!s:>12}")


if __name__ == "__main__":
    main()

"""Retraining through the site: ``python -m benchmarks.retraining [--json] [--skip-training]``.

1. The three full tables through the site (upload, queue, process of its own, stored version) against the bare
   ``training.ml`` function: at most 1.15 times the seconds, both with the same threads.
2. ``POST /predict`` of a running site while it trains: at most twice the median of the site at rest.
3. 50,000 rows of 94 columns validated: at most 20 s and 700 MB.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import requests

from benchmarks.tables import widest_tables

PROJECT = Path(__file__).resolve().parent.parent
ROWS = 50_000
REQUESTS = 300
SIGNAL = {"mission": "Kepler", "orbital_period": 9.488, "transit_duration": 2.96, "transit_depth": 616}
LIMITS = {"training_ratio": 1.15, "predict_ratio": 2.0, "validation_seconds": 20, "validation_megabytes": 700}

VALIDATE = """
import resource, sys, time
from pathlib import Path
from training.ml.data_loader import open_table
from training.ml.validation import validate
began = time.perf_counter()
reader = open_table(Path(sys.argv[1]), max_rows=50_000)
report = validate(reader, reader.table())
print(report.signals, time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def python(*arguments: str, environment: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], env=environment, cwd=PROJECT, check=True, capture_output=True, text=True
    )
    return done.stdout


def validation(folder: Path, environment: dict[str, str]) -> dict[str, float]:
    import pandas as pd

    from training.ml.schema import Mission

    koi = pd.read_csv(widest_tables()[Mission.KEPLER], comment="#")
    many = pd.concat([koi] * (ROWS // len(koi) + 1), ignore_index=True).head(ROWS)
    many["kepoi_name"] = [f"K{row:06}.01" for row in range(ROWS)]
    path = folder / "many.csv"
    many.to_csv(path, index=False)
    signals, seconds, megabytes = python("-c", VALIDATE, str(path), environment=environment).split()
    assert int(signals) == ROWS
    return {"validation_seconds": round(float(seconds), 2), "validation_megabytes": round(float(megabytes))}


def bare_training(environment: dict[str, str]) -> float:
    threads = str(os.cpu_count() or 1)
    environment = environment | {"OMP_NUM_THREADS": threads}
    figures = json.loads(python("-m", "benchmarks.train", "--threads", threads, "--json", environment=environment))
    return float(figures["seconds"])


class Site:
    """The whole site on a free port, with the three tables as datasets."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.environment = environment | {"DATA_DIR": str(folder), "PORT": str(self.port)}
        self.address = f"http://127.0.0.1:{self.port}"

    def manage(self, *command: str) -> str:
        return python("manage.py", *command, environment=self.environment)

    @contextmanager
    def running(self) -> Iterator[None]:
        command = [sys.executable, "-m", "exoplanet_site.serve"]
        process = subprocess.Popen(command, env=self.environment, cwd=PROJECT, stdout=subprocess.DEVNULL)
        try:
            self._wait()
            yield
        finally:
            process.terminate()
            process.wait()

    def _wait(self) -> None:
        for _ in range(300):
            try:
                requests.get(f"{self.address}/accounts/login/", timeout=5)
                return
            except requests.ConnectionError:
                time.sleep(0.3)
        raise SystemExit("The site did not start.")

    def sign_in(self) -> requests.Session:
        self.manage("shell", "-v0", "-c", _USER)
        token = self.manage("create_token", "bench").strip().splitlines()[-1].split()[-1]
        session = requests.Session()
        session.headers["Authorization"] = f"Token {token}"
        return session

    def upload(self) -> list[int]:
        said = [self.manage("dataset_upload", str(path), "--json") for path in widest_tables().values()]
        return [json.loads(text)["id"] for text in said]

    def start(self, datasets: list[int]) -> int:
        return int(json.loads(self.manage("retrain", *map(str, datasets), "--json"))["id"])

    def run(self, number: int) -> dict[str, Any]:
        runs = json.loads(self.manage("training_run_list", "--json"))
        return next(run for run in runs if run["id"] == number)

    def wait_for(self, number: int, statuses: tuple[str, ...]) -> dict[str, Any]:
        while (run := self.run(number))["status"] not in statuses:
            time.sleep(2)
        return run


_USER = """
from django.contrib.auth.models import User
User.objects.create_superuser("bench", password="only for this benchmark")
"""


def median_milliseconds(site: Site, session: requests.Session) -> float:
    times = []
    for _ in range(REQUESTS):
        began = time.perf_counter()
        session.post(f"{site.address}/predict", json=SIGNAL, timeout=60).raise_for_status()
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times)


def through_the_site(folder: Path, environment: dict[str, str]) -> dict[str, float]:
    site = Site(folder, environment)
    with site.running():
        session, datasets = site.sign_in(), site.upload()
        median_milliseconds(site, session)  # every process has loaded the classifier
        at_rest = median_milliseconds(site, session)
        cancelled = site.start(datasets)
        site.wait_for(cancelled, ("RUNNING",))
        time.sleep(5)  # reading is over, boosting has begun
        busy = median_milliseconds(site, session)
        site.manage("training_run_cancel", str(cancelled))
        run = site.wait_for(site.start(datasets), ("SUCCEEDED", "FAILED"))
    assert run["status"] == "SUCCEEDED", run["reason"]
    began, ended = (datetime.fromisoformat(run[name]) for name in ("started_at", "finished_at"))
    return {
        "site_training_seconds": round((ended - began).total_seconds(), 1),
        "predict_at_rest_milliseconds": round(at_rest, 2),
        "predict_during_training_milliseconds": round(busy, 2),
        "predict_ratio": round(busy / at_rest, 2),
    }


def measure(*, training: bool) -> dict[str, Any]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "DJANGO_SETTINGS_MODULE": "exoplanet_site.settings"}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        figures: dict[str, Any] = validation(folder, environment | {"DATA_DIR": name})
        if training:
            figures["bare_training_seconds"] = bare_training(environment | {"DATA_DIR": name})
            figures |= through_the_site(folder, environment)
            ratio = figures["site_training_seconds"] / figures["bare_training_seconds"]
            figures["training_ratio"] = round(ratio, 3)
    return figures | {f"at_most_{name}": limit for name, limit in LIMITS.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--skip-training", action="store_true", help="Only the validation of 50,000 rows.")
    options = parser.parse_args()
    figures = measure(training=not options.skip_training)
    if options.json:
        json.dump(figures, sys.stdout, indent=1)
        print()
    else:
        for name, value in figures.items():
            print(f"{name.replace('_', ' '):38}{value:>12,}")


if __name__ == "__main__":
    main()

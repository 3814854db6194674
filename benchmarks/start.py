"""What does the site cost before it is asked for anything?

``python -m benchmarks.start [--json]``. The whole site of one machine is started in an empty folder
and again in the same one: seconds until the first page, seconds of CPU of all its processes, and at
rest their number and memory (proportional set size: what several share is divided among them).
Beside it stands what Python, Django and the libraries cost alone.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import psutil
import requests

from benchmarks.figures import report
from benchmarks.site import PROJECT, Site, one_thread

REST_SECONDS: Final = 5.0
ROWS: Final = 10
SIGNAL: Final = {
    "mission": "Kepler",
    "orbital_period": 9.488,
    "transit_duration": 2.9575,
    "transit_depth": 615.8,
    "planet_radius": 2.26,
    "stellar_teff": 5455,
    "stellar_radius": 0.927,
}
BARE: Final = {
    "Python": "pass",
    "Django": """
import django
from django.conf import settings
names = "admin", "auth", "contenttypes", "sessions", "messages", "staticfiles"
settings.configure(INSTALLED_APPS=[f"django.contrib.{name}" for name in names])
django.setup()
""",
    "import lightgbm, pandas": "import lightgbm, pandas",
}
_MEMORY: Final = "import psutil; print(psutil.Process().memory_full_info().pss)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found: dict[str, Any] = {"cores": os.cpu_count(), "load_before": round(os.getloadavg()[0], 1)}
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder) / "data", one_thread())
        found["first start"] = started(site)
        found["next start"] = started(site)
        found["predict"] = predict(site, Path(folder) / "signals.csv")
    found["bare"] = {name: bare(code) for name, code in BARE.items()}
    report(found, as_json=options.json)


def started(site: Site) -> dict[str, Any]:
    began = time.perf_counter()
    with site.running():
        taken = time.perf_counter() - began
        time.sleep(REST_SECONDS)
        at_rest = _at_rest(site)
        cpu = _cpu_seconds(site)
        requests.post(
            f"{site.address}/predict",
            json=SIGNAL,
            headers={"Authorization": f"Token {site.token()}"},
            timeout=120,
        ).raise_for_status()
        after = _at_rest(site)
    return {
        "first_page_seconds": round(taken, 2),
        "cpu_seconds": round(cpu, 2),
        "at_rest": at_rest,
        "after_a_prediction": after,
    }


def _all(site: Site) -> list[psutil.Process]:
    assert site.process is not None
    return [psutil.Process(site.process.pid), *site.processes()]


def _at_rest(site: Site) -> dict[str, int]:
    memory = [process.memory_full_info().pss for process in _all(site)]
    return {"processes": len(memory), "megabytes": round(sum(memory) / 1024**2)}


def _cpu_seconds(site: Site) -> float:
    """Of all processes, and of those that have ended."""
    return sum(sum(process.cpu_times()[:4]) for process in _all(site))


def predict(site: Site, table: Path) -> dict[str, Any]:
    """`manage.py predict` of a table of ten rows."""
    with table.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(SIGNAL))
        writer.writeheader()
        writer.writerows([SIGNAL] * ROWS)
    command = [sys.executable, "manage.py", "predict", str(table)]
    return _measured(command, site.environment, output=str(table.with_name("answers.csv")))


def _measured(command: list[str], environment: dict[str, str], output: str) -> dict[str, Any]:
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(
        [*command, output], env=environment, cwd=PROJECT, check=True, stdout=subprocess.DEVNULL
    )
    taken, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"seconds": round(taken, 2), "cpu_seconds": round(cpu, 2)}


def bare(code: str) -> dict[str, Any]:
    """A Python that runs ``code`` and nothing else."""
    timed = "import time; print(time.process_time())"
    said = subprocess.run(
        [sys.executable, "-c", f"{code}\n{timed}\n{_MEMORY}"],
        env=one_thread(),
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    return {
        "cpu_seconds": round(json.loads(said[0]), 2),
        "megabytes": round(json.loads(said[1]) / 1024**2),
    }


if __name__ == "__main__":
    main()

"""A site under mixed load; batches shared by workers:
``python -m benchmarks.load [--json] [--quick] [--minutes N]``.

3. Pages, single predictions, batches and one training at once:
   no error, and no process that keeps growing.
4. Batch rows per second of one worker process and of two.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import psutil
import requests

from benchmarks.figures import report
from benchmarks.real_tables import SHARED_DATA
from benchmarks.serve import BODY
from benchmarks.site import NO_LIMITS, PASSWORD, Site, one_thread
from tests.simulator import simulate, write_csv
from training.ml.schema import Mission

PAGES: Final = (
    "/",
    "/classify/",
    "/predictions/",
    "/predictions/?sort=-planet_score",
    "/batches/",
    "/model/",
    "/model-versions/",
    "/datasets/",
    "/training-runs/",
    "/glossary/",
    "/api/",
    "/accounts/tokens/",
    "/accounts/audit/",
)
BATCH_ROWS: Final = 2_000  # more than what is answered at once
SAMPLE_SECONDS: Final = 5.0
MIN_GROWTH_MEGABYTES: Final = 16
MAX_GROWTH: Final = 0.08
"""Of a process's memory from the second third of the run to the last; below the least, an
allocator's noise."""


@dataclass
class Tally:
    """What every thread adds to."""

    until: float
    done: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    taken: dict[str, list[float]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def over(self) -> bool:
        return time.monotonic() > self.until

    def time(
        self, kind: str, call: Callable[[], requests.Response], expected: tuple[int, ...] = (200,)
    ) -> Any:
        """The answer, timed; None where it was an error, which is counted and does not end the
        load."""
        began, answer = time.perf_counter(), None
        try:
            answer = call()
            problem = (
                ""
                if answer.status_code in expected
                else f"{kind}: {answer.status_code} {answer.text[:120]}"
            )
        except requests.RequestException as error:
            problem = f"{kind}: {error!r:.160}"
        with self.lock:
            self.done[kind] += 1
            self.taken.setdefault(kind, []).append(1000 * (time.perf_counter() - began))
            if problem:
                self.errors[problem] += 1
        return None if problem else answer


# --- those who ask --------------------------------------------------------------------------------


def person(site: Site) -> requests.Session:
    """Signed in through the form; where many sign in at once, when it is their turn."""
    session = requests.Session()
    session.get(f"{site.address}/accounts/login/", timeout=60)
    form = {
        "username": "bench",
        "password": PASSWORD,
        "csrfmiddlewaretoken": session.cookies["csrftoken"],
    }
    while True:
        answer = session.post(
            f"{site.address}/accounts/login/", form, timeout=60, headers={"Referer": site.address}
        )
        if answer.status_code != 429:
            break
        time.sleep(float(answer.headers["Retry-After"]))
    answer.raise_for_status()
    return session


def program(token: str) -> requests.Session:
    session = requests.Session()
    session.headers["Authorization"] = f"Token {token}"
    return session


def visit_pages(site: Site, tally: Tally, token: str) -> None:
    session = person(site)
    for page in itertools.cycle(PAGES):
        if tally.over:
            return
        tally.time("page", partial(session.get, site.address + page, timeout=60))
        time.sleep(0.1)


def classify(site: Site, tally: Tally, token: str) -> None:
    session = program(token)
    session.headers["Content-Type"] = "application/json"
    addresses = itertools.cycle([f"{site.address}/predict", f"{site.address}/predict?save=true"])
    while not tally.over:
        tally.time("predict", partial(session.post, next(addresses), BODY, timeout=60))
        time.sleep(0.02)


def send_batches(site: Site, tally: Tally, token: str, table: Path) -> None:
    session = program(token)
    while not tally.over:
        files = {"file": (table.name, table.read_bytes())}
        send = partial(
            session.post, f"{site.address}/api/v1/predict_batch", files=files, timeout=120
        )
        sent = tally.time("batch sent", send, (202,))
        if sent is not None:
            follow(site, session, tally, sent.json()["id"])


def follow(site: Site, session: requests.Session, tally: Tally, key: str) -> None:
    """Until it is done, then its answers; then it is deleted."""
    address, began = f"{site.address}/api/v1/batches/{key}", time.monotonic()
    while time.monotonic() - began < 300:
        found = tally.time("batch asked", partial(session.get, address, timeout=60))
        status = found.json()["status"] if found is not None else ""
        if status in ("failed", "cancelled"):
            tally.errors[f"batch: {found.json()}"] += 1
            return
        if status == "succeeded":
            tally.time("batch read", partial(session.get, f"{address}/results/csv", timeout=120))
            tally.time("batch deleted", partial(session.delete, address, timeout=60), (200, 204))
            return
        time.sleep(1)
    tally.errors["batch: not done within five minutes"] += 1


# --- memory ---------------------------------------------------------------------------------------


def watch(site: Site, tally: Tally, samples: dict[int, list[tuple[str, float]]]) -> None:
    """Megabytes of each process of the site, every few seconds."""
    while not tally.over:
        for process in site.processes():
            try:
                name, megabytes = kind_of(process), process.memory_info().rss / 2**20
            except psutil.Error:  # it has just ended
                continue
            samples.setdefault(process.pid, []).append((name, megabytes))
        time.sleep(SAMPLE_SECONDS)


def kind_of(process: psutil.Process) -> str:
    command = " ".join(process.cmdline())
    kinds = ("gunicorn", "training_run_execute", "manage.py work")
    return next((kind for kind in kinds if kind in command), "other")


def growth(samples: dict[int, list[tuple[str, float]]]) -> dict[str, Any]:
    """Processes that lived through the whole run: megabytes in the second third and in the last."""
    longest = max(len(found) for found in samples.values())
    found: dict[str, Any] = {}
    for pid, taken in samples.items():
        if len(taken) < 0.9 * longest:
            continue
        sizes, third = [size for _, size in taken], len(taken) // 3
        before, after = (
            statistics.median(sizes[third : 2 * third]),
            statistics.median(sizes[2 * third :]),
        )
        grows = after - before > max(MIN_GROWTH_MEGABYTES, MAX_GROWTH * before)
        found[f"{taken[0][0]} {pid}"] = {
            "megabytes_in_second_third": round(before),
            "in_last_third": round(after),
            "grows": grows,
        }
    return found


# --- the two figures ------------------------------------------------------------------------------


def mixed(folder: Path, minutes: float, *, quick: bool) -> dict[str, Any]:
    site = Site(folder / "site", one_thread() | NO_LIMITS)
    table = write_csv(simulate(Mission.KEPLER, BATCH_ROWS, seed=0), folder / "signals.csv")
    samples: dict[int, list[tuple[str, float]]] = {}
    with site.running(WEB_PROCESSES="2"):
        token = site.token("read", "classify", "train")
        run = site.start(datasets(site, folder, quick=quick))
        tally = Tally(time.monotonic() + 60 * minutes)
        batches = partial(send_batches, table=table)
        asking: list[Callable[[Site, Tally, str], None]] = [
            visit_pages,
            visit_pages,
            classify,
            classify,
            batches,
        ]
        with ThreadPoolExecutor(len(asking) + 1) as pool:
            watching = pool.submit(watch, site, tally, samples)
            waiting = [pool.submit(ask, site, tally, token) for ask in asking]
            for future in [*waiting, watching]:
                future.result()
        trained = site.wait_for(run, ("SUCCEEDED", "FAILED", "CANCELLED"))
    memory = growth(samples)
    return {
        "minutes": minutes,
        "errors": sum(tally.errors.values()) + (trained["status"] != "SUCCEEDED"),
        "error_list": dict(tally.errors),
        "training": trained["status"],
        "asked": dict(tally.done),
        "median_milliseconds": {
            kind: round(statistics.median(taken), 1) for kind, taken in tally.taken.items()
        },
        "slowest_milliseconds": {kind: round(max(taken)) for kind, taken in tally.taken.items()},
        "memory": memory,
        "growing_processes": [name for name, process in memory.items() if process["grows"]],
    }


def datasets(site: Site, folder: Path, *, quick: bool) -> list[int]:
    """The three full tables where they are here; else simulated ones."""
    if SHARED_DATA.is_dir() and not quick:
        return site.upload()
    found = []
    for mission in (Mission.KEPLER, Mission.TESS, Mission.K2):
        path = write_csv(simulate(mission, 600, seed=2), folder / f"{mission}.csv")
        found.append(path)
    return site.upload(found)


def shared(folder: Path, rows: int) -> dict[str, Any]:
    """Rows per second of one worker process and of two; each worker keeps to one thread."""
    from benchmarks.batch import Bench

    found = Bench(folder, 1, rows // 2).two_workers()
    one, two = (found["rows"] / found[f"{count}_seconds"] for count in ("one", "two"))
    return {
        "rows": found["rows"],
        "one_rows_per_second": round(one),
        "two_rows_per_second": round(two),
        "two_over_one": round(two / one, 2),
    }


def figures(wanted: set[str], minutes: float, *, quick: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"cores": os.cpu_count(), "load_before": round(os.getloadavg()[0], 1)}
    with tempfile.TemporaryDirectory(prefix="benchmark-load-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if "4" in wanted and SHARED_DATA.is_dir():
            found["4 workers of a batch"] = shared(folder, 10_000 if quick else 200_000)
        if "3" in wanted:
            found[f"3 mixed load for {minutes:g} minutes"] = mixed(folder, minutes, quick=quick)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--quick", action="store_true", help="half a minute and small tables, to see that it runs"
    )
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--figures", default="3,4")
    options = parser.parse_args()
    found = figures(
        set(options.figures.split(",")),
        0.5 if options.quick else options.minutes,
        quick=options.quick,
    )
    report(found, as_json=options.json)
    if any(isinstance(value, dict) and value.get("errors") for value in found.values()):
        sys.exit(1)


if __name__ == "__main__":
    main()

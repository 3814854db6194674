"""What one ``POST /predict`` costs:
``python -m benchmarks.serve [--json] [--quick] [--figures 1,2,5]``.

1. Median at concurrency 1 against the bare in-process cost
   (features, booster, contributions; one thread).
2. CPU per request and requests per second with one and with two web processes.
5. Side by side with ``benchmarks.fastapi_service``, and where the time of both goes.

Every comparison is made within this run, in turns,
so that a busy machine troubles both sides alike.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psutil

from benchmarks.figures import report
from benchmarks.site import (
    NO_LIMITS,
    PROJECT,
    Caller,
    Site,
    free_port,
    one_thread,
    wait_until_answering,
)
from tests.known_signals import KEPLER_10_B

AT_MOST: Final = {
    "explained_over_bare": 1.6,
    "unexplained_minus_bare_milliseconds": 3.0,
    "cpu_two_over_one": 1.1,
}
BODY: Final = json.dumps(KEPLER_10_B).encode()
CLIENTS: Final = 4
QUIET: Final = {
    "PYTHONWARNINGS": "ignore"
}  # shap warns with every answer, which would count against it
TURNS: Final = 5


# --- in this process ------------------------------------------------------------------------------


def median_of(action: Callable[[], object], times: int) -> float:
    """Milliseconds."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        action()
        taken.append(1000 * (time.perf_counter() - began))
    return round(statistics.median(taken), 3)


def bare(times: int) -> dict[str, float]:
    """The parts of an answer in this process, one thread each; medians in milliseconds."""
    from benchmarks.fastapi_service import load
    from training.ml.evaluation.measures import CANDIDATE
    from training.ml.explanations.explain import answer_and_explain
    from training.ml.inputs import parse_signal

    classifier = load()
    rows = parse_signal(KEPLER_10_B)
    matrix = classifier.matrix(rows)
    answer, _ = answer_and_explain(classifier, rows)  # makes the booster of candidates
    booster, rounds = classifier.boosters.evidence(int(answer.numbers[0]))
    tree_shap: dict[str, Any] = {"pred_contrib": True, "num_threads": 1, "num_iteration": rounds}
    every = classifier.boosters.dispositions_
    candidates, used_rounds = classifier.boosters.evidence(CANDIDATE)
    used: dict[str, Any] = tree_shap | {"num_iteration": used_rounds}
    parts: dict[str, Callable[[], object]] = {
        "features": lambda: classifier.matrix(parse_signal(KEPLER_10_B)),
        "booster": lambda: classifier.scores(matrix),
        "open_boosters": lambda: classifier.open_scores(matrix),
        "contributions": lambda: booster.predict(matrix, **tree_shap),
        "contributions_of_a_candidate": lambda: candidates.predict(matrix, **used),
        "contributions_of_all_dispositions": lambda: every.predict(matrix, **used),
        "features_booster_contributions": lambda: (
            classifier.scores(fresh := classifier.matrix(parse_signal(KEPLER_10_B))),
            booster.predict(fresh, **tree_shap),
        ),
        "with_open_boosters": lambda: (
            classifier.scores(fresh := classifier.matrix(parse_signal(KEPLER_10_B))),
            classifier.open_scores(fresh),
            booster.predict(fresh, **tree_shap),
        ),
        "own_answer_and_explanation": lambda: answer_and_explain(
            classifier, parse_signal(KEPLER_10_B)
        ),
        "own_answer_alone": lambda: classifier.predict(parse_signal(KEPLER_10_B)),
        "warnings": lambda: classifier.warnings(rows),
    }
    return {name: median_of(action, times) for name, action in parts.items()}


def bare_process(times: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.serve", "--bare", str(times)]
    output = subprocess.run(
        command, env=one_thread(), cwd=PROJECT, check=True, capture_output=True, text=True
    ).stdout
    parts: dict[str, float] = json.loads(output.splitlines()[-1])
    return parts


# --- over HTTP ------------------------------------------------------------------------------------


def medians(calls: dict[str, Callable[[], float]], times: int) -> dict[str, float]:
    """Median milliseconds of each call, all of them asked in turns."""
    found: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(times):
        for name, call in calls.items():
            found[name].append(call())
    return {name: round(statistics.median(taken), 3) for name, taken in found.items()}


def warm(port: int, token: str, processes: int) -> None:
    """Until every web process has loaded the classifier."""
    for _ in range(30 * processes):
        Caller(port, token).post("/predict", BODY)


def concurrency_one(site: Site, token: str, options: Options) -> dict[str, Any]:
    with site.running(WEB_PROCESSES="1"):
        warm(site.port, token, 1)
        caller = Caller(site.port, token)
        calls = {
            "explained": lambda: caller.post("/predict", BODY)[0],
            "unexplained": lambda: caller.post("/predict?explain=false", BODY)[0],
        }
        saved = {
            "explained_and_saved": lambda: caller.post("/predict?save=true", BODY)[0]
        }  # waits for the disk
        rounds = [
            (
                bare_process(options.times),
                medians(calls, options.times) | medians(saved, options.times),
            )
            for _ in range(options.turns)
        ]
    parts, served = (middle([pair[side] for pair in rounds]) for side in (0, 1))
    base = parts["features_booster_contributions"]
    return {
        "bare_milliseconds": parts,
        "served_milliseconds": served,
        "explained_over_bare": round(served["explained"] / base, 2),
        # Every answer has a score for an open signal, too, which has boosters of its own.
        "explained_over_bare_with_open_boosters": round(
            served["explained"] / parts["with_open_boosters"], 2
        ),
        "explained_over_own_bare": round(
            served["explained"] / parts["own_answer_and_explanation"], 2
        ),
        "unexplained_minus_bare_milliseconds": round(
            served["unexplained"] - parts["own_answer_alone"], 2
        ),
        "at_most": {
            name: AT_MOST[name]
            for name in ("explained_over_bare", "unexplained_minus_bare_milliseconds")
        },
    }


def middle(found: list[dict[str, float]]) -> dict[str, float]:
    return {name: round(statistics.median(one[name] for one in found), 3) for name in found[0]}


def processes(site: Site, token: str, options: Options) -> dict[str, Any]:
    """CPU per request and throughput with one and with two web processes, in turns."""
    found: dict[str, list[dict[str, float]]] = {"1": [], "2": []}
    for _ in range(options.turns):
        for count, results in found.items():
            with site.running(WEB_PROCESSES=count):
                warm(site.port, token, int(count))
                results.append(flood(site.port, token, site.web_processes(), options.times))
    one, two = (middle(results) for results in found.values())
    return {
        "one": one,
        "two": two,
        "cpu_two_over_one": round(two["cpu_milliseconds"] / one["cpu_milliseconds"], 3),
        "throughput_two_over_one": round(
            two["requests_per_second"] / one["requests_per_second"], 2
        ),
        "at_most": AT_MOST["cpu_two_over_one"],
    }


def flood(port: int, token: str, servers: list[psutil.Process], times: int) -> dict[str, float]:
    before, began = cpu_seconds(servers), time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(lambda _: ask_many(port, token, times), range(CLIENTS)))
    seconds, requests = time.perf_counter() - began, CLIENTS * times
    cpu = cpu_seconds(servers) - before
    return {
        "cpu_milliseconds": round(1000 * cpu / requests, 3),
        "requests_per_second": round(requests / seconds, 1),
    }


def ask_many(port: int, token: str, times: int) -> None:
    caller = Caller(port, token)
    for _ in range(times):
        caller.post("/predict", BODY)


def cpu_seconds(processes: list[psutil.Process]) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in processes)


def side_by_side(site: Site, token: str, options: Options) -> dict[str, Any]:
    with site.running(WEB_PROCESSES="1"), fastapi() as port:
        warm(site.port, token, 1)
        ours, theirs = Caller(site.port, token), Caller(port)
        for _ in range(20):
            theirs.post("/predict", BODY)
        calls = {
            "site_whole_answer_explained": lambda: ours.post("/predict", BODY)[0],
            "fastapi_explained": lambda: theirs.post("/predict", BODY)[0],
            "site_unexplained": lambda: ours.post("/predict?explain=false", BODY)[0],
            "fastapi_unexplained": lambda: theirs.post("/predict?explain=false", BODY)[0],
        }
        found = medians(calls, options.times * options.turns)
    return {
        "milliseconds": found,
        "site_over_fastapi_explained": round(
            found["site_whole_answer_explained"] / found["fastapi_explained"], 3
        ),
        "site_over_fastapi_unexplained": round(
            found["site_unexplained"] / found["fastapi_unexplained"], 3
        ),
        "at_most": 1.0,
        "where_it_goes_milliseconds": where_it_goes(options.times),
    }


@contextmanager
def fastapi() -> Iterator[int]:
    """The other service, with one process as the site has one here."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "benchmarks.fastapi_service:app",
        "--port",
        str(port),
    ]
    process = subprocess.Popen(
        [*command, "--log-level", "warning"], env=one_thread() | QUIET, cwd=PROJECT
    )
    try:
        wait_until_answering(f"http://127.0.0.1:{port}/openapi.json")
        yield port
    finally:
        process.terminate()
        process.wait()


def where_it_goes(times: int) -> dict[str, dict[str, float]]:
    """The computing inside both services;
    the rest of their time is frameworks, database and HTTP."""
    command = [sys.executable, "-m", "benchmarks.serve", "--parts", str(times)]
    output = subprocess.run(
        command, env=one_thread(), cwd=PROJECT, check=True, capture_output=True, text=True
    ).stdout
    parts: dict[str, dict[str, float]] = json.loads(output.splitlines()[-1])
    return parts


def parts(times: int) -> dict[str, dict[str, float]]:
    import pandas as pd

    from benchmarks import fastapi_service as other
    from training.ml.answering.steps import encoded_matrix
    from training.ml.signal_rows import FRAME_COLUMNS, TEXT_NAMES

    kinds = {name: "str" if name in TEXT_NAMES else "float64" for name in FRAME_COLUMNS}
    frame = pd.DataFrame([{name: KEPLER_10_B.get(name) for name in FRAME_COLUMNS}]).astype(kinds)
    matrix = encoded_matrix(other.pipeline, frame)
    number = int(other.boosters.predict(matrix)[0])
    theirs: dict[str, Callable[[], object]] = {
        "frame": (
            lambda: pd.DataFrame([{name: KEPLER_10_B.get(name) for name in FRAME_COLUMNS}]).astype(
                kinds
            )
        ),
        "pipeline": lambda: encoded_matrix(other.pipeline, frame),
        "booster": lambda: other.boosters.predict_proba(matrix),
        "tree_explainer": lambda: other.evidence(matrix, number),
    }
    return {
        "fastapi": {name: median_of(action, times) for name, action in theirs.items()},
        "site": bare(times),
    }


# --- all of it ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Options:
    times: int
    turns: int


FIGURES: Final[dict[str, tuple[str, Callable[[Site, str, Options], dict[str, Any]]]]] = {
    "1": ("1 one request at a time", concurrency_one),
    "2": ("2 one and two web processes", processes),
    "5": ("5 beside FastAPI", side_by_side),
}


def figures(wanted: set[str], options: Options) -> dict[str, Any]:
    found: dict[str, Any] = {"cores": os.cpu_count(), "load_before": round(os.getloadavg()[0], 1)}
    with tempfile.TemporaryDirectory(prefix="benchmark-serve-") as folder:
        site = Site(Path(folder), one_thread() | NO_LIMITS)
        site.manage("migrate", "-v0", "--skip-checks")
        site.manage("collectstatic", "-v0", "--no-input")
        token = site.token("read", "classify")
        for number, (title, measure) in FIGURES.items():
            if number in wanted:
                found[title] = measure(site, token, options)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="a few requests, to see that it runs")
    parser.add_argument("--figures", default="1,2,5")
    parser.add_argument("--bare", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--parts", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.bare or options.parts:
        print(json.dumps(bare(options.bare) if options.bare else parts(options.parts)))
        return
    size = Options(times=20, turns=1) if options.quick else Options(times=300, turns=TURNS)
    report(figures(set(options.figures.split(",")), size), as_json=options.json)


if __name__ == "__main__":
    main()

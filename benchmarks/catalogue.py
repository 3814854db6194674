"""The catalogue with 100,000 signals: ``python -m benchmarks.catalogue [--json] [--signals N]
[--keep FOLDER]``.

Simulated tables of Kepler and TESS, which have 1,500 planets in common, are put in charge as
``manage.py catalogue fill`` does it, Kepler's after an earlier one, and scored by the bundled
version; then each page and each list for programs is asked for, and the box for two hundred
spellings. Seconds of filling; milliseconds on the server (median of seven), of its own processor
alone (least of seven), and database queries; of PostgreSQL also what it says that it worked at them
(EXPLAIN ANALYZE, least of seven). On SQLite, and after it on the empty PostgreSQL database that
DATABASE_URL names, if it names one. What ``--keep`` has filled is measured again and again.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from benchmarks.figures import report
from benchmarks.pages import analyze, set_up

if TYPE_CHECKING:
    import pandas as pd

AT_MOST_MILLISECONDS: Final = 100
ASKED: Final = 7
TWINS: Final = 1_500
LISTS: Final = (
    "/catalogue/",
    "/catalogue/?page=300",
    "/catalogue/?show=all",
    "/catalogue/?show=all&page=1000",
    "/catalogue/?show=all&sort=-planet_score&page=500",
    "/catalogue/?show=disagreements",
    "/catalogue/?show=all&period_from=5&period_to=10&radius_from=1&radius_to=2&sort=-planet_score",
    "/catalogue/?show=all&mission=TESS&disposition=CONFIRMED&magnitude_to=11",
    "/catalogue/?show=all&q=K01234",
    "/catalogue/?show=all&q=K0",
    "/catalogue/?sort=-score_tsm",
    "/catalogue/?sort=-score_esm&radius_to=4&temperature_to=600",
    "/catalogue/?sort=-score_esm&period_from=1&period_to=50&magnitude_to=13&open_from=0.1",
    "/catalogue/?sort=-tsm",
    "/catalogue/?sort=magnitude",
    "/catalogue/?sort=star",
    "/catalogue/?show=all&sort=star&page=500",
    "/catalogue/?show=all&sort=-star",
    "/catalogue/?show=all&sort=disposition",
    "/catalogue/?show=all&sort=-temperature",
    "/catalogue/?show=all&sort=-esm&page=700",
    "/catalogue/?show=all&sort=-period",
    "/catalogue/?warning=none",
    "/catalogue/?warning=any",
    "/catalogue/?warning=ephemeris&sort=-score_tsm",
    "/catalogue/?show=all&warning=near_star",
    "/catalogue/?show=all&warning=contradiction",
    "/catalogue/?show=all&warning=conflict&sort=star",
    "/catalogue/?show=all&changed_since=2025-01-01",
    "/catalogue/conflicts/",
    "/catalogue/conflicts/?show=twins",
    "/api/v1/catalogue/twins",
    "/catalogue/changes/",
    "/catalogue/changes/?kind=changed&page=20",
    "/catalogue/find/?q=KOI-1234.01",
    "/catalogue/find/?q=KOY-1234.01",
    "/catalogue/find/?q=TOI-1234+d",
    "/catalogue/find/?q=1234",
    "/catalogue/find/?q=285.679+50.241+30+arcmin",
    "/api/v1/catalogue/signals?show=all&sort=-open_score",
    "/api/v1/catalogue/changes",
    "/api/v1/catalogue/find?q=TOI-1234.01",
)


# --- the database ---------------------------------------------------------------------------------


def fill(signals: int) -> dict[str, float]:
    """Seconds by step."""
    from predictions.catalogue.scoring import scores_make
    from predictions.catalogue.services import charge_create, table_execute
    from training.datasets.services import dataset_upload

    took = {}
    for name, mission, table in _tables(signals // 2):
        file = io.BytesIO(table.to_csv(index=False).encode())
        start = time.perf_counter()
        dataset = dataset_upload(file=file, name=name, mission=mission).dataset
        took[f"{name} read and reported on"] = time.perf_counter() - start
        start = time.perf_counter()
        table_execute(charge_create(dataset=dataset, user=None).pk)
        took[f"{name} put in charge"] = time.perf_counter() - start
    start = time.perf_counter()
    scores_make()
    took["all scored"] = time.perf_counter() - start
    _tidy()
    return {step: round(seconds, 1) for step, seconds in took.items()}


def _tidy() -> None:
    """What PostgreSQL does by itself within a minute."""
    from django.db import connection

    analyze()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def _tables(size: int) -> Iterator[tuple[str, Any, pd.DataFrame]]:
    """Names, missions and tables, in the order in which they take charge."""
    from tests.simulator import simulate
    from training.ml.schema import Mission

    koi, toi = simulate(Mission.KEPLER, size, 0), simulate(Mission.TESS, size, 1)
    twins = min(TWINS, size)
    toi.loc[: twins - 1, ["ra", "dec", "pl_orbper"]] = koi.loc[
        : twins - 1, ["ra", "dec", "koi_period"]
    ].to_numpy()
    earlier = koi.iloc[: -size // 50].copy()
    earlier.loc[::20, "koi_disposition"] = "CANDIDATE"
    yield "cumulative_2024.10.04.csv", Mission.KEPLER, earlier
    yield "cumulative_2025.10.04.csv", Mission.KEPLER, koi
    yield "TOI_2025.10.04.csv", Mission.TESS, toi


# --- the measurement ------------------------------------------------------------------------------


def person() -> Any:
    """Somebody with all roles, signed in."""
    from django.contrib.auth.models import Group, User
    from django.test import Client

    owner, _ = User.objects.get_or_create(username="owner")
    owner.groups.set(Group.objects.all())
    client = Client()
    client.force_login(owner)
    return client


def pages(client: Any) -> dict[str, dict[str, float]]:
    from predictions.catalogue.models import Signal

    signal = Signal.objects.order_by("pk")[Signal.objects.count() // 2]
    addresses = [*LISTS, signal.get_absolute_url(), signal.star.get_absolute_url()]
    addresses.append(f"/api/v1{signal.get_absolute_url().rstrip('/')}")
    return {address: _asked(client, address) for address in addresses}


def _asked(client: Any, address: str) -> dict[str, float]:
    from django.db import connection

    made: list[tuple[str, Any]] = []

    def keep(execute: Callable[..., Any], sql: str, params: Any, *rest: Any) -> Any:
        made.append((sql, params))
        return execute(sql, params, *rest)

    with connection.execute_wrapper(keep):
        assert client.get(address).status_code in (200, 302), address
    walls, own = zip(*(_timed(client, address) for _ in range(ASKED)), strict=True)
    found = {"median_ms": statistics.median(walls), "processor_ms": min(own)}
    if connection.vendor == "postgresql":
        found["database_ms"] = min(_explained(made) for _ in range(ASKED))
    return {name: round(ms, 1) for name, ms in found.items()} | {"queries": len(made)}


def _explained(made: list[tuple[str, Any]]) -> float:
    """Milliseconds that PostgreSQL plans and executes these queries."""
    from django.db import connection

    took = 0.0
    with connection.cursor() as cursor:
        for sql, params in made:
            if sql.startswith("SELECT"):
                cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}", params)
                (plan,) = cursor.fetchone()[0]
                took += plan["Planning Time"] + plan["Execution Time"]
    return took


def spellings(client: Any) -> dict[str, Any]:
    """How many of two hundred spellings lead to what they name, or name it first, and in what
    time; a name with an error in it, too."""
    from predictions.catalogue.finding import catalogue_find
    from predictions.catalogue.models import Name, Signal
    from tests.training.ml.sky.test_typed import CASES, NAMES
    from training.ml.sky.typed import name_key

    for signal, name in zip(Signal.objects.order_by("pk")[: len(NAMES)], NAMES, strict=True):
        named = {"key": name_key(name), "signal": signal}
        Name.objects.get_or_create(**named, defaults={"name": name})
    right, walls, own = 0, [], []
    for spelling, name in CASES:
        found = catalogue_find(spelling).matches
        right += bool(found) and name_key(found[0].why) == name_key(name)
        wall, cpu = _timed(client, f"/catalogue/find/?{urlencode({'q': spelling})}")
        walls.append(wall)
        own.append(cpu)
    return {
        "spellings": len(CASES),
        "found": right,
        "median_ms": round(statistics.median(walls), 1),
        "slowest_processor_ms": round(max(own), 1),
    }


def _timed(client: Any, address: str) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    client.get(address)
    own = time.process_time() - cpu
    return 1000 * (time.perf_counter() - wall), 1000 * own


# --- one database after the other -----------------------------------------------------------------


def measured(folder: Path, signals: int) -> dict[str, Any]:
    """On the database that the environment names."""
    load = os.getloadavg()[0]
    set_up(folder)
    from django.db import connection

    from predictions.catalogue.models import Signal

    took = folder / "filled.json"
    if not Signal.objects.exists():
        took.write_text(json.dumps(fill(signals)))
    client = person()
    found = {
        "load_before": round(load, 1),
        "signals": Signal.objects.count(),
        "seconds": json.loads(took.read_text()),
        "box": spellings(client),
    } | _summary(pages(client))
    connection.close()
    return found


def _summary(found: dict[str, dict[str, float]]) -> dict[str, Any]:
    slow = [a for a, figures in found.items() if figures["median_ms"] > AT_MOST_MILLISECONDS]
    figures = {
        "asked": len(found),
        "slowest_ms": max(page["median_ms"] for page in found.values()),
        "slowest_processor_ms": max(page["processor_ms"] for page in found.values()),
        "most_queries": max(page["queries"] for page in found.values()),
        "slower_than_100_ms": ", ".join(slow) or "none",
    }
    if databases := [page["database_ms"] for page in found.values() if "database_ms" in page]:
        figures["slowest_database_ms"] = max(databases)
    return figures | {"pages": found}


def apart(folder: Path, signals: int, url: str) -> dict[str, Any]:
    """The same in a process of its own, which reads its settings from the environment."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "benchmarks.catalogue", "--one", "--json"]
    command += ["--signals", str(signals), "--keep", str(folder)]
    environment = os.environ | {"DATABASE_URL": url}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--signals", type=int, default=100_000)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="filled once, measured again")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        report(measured(options.keep, options.signals), as_json=True)
        return
    urls = {"sqlite": "", "postgresql": os.environ.get("DATABASE_URL", "")}
    with tempfile.TemporaryDirectory() as passing:
        folder = options.keep or Path(passing)
        figures = {
            name: apart(folder / name, options.signals, url)
            for name, url in urls.items()
            if url or name == "sqlite"
        }
    report(figures, as_json=options.json)


if __name__ == "__main__":
    main()

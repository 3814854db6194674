"""The catalogue with 100,000 signals: ``python -m benchmarks.catalogue [--json] [--signals N]``.

Simulated tables of Kepler and TESS are put in charge as ``manage.py catalogue fill`` does it, and
scored by the bundled version; then each page and each list for programs is asked for. Seconds of
filling, milliseconds on the server (median of seven) and database queries. SQLite, or the empty
database of DATABASE_URL.
"""

from __future__ import annotations

import argparse
import io
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from benchmarks.figures import report
from benchmarks.pages import set_up

AT_MOST_MILLISECONDS: Final = 100
ASKED: Final = 7
LISTS: Final = (
    "/catalogue/",
    "/catalogue/?show=all",
    "/catalogue/?show=all&page=1000",
    "/catalogue/?show=all&sort=-planet_score&page=500",
    "/catalogue/?show=disagreements",
    "/catalogue/?show=all&period_from=5&period_to=10&radius_from=1&radius_to=2&sort=-planet_score",
    "/catalogue/?show=all&mission=TESS&disposition=CONFIRMED&magnitude_to=11",
    "/catalogue/?show=all&q=K01234",
    "/catalogue/?sort=-score_tsm",
    "/catalogue/?sort=-score_esm&radius_to=4&temperature_to=600",
    "/catalogue/?sort=magnitude",
    "/catalogue/?show=all&sort=star&page=500",
    "/catalogue/?show=all&sort=disposition",
    "/catalogue/?show=all&sort=-temperature",
    "/catalogue/?warning=none",
    "/catalogue/?warning=ephemeris&sort=-score_tsm",
    "/catalogue/?show=all&warning=near_star",
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
    "/api/v1/catalogue/find?q=TOI-1234.01",
)


def fill(signals: int) -> dict[str, float]:
    """Seconds by step."""
    from predictions.catalogue.scoring import scores_make
    from predictions.catalogue.services import charge_create, table_execute
    from tests.simulator import simulate
    from training.datasets.services import dataset_upload
    from training.ml.schema import Mission

    took = {}
    for seed, mission in enumerate((Mission.KEPLER, Mission.TESS)):
        table = simulate(mission, signals // 2, seed)
        file = io.BytesIO(table.to_csv(index=False).encode())
        start = time.perf_counter()
        dataset = dataset_upload(
            file=file, name=f"{mission}_2025.10.04.csv", mission=mission
        ).dataset
        took[f"{mission} read and reported on"] = time.perf_counter() - start
        start = time.perf_counter()
        table_execute(charge_create(dataset=dataset, user=None).pk)
        took[f"{mission} put in charge"] = time.perf_counter() - start
    start = time.perf_counter()
    scores_make()
    took["all scored"] = time.perf_counter() - start
    return {step: round(seconds, 1) for step, seconds in took.items()}


def pages() -> dict[str, dict[str, float]]:
    from django.contrib.auth.models import Group, User
    from django.test import Client

    from predictions.catalogue.models import Signal

    owner = User.objects.create_user("owner")
    owner.groups.set(Group.objects.all())
    client = Client()
    client.force_login(owner)
    signal = Signal.objects.order_by("pk")[Signal.objects.count() // 2]
    addresses = [*LISTS, signal.get_absolute_url(), signal.star.get_absolute_url()]
    addresses.append(f"/api/v1{signal.get_absolute_url().rstrip('/')}")
    return {address: _asked(client, address) for address in addresses}


def _asked(client: Any, address: str) -> dict[str, float]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    times = []
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code in (200, 302), address
    asked = len(list(queries.captured_queries))  # before the next request empties the list
    for _ in range(ASKED):
        start = time.perf_counter()
        client.get(address)
        times.append(1000 * (time.perf_counter() - start))
    return {"median_ms": round(statistics.median(times), 1), "queries": asked}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--signals", type=int, default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        set_up(Path(folder))
        took = fill(options.signals)
        found = pages()
    slow = [a for a, figures in found.items() if figures["median_ms"] > AT_MOST_MILLISECONDS]
    figures = {"signals": options.signals, "seconds": took, "pages": found}
    report({**figures, "slower_than_100_ms": ", ".join(slow) or "none"}, as_json=options.json)


if __name__ == "__main__":
    main()

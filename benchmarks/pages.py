"""Every page of a full database: ``python -m benchmarks.pages [--json] [--quick]``.

Fills a database with 1,000,000 predictions and 10,000 batches, most of them of one person, and asks
for every address of ``tests/test_access.py`` that can be looked at, as that person with all roles.
Milliseconds on the server (median of five; for a download until its first bytes) and database
queries. SQLite, or the empty database of DATABASE_URL.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final

from benchmarks.figures import report

AT_MOST_MILLISECONDS: Final = 200
OWN_SHARE: Final = 0.9
CHUNK: Final = 5_000
LABELLED_EVERY: Final = 100
BATCH_TABLE_ROWS: Final = 20_000
VARIANTS: Final = (
    "/predictions/?page=last",
    "/predictions/?sort=planet_score&page=last",
    "/predictions/?disposition=CANDIDATE",
    "/predictions/?mission=TESS&sort=-p_confirmed",
    "/predictions/?mission=TESS&page=last",
    "/predictions/?q=TOI-99999",
    "/predictions/?q=nothing+like+this",
    "/predictions/?label=to+observe",
    "/predictions/?label=to+observe&sort=-planet_score&page=last",
    "/model/time-machine/?mission=TESS&outcome=decided&sort=signal&page=last",
    "/batches/?page=last",
    "/api/v1/batches?page=400",
    "/admin/predictions/prediction/",
    "/admin/predictions/prediction/?q=TOI-99999.01",
    "/admin/predictions/prediction/?mission__exact=TESS",
    "/admin/predictions/batch/",
)
"""What people do with the long lists."""
ENTRANCES: Final = ("accounts/reset/<uidb64>/<token>/", "accounts/sign-up/")
"""What nobody can open who is signed in, or without a link that was sent."""


# --- the database ---------------------------------------------------------------------------------


def set_up(folder: Path) -> None:
    os.environ |= {
        "DATA_DIR": str(folder),
        "OMP_NUM_THREADS": "1",
        "DJANGO_SETTINGS_MODULE": "exoplanet_site.settings",
    }
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    settings.ALLOWED_HOSTS, settings.RATES, settings.SIGN_UP = ["testserver"], {}, "open"
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    from predictions.models import Prediction

    if Prediction.objects.exists():
        sys.exit("DATABASE_URL names a database that is in use; this benchmark wants an empty one.")


def fill(predictions: int, batches: int) -> Any:
    """The person to whom most of it belongs."""
    from django.contrib.auth.models import Group, User

    owner = User.objects.create_superuser("owner", password="only for this benchmark")  # noqa: S106
    owner.groups.set(Group.objects.all())
    others = [User.objects.create(username=f"colleague-{number}") for number in range(20)]
    people = [owner if k < OWN_SHARE * 20 else others[k] for k in range(20)]
    _insert(_predictions(predictions, people), "Prediction")
    _insert(_batches(batches, people), "Batch")
    _label(owner)
    analyze()
    return owner


def _label(owner: Any) -> None:
    """One in a hundred of somebody's predictions has a label."""
    from predictions.models import Label, Prediction

    label = Label.objects.create(owner=owner, name="to observe")
    keys = Prediction.objects.owned_by(owner).order_by("created_at").values_list("pk", flat=True)
    labelled = Prediction.labels.through
    rows = [labelled(prediction_id=key, label=label) for key in keys[::LABELLED_EVERY]]
    labelled.objects.bulk_create(rows, CHUNK)


def _insert(rows: Iterator[Any], model: str) -> None:
    from django.apps import apps

    manager = apps.get_model("predictions", model)._default_manager
    while chunk := list(islice(rows, CHUNK)):
        manager.bulk_create(chunk)


def _predictions(count: int, people: list[Any]) -> Iterator[Any]:
    """Answers as they are kept, the explanation shortened: a page shows one of them, but the disk
    holds them all."""
    from django.utils import timezone

    from predictions.models import Prediction
    from predictions.signals.services import signal_classify, signal_inputs
    from training.ml.inputs import parse_signal
    from training.models import ModelVersion

    signal = parse_signal(
        {"mission": "TESS", "orbital_period": 3.5, "transit_duration": 2.5, "transit_depth": 1200}
    )
    verdict, version = (
        signal_classify(signal, explain=False).as_json(),
        ModelVersion.objects.active(),
    )
    inputs, now = signal_inputs(signal), timezone.now()
    dispositions, missions = (
        ("CONFIRMED", "CANDIDATE", "FALSE POSITIVE"),
        ("Kepler", "TESS", "K2", "other"),
    )
    created: Any = Prediction._meta.get_field("created_at")
    created.auto_now_add = False
    for k in range(count):
        score = (k * 7919 % 10_007) / 10_007
        yield Prediction(
            owner=people[k % 20],
            version=version,
            identifier=f"TOI-{k}.01",
            mission=missions[k % 4],
            inputs=inputs,
            answer=verdict,
            disposition=dispositions[k % 3],
            p_confirmed=score,
            p_candidate=0.0,
            p_false_positive=0.0,
            planet_score=score,
            shared=k % 50 == 0,
            created_at=now - timedelta(seconds=k),
        )
    created.auto_now_add = True


def _batches(count: int, people: list[Any]) -> Iterator[Any]:
    from django.utils import timezone

    from predictions.batches.models import Batch
    from training.models import ModelVersion

    version, now = ModelVersion.objects.active(), timezone.now()
    for k in range(count):
        when = now - timedelta(minutes=k)
        yield Batch(
            owner=people[k % 20],
            name=f"table-{k}.csv",
            status="succeeded",
            file=f"batches/{k}",
            sha256=f"{k:064}",
            size=1000,
            model_version=version,
            created_at=when,
            started_at=when,
            finished_at=when,
            rows=100,
            shared=k % 50 == 0,
        )


def analyze() -> None:
    """What PostgreSQL does by itself within minutes; without it, each row that an index names is
    looked at once more."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


# --- one of each thing ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Address:
    route: str
    path: str


def addresses(owner: Any, folder: Path) -> list[Address]:
    """Every address of the table of addresses, with one real thing of each kind in it, and the
    variants."""
    from tests.test_access import AUDIENCE, Things, one_of_each

    things = Things(owner, one_of_each(owner, _batch(owner, folder)))
    own = [Address(route, things.address(route)) for route in AUDIENCE if route not in ENTRANCES]
    return own + [Address(path, path) for path in VARIANTS]


def _batch(owner: Any, folder: Path) -> str:
    """A batch that was really classified."""
    from predictions.batches import services as batch_services
    from predictions.batches.work import batch_execute
    from tests.simulator import simulate, write_csv
    from training.ml.schema import Mission

    path = write_csv(simulate(Mission.KEPLER, BATCH_TABLE_ROWS, seed=0), folder / "signals.csv")
    setattr(batch_services, "async_task", lambda *_, **__: None)  # noqa: B010 - nobody waits in a queue here
    with path.open("rb") as file:
        batch = batch_services.batch_create(owner=owner, file=file, name=path.name)
    batch_services.batch_start(batch=batch)
    batch_execute(batch_id=str(batch.pk))
    return str(uuid.UUID(str(batch.pk)))


# --- the measurement ------------------------------------------------------------------------------


def visit(client: Any, path: str) -> tuple[int, float]:
    """Status, and milliseconds until the whole page
    (or the first bytes of a download) was there."""
    began = time.perf_counter()
    answer = client.get(path, headers={"accept": "text/html, application/json, */*"})
    if answer.streaming:
        next(iter(answer.streaming_content), b"")
    taken = 1000 * (time.perf_counter() - began)
    answer.close()
    return answer.status_code, taken


def measure(client: Any, address: Address, times: int) -> dict[str, Any]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        status, _ = visit(client, address.path)
    made = list(
        queries.captured_queries
    )  # now: the next request empties the list that this is read from
    if status != 200:
        return {"status": status}
    taken = [visit(client, address.path)[1] for _ in range(times)]
    slowest = max(made, key=lambda query: float(query["time"]), default=None)
    found: dict[str, Any] = {
        "milliseconds": round(statistics.median(taken), 1),
        "queries": len(made),
    }
    if found["milliseconds"] > AT_MOST_MILLISECONDS and slowest:
        found["slowest_query"] = f"{slowest['time']} s: {slowest['sql'][:300]}"
    return found


def figures(predictions: int, batches: int, times: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="benchmark-pages-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        set_up(folder)
        from django.db import connection
        from django.test import Client

        began = time.perf_counter()
        owner = fill(predictions, batches)
        client = Client()
        found: dict[str, Any] = {
            "database": connection.vendor,
            "predictions": predictions,
            "batches": batches,
            "filled_in_seconds": round(time.perf_counter() - began),
        }
        pages: dict[str, dict[str, Any]] = {}
        for address in addresses(owner, folder):
            client.force_login(owner)
            pages[address.route] = measure(client, address, times)
        connection.close()
    return found | summary(pages)


def summary(pages: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Pages that answered, slowest first; the others (for another method, elsewhere, or empty) by
    their status."""
    seen = {route: page for route, page in pages.items() if "milliseconds" in page}
    ordered = sorted(seen.items(), key=lambda item: -item[1]["milliseconds"])
    slow = [route for route, page in ordered if page["milliseconds"] > AT_MOST_MILLISECONDS]
    return {
        "pages": len(seen),
        "slowest_milliseconds": ordered[0][1]["milliseconds"],
        "most_queries": max(page["queries"] for page in seen.values()),
        "at_most_milliseconds": AT_MOST_MILLISECONDS,
        "too_slow": slow,
        "by_page": dict(ordered),
        "not_shown": {route: page["status"] for route, page in pages.items() if route not in seen},
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--quick",
        action="store_true",
        help="2,000 predictions and 100 batches, to see that it runs",
    )
    parser.add_argument("--predictions", type=int, default=1_000_000)
    parser.add_argument("--batches", type=int, default=10_000)
    options = parser.parse_args()
    sizes = (2_000, 100, 1) if options.quick else (options.predictions, options.batches, 5)
    report(figures(*sizes), as_json=options.json)


if __name__ == "__main__":
    main()

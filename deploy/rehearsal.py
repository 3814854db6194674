"""`python -m deploy.rehearsal`: does once what the site will do, as the last step of an image.

Python leaves the bytecode of what it imports meanwhile, its own library's too, and of nothing else:
that is what the processes of the image start from. And where `deploy/slim.py` took away something
that is needed, the image is not made.

Its data lie in DATA_DIR, which is thrown away afterwards.
"""

from __future__ import annotations

import io
import logging
import os
import tempfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import django
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

# Of servers that an image's making does not have, and of what is off unless it is asked for.
ELSEWHERE: Final = (
    "authlib.integrations.django_client",
    "boto3",
    "django.core.cache.backends.redis",
    "django.db.backends.postgresql.base",
    "exoplanet_site.health",
    "fido2.server",
    "gunicorn.app.wsgiapp",
    "gunicorn.workers.gthread",
    "joserfc.jwt",
    "prometheus_client.multiprocess",
    "psycopg_pool",
    "pyotp",
    "redis.connection",
    "segno",
    "storages.backends.s3",
    "training.background.worker",
)
SHAP_PLOTS: Final = 3  # beeswarms; the rest depend on the table


def rehearse() -> None:
    django.setup()
    call_command("check")
    call_command("migrate", verbosity=0)
    call_command("first_administrator", stdout=io.StringIO())
    for name in ELSEWHERE:
        import_module(name)
    _s3_reached()
    call_command("demo")
    _training_drawn()
    person = _signed_in()
    _formats_read_back(person)
    _signal_classified(person)
    _pages_looked_at(person)
    call_command("demo", "--remove")
    with tempfile.TemporaryDirectory() as folder:
        _catalogue_filled(Path(folder))
        _curve_searched(Path(folder))


def _must(hold: object, found: object) -> None:
    if not hold:
        raise SystemExit(f"The image cannot do all that it must: {found}")


def _s3_reached() -> None:
    """As far as one comes without a bucket: the services' data are there."""
    import boto3

    boto3.client("s3", "eu-west-1")


def _training_drawn() -> None:
    """It ran in a process of its own, which went on to draw."""
    from training.runs.models import TrainingRun
    from training.versions.plots import plot_png, plots_of

    run = TrainingRun.objects.get()
    version = run.model_version
    if version is None:
        raise SystemExit(f"The training failed: {run.reason}")
    drawn = [plot["key"] for plot in plots_of(version) if plot_png(version, plot["key"])]
    _must(len(drawn) >= SHAP_PLOTS, drawn)


def _catalogue_filled(folder: Path) -> None:
    """With tables that say nothing of being made up: those of the example are its alone."""
    from training.ml.simulation import MARK
    from training.simulated import SIGNALS, simulated_csv

    words = []
    for seed, mission in enumerate(SIGNALS):
        path = folder / f"{mission}.csv"
        table = simulated_csv(mission, 60, seed).getvalue()
        path.write_bytes(table.replace(MARK.encode(), b""))
        words += [f"--{mission.lower()}", str(path)]
    call_command("catalogue", "fill", "--yes", *words)


def _curve_searched(folder: Path) -> None:
    """A dip of 5,000 ppm every three days, in a file as MAST makes them and as a table."""
    import numpy as np
    from astropy.io import fits

    time = np.arange(0, 27, 1 / 48)
    light = 1 + 3e-4 * np.random.default_rng(1).normal(size=len(time))
    light[(time - 1) % 3 < 1 / 8] -= 5e-3
    columns = [
        fits.Column("TIME", "D", array=time),
        fits.Column("PDCSAP_FLUX", "E", array=1e3 * light),
        fits.Column("QUALITY", "J", array=np.zeros(len(time))),
    ]
    table = fits.BinTableHDU.from_columns(columns, name="LIGHTCURVE")
    table.header.update({"BJDREFI": 2_457_000, "BJDREFF": 0.0})
    star = fits.PrimaryHDU()
    sun = {"TEFF": 5_772.0, "RADIUS": 1.0, "LOGG": 4.44, "TESSMAG": 10.0}
    star.header.update({"TELESCOP": "TESS", "TICID": 1, "OBJECT": "TIC 1"} | sun)
    path = folder / "curve.fits"
    fits.HDUList([star, table]).writeto(path)
    said = io.StringIO()
    call_command("search_transits", str(path), stdout=said)
    _must("Verdict" in said.getvalue(), said.getvalue())


def _signed_in() -> Client:
    from django.contrib.auth.models import User

    from training.accounts.services import FIRST_ADMINISTRATOR

    person = Client(headers={"host": "localhost"})
    person.force_login(User.objects.get(username=FIRST_ADMINISTRATOR))
    return person


def _formats_read_back(person: Client) -> None:
    """What the site writes it reads: the same table in each format."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from predictions.batches.downloads import FORMATS
    from predictions.batches.models import Batch

    batch = Batch.objects.get()
    for name, wanted in FORMATS.items():
        answer: Any = person.get(f"/batches/{batch.pk}/download/{name}/")
        file = SimpleUploadedFile(f"table.{wanted.extension}", b"".join(answer.streaming_content))
        read = person.post("/predict_batch", {"file": file})
        _must(read.status_code in (200, 202), (name, read.content[:500]))


def _signal_classified(person: Client) -> None:
    signal = {"orbital_period": 9.488, "transit_duration": 2.9575, "transit_depth": 615.8}
    star = {"mission": "Kepler", "stellar_teff": 5455, "stellar_radius": 0.927}
    answer = person.post("/classify/", signal | star, follow=True)
    _must(answer.redirect_chain, answer.content[:500])
    answer = person.post("/predict", signal | star, content_type="application/json")
    _must(answer.status_code == 200, answer.content[:500])


def _pages_looked_at(person: Client) -> None:
    """Each page that needs nothing to be named, and those of what is there; some refuse."""
    from predictions.batches.models import Batch
    from training.versions.models import ModelVersion

    batch, version = Batch.objects.earliest("created_at"), ModelVersion.objects.active()
    named = [f"/batches/{batch.pk}/", f"/model-versions/{version.name}/"]
    logging.disable(logging.WARNING)
    found = [*named, *_addresses(get_resolver(), "/")]
    _must(len(found) > 50, found)
    for address in found:
        answer = person.get(address)
        _must(answer.status_code < 500, (address, answer.status_code))
        answer.close()


def _addresses(resolver: URLResolver, before: str) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        address = before + str(pattern.pattern).lstrip("^").rstrip("$")
        if "<" in address or "(" in address:
            continue
        if isinstance(pattern, URLPattern):
            yield address
        else:
            yield from _addresses(pattern, address)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exoplanet_site.settings")
    rehearse()

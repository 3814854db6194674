"""Debian's stilts finds nothing wrong with any VOTable of the site."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from predictions.batches.downloads import votable_bytes
from predictions.batches.models import Batch
from predictions.catalogue.columns import COLUMNS
from predictions.catalogue.models import CatalogueTable
from tests.predictions.conftest import kepler_csv

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
CONES = [
    *("RA=290&DEC=44&SR=20&VERB=1", "RA=290&DEC=44&SR=20", "RA=290&DEC=44&SR=20&VERB=3"),
    *("RA=290&DEC=44&SR=0", "RA=290&DEC=44&SR=20&MAXREC=2", "RA=<&DEC=&", ""),
]


@pytest.fixture(scope="session")
def stilts() -> str:
    found = shutil.which("stilts")
    if found is None:
        pytest.skip("needs Debian's stilts (apt-get install stilts)")
    return found


def told(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    return done.stdout + done.stderr


def votlint(stilts: str, document: bytes, folder: Path) -> str:
    file = folder / "table.vot"
    file.write_bytes(document)
    return told([stilts, "votlint", "ucd=true", "unit=true", str(file)])


def test_a_classified_table(stilts: str, make_batch: Callable[..., Batch], tmp_path: Path) -> None:
    document = b"".join(votable_bytes(make_batch(kepler_csv(), done=True)))
    assert votlint(stilts, document, tmp_path) == ""
    assert "doubl" in votlint(stilts, document.replace(b'"double"', b'"doubl"'), tmp_path)


@pytest.mark.parametrize(
    "address", ["/catalogue/signals.votable?show=all", *(f"/vo/conesearch?{q}" for q in CONES)]
)
def test_the_catalogue(
    stilts: str, member_client: Client, catalogue: CatalogueTable, tmp_path: Path, address: str
) -> None:
    answer = member_client.get(address)
    assert answer.status_code == 200
    assert votlint(stilts, answer.getvalue(), tmp_path) == ""


def test_it_searches_the_running_site(
    stilts: str, live_server: LiveServer, catalogue: CatalogueTable, settings: object
) -> None:
    settings.PUBLIC_CATALOGUE = True  # type: ignore[attr-defined]
    place = [f"serviceurl={live_server.url}/vo/conesearch?", "lon=290", "lat=44", "radius=180"]
    out = told([stilts, "cone", *place, "servicetype=cone", "verb=3", "omode=count"])
    assert out.split() == ["columns:", str(len(COLUMNS) + 2), "rows:", str(catalogue.signals)]

"""Light curves by the Python client, against a site that runs."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from exoplanet_site_client import CurveProgress, ExoplanetSite, SiteError
from pytest_django.live_server_helper import LiveServer

from predictions.batches import services as batch_services
from predictions.batches.work import batch_execute
from predictions.curves import searching, tasks, work
from predictions.curves.folders import services
from tests.predictions.curves.searches import bare_table, planet_file, quiet_file
from training.accounts.services import token_create

pytestmark = pytest.mark.django_db(transaction=True)


def done_at_once(path: str, key: str, **_: Any) -> None:
    """No worker runs beside a test: what goes to the queue is done on the spot."""
    if path.endswith("execute_batch"):
        batch_execute(batch_id=key)
    else:
        getattr(tasks, path.rpartition(".")[2])(key)


@pytest.fixture
def site(
    live_server: LiveServer, member: User, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ExoplanetSite]:
    for module in (searching, services, batch_services):
        monkeypatch.setattr(module, "async_task", done_at_once)
    monkeypatch.setattr(work, "search_supervise", lambda key: work.search_execute(key, False))
    _, token = token_create(user=member, name="client", scopes=["read", "classify"], days=1)
    with ExoplanetSite(live_server.url, token, sleep=lambda _: None) as site:
        yield site


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (path := tmp_path / "tess.fits").write_bytes(planet_file())
    return path


def test_a_star_is_searched_and_measured_otherwise(site: ExoplanetSite, file: Path) -> None:
    told: list[CurveProgress] = []
    search = site.search_curves([file], progress=told.append, teff=5_500)
    assert str(told[-1]) == "SUCCEEDED: Done (100%)"
    signals = search.signals
    assert signals["period"][0] == pytest.approx(3.0, rel=1e-3)
    assert signals["disposition"][0] in ("CONFIRMED", "CANDIDATE", "FALSE POSITIVE")
    assert search.result["star_from"]["teff"] == "stated"
    again = search.measure(6.0)
    assert again.signals["order"].tolist() == [1]
    assert site.curve_search(again.id).result["signals"][0]["stated"]["period"] == 6.0
    search.delete()
    with pytest.raises(SiteError):
        search.refresh()


def test_many_stars_become_a_batch(site: ExoplanetSite, file: Path, tmp_path: Path) -> None:
    archive = tmp_path / "sector.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(file, "a.fits")
        packed.writestr("b.csv", bare_table())
        packed.writestr("readme.txt", "nothing")
    folder = site.start_folder(archive, time_column="when", flux_column="brightness").wait()
    batch = folder.batch()
    assert batch is not None
    answers = batch.wait().results()
    assert answers["star"].tolist() == ["TIC 1"], "a star without radius has no row"
    assert [search.raw["name"] for search in folder.searches()] == ["TIC 1", "b.csv"]
    (refused,) = folder.refused
    assert refused.startswith("readme.txt: ")
    assert site.curve_folder(folder.id).progress.share == 1.0


def test_no_signal_is_an_empty_frame(site: ExoplanetSite, tmp_path: Path) -> None:
    (path := tmp_path / "quiet.fits").write_bytes(quiet_file())
    assert site.search_curves(path).signals.empty
    with pytest.raises(SiteError, match="not something"):
        site.start_curves(path, colour="red")

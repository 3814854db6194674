"""The client against a site that runs, and against one that has a bad day."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pytest
from django.contrib.auth.models import User
from exoplanet_site_client import Batch, ExoplanetSite, Progress, SiteError
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from predictions.batches import services as batch_services
from predictions.batches import work as batch_work
from predictions.models import Prediction
from tests.conftest import PROJECT
from tests.known_signals import KEPLER_10_B
from tests.simulator import simulate
from training.accounts.services import token_create
from training.ml.schema import Mission

FOLDER = PROJECT / "clients" / "python"


@pytest.fixture
def site(
    live_server: LiveServer, member: User, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ExoplanetSite]:
    # No worker runs beside a test: what goes to the queue is done on the spot.
    monkeypatch.setattr(
        batch_services, "async_task", lambda task, key, **_: batch_work.batch_execute(batch_id=key)
    )
    _, token = token_create(user=member, name="client", scopes=["read", "classify"], days=1)
    with ExoplanetSite(live_server.url, token) as site:
        yield site


@pytest.fixture
def table() -> pd.DataFrame:
    return simulate(Mission.TESS, 60, seed=2)


# --- a site that runs -----------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_signal(site: ExoplanetSite) -> None:
    verdict = site.classify(**KEPLER_10_B)
    assert verdict.disposition in verdict.prediction_set
    assert sum(verdict.probabilities.values()) == pytest.approx(1)
    assert verdict.raw["disposition"] == verdict.disposition
    assert len(verdict.sentences) >= 3
    parts = verdict.contributions
    assert parts["contribution"].abs().is_monotonic_decreasing
    assert set(parts["feature"]) >= {"orbital_period", "transit_depth"}
    assert not Prediction.objects.exists()
    bare = site.classify(**KEPLER_10_B, explain=False, save=True)
    assert bare.sentences == [] and bare.contributions.empty
    assert bare.probabilities == verdict.probabilities
    assert str(Prediction.objects.get().pk) == bare.raw["id"]


@pytest.mark.django_db(transaction=True)
def test_what_is_wrong_is_said_by_field(site: ExoplanetSite) -> None:
    with pytest.raises(SiteError, match="transit_depth: ") as caught:
        site.classify(**KEPLER_10_B | {"transit_depth": -5})
    assert (caught.value.status, caught.value.code) == (400, "invalid_signal")
    assert list(caught.value.fields) == ["transit_depth"]


@pytest.mark.django_db(transaction=True)
def test_a_short_table_is_answered_at_once(
    site: ExoplanetSite, table: pd.DataFrame, tmp_path: Path
) -> None:
    answers = site.classify_table(table)
    assert len(answers) == len(table)
    assert list(answers.columns[: table.shape[1]]) == list(table.columns)
    pd.testing.assert_series_equal(answers["pl_orbper"], table["pl_orbper"])
    assert answers["planet_score"].between(0, 1).all()
    path = tmp_path / "table.parquet"
    table.to_parquet(path)
    again = site.classify_table(path)
    pd.testing.assert_series_equal(again["planet_score"], answers["planet_score"])
    with pytest.raises(SiteError, match="use classify_table"):
        site.start_batch(table)
    assert site.batches() == []


@pytest.mark.django_db(transaction=True)
def test_a_long_table_is_waited_for(
    site: ExoplanetSite, table: pd.DataFrame, settings: Settings
) -> None:
    at_once = site.classify_table(table)
    settings.BATCH_SYNC_ROWS = 10
    told: list[Progress] = []
    answers = site.classify_table(table, progress=told.append)
    pd.testing.assert_frame_equal(answers, at_once)
    assert str(told[-1]) == "succeeded: 60 of 60 rows"
    (listed,) = site.batches()
    batch = site.batch(listed.id)
    assert batch.status == "succeeded"
    assert isinstance(batch.problems, list)
    pd.testing.assert_frame_equal(batch.results(), at_once)
    batch.delete()
    with pytest.raises(SiteError) as caught:
        site.batch(batch.id)
    assert caught.value.status == 404


@pytest.mark.django_db(transaction=True)
def test_a_mapping_is_sent_along(site: ExoplanetSite) -> None:
    mine = pd.DataFrame({"name": ["A.01"], "P": [3.5], "T [d]": [0.1], "depth": [1.2]})
    features = {
        "orbital_period": ["P", "days"],
        "transit_duration": ["T [d]", "days"],
        "transit_depth": ["depth", "percent"],
    }
    answers = site.classify_table(mine, mapping={"mission": "TESS", "features": features})
    one = site.classify(
        mission="TESS", orbital_period=3.5, transit_duration=2.4, transit_depth=12e3
    )
    assert answers["planet_score"][0] == pytest.approx(one.planet_score)


@pytest.mark.django_db(transaction=True)
def test_versions_and_figures(site: ExoplanetSite) -> None:
    versions = site.versions()
    assert versions["in_service"].sum() == 1
    assert site.metrics()["version"] == versions.loc[versions["in_service"], "name"].item()


# --- a bad day ------------------------------------------------------------------------------------

BATCH: dict[str, Any] = {
    "id": "b",
    "name": "t.csv",
    "status": "running",
    "rows": None,
    "rows_done": 0,
    "seconds_left": None,
    "problems": [],
    "reason": "",
}


def answering(*answers: httpx.Response | Exception, tries: int = 5) -> tuple[ExoplanetSite, Any]:
    """A site that gives these answers one after another; what it was asked and how it was waited
    for stand in the list."""
    left: list[httpx.Response | Exception] = list(answers)
    log: list[str | float] = []

    def answer(request: httpx.Request) -> httpx.Response:
        log.append(f"{request.method} {request.url.path}")
        found = left.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    client = httpx.Client(transport=httpx.MockTransport(answer))
    site = ExoplanetSite("http://site", "t", tries=tries, client=client, sleep=log.append)
    return site, log


def test_who_is_turned_away_asks_again_when_told_to() -> None:
    busy = httpx.Response(429, headers={"Retry-After": "7"})
    site, log = answering(busy, httpx.Response(503), httpx.Response(200, json=[]))
    assert site.batches() == []
    assert log == ["GET /api/v1/batches", 7.0, "GET /api/v1/batches", 2.0, "GET /api/v1/batches"]


def test_a_pause_is_never_longer_than_a_minute() -> None:
    busy = httpx.Response(429, headers={"Retry-After": "86400"})
    site, log = answering(busy, httpx.Response(200, json=[]))
    site.batches()
    assert log[1] == 60.0


def test_a_broken_connection_is_tried_again_unless_something_may_have_been_kept() -> None:
    broken = httpx.ReadError("broken")
    site, log = answering(broken, httpx.Response(200, json=[]))
    assert site.batches() == []
    site, log = answering(broken)
    with pytest.raises(SiteError, match="http://site cannot be reached: broken"):
        site.classify(**KEPLER_10_B, save=True)
    assert log == ["POST /predict"]


def test_after_the_last_try_the_sites_word_is_told() -> None:
    said = {"error": {"code": "site_away", "message": "It is being started.", "fields": {}}}
    site, log = answering(*[httpx.Response(503, json=said)] * 3, tries=3)
    with pytest.raises(SiteError, match=r"It is being started\.") as caught:
        site.batches()
    assert (caught.value.code, caught.value.status) == ("site_away", 503)
    assert len(log) == 5


def test_an_answer_of_something_else_is_no_riddle() -> None:
    site, _ = answering(httpx.Response(404, text="<html>nginx</html>"))
    with pytest.raises(SiteError, match="answered 404 and no word of this site's"):
        site.batches()


def test_a_failed_batch_says_why() -> None:
    site, _ = answering()
    batch = Batch(site._requests, BATCH)
    site._requests.client._transport = httpx.MockTransport(
        lambda _: httpx.Response(200, json=BATCH | {"status": "failed", "reason": "No rows."})
    )
    with pytest.raises(SiteError, match=r"No rows\."):
        batch.wait()


def test_waiting_ends_when_it_takes_too_long() -> None:
    site, _ = answering(*[httpx.Response(200, json=BATCH)] * 3)
    with pytest.raises(SiteError, match="has not ended after -1 s"):
        Batch(site._requests, BATCH).wait(timeout=-1)


def test_without_a_token_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EXOPLANET_TOKEN", raising=False)
    with pytest.raises(SiteError, match="set EXOPLANET_TOKEN"):
        ExoplanetSite()


# --- the package ----------------------------------------------------------------------------------


def test_the_readmes_ranking_takes_at_most_ten_lines() -> None:
    code = re.findall(r"```python\n(.*?)```", (FOLDER / "README.md").read_text(), re.S)
    assert len(code) == 4
    for ranking in code[:2]:
        assert len([line for line in ranking.splitlines() if line.strip()]) <= 10
    for block in code:
        compile(block, "README.md", "exec")


@pytest.mark.slow
def test_the_wheel_holds_the_package_and_its_types(tmp_path: Path) -> None:
    uv = Path(sys.executable).with_name("uv")
    if not uv.exists():
        pytest.skip("needs uv in the environment, as `make tools` installs it")
    command: list[str | Path] = [uv, "build", "--quiet", "--wheel", "--out-dir", tmp_path, FOLDER]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {"exoplanet_site_client/site.py", "exoplanet_site_client/py.typed"} <= set(names)

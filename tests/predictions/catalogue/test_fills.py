"""One click fills the catalogue from the archive, or says why not and what to do by hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO

import pandas as pd
import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from predictions.catalogue import tasks
from predictions.catalogue.filling import services
from predictions.catalogue.filling.models import CatalogueFill
from predictions.catalogue.filling.services import (
    fill_cancel,
    fill_execute,
    fill_request,
    fills_clean_up,
)
from predictions.catalogue.models import CatalogueTable, DispositionChange, Name, Score, Signal
from tests import misbehaving_archive as wrong
from tests.misbehaving_archive import Answer, Handler, MisbehavingArchive, misbehaving_archive
from tests.predictions.catalogue.conftest import Fill
from tests.simulator import simulate
from training.ml.schema import Mission
from training.models import Dataset

pytestmark = pytest.mark.django_db
Table = list[dict[str, str]]


def rows_of(mission: Mission, signals: int, seed: int) -> Table:
    frame = simulate(mission, signals, seed)
    rows: Table = json.loads(
        frame.astype(object).where(frame.notna(), "").astype(str).to_json(orient="records")
    )
    return rows


class ThreeTables:
    """What a healthy archive holds: by the name that a query asks for."""

    def __init__(self) -> None:
        self.tables = {
            "cumulative": rows_of(Mission.KEPLER, 40, 1),
            "toi": rows_of(Mission.TESS, 30, 2),
            "k2pandc": rows_of(Mission.K2, 20, 3),
        }

    def table(self, handler: Handler) -> Table:
        return self.tables[handler.query.rpartition(" ")[2]]

    def count(self, handler: Handler) -> None:
        handler.stream(f"count(*)\n{len(self.table(handler))}\n")

    def rows(self, handler: Handler) -> None:
        wrong.serving(self.table(handler))(handler)


@pytest.fixture
def healthy() -> ThreeTables:
    return ThreeTables()


@pytest.fixture
def archive(
    healthy: ThreeTables, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MisbehavingArchive]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(services, "nap", lambda seconds: None)
    monkeypatch.setattr(services._Filling, "wait", lambda self, seconds: self.said(self.stage))
    with misbehaving_archive() as server:
        settings.EXOPLANET_ARCHIVE_URL = server.url
        server.count, server.table = [healthy.count], [healthy.rows]
        yield server


@pytest.fixture
def click(
    curator_client: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> Callable[[], CatalogueFill]:
    """The button, and then what the queue was told, delivered twice."""

    def click_and_work() -> CatalogueFill:
        with django_capture_on_commit_callbacks(execute=True):
            answer = curator_client.post("/catalogue/filling/start/")
        assert answer["Location"] == "/catalogue/filling/"
        queued = OrmQ.objects.latest("pk")
        assert queued.func() == "predictions.catalogue.tasks.fill_from_archive"
        for _ in range(2):
            tasks.fill_from_archive(*queued.task["args"])
        queued.delete()
        return CatalogueFill.objects.latest("pk")

    return click_and_work


def shown(client: Client, address: str = "/catalogue/filling/") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def states(fill: CatalogueFill) -> list[str]:
    return [part["state"] for part in fill.parts]


# --- When the archive answers ---------------------------------------------------------------------


def test_one_click_fills_an_empty_catalogue(
    archive: MisbehavingArchive,
    healthy: ThreeTables,
    click: Callable[[], CatalogueFill],
    curator_client: Client,
    member_client: Client,
) -> None:
    button = "Fetch the three tables and fill the catalogue"
    assert button in shown(curator_client, "/catalogue/")
    assert button not in shown(member_client, "/catalogue/")
    fill = click()
    assert (fill.status, states(fill)) == ("DONE", ["in charge"] * 3)
    assert archive.tables_asked == 3, "the second delivery fetched again"
    assert archive.most_at_once == 1
    assert Signal.objects.listed().count() == 40 + 30 + 20 == Score.objects.count()
    assert {table.dataset.source for table in CatalogueTable.objects.current()} == {"archive"}
    assert "40 signals, the first table of the mission" in fill.parts[0]["sentence"]
    page = shown(curator_client)
    assert "its three tables are those in charge" in page
    assert "Fetch the newest tables" in page


def test_names_and_dates_are_asked_for_too(
    archive: MisbehavingArchive, healthy: ThreeTables, click: Callable[[], CatalogueFill]
) -> None:
    first = healthy.tables["cumulative"][0]
    first["kepler_name"] = "Kepler-9999 b"
    click()
    assert Name.objects.filter(name="Kepler-9999 b", signal__listed_name=first["kepoi_name"])
    asked = " ".join(archive.queries)
    assert {"kepler_name", "toi_created", "epic_hostname"} <= set(asked.replace(",", " ").split())


def test_the_next_click_counts_what_has_changed(
    archive: MisbehavingArchive, healthy: ThreeTables, click: Callable[[], CatalogueFill]
) -> None:
    click()
    candidate = next(r for r in healthy.tables["toi"] if r["tfopwg_disp"] in ("PC", "APC"))
    candidate["tfopwg_disp"] = "FP"
    fill = click()
    assert states(fill) == ["unchanged", "in charge", "unchanged"]
    change = DispositionChange.objects.get()
    assert (change.old, change.new, change.table.mission) == ("CANDIDATE", "FALSE POSITIVE", "TESS")
    assert CatalogueTable.objects.count() == 4


def test_a_shrunken_table_waits_for_a_person(
    archive: MisbehavingArchive,
    healthy: ThreeTables,
    click: Callable[[], CatalogueFill],
    curator_client: Client,
) -> None:
    click()
    del healthy.tables["toi"][20:]
    fill = click()
    assert (fill.status, states(fill)) == ("FAILED", ["unchanged", "held", "unchanged"])
    assert Signal.objects.listed().filter(mission="TESS").count() == 30
    page = shown(curator_client)
    assert "a download that broke off looks like that" in page
    assert f"/catalogue/charge/{fill.parts[1]['dataset']}/" in page


# --- When it does not -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "words"),
    [(wrong.challenge, "turned us away with HTTP 403"), (wrong.hang_up, "We asked 5 times")],
    ids=["browser challenge", "no connection"],
)
def test_a_refusal_is_said_in_words_with_the_steps_by_hand(
    archive: MisbehavingArchive,
    click: Callable[[], CatalogueFill],
    curator_client: Client,
    member_client: Client,
    answer: Answer,
    words: str,
) -> None:
    archive.count = archive.table = [answer]
    fill = click()
    assert (fill.status, states(fill)) == ("FAILED", ["refused"] * 3)
    assert words in fill.parts[0]["sentence"]
    assert "was not asked for" in fill.parts[1]["sentence"], "two more waits for the same answer"
    page = shown(curator_client)
    for mission in ("Kepler", "TESS", "K2"):
        assert f"{mission}, by hand" in page
        assert f"manage.py catalogue fill --{mission.lower()} FILE" in page
    assert page.count(f'href="{archive.url}') == 3
    assert "Why, and what to do" in shown(curator_client, "/catalogue/")
    assert words not in shown(member_client), "it names folders of the machine"
    assert not Signal.objects.exists()
    assert not Dataset.objects.exists()


def test_one_table_that_is_damaged_does_not_cost_the_others(
    archive: MisbehavingArchive, healthy: ThreeTables, click: Callable[[], CatalogueFill]
) -> None:
    archive.table = [wrong.bad_query, healthy.rows]
    fill = click()
    assert states(fill) == ["refused", "in charge", "in charge"]
    assert "invalid identifier" in fill.parts[0]["sentence"]
    assert set(Signal.objects.values_list("mission", flat=True)) == {"TESS", "K2"}
    assert not Signal.objects.filter(planet_score=None).exists()


def test_the_command_does_the_same(archive: MisbehavingArchive) -> None:
    out = StringIO()
    call_command("catalogue", "fill", stdout=out)
    assert "Kepler: in charge. 40 signals" in out.getvalue()
    archive.count = [wrong.challenge]
    with pytest.raises(CommandError, match=r"(?s)not finished.*By hand: open https"):
        call_command("catalogue", "fill", stdout=StringIO())


# --- Cancelling, dying, asking twice --------------------------------------------------------------


def test_cancelling_ends_it_and_keeps_what_is_in_charge(
    archive: MisbehavingArchive, curator: User, curator_client: Client
) -> None:
    fill = fill_request(user=curator)

    def tell(stage: str) -> None:
        if "TESS" in stage:
            fill_cancel(fill=fill, user=curator)

    fill_execute(fill.pk, tell)
    fill.refresh_from_db()
    assert (fill.status, fill.is_open) == ("CANCELLED", False)
    assert states(fill)[0] == "in charge"
    assert set(Signal.objects.values_list("mission", flat=True)) == {"Kepler"}
    assert "Cancelled" in shown(curator_client)
    assert fill_request(user=curator) != fill


def test_only_the_filling_that_was_seen_is_cancelled(curator: User, curator_client: Client) -> None:
    fill = fill_request(user=curator)
    assert f'name="fill" value="{fill.pk}"' in shown(curator_client)
    curator_client.post("/catalogue/filling/cancel/", {"fill": f"{fill.pk}0"})
    assert CatalogueFill.objects.unfinished().get() == fill
    curator_client.post("/catalogue/filling/cancel/", {"fill": str(fill.pk)})
    assert not CatalogueFill.objects.unfinished().exists()


def test_asked_twice_is_asked_once(curator: User) -> None:
    assert fill_request(user=curator) == fill_request(user=None, is_refresh=True)
    assert CatalogueFill.objects.count() == 1


def test_a_worker_that_died_is_said(curator: User, curator_client: Client) -> None:
    fill = fill_request(user=curator)
    silent = timezone.now() - timedelta(hours=1)
    CatalogueFill.objects.update(status="WORKING", heartbeat_at=silent)
    fills_clean_up()
    fill.refresh_from_db()
    assert (fill.status, fill.is_open) == ("FAILED", False)
    assert "The worker that was at it has stopped" in shown(curator_client)


def test_a_worker_that_is_told_to_stop_hands_the_rest_on(
    archive: MisbehavingArchive, curator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill = fill_request(user=curator)
    asked = iter([False] * 8 + [True])
    monkeypatch.setattr(services, "stop_asked", lambda: next(asked, False))
    fill_execute(fill.pk)
    fill.refresh_from_db()
    assert (fill.status, fill.is_open) == ("WAITING", True)
    assert OrmQ.objects.latest("pk").task["args"] == (fill.pk,)
    fill_execute(fill.pk)
    fill.refresh_from_db()
    assert fill.status == "DONE"
    assert archive.tables_asked <= 4


# --- By itself, and what is seen meanwhile --------------------------------------------------------


def test_the_week_asks_by_itself_where_the_setting_says_so(
    catalogue: CatalogueTable, settings: Settings
) -> None:
    tasks.clean_up()
    assert not CatalogueFill.objects.exists(), "off by default"
    settings.CATALOGUE_REFRESH_DAYS = 7
    tasks.clean_up()
    fill = CatalogueFill.objects.get()
    assert (fill.is_refresh, fill.asked_by) == (True, None)
    CatalogueFill.objects.update(status="FAILED", is_open=False)
    tasks.clean_up()
    assert CatalogueFill.objects.count() == 1, "a refusal is not answered by asking every minute"
    CatalogueFill.objects.update(asked_at=timezone.now() - timedelta(days=8))
    tasks.clean_up()
    assert CatalogueFill.objects.count() == 2


def test_an_empty_catalogue_is_not_refreshed(db: None, settings: Settings) -> None:
    settings.CATALOGUE_REFRESH_DAYS = 7
    fills_clean_up()
    assert not CatalogueFill.objects.exists()


def test_the_page_renews_itself_until_it_is_over(curator: User, curator_client: Client) -> None:
    fill = fill_request(user=curator)
    CatalogueFill.objects.update(status="WORKING", stage="TESS: downloading", done=30, expected=120)
    page = shown(curator_client)
    assert 'hx-get="/catalogue/filling/live/"' in page
    assert '<noscript><meta http-equiv="refresh"' in page
    live = curator_client.get("/catalogue/filling/live/")
    assert live.status_code == 200
    assert 'value="25"' in live.content.decode()
    fill_cancel(fill=fill, user=curator)
    over = curator_client.get("/catalogue/filling/live/")
    assert (over.status_code, over["HX-Refresh"]) == (286, "true")


def test_how_far_scoring_is(fill: Fill, koi: pd.DataFrame, member_client: Client) -> None:
    fill(koi)
    live = member_client.get("/catalogue/filling/live/")
    assert live.status_code == 200
    assert "0 of 60 signals" in live.content.decode()
    tasks.score_signals()
    assert member_client.get("/catalogue/filling/live/").status_code == 286


def test_a_table_on_its_way_is_shown(fill: Fill, koi: pd.DataFrame, member_client: Client) -> None:
    table = fill(koi)
    CatalogueTable.objects.filter(pk=table.pk).update(
        status="READING", stage="Entering 60 signals."
    )
    assert "Entering 60 signals." in shown(member_client)

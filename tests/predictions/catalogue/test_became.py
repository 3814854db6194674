"""Decisions with what had been said before, and what became of an earlier table's open signals."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from django.test import Client

from predictions.catalogue.changes import changes_since
from predictions.catalogue.foresight.became import became_of_open
from predictions.catalogue.foresight.models import Foresight
from predictions.catalogue.models import CatalogueTable, Score
from predictions.catalogue.scoring import scores_make
from tests.predictions.catalogue.conftest import Fill
from training.ml.schema import Mission

pytestmark = pytest.mark.django_db
MACHINE = "/model/time-machine/"


@pytest.fixture
def newer(catalogue: CatalogueTable, fill: Fill, koi: pd.DataFrame) -> pd.DataFrame:
    """Of the open signals one is confirmed, one a false positive, one gone; a false positive is
    open again, and an open signal is new."""
    table = koi.copy()
    one, other, gone = table.index[table["koi_disposition"] == "CANDIDATE"][:3]
    again = table.index[table["koi_disposition"] == "FALSE POSITIVE"][0]
    table.loc[one, "koi_disposition"] = "CONFIRMED"
    table.loc[other, "koi_disposition"] = "FALSE POSITIVE"
    table.loc[other, "koi_depth"] = 40_000.0
    table.loc[again, "koi_disposition"] = "CANDIDATE"
    new = table.loc[[again]].assign(kepoi_name="K07777.01", kepid=7, ra=11.0, dec=12.0)
    table = pd.concat([table.drop(index=gone), new])
    fill(table, "koi_2026.11.04.csv")
    scores_make()
    decided: pd.DataFrame = table.loc[[one, other]]
    return decided


def test_what_became_of_open_signals_is_counted(
    fill: Fill, koi: pd.DataFrame, newer: pd.DataFrame
) -> None:
    was_open = int((koi["koi_disposition"] == "CANDIDATE").sum())
    (found,) = became_of_open()
    assert (found.open_then, found.confirmed, found.false_positive) == (was_open, 1, 1)
    assert (found.gone, found.open_still) == (1, was_open - 3)
    # A third table confirms one more, and lists again what was gone.
    third = koi.copy()
    at = third.index[third["koi_disposition"] == "CANDIDATE"][3]
    third.loc[[at, *newer.index], "koi_disposition"] = "CONFIRMED"
    fill(third, "koi_2026.12.04.csv")
    now, before = became_of_open()
    assert before.then.as_of < now.then.as_of
    assert (before.open_then, before.confirmed, before.gone) == (was_open, 3, 0)
    # Open in the second table: all of the first but three, what was opened again, what was new.
    assert (now.open_then, now.gone) == (was_open - 3 + 2, 1)
    assert (now.confirmed, now.false_positive) == (1, 1)
    days = [change.table.as_of for change in changes_since()]
    assert days == sorted(days, reverse=True) and len(set(days)) == 2


def test_the_time_machine_shows_the_tables_of_the_site(
    member_client: Client, newer: pd.DataFrame
) -> None:
    page = member_client.get(MACHINE).content.decode()
    assert "In this site’s own tables" in page
    own = page[page.index('id="own"') :]
    assert re.findall(r'data-label="(?:Confirmed|False positive)" class="number">(\d+)', own) == [
        "1",
        "1",
    ]
    address = "/catalogue/changes/?kind=decided&amp;mission=Kepler&amp;since=2025-10-05"
    assert address in own
    decisions = member_client.get(address.replace("&amp;", "&")).context["page_obj"]
    assert {change.signal.name for change in decisions} == set(newer["kepoi_name"])


def test_a_site_with_one_table_offers_no_history(
    member_client: Client, catalogue: CatalogueTable
) -> None:
    assert became_of_open() == []
    assert "own tables" not in member_client.get(MACHINE).content.decode()


def test_changes_say_whose_score_it_is(member_client: Client, newer: pd.DataFrame) -> None:
    name = newer["kepoi_name"].iloc[1]  # whose depth is another one now
    said = Foresight.objects.get(change__signal__name=name)
    today = Score.objects.get(signal__name=name)
    assert said.planet_score != today.planet_score
    found = member_client.get(f"/api/v1/catalogue/changes?kind=decided&mission={Mission.KEPLER}")
    change = next(one for one in found.json()["results"] if one["signal"] == name)
    (before,) = change["said_before"]
    assert before["planet_score"] == pytest.approx(said.planet_score)
    assert change["said_today"]["planet_score"] == pytest.approx(today.planet_score)
    assert before["version"] == change["said_today"]["version"] == said.version.name
    assert (before["basis"], change["said_today"]["basis"]) == (said.basis, today.basis)
    page = member_client.get("/catalogue/changes/?kind=decided&mission=Mars").content.decode()
    row = page[page.index(f">{name}<") :].partition("</tr>")[0]
    assert row.count(said.version.name) == 4  # twice as a name and twice in its address
    assert said.basis in row and today.basis in row

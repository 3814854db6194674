"""A dataset takes charge of its mission; the next one is compared with it."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from django.contrib.auth.models import User
from django_q.models import OrmQ

from predictions.catalogue.filling.apart import NotForCatalogue
from predictions.catalogue.models import (
    CatalogueTable,
    DispositionChange,
    Name,
    Signal,
    Star,
)
from predictions.catalogue.services import (
    ChargeHeld,
    charge_create,
    charge_request,
    state_date,
    table_execute,
)
from tests.predictions.catalogue.conftest import Fill, upload
from tests.simulator import simulate
from training.ml.errors import HistoryIsKept
from training.ml.schema import Mission

pytestmark = pytest.mark.django_db


def test_signals_stand_as_the_table_has_them(fill: Fill, koi: pd.DataFrame) -> None:
    table = fill(koi.assign(koi_time0bk=170.5))
    assert (table.is_current, table.is_first, table.signals) == (True, True, len(koi))
    assert DispositionChange.objects.count() == 0
    row = koi.iloc[7]
    signal = Signal.objects.get(name=row["kepoi_name"])
    assert signal.period == pytest.approx(row["koi_period"])
    assert signal.depth == pytest.approx(row["koi_depth"])
    assert signal.epoch == pytest.approx(170.5 + 2_454_833)  # from Kepler's days to BJD
    assert signal.disposition == row["koi_disposition"]
    assert signal.star.name == f"KIC {row['kepid']}"
    assert Star.objects.count() == koi["kepid"].nunique()
    assert signal.inputs["orbital_period"] == signal.period


def test_the_same_table_again_counts_nothing(fill: Fill, koi: pd.DataFrame) -> None:
    table = fill(koi)
    again = charge_create(dataset=table.dataset, user=None)
    assert again == table
    table_execute(table.pk)  # delivered twice
    assert CatalogueTable.objects.count() == 1
    assert DispositionChange.objects.count() == 0
    # The same rows in another file change nothing either.
    other = fill(koi.assign(koi_score=0.5), "koi_2025.11.04.csv")
    assert set(other.counts.values()) == {0}
    assert CatalogueTable.objects.current().get() == other


def test_changes_are_counted_and_kept(fill: Fill, koi: pd.DataFrame) -> None:
    fill(koi, "koi_2025.10.04.csv")
    newer = koi.iloc[:-1].copy()
    at = newer.index[newer["koi_disposition"] == "CANDIDATE"][0]
    newer.loc[at, "koi_disposition"] = "CONFIRMED"
    name, gone = newer.loc[at, "kepoi_name"], koi.iloc[-1]["kepoi_name"]
    table = fill(newer, "koi_2025.11.04.csv")
    assert table.counts == {"new": 0, "gone": 1, "back": 0, "renamed": 0, "changed": 1}
    change = table.changes.get(kind="changed")
    assert (change.signal.name, change.old, change.new) == (name, "CANDIDATE", "CONFIRMED")
    lost = Signal.objects.get(name=gone)
    assert not lost.is_listed
    assert lost.last_table != table
    back = fill(koi.assign(koi_score=1.0), "koi_2025.12.04.csv")
    assert back.counts == {"new": 0, "gone": 0, "back": 1, "renamed": 0, "changed": 1}
    assert Signal.objects.listed().count() == len(koi)


def test_history_is_never_rewritten(fill: Fill, koi: pd.DataFrame) -> None:
    fill(koi)
    fill(koi.iloc[:-1], "koi_2025.11.04.csv")
    change = DispositionChange.objects.get()
    for forbidden in (
        change.save,
        change.delete,
        DispositionChange.objects.all().delete,
        lambda: DispositionChange.objects.update(old="x"),
    ):
        with pytest.raises(HistoryIsKept):
            forbidden()
    assert DispositionChange.objects.get().kind == "gone"


def test_a_shrunken_or_older_table_is_questioned(fill: Fill, koi: pd.DataFrame) -> None:
    table = fill(koi, "koi_2025.10.04.csv")
    short = upload(koi.iloc[:30], "koi_2025.11.04.csv", Mission.KEPLER)
    with pytest.raises(ChargeHeld, match="a download that broke off"):
        charge_create(dataset=short, user=None)
    older = upload(koi.assign(koi_score=1.0), "koi_2017.10.csv", Mission.KEPLER)
    with pytest.raises(ChargeHeld, match="older than the table in charge"):
        charge_create(dataset=older, user=None)
    assert CatalogueTable.objects.current().get() == table
    assert charge_create(dataset=short, user=None, sure=True).status == "WAITING"


def test_a_renamed_signal_keeps_its_page_and_its_history(fill: Fill) -> None:
    k2 = simulate(Mission.K2, 12, 5)
    fill(k2, "k2_2025.10.04.csv", Mission.K2)
    old = k2["pl_name"].iloc[0]
    signal = Signal.objects.get(listed_name=old)
    fill(
        k2.replace({"pl_name": {old: "K2-999 b"}}).assign(sy_snum=1),
        "k2_2025.11.04.csv",
        Mission.K2,
    )
    renamed = Signal.objects.get(pk=signal.pk)
    assert renamed.name == "K2-999 b"
    change = DispositionChange.objects.get()
    assert (change.kind, change.old, change.new) == ("renamed", signal.name, "K2-999 b")
    found = Name.objects.filter(signal=renamed).values_list("name", flat=True)
    assert {old, "K2-999 b"} <= set(found)


def test_a_star_of_two_missions_is_one(fill: Fill, koi: pd.DataFrame) -> None:
    fill(koi)
    toi = simulate(Mission.TESS, 20, 9)
    place = koi.iloc[0]
    toi.loc[0, ["ra", "dec"]] = place["ra"] + 0.0004, place["dec"]
    fill(toi, "toi_2025.10.04.csv", Mission.TESS)
    star = Star.objects.get(name=f"KIC {place['kepid']}")
    assert f"TIC {toi['tid'].iloc[0]}" in set(star.names.values_list("name", flat=True))
    assert set(star.signals.values_list("mission", flat=True)) == {"Kepler", "TESS"}


def test_only_a_whole_table_of_a_mission_can_be_in_charge(fill: Fill, koi: pd.DataFrame) -> None:
    dataset = upload(koi, "koi.csv", Mission.KEPLER)
    dataset.mission = "other"
    with pytest.raises(NotForCatalogue, match="no table of Kepler, TESS or K2"):
        charge_create(dataset=dataset, user=None)


def test_a_table_that_cannot_be_read_is_refused_in_words(koi: pd.DataFrame, curator: User) -> None:
    dataset = upload(koi, "koi.csv", Mission.KEPLER)
    table = charge_create(dataset=dataset, user=curator)
    dataset.file = "datasets/nowhere.csv"
    dataset.save()
    table_execute(table.pk)
    table.refresh_from_db()
    assert (table.status, table.is_current) == ("REFUSED", False)
    assert "is missing" in table.reason
    assert Signal.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_worker_is_asked(koi: pd.DataFrame) -> None:
    dataset = upload(koi, "koi.csv", Mission.KEPLER)
    charge_request(dataset=dataset, user=None)
    assert charge_request(dataset=dataset, user=None).status == "WAITING"  # asked twice
    assert CatalogueTable.objects.count() == 1
    assert {task.func() for task in OrmQ.objects.all()} == {
        "predictions.catalogue.tasks.fill_table"
    }


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("cumulative_2025.10.04.csv", date(2025, 10, 4)),
        ("cumulative_2017.10.csv", date(2017, 10, 1)),
        ("Kepler, 2026-11-03", date(2026, 11, 3)),
    ],
)
def test_the_day_of_a_table(koi: pd.DataFrame, name: str, day: date) -> None:
    assert state_date(upload(koi, name, Mission.KEPLER)) == day

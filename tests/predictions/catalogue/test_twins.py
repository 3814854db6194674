"""Planets that two missions list."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from django.db.models import F
from django.test import Client

from predictions.catalogue.models import CatalogueTable, Signal
from predictions.catalogue.scoring import scores_make
from predictions.catalogue.twins.models import Twin
from predictions.catalogue.twins.services import twins_listed, twins_make
from tests.predictions.catalogue.conftest import Fill
from tests.simulator import simulate
from training.ml.schema import Mission

pytestmark = pytest.mark.django_db


def test_a_conflict_is_listed_and_named(
    member_client: Client, fill: Fill, koi: pd.DataFrame
) -> None:
    koi.loc[0, "koi_disposition"] = "CONFIRMED"
    fill(koi)
    toi = simulate(Mission.TESS, 20, 9)
    seen = koi.iloc[0]
    toi.loc[0, ["ra", "dec", "pl_orbper"]] = seen["ra"], seen["dec"], seen["koi_period"]
    toi.loc[0, "tfopwg_disp"] = "FP"
    fill(toi, "toi_2025.10.04.csv", Mission.TESS)
    pair = twins_listed(conflicts_only=True)[0]
    assert {pair.one.name, pair.other.name} >= {seen["kepoi_name"]}
    assert pair.ratio_words == "the same period"
    page = member_client.get("/catalogue/conflicts/").content.decode()
    assert seen["kepoi_name"] in page
    own = member_client.get(Signal.objects.get(name=seen["kepoi_name"]).get_absolute_url())
    assert "in all likelihood the same planet" in own.content.decode()


def test_one_mission_alone_has_no_twins(
    member_client: Client, fill: Fill, koi: pd.DataFrame
) -> None:
    assert list(twins_listed()) == []
    fill(koi)
    assert list(twins_listed()) == []
    page = member_client.get("/catalogue/conflicts/").content.decode()
    assert "No two missions" in page


def koi_and_toi(koi: pd.DataFrame, disposition: str) -> pd.DataFrame:
    """A table of TESS whose first signal is the first of Kepler's."""
    toi = simulate(Mission.TESS, 20, 9)
    toi.loc[0, ["ra", "dec", "pl_orbper"]] = koi[["ra", "dec", "koi_period"]].iloc[0].to_numpy()
    toi.loc[0, "tfopwg_disp"] = disposition
    return toi


def test_pairs_follow_the_tables_in_charge(fill: Fill, koi: pd.DataFrame) -> None:
    koi.loc[0, "koi_disposition"] = "CONFIRMED"
    fill(koi)
    fill(koi_and_toi(koi, "FP"), "toi_2025.10.04.csv", Mission.TESS)
    assert Twin.objects.filter(is_conflict=True).count() == 1
    fill(koi_and_toi(koi, "CP"), "toi_2025.11.04.csv", Mission.TESS)
    assert Twin.objects.count() >= 1
    assert not Twin.objects.filter(is_conflict=True).exists()
    fill(koi.drop(index=0), "koi_2025.11.04.csv", sure=True)
    assert koi.loc[0, "kepoi_name"] not in {pair.one.name for pair in Twin.objects.all()}


def test_pairs_that_an_earlier_release_did_not_make_are_found_and_made(
    fill: Fill, koi: pd.DataFrame, django_assert_num_queries: Any
) -> None:
    koi.loc[0, "koi_disposition"] = "CONFIRMED"
    fill(koi)
    fill(koi_and_toi(koi, "FP"), "toi_2025.10.04.csv", Mission.TESS)
    made = [(pair.one_id, pair.other_id, pair.ratio) for pair in twins_listed()]
    # The earlier release knows neither the pairs nor the mark.
    Twin.objects.all().delete()
    CatalogueTable.objects.filter(mission=Mission.TESS).update(twins_made="")
    assert [(pair.one_id, pair.other_id, pair.ratio) for pair in twins_listed()] == made
    assert len(twins_listed(conflicts_only=True)) == 1
    assert not Twin.objects.exists()
    twins_make()
    assert list(Twin.objects.values_list("one_id", "other_id", "ratio")) == made
    with django_assert_num_queries(2):  # which tables, and whether with these
        twins_make()


def test_names_of_stars_that_an_earlier_release_did_not_write_are_made(
    member_client: Client, fill: Fill, koi: pd.DataFrame
) -> None:
    fill(koi)
    assert not Signal.objects.exclude(star_name=F("star__name")).exists()
    Signal.objects.update(star_name="", derived_by=0)
    scores_make()
    listed = member_client.get("/catalogue/?show=all&sort=star").context["signals"]
    names = [signal.star.name for signal in listed]
    assert names == sorted(names) and len(set(names)) > 10

"""Planets that two missions list."""

from __future__ import annotations

import pandas as pd
import pytest
from django.test import Client

from predictions.catalogue.models import Signal
from predictions.catalogue.twins import all_twins
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
    pair = next(one for one in all_twins() if one.disagrees)
    assert {pair.one.name, pair.other.name} >= {seen["kepoi_name"]}
    assert pair.ratio_words == "the same period"
    page = member_client.get("/catalogue/conflicts/").content.decode()
    assert seen["kepoi_name"] in page
    own = member_client.get(Signal.objects.get(name=seen["kepoi_name"]).get_absolute_url())
    assert "in all likelihood the same planet" in own.content.decode()


def test_one_mission_alone_has_no_twins(
    member_client: Client, fill: Fill, koi: pd.DataFrame
) -> None:
    assert all_twins() == []
    fill(koi)
    assert all_twins() == []
    page = member_client.get("/catalogue/conflicts/").content.decode()
    assert "No two missions" in page

"""The catalogue for programs."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from django.test import Client

from predictions.catalogue.models import CatalogueTable, Signal
from tests.predictions.catalogue.conftest import Fill

pytestmark = pytest.mark.django_db
API = "/api/v1/catalogue"


def asked(client: Client, address: str) -> Any:
    answer = client.get(f"{API}/{address}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_list_is_the_page_s(member_client: Client, catalogue: CatalogueTable) -> None:
    found = asked(member_client, "signals?show=all&sort=-period&size=7&page=2")
    expected = list(Signal.objects.order_by("-period")[7:14])
    assert [row["name"] for row in found["results"]] == [one.name for one in expected]
    assert (found["count"], found["pages"], found["page"]) == (60, 9, 2)
    row, signal = found["results"][0], expected[0]
    assert row["planet_score"] == signal.planet_score
    assert row["star"] == signal.star.name
    assert row["basis"] == "unseen"
    assert asked(member_client, "signals?show=all&page=10000")["results"] == []


def test_one_signal_and_its_star(member_client: Client, catalogue: CatalogueTable) -> None:
    signal = Signal.objects.all()[0]
    found = asked(member_client, f"signals/{signal.slug}")
    assert found["signal"]["name"] == signal.name
    assert found["inputs"]["orbital_period"] == signal.period
    assert sum(found["scores"][0]["probabilities"].values()) == pytest.approx(1)
    star = asked(member_client, f"stars/{signal.star.slug}")
    assert signal.slug in [row["slug"] for row in star["signals"]]
    assert set(found["siblings"]) == {row["slug"] for row in star["signals"]} - {signal.slug}
    assert member_client.get(f"{API}/signals/K99999.01").status_code == 404


def test_what_has_changed(member_client: Client, fill: Fill, koi: pd.DataFrame) -> None:
    fill(koi, "koi_2024.01.04.csv")
    fill(koi.iloc[1:], "koi_2025.10.04.csv")
    name = koi.iloc[0]["kepoi_name"]
    found = asked(member_client, "changes?since=2025-01-01&kind=gone")
    assert [(row["signal"], row["as_of"]) for row in found["results"]] == [(name, "2025-10-04")]
    assert asked(member_client, "changes?since=2025-11-01")["count"] == 0
    assert asked(member_client, "tables")[0]["counts"]["gone"] == 1
    assert asked(member_client, f"signals/{name}")["is_listed"] is False


def test_names_and_places(member_client: Client, catalogue: CatalogueTable) -> None:
    signal = Signal.objects.all()[0]
    number = signal.name[1:].lstrip("0")
    found = asked(member_client, f"find?q=koi {number}")
    assert [match["name"] for match in found["matches"]] == [signal.name]
    assert found["matches"][0]["address"] == signal.get_absolute_url()
    close = asked(member_client, f"find?q=kqi {number}")
    assert close["matches"] == []
    assert signal.name in [match["name"] for match in close["close"]]
    assert "no star" in asked(member_client, "find?q=12.5 -89.9")["sentence"].lower()


@pytest.mark.parametrize(
    "query",
    [
        "signals?period_from=x",
        "signals?show=everything",
        "signals?periode_from=3",
        "signals?page=0",
        "signals?size=1001",
        "signals?mission=",
        "signals?sort=name&sort=period",
        "changes?since=yesterday",
        "changes?kind=odd",
        "find",
        "tables?x=1",
    ],
)
def test_what_is_wrong_is_an_error(member_client: Client, query: str) -> None:
    answer = member_client.get(f"{API}/{query}")
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]


def test_programs_need_a_token(client: Client, catalogue: CatalogueTable) -> None:
    assert client.get(f"{API}/signals").status_code == 401

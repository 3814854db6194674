"""What follows from a signal's values: what it is worth, what is doubtful, and lists by them."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from astropy.table import Table
from django.db import connection
from django.forms import NumberInput
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from predictions.catalogue.derived.deriving import LARGEST, RULES, derived_make
from predictions.catalogue.derived.models import Warned
from predictions.catalogue.models import CatalogueTable, Signal
from predictions.catalogue.scoring import scores_make
from tests.predictions.catalogue.conftest import Fill
from training.ml.schema import Mission

pytestmark = pytest.mark.django_db


def names_in(client: Client, query: str) -> list[str]:
    return [one.name for one in client.get(f"/catalogue/?{query}").context["signals"]]


def koi_table(**columns: list[Any]) -> pd.DataFrame:
    """Three stars in a row on the sky, ten arcseconds apart; the third has two entries."""
    table = {
        "kepoi_name": ["K00001.01", "K00002.01", "K00003.01", "K00003.02"],
        "kepid": [11, 12, 13, 13],
        "koi_disposition": ["CANDIDATE", "FALSE POSITIVE", "CANDIDATE", "CANDIDATE"],
        "koi_period": [3.0, 3.00001, 7.5, 7.50001],
        "koi_period_err1": [1e-5, 1e-5, 1e-5, 1e-5],
        "koi_time0bk": [150.0, 150.0, 151.0, 152.0],
        "koi_time0bk_err1": [1e-3, 1e-3, 1e-3, 0.1],
        "koi_duration": [3.0, 3.0, 4.0, 4.0],
        "koi_depth": [1000.0, 90_000.0, 500.0, 500.0],
        "koi_prad": [3.4, 33.0, 2.44, 12.0],
        "koi_steff": [5700.0, 5700.0, 5700.0, 5700.0],
        "koi_slogg": [4.4, 4.4, 4.4, 4.4],
        "koi_srad": [1.0, 1.0, 1.0, 1.0],
        "koi_kepmag": [12.0, 13.0, 14.0, 14.0],
        "ra": [290.0, 290.0 + 10 / 3600, 291.0, 291.0],
        "dec": [44.0, 44.0, 45.0, 45.0],
    }
    return pd.DataFrame({**table, **columns})


@pytest.fixture
def four(fill: Fill) -> dict[str, Signal]:
    fill(koi_table())
    assert scores_make() == 4
    return {signal.name: signal for signal in Signal.objects.all()}


def test_each_doubt_is_kept_with_the_signal(four: dict[str, Signal]) -> None:
    warnings = {name: signal.warnings for name, signal in four.items()}
    assert warnings["K00001.01"] == Warned.NEAR_STAR
    assert warnings["K00002.01"] & Warned.NEAR_STAR
    assert warnings["K00003.01"] == Warned.DUPLICATE
    assert warnings["K00003.02"] == Warned.DUPLICATE | Warned.CONTRADICTION


def test_lists_are_filtered_by_doubts(member_client: Client, four: dict[str, Signal]) -> None:
    assert four["K00003.02"].is_lost  # by the error of its epoch alone
    assert not four["K00001.01"].is_lost

    def warned(of: str) -> list[str]:
        return names_in(member_client, f"show=all&warning={of}")

    assert warned("duplicate") == ["K00003.01", "K00003.02"]
    assert warned("near_star") == ["K00001.01", "K00002.01"]
    assert warned("ephemeris") == ["K00003.02"]
    assert warned("any") == list(four)
    assert warned("none") == warned("conflict") == []
    Signal.objects.filter(name="K00001.01").update(warnings=0)
    assert warned("none") == ["K00001.01"]
    page = member_client.get("/catalogue/?show=all").content.decode()
    assert "look twice: ephemeris, contradiction, duplicate" in page


def test_the_page_of_a_signal_says_them(member_client: Client, four: dict[str, Signal]) -> None:
    page = member_client.get(four["K00003.02"].get_absolute_url()).content.decode()
    assert "lists one period of this star twice" in page
    assert f'href="{four["K00003.01"].get_absolute_url()}"' in page
    assert "The listed radius of 12 Earth radii contradicts" in page
    assert "The next transit is uncertain by" in page
    page = member_client.get(four["K00001.01"].get_absolute_url()).content.decode()
    assert "contradicts the depth and the star" not in page
    assert "twice: here" not in page


def test_an_ephemeris_is_lost_from_a_day_on(four: dict[str, Signal]) -> None:
    """After N orbits √(σ(T0)² + N² σ(P)²) is an hour."""
    signal = four["K00001.01"]
    orbits = np.floor(np.sqrt((1 / 24) ** 2 - 1e-6) / 1e-5)
    assert signal.lost_from == pytest.approx(2_454_833 + 150 + 3 * orbits, abs=1e-3)
    assert four["K00003.02"].lost_from == pytest.approx(2_454_833 + 152.0)


def test_values_are_those_of_kempton(four: dict[str, Signal]) -> None:
    signal = four["K00001.01"]
    assert signal.tsm and signal.esm and signal.open_score
    assert signal.score_tsm == pytest.approx(signal.open_score * signal.tsm)
    assert signal.score_esm == pytest.approx(signal.open_score * signal.esm)
    assert "planet_mass" in signal.estimated
    large = four["K00002.01"]
    assert large.radius and large.radius > LARGEST
    assert (large.tsm, large.esm, large.score_tsm, large.estimated) == (None, None, None, "")
    assert large.temperature


@pytest.mark.parametrize("value", ["score_tsm", "score_esm", "tsm", "esm", "temperature"])
def test_lists_rank_by_value(member_client: Client, catalogue: CatalogueTable, value: str) -> None:
    answer = member_client.get(f"/catalogue/?show=all&sort=-{value}")
    values = [getattr(one, value) for one in answer.context["signals"]]
    known = [one for one in values if one is not None]
    assert len(known) > 10
    assert known == sorted(known, reverse=True)
    assert values[len(known) :] == [None] * (len(values) - len(known))
    heading = {"score_tsm": "Open score × TSM", "score_esm": "Open score × ESM"}.get(value, "")
    assert heading in answer.content.decode()


def test_the_brightest_come_first(member_client: Client, four: dict[str, Signal]) -> None:
    Signal.objects.filter(name="K00001.01").update(magnitude=None)
    names = names_in(member_client, "show=all&sort=magnitude&radius_to=40")
    assert names == ["K00002.01", "K00003.01", "K00003.02", "K00001.01"]
    assert names_in(member_client, "show=all&sort=-star")[0] == "K00003.02"


def test_what_a_newer_table_changes_is_derived_anew(fill: Fill, four: dict[str, Signal]) -> None:
    later = koi_table(koi_prad=[3.4, 33.0, 2.44, 2.44], koi_period=[3.0, 5.0, 7.5, 7.50001])
    fill(later, "koi_2025.11.04.csv")
    assert set(Signal.objects.values_list("derived_by", flat=True)) == {0}
    assert derived_make() == 4
    assert derived_make() == 0
    assert set(Signal.objects.values_list("derived_by", flat=True)) == {RULES}
    bits = dict(Signal.objects.values_list("name", "warnings"))
    assert bits["K00003.02"] == Warned.DUPLICATE
    assert bits["K00001.01"] == 0


def test_without_a_version_values_are_there(fill: Fill) -> None:
    from training.models import ModelVersion

    ModelVersion.objects.update(is_active=False)
    fill(koi_table())
    assert scores_make() == 0
    signal = Signal.objects.get(name="K00001.01")
    assert signal.tsm and signal.score_tsm is None


def test_changed_since(member_client: Client, fill: Fill, four: dict[str, Signal]) -> None:
    fill(koi_table(koi_disposition=["CONFIRMED", *["CANDIDATE"] * 3]), "koi_2025.11.04.csv")
    assert names_in(member_client, "show=all&changed_since=2025-11-01") == [
        "K00001.01",
        "K00002.01",
    ]
    assert names_in(member_client, "show=all&changed_since=2025-11-05") == []
    assert len(names_in(member_client, "show=all&changed_since=soon")) == 4
    found = member_client.get("/api/v1/catalogue/signals?show=all&changed_since=2025-11-01")
    assert found.json()["count"] == 2
    later = (timezone.now() + timedelta(days=1)).date()
    page = member_client.get(f"/catalogue/changes/?since={later}").content.decode()
    assert f"/catalogue/?show=all&amp;changed_since={later}" in page


# --- the map --------------------------------------------------------------------------------------


def test_the_map_counts_what_the_list_holds(
    member_client: Client, catalogue: CatalogueTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    from predictions.catalogue.plots import period_radius

    context = member_client.get("/catalogue/?show=all").context
    shown, placed = context["map"], Signal.objects.exclude(map_cell=None)
    assert shown.count == placed.count() > 20
    assert sum(n for row in shown.rows for n in row["counts"]) == shown.count
    small = placed.filter(radius__lt=4).count()
    assert shown.title.startswith(f"{small} of {shown.count} signals")
    short = placed.filter(radius__lt=4, period__lt=10)
    assert sum(shown.rows[0]["counts"]) == short.count()
    corners = sum(len(line["points"].split()) for line in shown.lines)
    assert 0 < corners <= shown.count and not shown.levels
    monkeypatch.setattr(period_radius, "POINTS", 3)
    dense = member_client.get("/catalogue/?show=all").context["map"]
    assert not dense.lines
    assert dense.levels[0]["path"].startswith("M")


def test_the_map_stays_whole_where_a_region_narrows_the_list(
    member_client: Client, catalogue: CatalogueTable
) -> None:
    whole = member_client.get("/catalogue/?show=all").context["map"]
    answer = member_client.get("/catalogue/?show=all&period_from=2&period_to=20&radius_from=1")
    assert answer.context["map"].cells == whole.cells
    expected = Signal.objects.filter(period__range=(2, 20), radius__gte=1).count()
    assert answer.context["page_obj"].paginator.count == expected
    region = answer.context["map"].region
    assert region == {"x": "185", "y": "15", "width": "135", "height": "261"}
    assert whole.region is None
    bright = member_client.get("/catalogue/?show=all&magnitude_to=0")
    assert bright.context["map"] is None


@pytest.mark.parametrize(
    "query",
    [
        "show=all&radius_to=6",
        "show=all&radius_to=6&sort=-planet_score&page=2",
        "show=all&period_from=2&period_to=20&radius_from=1&sort=period",
        "show=all&disposition=CANDIDATE&period_from=2&sort=-temperature&page=9",
        "show=disagreements",
        "warning=none&sort=magnitude",
        "show=all&magnitude_to=0",
    ],
)
def test_few_and_many_are_listed_alike(
    query: str,
    member_client: Client,
    catalogue: CatalogueTable,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Few come with their places on the map in one look, many are counted first."""
    from predictions.catalogue import views
    from predictions.catalogue.plots import period_radius

    monkeypatch.setattr(views, "LIST_ROWS", 7)
    few = member_client.get(f"/catalogue/?{query}").context
    monkeypatch.setattr(period_radius, "POINTS", 0)
    monkeypatch.setattr(period_radius, "FEW", 0)
    many = member_client.get(f"/catalogue/?{query}").context
    assert few["signals"] == many["signals"]
    assert few["page_obj"].number == many["page_obj"].number
    assert few["page_obj"].paginator.count == many["page_obj"].paginator.count
    if few["map"] is None:
        assert many["map"] is None
    else:
        assert few["map"].cells == many["map"].cells
        assert few["map"].lines and not many["map"].lines


def test_few_signals_are_looked_for_once(member_client: Client, catalogue: CatalogueTable) -> None:
    """All others are looked through for them."""
    for query in ("show=all&radius_to=6", "show=disagreements", "warning=none"):
        with CaptureQueriesContext(connection) as made:
            member_client.get(f"/catalogue/?{query}")
        looked = [one["sql"] for one in made if 'FROM "predictions_signal"' in one["sql"]]
        through = [sql for sql in looked if '"is_listed"' in sql.partition("WHERE")[2]]
        assert len(through) == 1, through


def test_the_bounds_of_a_range_are_drawn_as_django_draws_them(
    member_client: Client, catalogue: CatalogueTable
) -> None:
    page = member_client.get("/catalogue/?show=all&period_from=2.5&radius_to=%22%3E").text
    for name, value in (("period_from", "2.5"), ("period_to", None), ("radius_to", '">')):
        widget = NumberInput(attrs={"step": "any", "inputmode": "decimal", "id": f"id_{name}"})
        (drawn,) = re.findall(rf'<input[^>]*name="{name}"[^>]*>', page)
        assert_attributes_alike(drawn, widget.render(name, value))


def assert_attributes_alike(one: str, other: str) -> None:
    assert set(re.findall(r'[\w-]+="[^"]*"', one)) == set(re.findall(r'[\w-]+="[^"]*"', other))


# --- files and programs ---------------------------------------------------------------------------


def test_ecsv_keeps_units_and_sources(member_client: Client, four: dict[str, Signal]) -> None:
    answer = member_client.get("/catalogue/signals.ecsv?show=all&sort=-tsm")
    table = Table.read(io.BytesIO(answer.getvalue()), format="ascii.ecsv")
    assert list(table["name"])[-1] == "K00002.01"
    assert str(table["radius"].unit) == "earthRad"
    assert str(table["temperature"].unit) == "K"
    assert table["period"].meta["ucd"] == "time.period"
    assert table.meta["citation_Kepler"] == "doi:10.26133/NEA4"
    assert len(table.meta["model_sha256"]) == 64
    assert table["tsm"].mask[-1]
    assert dict(zip(table["name"], table["warnings"], strict=True))["K00001.01"] == "near_star"


def test_twins_for_programs(member_client: Client, fill: Fill) -> None:
    fill(koi_table())
    toi = pd.DataFrame(
        {
            "toi": ["100.01", "101.01"],
            "tid": [1, 2],
            "tfopwg_disp": ["FP", "PC"],
            "pl_orbper": [3.0, 7.5],
            "pl_trandurh": [3.0, 4.0],
            "pl_trandep": [1000, 500],
            "ra": [290.0, 291.0],
            "dec": [44.0, 45.0],
        }
    )
    fill(toi, "TOI_2025.10.04.csv", Mission.TESS)
    scores_make()
    found = member_client.get("/api/v1/catalogue/twins").json()
    pairs = [
        (one["one"]["name"], one["other"]["name"], one["is_conflict"]) for one in found["results"]
    ]
    assert ("K00001.01", "TOI-100.01", True) in pairs
    assert ("K00003.01", "TOI-101.01", False) in pairs
    conflicts = member_client.get("/api/v1/catalogue/twins?show=conflicts").json()
    assert [one["other"]["name"] for one in conflicts["results"]] == ["TOI-100.01"]
    assert member_client.get("/api/v1/catalogue/twins?show=all").status_code == 400
    assert names_in(member_client, "show=all&warning=conflict") == ["K00001.01", "TOI-100.01"]
    signal = member_client.get("/api/v1/catalogue/signals/K00001.01").json()
    assert signal["twins"] == ["TOI-100.01"]
    page = member_client.get("/catalogue/conflicts/?show=twins").content.decode()
    assert "TOI-101.01" in page
    assert "TOI-101.01" not in member_client.get("/catalogue/conflicts/").content.decode()

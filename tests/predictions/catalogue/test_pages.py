"""Pages of the catalogue: lists, signals, stars, changes, and who is in charge."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from astropy.io.votable import parse
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from predictions.catalogue import lists
from predictions.catalogue.models import CatalogueTable, Signal
from predictions.catalogue.services import table_execute
from tests.predictions.catalogue.conftest import Fill, upload
from training.ml.schema import Mission
from training.models import ModelVersion

pytestmark = pytest.mark.django_db
LIST_QUERIES = 14
SIGNAL_QUERIES = 20


def shown(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return str(answer.content.decode())


def names_in(client: Client, address: str) -> list[str]:
    return [signal.name for signal in client.get(address).context["signals"]]


def test_an_empty_catalogue_says_what_to_do(member_client: Client, curator_client: Client) -> None:
    assert "A curator can fill it" in shown(member_client, "/catalogue/")
    page = shown(curator_client, "/catalogue/")
    assert "manage.py catalogue fill" in page
    assert "/datasets/" in page


def test_open_candidates_are_ranked(member_client: Client, catalogue: CatalogueTable) -> None:
    names = names_in(member_client, "/catalogue/")
    expected = Signal.objects.filter(disposition="CANDIDATE").order_by("-open_score", "-pk")
    assert names == [signal.name for signal in expected]
    assert len(names) > 3


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ("period_from=5&period_to=20", lambda one: 5 <= one.period <= 20),
        ("disposition=CONFIRMED", lambda one: one.disposition == "CONFIRMED"),
        ("mission=TESS", lambda one: False),
        ("score_from=0.5", lambda one: one.planet_score >= 0.5),
        ("radius_to=3&period_to=10", lambda one: (one.radius or 9) <= 3 and one.period <= 10),
        ("period_from=x", lambda one: True),
        ("mission=Hubble&sort=nothing", lambda one: True),
    ],
)
def test_lists_are_filtered(
    member_client: Client, catalogue: CatalogueTable, query: str, fits: Callable[[Signal], bool]
) -> None:
    answer = member_client.get(f"/catalogue/?show=all&{query}")
    expected = sum(fits(signal) for signal in Signal.objects.all())
    assert answer.context["page_obj"].paginator.count == expected


def test_lists_are_sorted_and_paged(member_client: Client, catalogue: CatalogueTable) -> None:
    first = names_in(member_client, "/catalogue/?show=all&sort=-period")
    second = names_in(member_client, "/catalogue/?show=all&sort=-period&page=2")
    expected = [one.name for one in Signal.objects.order_by("-period")]
    assert first + second == expected
    assert names_in(member_client, "/catalogue/?show=all&sort=-period&page=99") == second


def test_a_name_in_any_form_narrows_a_list(
    member_client: Client, catalogue: CatalogueTable
) -> None:
    signal = Signal.objects.order_by("name")[3]
    number = signal.name[1:].lstrip("0")
    for typed in (signal.name, f"koi {number}", f"KOI-{number}"):
        assert names_in(member_client, f"/catalogue/?show=all&q={typed}") == [signal.name]
    of_star = names_in(member_client, f"/catalogue/?show=all&q={signal.star.name}")
    assert set(of_star) == {one.name for one in signal.star.signals.all()}
    assert names_in(member_client, "/catalogue/?show=all&q=nothing like it") == []


def test_disagreements_go_both_ways(member_client: Client, catalogue: CatalogueTable) -> None:
    first, second, third = Signal.objects.order_by("name")[:3]
    Signal.objects.filter(pk=first.pk).update(disposition="CONFIRMED", planet_score=0.05)
    Signal.objects.filter(pk=second.pk).update(disposition="FALSE POSITIVE", planet_score=0.97)
    Signal.objects.filter(pk=third.pk).update(disposition="CANDIDATE", planet_score=0.01)
    found = names_in(member_client, "/catalogue/?show=disagreements")
    assert found[0] == second.name
    assert first.name in found
    assert third.name not in found
    assert "strongly disagree" in shown(member_client, first.get_absolute_url())


def test_no_list_asks_the_database_per_row(
    member_client: Client, catalogue: CatalogueTable
) -> None:
    shown(member_client, "/catalogue/")  # a process's first question loads the version
    for address in ("/catalogue/", "/catalogue/?show=all", "/catalogue/changes/"):
        with CaptureQueriesContext(connection) as queries:
            shown(member_client, address)
        assert len(queries) <= LIST_QUERIES, address
    with CaptureQueriesContext(connection) as queries:
        shown(member_client, Signal.objects.all()[0].get_absolute_url())
    assert len(queries) <= SIGNAL_QUERIES


def test_the_page_of_a_signal(member_client: Client, catalogue: CatalogueTable) -> None:
    signal = Signal.objects.filter(disposition="CANDIDATE")[0]
    page = shown(member_client, signal.get_absolute_url())
    version = ModelVersion.objects.active()
    for part in (signal.name, signal.star.name, version.name, "Over time", "To cite this"):
        assert part in page
    assert f"{signal.planet_score:.3f}" in page
    assert "never saw the star" in page
    assert "How firm is that?" in page
    assert "the version itself is asked" not in page
    varied = shown(member_client, f"{signal.get_absolute_url()}vary/")
    assert f'value="{signal.name}"' in varied


def test_the_history_of_a_signal(member_client: Client, fill: Fill, koi: pd.DataFrame) -> None:
    fill(koi, "koi_2024.01.04.csv")
    newer = koi.copy()
    at = newer.index[newer["koi_disposition"] == "CANDIDATE"][0]
    newer.loc[at, "koi_disposition"] = "CONFIRMED"
    fill(newer, "koi_2025.10.04.csv")
    signal = Signal.objects.get(name=newer.loc[at, "kepoi_name"])
    page = member_client.get(signal.get_absolute_url())
    spans = page.context["history"].spans
    assert [span.disposition for span in spans] == ["CANDIDATE", "CONFIRMED"]
    assert (str(spans[0].since), str(spans[1].since)) == ("2024-01-04", "2025-10-04")
    changes = shown(member_client, "/catalogue/changes/?since=2025-01-01&kind=changed")
    assert signal.name in changes
    for none in ("since=2025-11-01", "kind=gone"):
        assert "Nothing has changed" in shown(member_client, f"/catalogue/changes/?{none}")
    assert signal.name in shown(member_client, "/catalogue/changes/?since=tomorrow")


def test_without_a_version_the_archive_still_speaks(
    member_client: Client, catalogue: CatalogueTable
) -> None:
    ModelVersion.objects.update(is_active=False)
    page = shown(member_client, Signal.objects.all()[0].get_absolute_url())
    assert "No model version is in service" in page


def test_the_page_of_a_star(member_client: Client, catalogue: CatalogueTable) -> None:
    signal = Signal.objects.exclude(period=None)[0]
    answer = member_client.get(signal.star.get_absolute_url())
    orbit = next(o for o in answer.context["orbits"].orbits if o.signal == signal)
    mass = answer.context["orbits"].mass
    # Kepler's third law in years, AU and solar masses.
    assert orbit.distance**3 == pytest.approx(mass * (float(signal.period or 0) / 365.25) ** 2)
    assert signal.name in answer.content.decode()
    assert member_client.get("/catalogue/stars/nowhere/").status_code == 404
    assert member_client.get("/catalogue/signals/K99999.01/").status_code == 404


def test_another_spelling_leads_to_the_page(
    member_client: Client, catalogue: CatalogueTable
) -> None:
    signal = Signal.objects.all()[0]
    number = signal.name[1:].lstrip("0")
    answer = member_client.get(f"/catalogue/signals/KOI-{number}/")
    assert answer.status_code == 302
    assert answer["Location"] == signal.get_absolute_url()


def test_finding(member_client: Client, catalogue: CatalogueTable) -> None:
    signal = Signal.objects.all()[0]
    number = signal.name[1:].lstrip("0")
    for typed in (f"koi {number}", signal.name.lower(), number):
        answer = member_client.get("/catalogue/find/", {"q": typed})
        assert answer["Location"] == signal.get_absolute_url(), typed
    star = signal.star
    place = member_client.get(
        "/catalogue/find/", {"q": f"{float(star.ra or 0) + 0.002} {star.dec} 30 arcsec"}
    )
    assert place["Location"] == star.get_absolute_url()
    page = shown(member_client, "/catalogue/find/?q=12.5 -89.9")
    assert "No star of the catalogue lies within 60 arcsec" in page
    page = shown(member_client, f"/catalogue/find/?q=KOY {number}")
    assert signal.name in page
    assert "Did you mean" in page
    assert "beyond 90 degrees" in shown(member_client, "/catalogue/find/?q=12.5 %2B95.0")


def test_files(member_client: Client, catalogue: CatalogueTable) -> None:
    def content(kind: str) -> bytes:
        answer = member_client.get(f"/catalogue/signals.{kind}?show=all&period_from=5")
        assert answer.status_code == 200
        return bytes(answer.getvalue())

    expected = Signal.objects.filter(period__gte=5).order_by("name")
    names = [signal.name for signal in expected]
    csv = pd.read_csv(io.BytesIO(content("csv")))
    assert csv["name"].tolist() == names
    table = parse(io.BytesIO(content("votable"))).get_first_table()
    field = table.get_field_by_id_or_name("period")
    assert (str(field.unit), field.ucd) == ("d", "time.period")
    assert table.to_table()["period"].tolist() == pytest.approx([one.period for one in expected])
    parquet = pq.read_table(io.BytesIO(content("parquet")))
    assert parquet.column("name").to_pylist() == names
    assert parquet.schema.field("radius").metadata[b"unit"] == b"earthRad"
    assert member_client.get("/catalogue/signals.docx").status_code == 404


def test_a_curator_puts_a_dataset_in_charge(
    curator_client: Client, koi: pd.DataFrame, settings: Any
) -> None:
    dataset = upload(koi, "koi_2025.10.04.csv", Mission.KEPLER)
    address = f"/catalogue/charge/{dataset.pk}/"
    assert address in shown(curator_client, dataset.get_absolute_url())
    assert "Put it in charge of the catalogue&#x27;s Kepler?" in shown(curator_client, address)
    assert not CatalogueTable.objects.exists()
    assert curator_client.post(address)["Location"] == "/catalogue/filling/"
    table = CatalogueTable.objects.get()
    assert "Waiting for a worker" in shown(curator_client, "/catalogue/")
    table_execute(table.pk)
    assert Signal.objects.count() == len(koi)


def test_a_shrunken_table_is_asked_about(
    curator_client: Client, catalogue: CatalogueTable, koi: pd.DataFrame
) -> None:
    short = upload(koi.iloc[:20], "koi_2025.11.04.csv", Mission.KEPLER)
    address = f"/catalogue/charge/{short.pk}/"
    asked = curator_client.post(address)
    assert "a download that broke off" in asked.content.decode()
    assert CatalogueTable.objects.count() == 1
    curator_client.post(address, {"seen": str(catalogue.pk)})
    assert CatalogueTable.objects.count() == 2


def test_what_is_no_table_of_a_mission_is_refused_in_words(
    curator_client: Client, koi: pd.DataFrame
) -> None:
    dataset = upload(koi, "koi.csv", Mission.KEPLER)
    dataset.mission = "other"
    dataset.save()
    answer = curator_client.get(f"/catalogue/charge/{dataset.pk}/", follow=True)
    assert "no table of Kepler, TESS or K2" in answer.content.decode()


def test_the_first_page_finds_what_the_catalogue_knows(
    member_client: Client, catalogue: CatalogueTable
) -> None:
    signal = Signal.objects.all()[5]
    number = signal.name[1:].lstrip("0")
    found = member_client.post("/find/", {"what": f"KOI {number}"})
    assert found["Location"] == signal.get_absolute_url()
    typo = member_client.post("/find/", {"what": f"KOY {number}"})
    assert typo.status_code == 422
    assert signal.name in typo.content.decode()


def test_a_broad_name_finds_as_many_as_a_narrow_one(
    member_client: Client, catalogue: CatalogueTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What many signals are called is looked up in another way, and gives the same."""
    for typed in ("K000", "KIC", "koi"):
        few = set(names_in(member_client, f"/catalogue/?show=all&q={typed}"))
        monkeypatch.setattr(lists, "FEW", 2)
        assert set(names_in(member_client, f"/catalogue/?show=all&q={typed}")) == few
        monkeypatch.undo()
    assert few


@pytest.mark.parametrize("absent", ["koi_depth", "koi_duration", "koi_period", "koi_prad"])
def test_a_signal_of_which_little_is_known_has_a_page(
    member_client: Client, fill: Fill, koi: pd.DataFrame, absent: str
) -> None:
    koi.loc[0, absent] = None
    fill(koi)
    signal = Signal.objects.get(name=koi.loc[0, "kepoi_name"])
    page = shown(member_client, signal.get_absolute_url())
    assert ("What would cross the star" in page) == (absent == "koi_prad")
    shown(member_client, signal.star.get_absolute_url())
    member_client.get(f"{signal.get_absolute_url()}vary/")

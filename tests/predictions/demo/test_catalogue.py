"""The example's catalogue: marked wherever it is shown, told as knowledge nowhere, never beside
real signals, and gone with whatever people said of it."""

from __future__ import annotations

import io
import re
from typing import Any

import pandas as pd
import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from predictions.catalogue import finding
from predictions.catalogue.filling.apart import CatalogueReal, CatalogueSimulated, NotForCatalogue
from predictions.catalogue.filling.models import CatalogueFill
from predictions.catalogue.filling.reading import read_listing
from predictions.catalogue.filling.services import fill_request, refresh_is_due
from predictions.catalogue.foresight.models import Foresight
from predictions.catalogue.models import CatalogueTable, DispositionChange, Score, Signal
from predictions.catalogue.services import charge_create, charge_simulated, table_execute
from predictions.catalogue.twins.services import twins_listed
from predictions.curves.known_stars import catalogue_facts
from predictions.demo.asking import fill_asked, removal_asked
from predictions.demo.catalogue import catalogue_execute
from predictions.demo.services import demo_fill, demo_remove
from predictions.reviewing.agreed import SimulatedVotes, dataset_from_votes
from predictions.reviewing.forms import AgreementRule
from predictions.reviewing.models import ReviewItem
from predictions.reviewing.services import vote_cast
from predictions.watching.looking import changes_look
from predictions.watching.models import News
from predictions.watching.services import watch_create
from tests.predictions.demo.conftest import rows
from tests.simulator import simulate
from training import simulated
from training.datasets.models import Dataset
from training.datasets.services import dataset_content, dataset_upload
from training.ml.schema import Mission
from training.ml.simulation import MARK

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    finding._index.cache_clear()


@pytest.fixture
def shown(filled: User) -> User:
    catalogue_execute()
    return filled


def real_table() -> Dataset:
    file = io.BytesIO(simulate(Mission.KEPLER, 30, 3).to_csv(index=False).encode())
    mission = Mission.KEPLER
    return dataset_upload(file=file, name="koi_2025.10.04.csv", mission=mission).dataset


def test_it_has_all_that_a_catalogue_shows(shown: User) -> None:
    tables = CatalogueTable.objects.order_by("pk")
    assert [(table.mission, table.is_current, table.status) for table in tables] == [
        ("TESS", False, "READY"),
        ("Kepler", True, "READY"),
        ("TESS", True, "READY"),
        ("K2", True, "READY"),
    ]
    counts = tables[2].counts
    assert counts == {"new": 8, "gone": 3, "back": 0, "renamed": 2, "changed": 12}
    assert Signal.objects.listed().count() == sum(simulated.SIGNALS.values())
    pairs = list(twins_listed())
    assert len(pairs) >= 8
    assert any(pair.is_conflict for pair in pairs)
    signals = Signal.objects.listed()
    assert signals.warned("near_star").exists()
    assert signals.exclude(epoch=None).count() == len(signals)
    # Nothing has learnt from them, so that all answers are the version's own.
    assert set(Score.objects.values_list("basis", flat=True)) == {Score.Basis.UNSEEN}
    assert not Signal.objects.filter(planet_score=None).exists()
    assert ReviewItem.objects.exists()

    # Each name says that it is made up.
    signals = Signal.objects.select_related("star").prefetch_related("names", "star__names")
    assert len(signals) > 200
    for signal in signals:
        names = [signal.name, signal.star.name, signal.listed_name, signal.star_key]
        names += [name.name for one in (signal, signal.star) for name in one.names.all()]
        assert all(name.startswith(MARK) for name in names), names
        assert signal.slug.startswith("Simulated-")


# --- Where it is shown ----------------------------------------------------------------------------


def test_each_page_says_so(shown: User, administrator_client: Client, member: User) -> None:
    signal = Signal.objects.listed().filter(mission=Mission.TESS)[0]
    for address in (
        "/catalogue/",
        "/catalogue/?show=all",
        "/catalogue/?show=disagreements",
        "/catalogue/changes/",
        "/catalogue/conflicts/?show=twins",
        "/catalogue/tonight/",
        "/catalogue/filling/",
        "/catalogue/find/?q=nowhere",
        signal.get_absolute_url(),
        signal.star.get_absolute_url(),
        "/reviewing/",
        f"/reviewing/signals/{signal.slug}/",
        "/reviewing/agreed/",
        "/reviewing/agreement/",
        "/watching/",
    ):
        answer = administrator_client.get(address)
        assert answer.status_code == 200, address
        page = answer.content.decode()
        assert "<strong>Simulated.</strong> Every signal and star" in page, address
        assert "Remove the simulated example" in page, address
    page = administrator_client.get(signal.get_absolute_url()).content.decode()
    assert "The simulated table says" in page
    assert "Nothing is to be cited" in page
    for archive in ("simbad", "aladin", "doi:10.26133"):
        assert archive not in page.lower()
    client = Client()
    client.force_login(member)
    page = client.get("/catalogue/").content.decode()
    assert "Every signal and star of this catalogue is made up" in page
    assert "/demo/" not in page


def test_each_answer_to_a_program_says_so(shown: User, member_client: Client) -> None:
    def get(path: str) -> Any:
        answer = member_client.get(f"/api/v1/{path}")
        assert answer.status_code == 200, path
        return answer.json()

    signal = Signal.objects.listed().filter(mission=Mission.TESS)[0]
    lists = (
        get("catalogue/tables"),
        get("catalogue/signals?show=all&size=1000")["results"],
        get("catalogue/changes?size=1000")["results"],
        [twin["one"] for twin in get("catalogue/twins")["results"]],
        [get(f"catalogue/signals/{signal.slug}")["signal"]],
        [get(f"catalogue/stars/{signal.star.slug}"), get("catalogue/find?q=nothing")],
        get("reviewing/queue")["results"],
        [get(f"reviewing/signals/{signal.slug}")],
    )
    for listed in lists:
        assert listed
        assert all(one["simulated"] is True for one in listed), listed[0]


def test_each_file_says_so_and_cites_nobody(shown: User, member_client: Client) -> None:
    for key in ("csv", "ecsv", "votable", "parquet"):
        answer = member_client.get(f"/catalogue/signals.{key}?show=all")
        assert 'filename="simulated-all.' in answer["Content-Disposition"]
        content = answer.getvalue()
        assert b"10.26133" not in content
        if key == "csv":
            table = pd.read_csv(io.BytesIO(content))
        elif key == "parquet":
            table = pd.read_parquet(io.BytesIO(content))
        else:
            assert b"none of these signals exists" in content
            continue
        assert len(table) == 230
        assert set(table["simulated"]) == {"yes"}
    for key in ("csv", "ics"):
        told = member_client.get(f"/catalogue/tonight.{key}").content.decode()
        rows = re.findall(r"TOI-\d+|EPIC \d+|K\d{5}", told)
        assert len(rows) <= len(re.findall("Simulated", told))


def test_the_virtual_observatory_is_handed_none(shown: User, member_client: Client) -> None:
    signal = Signal.objects.listed()[0]
    asked = {"RA": f"{signal.ra}", "DEC": f"{signal.dec}", "SR": "180"}
    answer = member_client.get("/vo/conesearch", asked)
    document = answer.getvalue().decode()
    assert 'name="simulated" value="yes"' in document
    assert "<TR>" not in document
    Signal.objects.filter(pk=signal.pk).update(is_simulated=False)
    answer = member_client.get("/vo/conesearch", asked)
    assert answer.getvalue().count(b"<TR>") == 1


# --- What is not made of it -----------------------------------------------------------------------


def test_no_version_is_judged_by_it(shown: User, member_client: Client) -> None:
    assert DispositionChange.objects.filter(kind="changed").count() == 12
    assert not Foresight.objects.exists()
    # Nor by a decision about signals that had been scored.
    later = simulated.simulated_csv(Mission.TESS, 40, 5)
    source = Dataset.Source.SIMULATED
    dataset = dataset_upload(file=later, name="later.csv", user=shown, source=source).dataset
    [table] = charge_simulated(datasets=[dataset], user=shown)
    table_execute(table.pk)
    assert DispositionChange.objects.filter(table=table, kind="changed").exists()
    assert not Foresight.objects.exists()
    assert member_client.get("/api/v1/model/metrics").json()["prospective"]["missions"] == {}


def test_watches_hear_nothing_of_it(filled: User, member: User) -> None:
    watch_create(user=member, query="show=all")
    catalogue_execute()
    signal = Signal.objects.listed()[0]
    watch_create(user=member, signal=signal)
    watch_create(user=member, star=signal.star)
    Signal.objects.filter(pk=signal.pk).update(planet_score=0.999)
    assert changes_look(timezone.now()) == set()
    demo_remove(filled)
    assert changes_look(timezone.now()) == set()
    assert not News.objects.exists()


def test_neither_votes_nor_stars_of_it_become_knowledge(shown: User, member: User) -> None:
    signal = Signal.objects.listed()[0]
    vote_cast(signal=signal, voter=member, answer="planet", comment="looks like one")
    with pytest.raises(SimulatedVotes):
        dataset_from_votes(rule=AgreementRule(people=1, share=0.5), name="x.csv", user=shown)
    assert catalogue_facts({"name": signal.star.name}) == {}


# --- Beside real ones -----------------------------------------------------------------------------


def test_real_tables_wait_until_it_is_gone(
    shown: User, administrator_client: Client, curator_client: Client, settings: Settings
) -> None:
    with pytest.raises(NotForCatalogue, match="first page"):
        charge_create(dataset=Dataset.objects.simulated()[0], user=shown, sure=True)
    dataset = real_table()
    with pytest.raises(CatalogueSimulated):
        charge_create(dataset=dataset, user=shown, sure=True)
    for client, there in ((administrator_client, "/demo/"), (curator_client, "/datasets/")):
        for answer in (
            client.post(f"/catalogue/charge/{dataset.pk}/", {"seen": ""}, follow=True),
            client.get(f"/catalogue/charge/{dataset.pk}/", follow=True),
        ):
            assert answer.redirect_chain[-1][0].startswith(there)
            assert "Remove the example first" in answer.content.decode()
    answer = administrator_client.post("/catalogue/filling/start/", follow=True)
    assert answer.redirect_chain[-1][0] == "/demo/"
    with pytest.raises(CatalogueSimulated):
        fill_request(user=shown)
    with pytest.raises(CommandError, match="Remove the example first"):
        call_command("catalogue", "fill")
    settings.CATALOGUE_REFRESH_DAYS = 7
    assert not refresh_is_due()
    assert not CatalogueFill.objects.exists()
    demo_remove(shown)
    table = charge_create(dataset=dataset, user=shown)
    table_execute(table.pk)
    table.refresh_from_db()
    assert (table.status, Signal.objects.filter(is_simulated=False).count()) == ("READY", 30)


def test_it_brings_no_catalogue_beside_a_real_one(administrator: User) -> None:
    table = charge_create(dataset=real_table(), user=None)
    demo_fill(administrator)
    with pytest.raises(CatalogueReal):
        charge_simulated(datasets=Dataset.objects.simulated(), user=administrator)
    assert list(CatalogueTable.objects.all()) == [table]
    asked = fill_asked()
    assert "The catalogue, which lists real signals." in asked.stays
    assert not any("catalogue of the tables" in change for change in asked.changes)
    table_execute(table.pk)
    demo_remove(administrator)
    assert Signal.objects.count() == 30


def test_its_file_does_not_come_back_as_a_real_one(shown: User) -> None:
    dataset = Dataset.objects.get(name="Simulated K2 table.csv")
    content = dataset_content(dataset)
    demo_remove(shown)
    again = dataset_upload(file=content, name="mine.csv", mission=Mission.K2).dataset
    table = charge_create(dataset=again, user=None)
    table_execute(table.pk)
    table.refresh_from_db()
    assert (table.status, Signal.objects.exists()) == ("REFUSED", False)
    assert "named as simulated" in table.reason


# --- Its end --------------------------------------------------------------------------------------


def test_what_people_added_is_said_and_goes(
    administrator: User, member: User, administrator_client: Client
) -> None:
    watch_create(user=member, query="show=open")
    before = rows()
    demo_fill(administrator)
    catalogue_execute()
    signal, other = Signal.objects.listed()[:2]
    for answer in ("planet", "cannot tell"):
        vote_cast(signal=signal, voter=member, answer=answer, comment="so it seems")
    vote_cast(signal=other, voter=administrator, answer="planet", comment="so it seems")
    watch_create(user=member, signal=signal)
    watch_create(user=member, star=signal.star)
    page = administrator_client.get("/demo/").content.decode()
    assert "3 votes of 2 people on its signals go with them." in page
    assert "2 watches of its signals and stars end." in page
    administrator_client.post("/demo/", {"wish": "remove"})
    assert rows() == before
    assert removal_asked().changes[-1].startswith("The catalogue is empty again")


def test_a_table_that_is_taken_away_while_it_is_read_leaves_nothing(
    filled: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def taken(dataset: Dataset) -> Any:
        listing = read_listing(dataset)
        demo_remove(filled)
        return listing

    monkeypatch.setattr("predictions.catalogue.services.read_listing", taken)
    table = CatalogueTable.objects.order_by("pk")[0]
    table_execute(table.pk)
    assert not CatalogueTable.objects.exists()
    assert not Signal.objects.exists()

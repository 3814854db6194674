"""The box in the head of every page: where each text leads, for whom, and that the first page's box
is the same."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from django.contrib.auth.models import User
from django.test import Client

from predictions.catalogue.models import CatalogueTable, Name, Signal
from tests.predictions.catalogue.conftest import Fill
from tests.predictions.stored import stored
from training.ml.schema import Mission

pytestmark = pytest.mark.django_db
BOX = '<form class="site-search" method="get" action="/catalogue/find/" role="search">'


def looked_up(client: Client, text: str) -> tuple[str, str]:
    """Where the text leads, and the page where it does not."""
    answer = client.get("/catalogue/find/", {"q": text})
    leads = answer.get("Location", "")
    return leads, "" if leads else answer.content.decode()


@pytest.fixture
def planets(fill: Fill) -> Signal:
    """A star of two signals of TESS, one of which was a planet before: TOI-700 with a b listed."""
    table = pd.DataFrame(
        {
            "toi": ["700.01", "700.02", "1338.01"],
            "tid": [150428135, 150428135, 260128333],
            "tfopwg_disp": ["CP", "CP", "PC"],
            "pl_orbper": [16.05, 37.42, 14.6],
            "pl_trandurh": [3.0, 3.2, 8.0],
            "pl_trandep": [2700, 800, 3000],
            "ra": [97.096, 97.096, 92.132],
            "dec": [-65.579, -65.579, -59.541],
        }
    )
    fill(table, "TOI_2025.10.04.csv", Mission.TESS)
    return Signal.objects.get(name="TOI-700.02")


def test_it_stands_on_every_page_for_who_may_use_it(
    client: Client, member_client: Client, settings: Any
) -> None:
    for address in ("/", "/catalogue/", "/glossary/", "/nowhere/"):
        assert BOX in member_client.get(address).content.decode(), address
    assert BOX not in client.get("/glossary/").content.decode()
    settings.PUBLIC_CATALOGUE = True
    assert BOX in client.get("/glossary/").content.decode()


@pytest.mark.parametrize("text", ["TOI-700 e", "toi 700e", "TOI700 c", "toi-700 b"])
def test_a_letter_that_no_table_lists_leads_to_its_star(
    member_client: Client, planets: Signal, text: str
) -> None:
    leads, _ = looked_up(member_client, text)
    assert leads.startswith(f"{planets.star.get_absolute_url()}?named=")
    page = member_client.get(leads).content.decode()
    assert "under its letter" in page
    assert "TOI-700.02" in page
    found = member_client.get("/api/v1/catalogue/find", {"q": text}).json()
    assert "under its letter" in found["sentence"]
    assert found["matches"][0]["is_star"]


def test_an_example_is_known_by_letter_and_number(member_client: Client, planets: Signal) -> None:
    assert looked_up(member_client, "toi 700 d")[0] == planets.get_absolute_url()


def test_only_a_planet_of_the_star_is_spoken_of(member_client: Client, planets: Signal) -> None:
    address = planets.star.get_absolute_url()
    for named in ("TOI-1338 b", "TOI-700", "<b>", "12.5 +95.0", ""):
        page = member_client.get(address, {"named": named}).content.decode()
        assert "under its letter" not in page, named


def test_a_letter_that_is_listed_leads_to_its_signal(
    member_client: Client, planets: Signal
) -> None:
    Name.objects.create(key="toi700e", name="TOI-700 e", signal=planets)
    assert looked_up(member_client, "toi 700 e")[0] == planets.get_absolute_url()


def test_a_number_asks_which(member_client: Client, planets: Signal) -> None:
    Name.objects.create(key="koi700", name="KOI-700", star=planets.star)
    other = Signal.objects.get(name="TOI-1338.01")
    Name.objects.create(key="kepler700", name="Kepler-700", signal=other)
    leads, page = looked_up(member_client, "700")
    assert not leads
    assert "Which one?" in page
    for one in (planets.star, other):
        assert f'href="{one.get_absolute_url()}"' in page


@pytest.mark.parametrize(
    "text",
    ["97.0961 -65.5791", "97.0961, -65.5791", "06 28 23.0 -65 34 44 1 arcmin", "TIC=150428135"],
)
def test_positions_and_signs_between(member_client: Client, planets: Signal, text: str) -> None:
    """In both boxes alike."""
    address = planets.star.get_absolute_url()
    assert looked_up(member_client, text)[0] == address
    assert member_client.post("/find/", {"what": text})["Location"] == address


def test_what_is_not_there_is_said(member_client: Client, planets: Signal) -> None:
    assert "No star of the catalogue lies" in looked_up(member_client, "12.5 -89.9 10 arcsec")[1]
    assert "not between 0 and 5 degrees" in looked_up(member_client, "12.5 -89.9 10 deg")[1]
    page = looked_up(member_client, "TOY-700.02")[1]
    assert '<a class="mono" href="/catalogue/find/?q=TOI-700.02">' in page
    assert "any name in any form" in looked_up(member_client, "  ")[1]


def test_a_row_fills_the_form(member_client: Client) -> None:
    page = looked_up(member_client, "Kepler, 9.488036, 2.9575, 615.8")[1]
    assert "Filled from the pasted row" in page
    assert 'value="9.488036"' in page


def test_examples_and_own_predictions(member_client: Client, member: User) -> None:
    """Looking writes nothing: an example is offered as a form."""
    mine = stored(member, identifier="my dip 7")
    assert looked_up(member_client, "My Dip 7")[0] == mine.get_absolute_url()
    assert looked_up(member_client, "kepler 10b")[0] == "/classify/?example=kepler-10-b"
    page = looked_up(member_client, "Keppler-10 b")[1]
    assert '<a class="mono" href="/catalogue/find/?q=Kepler-10%20b">' in page


def test_who_is_signed_out_is_told_what_the_catalogue_knows(
    client: Client, catalogue: CatalogueTable, member: User, settings: Any
) -> None:
    stored(member, identifier="my dip 7")
    signal = Signal.objects.all()[0]
    assert "/accounts/login/" in looked_up(client, signal.name)[0]
    settings.PUBLIC_CATALOGUE = True
    assert looked_up(client, signal.name)[0] == signal.get_absolute_url()
    for text in ("my dip 7", "Kepler, 9.488036, 2.9575, 615.8", "a\0b"):
        assert "is no signal and no star of the catalogue" in looked_up(client, text)[1]

"""/vo/: what Simple Cone Search 1.03 asks of an answer, and who gets one."""

from __future__ import annotations

import base64
import io
from typing import Any

import astropy.units as u
import numpy as np
import pytest
import pyvo
from astropy.coordinates import SkyCoord
from astropy.io.votable import parse
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer
from pyvo.io import vosi

from predictions.catalogue.columns import COLUMNS
from predictions.catalogue.lists import signals_of
from predictions.catalogue.models import CatalogueTable, Signal
from predictions.virtual_observatory import asking, services
from tests.predictions.virtual_observatory.lint import OLD_WORDS, fields
from training.accounts.services import token_create

pytestmark = pytest.mark.django_db
SEARCH = "/vo/conesearch"


@pytest.fixture
def everywhere(catalogue: CatalogueTable) -> list[Signal]:
    """Its signals all over the sky, some at the poles and beside the meridian."""
    random = np.random.default_rng(7)
    found = list(Signal.objects.order_by("pk"))
    for number, signal in enumerate(found):
        signal.ra, signal.dec = random.uniform(0, 360), random.uniform(-90, 90)
        if number % 3 == 0:
            signal.dec = 90 - random.uniform(0, 2)
        elif number % 3 == 1:
            signal.ra = random.uniform(-1, 1) % 360
    Signal.objects.bulk_update(found, ["ra", "dec"])
    return found


def content(client: Client, query: dict[str, Any], **headers: str) -> bytes:
    answer = client.get(SEARCH, query, headers=headers)
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "application/x-votable+xml"
    return answer.getvalue()


def table_of(document: bytes) -> Any:
    return parse(io.BytesIO(document)).get_first_table().to_table()


@pytest.mark.parametrize(
    ("ra", "dec", "radius"),
    [
        *((10.0, 89.5, 1.5), (200.0, 90.0, 0.8), (0.2, 0.0, 40.0), (359.9, 10.0, 25.0)),
        *((0.0, -90.0, 100.0), (180.0, 45.0, 60.0), (90.0, 0.0, 180.0), (0, 88.9, 1.2)),
    ],
)
def test_it_finds_what_astropy_finds(
    member_client: Client, everywhere: list[Signal], ra: float, dec: float, radius: float
) -> None:
    table = table_of(content(member_client, {"RA": ra, "DEC": dec, "SR": radius}))
    places = SkyCoord([s.ra for s in everywhere], [s.dec for s in everywhere], unit="deg")
    apart = places.separation(SkyCoord(ra, dec, unit="deg")).deg
    near = {s.name for s, distance in zip(everywhere, apart, strict=True) if distance <= radius}
    assert set(table["name"]) == near
    assert near
    assert list(table["distance"]) == sorted(table["distance"])
    assert np.allclose(table["distance"] / 3600, np.sort(apart)[: len(near)], atol=1e-7)


@pytest.mark.parametrize("verbosity", ["1", "2", "3"])
def test_the_document_is_as_the_standard_asks(
    member_client: Client, everywhere: list[Signal], verbosity: str
) -> None:
    query = {"RA": "0", "DEC": "0", "SR": "90", "VERB": verbosity}
    document = content(member_client, query)
    told = {str(field.ucd): field for field in fields(document)}
    assert set(told) >= OLD_WORDS
    assert told["POS_EQ_RA_MAIN"].datatype == told["POS_EQ_DEC_MAIN"].datatype == "double"
    assert str(told["POS_EQ_RA_MAIN"].unit) == "deg"
    assert told["ID_MAIN"].arraysize == "*"
    assert len(fields(document)) == {"1": 3, "2": 18, "3": len(COLUMNS) + 2}[verbosity]
    infos = {info.name: info.value for info in parse(io.BytesIO(document)).resources[0].infos}
    assert infos["QUERY_STATUS"] == "OK"
    assert infos["citation_Kepler"] == "doi:10.26133/NEA4"
    assert infos["model_version"] == everywhere[0].scored_by.name  # type: ignore[union-attr]


def test_a_radius_of_zero_gives_the_columns_alone(
    member_client: Client, everywhere: list[Signal]
) -> None:
    document = content(member_client, {"ra": "0", "dec": "0", "sr": "0"})
    assert len(fields(document)) == 18
    assert b"<TR>" not in document


def test_what_is_left_out_is_said(member_client: Client, everywhere: list[Signal]) -> None:
    query = {"RA": "0", "DEC": "0", "SR": "180"}
    document = content(member_client, {**query, "MAXREC": "5"})
    assert document.count(b"<TR>") == 5
    assert document.index(b'value="OVERFLOW"') > document.index(b"</TABLE>")
    assert b"OVERFLOW" not in content(member_client, {**query, "MAXREC": "60"})
    assert asking.cone_query(_Given(query | {"MAXREC": "999999"})).most == asking.MOST


class _Given(dict[str, str]):
    def lists(self) -> Any:
        return [(name, [value]) for name, value in self.items()]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("DEC=0&SR=1", "RA is missing"),
        ("RA=361&DEC=0&SR=1", "RA is “361”; give decimal degrees from 0 to 360."),
        ("RA=1&DEC=-91&SR=1", "DEC is “-91”"),
        ("RA=1&DEC=1&SR=-1", "SR is “-1”"),
        ("RA=1&DEC=1&SR=nan", "SR is “nan”"),
        ("RA=12:30:00&DEC=1&SR=1", "RA is “12:30:00”"),
        ("RA=1&RA=2&DEC=1&SR=1", "RA is given more than once."),
        ("RA=1&DEC=1&SR=1&VERB=4", "VERB is “4”; give 1, 2 or 3."),
        ("RA=1&DEC=1&SR=1&MAXREC=-3", "MAXREC is “-3”"),
        ("RA=<b>&DEC=\"&SR='", "RA is “&lt;b&gt;”"),
    ],
)
def test_an_error_is_a_votable(member_client: Client, query: str, words: str) -> None:
    answer = member_client.get(f"{SEARCH}?{query}")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/x-votable+xml"
    assert f'name="Error" value="{words}' in answer.content.decode()


def test_who_may_ask(member: User, client: Client, catalogue: CatalogueTable) -> None:
    query = {"RA": "0", "DEC": "0", "SR": "0"}
    refused = client.get(SEARCH, query)
    assert refused.status_code == 401
    assert refused["WWW-Authenticate"].startswith("Basic realm=")
    assert b'name="Error"' in refused.content
    _, token = token_create(user=member, name="topcat", scopes=["read"], days=7)
    _, other = token_create(user=member, name="other", scopes=["classify"], days=7)
    content(client, query, authorization=f"Token {token}")
    content(client, query, authorization=_basic("member", token))
    for name, password, status in (
        ("member", "a long enough password", 401),
        ("curator", token, 401),
        ("member", other, 403),
    ):
        header = {"authorization": _basic(name, password)}
        assert client.get(SEARCH, query, headers=header).status_code == status


def _basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def test_a_wrong_token_is_counted_and_so_is_everybody(
    client: Client, catalogue: CatalogueTable, settings: Any
) -> None:
    settings.RATES = {"wrong_token": {"address": "2/minute"}, "public": {"address": "1/minute"}}
    header = {"authorization": _basic("member", "0" * 64)}
    assert [client.get(SEARCH, headers=header).status_code for _ in range(3)] == [401, 401, 429]
    settings.PUBLIC_CATALOGUE = True
    answers = [client.get(SEARCH) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert b'name="Error"' in answers[1].content
    assert int(answers[1]["Retry-After"]) > 0


def test_the_largest_cone_reads_no_more_rows_than_it_may(
    member_client: Client, everywhere: list[Signal], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []

    def noted(keys: Any) -> list[Signal]:
        read.append(len(keys))
        return signals_of(keys)

    monkeypatch.setattr(services, "signals_of", noted)
    content(member_client, {"RA": "0", "DEC": "0", "SR": "180", "MAXREC": "7"})
    assert read == [7]


@pytest.mark.slow
def test_pyvo_asks_the_running_site(
    live_server: LiveServer, everywhere: list[Signal], settings: Any
) -> None:
    settings.PUBLIC_CATALOGUE = True
    service = pyvo.dal.SCSService(live_server.url + reverse("vo_cone_search"))
    found = service.search(SkyCoord(0, 0, unit="deg"), 90 * u.deg, verbosity=3)
    first = found[0]
    signal = Signal.objects.get(name=first.id)
    assert (first.pos.ra.deg, first.pos.dec.deg) == (signal.ra, signal.dec)
    assert first["page"] == live_server.url + signal.get_absolute_url()
    assert str(found.to_table()["radius"].unit) == "earthRad"
    with pytest.raises(pyvo.DALQueryError, match=r"SR is “-1\.0”"):
        service.search(SkyCoord(0, 0, unit="deg"), -1 * u.deg)


def test_it_says_what_it_can(client: Client, catalogue: CatalogueTable, settings: Any) -> None:
    settings.PUBLIC_CATALOGUE = True
    document = client.get("/vo/capabilities").content
    # pyvo knows neither parameters nor what a cone search says beyond other services.
    capabilities = vosi.parse_capabilities(io.BytesIO(document))
    by_standard = {str(one.standardid): one for one in capabilities}
    assert len(by_standard) == 3
    [interface] = by_standard["ivo://ivoa.net/std/ConeSearch"].interfaces
    assert interface.accessurls[0].content == "http://testserver/vo/conesearch?"
    told = document.decode()
    assert f"<maxRecords>{asking.MOST}</maxRecords>" in told
    for name in ("RA", "DEC", "SR", "VERB", "MAXREC"):
        assert f"<name>{name}</name>" in told
    available = vosi.parse_availability(io.BytesIO(client.get("/vo/availability").content))
    assert available.available is True

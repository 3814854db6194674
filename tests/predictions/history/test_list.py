"""One's own history: search, filter, sort, pages, CSV."""

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone

from predictions.models import Prediction
from tests.predictions.stored import stored
from training.models import ModelVersion

pytestmark = pytest.mark.django_db


def shown(client: Client, address: str = "/predictions/") -> list[str]:
    """The identifiers on the page, in order."""
    response = client.get(address)
    assert response.status_code == 200
    return re.findall(
        r'<th scope="row".*?<span class="mono">(.*?)</span>', response.content.decode(), re.DOTALL
    )


@pytest.fixture
def three(member: User) -> list[Prediction]:
    """The oldest first."""
    return [
        stored(member, "kepler-10-b"),
        stored(member, "koi-698", note="blended?"),
        stored(member, "toi-700-d"),
    ]


def copies(prediction: Prediction, count: int, **facts: Any) -> None:
    """Many rows in little time."""
    fields = {
        f.attname: getattr(prediction, f.attname)
        for f in Prediction._meta.concrete_fields
        if f.attname != "id"
    }
    Prediction.objects.bulk_create(
        Prediction(**{**fields, "identifier": f"copy {n:03}", **facts}) for n in range(count)
    )


def test_it_says_what_to_do_when_there_is_nothing(member_client: Client) -> None:
    html = member_client.get("/predictions/").content.decode()
    assert "Nothing here yet." in html
    assert 'href="/classify/"' in html


def test_the_newest_stands_first_and_others_do_not_stand_there(
    member_client: Client, curator: User, three: list[Prediction]
) -> None:
    stored(curator, "wasp-18-b", shared=True)
    assert shown(member_client) == ["TOI-700.02", "K00698.01", "KOI-72.01"]


@pytest.mark.parametrize(
    ("query", "identifiers"),
    [
        ("q=700", ["TOI-700.02"]),
        ("q=BLENDED", ["K00698.01"]),
        ("q=k00698+blended", ["K00698.01"]),
        ("q=nothing", []),
        ("disposition=FALSE+POSITIVE", ["K00698.01"]),
        ("mission=TESS", ["TOI-700.02"]),
        ("mission=Kepler&disposition=CONFIRMED", ["KOI-72.01"]),
        ("sort=identifier", ["K00698.01", "KOI-72.01", "TOI-700.02"]),
        ("sort=-identifier", ["TOI-700.02", "KOI-72.01", "K00698.01"]),
        ("sort=planet_score&mission=Kepler", ["K00698.01", "KOI-72.01"]),
        ("sort=created", ["KOI-72.01", "K00698.01", "TOI-700.02"]),
        ("sort=owner__password", ["TOI-700.02", "K00698.01", "KOI-72.01"]),
        ("disposition=PLANET&page=nine", ["TOI-700.02", "K00698.01", "KOI-72.01"]),
    ],
)
def test_the_address_says_what_is_shown(
    member_client: Client, three: list[Prediction], query: str, identifiers: list[str]
) -> None:
    assert shown(member_client, f"/predictions/?{query}") == identifiers


def test_it_filters_by_version(member_client: Client, three: list[Prediction]) -> None:
    other = ModelVersion.objects.create(
        name="2020-01-01T00-00-00Z",
        created_at=timezone.now(),
        origin="command",
        artifact="a",
        sha256="0",
        metadata={},
    )
    Prediction.objects.filter(pk=three[0].pk).update(version=other)
    assert shown(member_client, f"/predictions/?version={other.name}") == ["KOI-72.01"]
    assert len(shown(member_client, f"/predictions/?version={three[1].version.name}")) == 2


def test_a_search_without_a_find_offers_the_way_back(
    member_client: Client, three: list[Prediction]
) -> None:
    assert "No prediction fits this." in member_client.get("/predictions/?q=zzz").content.decode()


def test_headings_sort_and_keep_the_filter(member_client: Client, three: list[Prediction]) -> None:
    html = member_client.get(
        "/predictions/?mission=Kepler&sort=-planet_score&page=1"
    ).content.decode()
    assert (
        'aria-sort="descending"><a href="?mission=Kepler&amp;sort=planet_score">Planet score ↓'
        in html
    )
    assert 'href="?mission=Kepler&amp;sort=identifier">Signal<' in html


def test_pages_keep_the_filter(member_client: Client, member: User) -> None:
    copies(stored(member), 120)
    first = member_client.get("/predictions/?mission=Kepler&sort=identifier").content.decode()
    assert "Page 1 of 3" in first
    assert 'href="?mission=Kepler&amp;sort=identifier&amp;page=2"' in first
    names = [
        n
        for page in (1, 2, 3)
        for n in shown(member_client, f"/predictions/?sort=identifier&page={page}")
    ]
    assert len(names) == len(set(names)) == 121


def test_rows_of_one_instant_keep_their_order_over_pages(
    member_client: Client, member: User
) -> None:
    copies(stored(member), 110)
    Prediction.objects.update(created_at=timezone.now() - timedelta(days=1))
    names = [
        name for page in (1, 2, 3) for name in shown(member_client, f"/predictions/?page={page}")
    ]
    assert len(names) == len(set(names)) == 111


def test_a_page_reads_few_rows_and_no_answers(
    member_client: Client, member: User, django_assert_max_num_queries: Any
) -> None:
    copies(stored(member), 60)
    with django_assert_max_num_queries(8) as queries:
        member_client.get("/predictions/")
    assert not any('"answer"' in query["sql"] for query in queries.captured_queries)


# --- CSV ------------------------------------------------------------------------------------------


def rows(client: Client, address: str = "/predictions/predictions.csv") -> list[dict[str, str]]:
    response = client.get(address)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="predictions.csv"'
    return list(csv.DictReader(io.StringIO(response.getvalue().decode())))


def test_the_csv_holds_answers_and_inputs(member_client: Client, three: list[Prediction]) -> None:
    newest = rows(member_client)[0]
    prediction = three[2]
    assert newest["identifier"] == "TOI-700.02"
    assert float(newest["p_confirmed"]) == prediction.p_confirmed
    assert newest["prediction_set"] == "|".join(prediction.answer["prediction_set"])
    assert newest["model_version"] == prediction.version.name
    assert float(newest["orbital_period"]) == 37.423684
    assert newest["flux_centroid_offset"] == ""
    assert "transit_snr" in newest["missing_inputs"].split("|")


def test_the_csv_follows_the_filter(member_client: Client, three: list[Prediction]) -> None:
    found = rows(member_client, "/predictions/predictions.csv?mission=Kepler&sort=identifier")
    assert [row["identifier"] for row in found] == ["K00698.01", "KOI-72.01"]


def test_the_csv_holds_only_ones_own(curator_client: Client, three: list[Prediction]) -> None:
    Prediction.objects.update(shared=True)
    assert rows(curator_client) == []


@pytest.mark.parametrize("formula", ['=HYPERLINK("http://x")', "+1+1", "@SUM(A1)", "-2+3", "\t=1"])
def test_no_cell_is_a_formula(member_client: Client, member: User, formula: str) -> None:
    stored(member, identifier=formula, note=formula)
    (row,) = rows(member_client)
    assert row["identifier"] == f"'{formula}"
    assert row["note"] == f"'{formula}"


@pytest.mark.parametrize("address", ["/predictions/", "/predictions/predictions.csv"])
def test_it_asks_to_sign_in(client: Client, address: str) -> None:
    assert client.get(address)["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("koi", 1),
        ("KOI-72", 1),
        ("blend", 1),
        ("k00698 blended", 1),
        ("toi blended", 0),
        ("-7", 2),
        ("  ", 3),
    ],
)
def test_a_page_finds_what_a_search_through_all_rows_finds(
    member_client: Client, member: User, three: list[Prediction], text: str, found: int
) -> None:
    names = shown(member_client, f"/predictions/?q={text}")
    through_all = Prediction.objects.owned_by(member).search(text)
    assert sorted(names) == sorted(through_all.values_list("identifier", flat=True))
    assert len(names) == found


def test_a_search_shows_so_many_and_the_file_holds_all(
    member_client: Client, member: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("predictions.history.lists.MAX_FOUND", 20)
    copies(stored(member), 30)
    assert len(shown(member_client, "/predictions/?q=copy")) == 20
    assert (
        "More than 20 predictions hold these words"
        in member_client.get("/predictions/?q=copy").content.decode()
    )
    assert "More than" not in member_client.get("/predictions/?q=copy+007").content.decode()
    csv_file = member_client.get("/predictions/predictions.csv?q=copy")
    assert len(csv_file.getvalue().splitlines()) == 31


@pytest.mark.skipif(connection.vendor != "sqlite", reason="reads SQLite's plan of a query")
def test_a_search_walks_through_indexes(member: User) -> None:
    own = Prediction.objects.owned_by(member).order_by()
    named = own.filter(identifier__icontains="x").values_list("pk", flat=True)[:10]
    noted = own.with_note().search("x").values_list("pk", flat=True)[:10]
    assert "COVERING INDEX prediction_identifier" in named.explain()
    assert "INDEX prediction_noted" in noted.explain()

"""Rows are kept, rejected and noted by the batch's owner, found again, and taken away."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pyarrow.parquet as pq
import pytest
from astropy.table import Table
from django.contrib.auth.models import User
from django.test import Client

from predictions.batches.models import Batch
from predictions.triage.models import RowMark
from predictions.triage.services import decision_counts, decision_mask, kept_by, row_mark
from tests.predictions.conftest import kepler_csv, make_batch, queue  # noqa: F401 - fixtures

pytestmark = pytest.mark.django_db
MakeBatch = Callable[..., Batch]


@pytest.fixture
def batch(make_batch: MakeBatch, small_chunks: int) -> Batch:
    return make_batch(kepler_csv(25), done=True)


def decide(client: Client, batch: Batch, row: int, **sent: str) -> int:
    return client.post(f"/batches/{batch.pk}/rows/{row}/mark/", sent).status_code


def shown(client: Client, batch: Batch, query: str) -> list[int]:
    page = client.get(f"/batches/{batch.pk}/?{query}")
    return [row.number for row, *_ in page.context["rows"]]


def test_a_decision_stays_until_it_is_taken_back(batch: Batch, member_client: Client) -> None:
    assert decide(member_client, batch, 3, decision="kept") == 302
    assert decide(member_client, batch, 3, note=" looks good ") == 302
    mark = RowMark.objects.get()
    assert (mark.row, mark.decision, mark.note) == (3, "kept", "looks good")
    assert mark.identifier.startswith("K")
    decide(member_client, batch, 3, decision="rejected")
    mark.refresh_from_db()
    assert (mark.decision, mark.note) == ("rejected", "looks good")
    decide(member_client, batch, 3, decision="clear")
    assert decision_counts(batch) == {"kept": 0, "rejected": 0, "noted": 1}
    decide(member_client, batch, 3, note="")
    assert not RowMark.objects.exists()


def test_decisions_filter_the_table(batch: Batch, member_client: Client, member: User) -> None:
    for row, decision in ((2, "kept"), (12, "kept"), (25, "rejected")):
        row_mark(batch=batch, row=row, user=member, decision=decision)
    row_mark(batch=batch, row=7, user=member, note="odd")
    assert shown(member_client, batch, "decision=kept&sort=row") == [2, 12]
    assert shown(member_client, batch, "decision=rejected&sort=row") == [25]
    assert shown(member_client, batch, "decision=noted&sort=row") == [7]
    undecided = shown(member_client, batch, "decision=undecided&sort=row")
    assert undecided == [row for row in range(1, 26) if row not in (2, 12, 25)]
    assert decision_mask(batch, 25, "kept").nonzero()[0].tolist() == [1, 11]
    assert [mark.row for mark in kept_by(member)] == [12, 2]
    page = member_client.get("/batches/kept/").content.decode()
    assert f"/batches/{batch.pk}/rows/12/" in page
    assert f"/batches/{batch.pk}/rows/25/" not in page


def test_nothing_kept_is_said_and_others_see_nothing(
    batch: Batch, member_client: Client, curator_client: Client, member: User
) -> None:
    assert "Nothing is kept yet" in member_client.get("/batches/kept/").content.decode()
    row_mark(batch=batch, row=2, user=member, decision="kept")
    Batch.objects.update(shared=True)
    assert "Nothing is kept yet" in curator_client.get("/batches/kept/").content.decode()


def test_ranges_filter_the_table_and_hold_their_ends(batch: Batch, member_client: Client) -> None:
    every = member_client.get(f"/batches/{batch.pk}/?sort=period")
    periods = [row.period for row, *_ in every.context["rows"]]
    assert periods == sorted(periods, key=lambda text: float(text.split()[0].replace(",", "")))
    rows = list(csv.DictReader(io.StringIO(kepler_csv(25))))
    values = [float(row["koi_period"]) for row in rows]
    low, high = sorted(values)[4], sorted(values)[11]
    expected = [n for n, value in enumerate(values, 1) if low <= value <= high]
    query = f"period_from={low!r}&period_to={high!r}&sort=row"
    assert shown(member_client, batch, query) == expected
    assert len(shown(member_client, batch, "score_from=0&score_to=1")) == 25
    assert shown(member_client, batch, "score_to=-1&sort=row") == list(range(1, 26))  # nonsense


@pytest.mark.parametrize(
    "name",
    ["identifier", "disposition", "confidence", "planet_score", "open_score", "given", "radius"],
)
def test_every_column_sorts_both_ways(batch: Batch, member_client: Client, name: str) -> None:
    up, down = (shown(member_client, batch, f"sort={sign}{name}") for sign in ("", "-"))
    assert sorted(up) == sorted(down) == list(range(1, 26))
    page = member_client.get(f"/batches/{batch.pk}/?sort={name}").content.decode()
    assert 'aria-sort="ascending"' in page
    if name == "identifier":
        names = [row["kepoi_name"] for row in csv.DictReader(io.StringIO(kepler_csv(25)))]
        assert [names[row - 1] for row in up] == sorted(names)


@pytest.mark.parametrize("key", ["csv", "parquet", "votable", "fits"])
def test_what_is_kept_can_be_taken_away(
    batch: Batch, member_client: Client, member: User, key: str
) -> None:
    for row in (2, 12, 25):
        row_mark(batch=batch, row=row, user=member, decision="kept")
    address = f"/batches/{batch.pk}/download/{key}/"
    answer = member_client.get(f"{address}?decision=kept")
    content = io.BytesIO(b"".join(answer))
    if key == "csv":
        names = [row["kepoi_name"] for row in csv.DictReader(io.StringIO(content.read().decode()))]
    elif key == "parquet":
        names = pq.read_table(content)["kepoi_name"].to_pylist()
    else:
        names = [str(name) for name in Table.read(content, format=key)["kepoi_name"]]
    rows = list(csv.DictReader(io.StringIO(kepler_csv(25))))
    assert names == [rows[row - 1]["kepoi_name"] for row in (2, 12, 25)]


def test_nothing_to_take_away_is_said(batch: Batch, member_client: Client) -> None:
    answer = member_client.get(f"/batches/{batch.pk}/download/csv/?decision=kept", follow=True)
    assert "nothing to take away" in answer.content.decode()


def test_a_row_knows_its_neighbours_in_the_view(batch: Batch, member_client: Client) -> None:
    order = shown(member_client, batch, "sort=-planet_score")
    page = member_client.get(f"/batches/{batch.pk}/rows/{order[1]}/?sort=-planet_score")
    assert (page.context["place"], page.context["of"]) == (2, 25)
    assert (page.context["previous"], page.context["next"]) == (order[0], order[2])
    text = page.content.decode()
    assert f"/rows/{order[2]}/?sort=-planet_score" in text
    first = member_client.get(f"/batches/{batch.pk}/rows/{order[0]}/?sort=-planet_score")
    assert first.context["previous"] is None
    elsewhere = member_client.get(f"/batches/{batch.pk}/rows/1/?decision=kept")
    assert "place" not in elsewhere.context


def test_only_the_owner_decides(
    batch: Batch, member_client: Client, django_user_model: type[User]
) -> None:
    Batch.objects.update(shared=True)
    other_member_client = Client()
    other_member_client.force_login(django_user_model.objects.create_user("somebody else"))
    assert decide(other_member_client, batch, 3, decision="kept") == 404
    decide(member_client, batch, 3, decision="kept")
    page = other_member_client.get(f"/batches/{batch.pk}/").content.decode()
    assert "1 kept" in page
    assert "/rows/3/mark/" not in page


def test_what_makes_no_sense_is_refused_in_words(batch: Batch, member_client: Client) -> None:
    assert decide(member_client, batch, 26, decision="kept") == 404
    asked = {"Accept": "application/json"}
    address = f"/batches/{batch.pk}/rows/3/mark/"
    too_long = member_client.post(address, {"note": "x" * 2001}, headers=asked)
    assert too_long.status_code == 422
    assert "2,000" in too_long.json()["error"]
    unknown = member_client.post(address, {"decision": "maybe"}, headers=asked)
    assert unknown.status_code == 422
    assert not RowMark.objects.exists()
    there = member_client.post(address, {"decision": "kept"}, headers=asked)
    assert there.json() == {"row": 3, "decision": "kept", "note": ""}
    back = member_client.post(address, {"decision": "kept", "next": "https://example.org/"})
    assert back["Location"] == f"/batches/{batch.pk}/rows/3/"


def test_the_nearest_signal_of_the_plot_is_named(batch: Batch, member_client: Client) -> None:
    rows = list(csv.DictReader(io.StringIO(kepler_csv(25))))
    row = next(n for n, found in enumerate(rows, 1) if found["koi_prad"])
    query = {"period": rows[row - 1]["koi_period"], "radius": rows[row - 1]["koi_prad"]}
    found = member_client.get(f"/batches/{batch.pk}/nearest/", query).json()
    assert found["row"] == row
    assert rows[row - 1]["kepoi_name"] in found["words"]
    for query in ({}, {"period": "x", "radius": "-1"}, {"period": "nan", "radius": "inf"}):
        assert member_client.get(f"/batches/{batch.pk}/nearest/", query).status_code == 200

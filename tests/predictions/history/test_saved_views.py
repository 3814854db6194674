"""Filters and order of a list under a name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from predictions.batches.models import Batch
from predictions.history import services
from predictions.models import SavedView
from tests.predictions.conftest import kepler_csv
from tests.predictions.history.test_list import shown
from tests.predictions.stored import stored

pytestmark = pytest.mark.django_db
ADDRESS = "/predictions/views/"


@pytest.fixture
def view(member: User) -> SavedView:
    return SavedView.objects.create(
        owner=member, page="history", name="TESS planets", query="mission=TESS&sort=-planet_score"
    )


def save(client: Client, **data: str) -> str:
    form = {"page": "history", "name": "mine", "query": "mission=TESS", **data}
    return client.post(ADDRESS, form, follow=True).content.decode()


def test_what_is_looked_at_is_saved_and_listed_as_a_link(
    member: User, member_client: Client
) -> None:
    stored(member, "toi-700-d")
    stored(member)
    html = member_client.get("/predictions/?sort=identifier&mission=TESS&page=1").content.decode()
    assert 'name="query" value="mission=TESS&amp;sort=identifier"' in html
    save(member_client, query="page=3&sort=identifier&mission=TESS&csrfmiddlewaretoken=x")
    html = member_client.get("/predictions/").content.decode()
    assert '<a class="chip" href="/predictions/?mission=TESS&amp;sort=identifier">mine</a>' in html
    assert "Save this view" not in html  # nothing is asked for
    address = SavedView.objects.get().address
    assert shown(member_client, address) == ["TOI-700.02"]
    again = member_client.get(address).content.decode()
    assert 'aria-current="true">mine' in again and "Save this view" not in again


def test_one_goes_back_to_where_one_was_and_nowhere_else(member_client: Client) -> None:
    form = {"page": "history", "name": "mine", "query": "q=x"}
    for wanted, there in (
        ("/predictions/?q=x", "/predictions/?q=x"),
        ("https://elsewhere.example/", ADDRESS),
        ("//elsewhere.example/", ADDRESS),
        ("0", ADDRESS),
        ("/predictions/\r\nX-Forged: 1", "/predictions/%0D%0AX-Forged:%201"),
    ):
        assert member_client.post(ADDRESS, {**form, "next": wanted})["Location"] == there


def test_a_name_that_is_there_shows_this_from_now_on(member_client: Client) -> None:
    save(member_client)
    save(member_client, query="q=koi")
    assert [one.query for one in SavedView.objects.all()] == ["q=koi"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"name": "  "}, "Give the view a name."),
        ({"name": "x" * 61}, "more than 60 characters"),
        ({"query": "page=2&nonsense=1&mission="}, "Nothing is filtered or sorted in this view"),
        ({"query": f"q={'x' * 1001}"}, "asks for too much to be kept"),
        ({"page": "elsewhere"}, "Select a valid choice"),
    ],
)
def test_what_makes_no_sense_is_said(
    member_client: Client, data: dict[str, str], words: str
) -> None:
    assert words in save(member_client, **data)
    assert not SavedView.objects.exists()


def test_a_person_has_so_many_at_most(
    member_client: Client, view: SavedView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MOST_OWN", 1)
    assert "You have 1 views of this page already" in save(member_client)
    save(member_client, name="TESS planets", query="q=koi")  # one that is there may change
    assert SavedView.objects.get().query == "q=koi"


def test_a_view_is_renamed(member: User, member_client: Client, view: SavedView) -> None:
    SavedView.objects.create(owner=member, page="history", name="taken", query="q=a")
    SavedView.objects.create(owner=member, page="batch", name="of batches", query="q=a")
    address = f"{ADDRESS}{view.pk}/"
    for name, words in (
        ("of batches", "Saved."),
        ("taken", "“taken” is the name of another view."),
        ("", "Give the view a name."),
    ):
        html = member_client.post(address, {"name": name}, follow=True).content.decode()
        assert words in html
    view.refresh_from_db()
    assert view.name == "of batches"


def test_a_page_asks_before_a_view_is_deleted(member_client: Client, view: SavedView) -> None:
    address = f"{ADDRESS}{view.pk}/delete/"
    html = member_client.get(address).content.decode()
    assert "Delete this view?" in html and "TESS planets" in html
    assert SavedView.objects.exists()
    assert "is deleted" in member_client.post(address, follow=True).content.decode()
    assert not SavedView.objects.exists()


def test_views_are_ones_own(curator_client: Client, view: SavedView) -> None:
    assert "TESS planets" not in curator_client.get("/predictions/").content.decode()
    assert "TESS planets" not in curator_client.get(ADDRESS).content.decode()
    for address in (f"{ADDRESS}{view.pk}/", f"{ADDRESS}{view.pk}/delete/"):
        assert curator_client.post(address, {"name": "hers"}).status_code == 404


def test_a_view_of_one_batch_is_one_of_every_batch(
    member_client: Client, make_batch: Callable[..., Batch], queue: list[Any]
) -> None:
    one, other = (make_batch(kepler_csv(12, seed), done=True) for seed in (1, 2))
    page = f"{one.get_absolute_url()}?score_from=0.5&sort=-open_score&page=1"
    html = member_client.get(page).content.decode()
    assert 'name="query" value="score_from=0.5&amp;sort=-open_score"' in html
    save(member_client, page="batch", query="score_from=0.5&sort=-open_score", name="promising")
    html = member_client.get(other.get_absolute_url()).content.decode()
    assert 'href="?score_from=0.5&amp;sort=-open_score#rows">promising</a>' in html
    assert "promising" not in member_client.get("/predictions/").content.decode()
    listed = member_client.get(ADDRESS).content.decode()
    assert "promising" in listed and "outcomes of batches" in listed


def test_it_says_what_to_do_when_there_is_nothing(member_client: Client) -> None:
    assert "Nothing here yet." in member_client.get(ADDRESS).content.decode()


@pytest.mark.parametrize("address", ["", "1/", "1/delete/"])
def test_it_asks_to_sign_in(client: Client, address: str) -> None:
    assert client.post(f"{ADDRESS}{address}")["Location"].startswith("/accounts/login/")

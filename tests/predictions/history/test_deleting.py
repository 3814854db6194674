"""Predictions are deleted by their owner alone, after a page that names them."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.auth.models import User
from django.test import Client

from predictions.models import Prediction
from tests.predictions.stored import stored

pytestmark = pytest.mark.django_db
ADDRESS = "/predictions/delete/"


@pytest.fixture
def three(member: User) -> list[Prediction]:
    return [stored(member, key) for key in ("kepler-10-b", "koi-698", "toi-700-d")]


def test_a_page_asks_first_and_names_what_was_selected(
    member_client: Client, three: list[Prediction]
) -> None:
    html = member_client.get(
        ADDRESS, {"key": [str(three[0].pk), str(three[2].pk)]}
    ).content.decode()
    assert "Delete these 2 predictions?" in html
    assert "KOI-72.01" in html and "TOI-700.02" in html and "K00698.01" not in html
    assert Prediction.objects.count() == 3


def test_those_that_were_selected_go_and_the_trail_names_them(
    member: User, member_client: Client, three: list[Prediction]
) -> None:
    answer = member_client.post(ADDRESS, {"key": f"{three[0].pk} {three[2].pk}"}, follow=True)
    assert "2 predictions are deleted." in answer.content.decode()
    assert list(Prediction.objects.all()) == [three[1]]
    written = LogEntry.objects.filter(user=member, action_flag=DELETION)
    assert {entry.object_id for entry in written} == {str(three[0].pk), str(three[2].pk)}


def test_a_second_click_deletes_nothing_else(
    member_client: Client, three: list[Prediction]
) -> None:
    for words in ("1 prediction is deleted.", "Nothing was deleted"):
        answer = member_client.post(ADDRESS, {"key": str(three[0].pk)}, follow=True)
        assert words in answer.content.decode()
    assert Prediction.objects.count() == 2


def test_what_is_shared_by_somebody_else_stays(member_client: Client, curator: User) -> None:
    hers = stored(curator, shared=True)
    for ask in (member_client.get, member_client.post):
        answer = ask(ADDRESS, {"key": str(hers.pk)}, follow=True)
        assert "Nothing was deleted" in answer.content.decode()
    assert Prediction.objects.filter(pk=hers.pk).exists()


def test_one_that_colleagues_read_is_said(member: User, member_client: Client) -> None:
    own = stored(member, shared=True)
    html = member_client.get(ADDRESS, {"key": str(own.pk)}).content.decode()
    assert "Delete this prediction?" in html
    assert "gone for colleagues as well" in html


@pytest.mark.parametrize("keys", [[], ["x"], ["'"], ["0" * 40]])
def test_keys_that_are_none_are_nobodys(member_client: Client, keys: list[str]) -> None:
    answer = member_client.get(ADDRESS, {"key": keys}, follow=True)
    assert answer.status_code == 200
    assert "select at least one" in answer.content.decode()


def test_more_than_can_be_looked_at_are_refused(
    member_client: Client, three: list[Prediction], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("predictions.history.views.MAX_SELECTED", 2)
    keys = " ".join(str(prediction.pk) for prediction in three)
    answer = member_client.post(ADDRESS, {"key": keys}, follow=True)
    assert "Select at most 2 predictions at a time." in answer.content.decode()
    assert Prediction.objects.count() == 3


def test_it_wants_the_forms_token(member: User, three: list[Prediction]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(member)
    assert client.post(ADDRESS, {"key": str(three[0].pk)}).status_code == 403
    assert Prediction.objects.count() == 3


def test_history_and_page_lead_there(member_client: Client, three: list[Prediction]) -> None:
    html = member_client.get("/predictions/").content.decode()
    assert f'action="{ADDRESS}"' in html
    assert html.count('name="key"') == 3
    page = member_client.get(three[0].get_absolute_url()).content.decode()
    assert f'href="{ADDRESS}?key={three[0].pk}"' in page

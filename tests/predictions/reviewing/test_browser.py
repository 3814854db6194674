"""Voting in a real browser: from the queue to a vote, what it reveals, and on to the next."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from predictions.catalogue.models import Signal
from predictions.reviewing.making import queue_follow
from predictions.reviewing.models import Vote
from tests.accessibility import troubles
from tests.predictions.reviewing.conftest import MakeSignal
from training.datasets.models import Dataset

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SignIn = Callable[[User], None]


@pytest.fixture
def queue(doubted: Signal, make_signal: MakeSignal) -> None:
    make_signal("K00990.01", "CANDIDATE", 0.5, several=True)
    queue_follow()


def test_a_vote_reveals_what_others_say(
    page: Page, sign_in: SignIn, member: User, queue: None, live_server: LiveServer
) -> None:
    sign_in(member)
    page.goto("/reviewing/")
    page.get_by_label("Reason").select_option("suspected-label")
    page.wait_for_url("**reason=suspected-label**")
    page.get_by_role("link", name="Begin with the first").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What is K00999.01?")
    assert "FALSE POSITIVE" not in page.content() and "0.971" not in page.content()
    assert troubles(page, "before a vote") == []
    page.get_by_role("radio", name="Planet", exact=True).check()
    page.get_by_role("button", name="Vote", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Say on what grounds")
    assert "FALSE POSITIVE" not in page.content()
    expect(page.get_by_role("radio", name="Planet", exact=True)).to_be_checked()
    page.get_by_label("The body has the size of a planet").check()
    page.get_by_role("button", name="Vote", exact=True).click()
    expect(page.get_by_text("What others say")).to_be_visible()
    expect(page.get_by_text("FALSE POSITIVE").first).to_be_visible()
    assert troubles(page, "after a vote") == []
    assert Vote.objects.get().is_blind
    page.get_by_role("link", name="Next signal").click()
    expect(page.get_by_text("Nothing of this list waits for your vote.")).to_be_visible()


def test_votes_become_a_dataset(
    page: Page, sign_in: SignIn, curator: User, queue: None, live_server: LiveServer
) -> None:
    sign_in(curator)
    page.goto("/reviewing/signals/K00999.01/")
    page.get_by_role("radio", name="Planet", exact=True).check()
    page.get_by_label("Comment").fill("Flat and shallow.")
    page.get_by_role("button", name="Vote", exact=True).click()
    page.goto("/reviewing/agreed/")
    expect(page.get_by_text("By this rule nothing is agreed yet.")).to_be_visible()
    page.get_by_label("At least so many people").fill("1")
    page.get_by_role("button", name="Show what this gives").click()
    assert troubles(page, "agreed votes") == []
    page.get_by_role("button", name="Make the dataset").click()
    page.wait_for_url("**/datasets/**")
    expect(page.get_by_text("Its dispositions are people’s votes")).to_be_visible()
    assert Dataset.objects.get(source="votes").signals == 1

"""Predictions are selected and deleted in a browser, by mouse and by keyboard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from predictions.models import Prediction
from tests.accessibility import troubles
from tests.predictions.stored import stored

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("by", ["mouse", "keyboard"])
@pytest.mark.parametrize("width", [1280, 390])
def test_two_of_three_are_selected_and_deleted(
    page: Page, sign_in: Callable[[User], None], member: User, by: str, width: int
) -> None:
    for key in ("kepler-10-b", "koi-698", "toi-700-d"):
        stored(member, key)
    sign_in(member)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/predictions/")
    for name in ("KOI-72.01", "TOI-700.02"):
        box = page.get_by_role("checkbox", name=f"Select {name}")
        box.click() if by == "mouse" else box.press("Space")
    assert troubles(page, "the history") == []
    button = page.get_by_role("button", name="Delete the selected")
    button.click() if by == "mouse" else button.press("Enter")
    expect(page.get_by_role("heading", name="Delete these 2 predictions?")).to_be_visible()
    assert troubles(page, "the question") == []
    yes = page.get_by_role("button", name="Delete them")
    yes.click() if by == "mouse" else yes.press("Enter")
    expect(page.get_by_text("2 predictions are deleted.")).to_be_visible()
    assert [prediction.identifier for prediction in Prediction.objects.all()] == ["K00698.01"]

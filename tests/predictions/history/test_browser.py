"""Labels and saved views are used in a browser, by mouse and by keyboard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Locator, Page, expect

from predictions.models import Prediction, SavedView
from tests.accessibility import troubles
from tests.predictions.stored import stored

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WAYS = pytest.mark.parametrize(("by", "width"), [("mouse", 1280), ("keyboard", 390)])


def press(control: Locator, by: str) -> None:
    control.click() if by == "mouse" else control.press("Enter")


@pytest.fixture
def history(page: Page, sign_in: Callable[[User], None], member: User) -> Page:
    for key in ("kepler-10-b", "koi-698", "toi-700-d"):
        stored(member, key)
    sign_in(member)
    return page


@WAYS
def test_two_of_three_are_labelled_and_found_by_the_label(
    history: Page, by: str, width: int
) -> None:
    history.set_viewport_size({"width": width, "height": 900})
    history.goto("/predictions/")
    for name in ("KOI-72.01", "TOI-700.02"):
        box = history.get_by_role("checkbox", name=f"Select {name}")
        box.click() if by == "mouse" else box.press("Space")
    press(history.get_by_role("button", name="Label the selected"), by)
    history.get_by_label("Labels to add").fill("to observe, paper")
    assert troubles(history, "labels") == []
    press(history.get_by_role("button", name="Change the labels"), by)
    expect(history.get_by_text("2 predictions are labelled anew.")).to_be_visible()
    assert troubles(history, "the history") == []
    history.get_by_label("Label", exact=True).select_option("paper")
    history.wait_for_url("**label=paper*")
    expect(history.get_by_text("K00698.01")).to_have_count(0)
    expect(history.get_by_role("link", name="KOI-72.01")).to_be_visible()
    labelled = Prediction.objects.filter(labels__name="to observe")
    assert {one.identifier for one in labelled} == {"KOI-72.01", "TOI-700.02"}


@WAYS
def test_a_view_is_saved_opened_renamed_and_deleted(history: Page, by: str, width: int) -> None:
    history.set_viewport_size({"width": width, "height": 900})
    history.goto("/predictions/?mission=TESS&sort=identifier")
    press(history.locator("summary", has_text="Save this view"), by)
    name = history.get_by_label("Name of this view")
    name.fill("TESS by name")
    press(history.get_by_role("button", name="Save the view"), by)
    expect(history.get_by_text("“TESS by name” is kept")).to_be_visible()
    history.goto("/predictions/")
    press(history.get_by_role("link", name="TESS by name"), by)
    expect(history.get_by_role("link", name="TOI-700.02")).to_be_visible()
    expect(history.get_by_text("K00698.01")).to_have_count(0)
    press(history.get_by_role("link", name="Edit views"), by)
    assert troubles(history, "saved views") == []
    history.get_by_label("Name of TESS by name").fill("TESS")
    press(history.get_by_role("button", name="Rename"), by)
    expect(history.get_by_text("Saved.", exact=True)).to_be_visible()
    assert [view.name for view in SavedView.objects.all()] == ["TESS"]
    press(history.get_by_role("link", name="Delete TESS"), by)
    press(history.get_by_role("button", name="Delete it"), by)
    expect(history.get_by_text("Nothing here yet.")).to_be_visible()
    assert not SavedView.objects.exists()

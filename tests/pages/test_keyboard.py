"""A whole visit by keyboard alone: every step is reached with Tab, and where one is can always be
seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from predictions.batches.models import Batch
from tests.conftest import PASSWORD
from tests.predictions.conftest import kepler_csv, queue  # noqa: F401 - a fixture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MAX_STEPS = 120  # more than the longest form has stops
FOCUS = """() => {
  const here = document.activeElement, style = getComputedStyle(here);
  const box = here.getBoundingClientRect();
  const part = here.closest(".field-unit, label, .input-unit") || here;
  const around = getComputedStyle(part);
  const outlined = (s) => s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0;
  return {
    name: (here.getAttribute("aria-label") || here.innerText || here.value || here.name || "")
      .trim(),
    field: here.name || "", tag: here.tagName,
    seen: outlined(style) || outlined(around) || style.boxShadow !== "none",
    inside: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight,
  };
}"""


class Hands:
    """Nothing but a keyboard."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.stops = 0

    def tab_to(self, *, name: str = "", field: str = "") -> None:
        for _ in range(MAX_STEPS):
            self.page.keyboard.press("Tab")
            focus: dict[str, Any] = self.page.evaluate(FOCUS)
            if focus["tag"] == "BODY":
                continue  # past the last stop, on the way round
            self.stops += 1
            assert focus["seen"], f"one cannot see that {focus} has the focus"
            assert focus["inside"], f"{focus} has the focus outside of what can be seen"
            if (name and focus["name"].startswith(name)) or (field and focus["field"] == field):
                return
        raise AssertionError(f"Tab never reaches {name or field}")

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)


def test_a_whole_visit_by_keyboard(
    page: Page, member: User, tmp_path: Path, queue: list[Any]
) -> None:
    table = tmp_path / "signals.csv"
    table.write_text(kepler_csv())
    hands = Hands(page)

    page.goto("/accounts/login/")
    hands.tab_to(field="username")
    hands.type(member.username)
    hands.tab_to(field="password")
    hands.type(PASSWORD)
    hands.press("Enter")
    page.wait_for_url(lambda address: "/accounts/login" not in address)

    page.goto("/classify/")
    hands.tab_to(name="Skip to the content")
    hands.press("Enter")
    expect(page.locator("main")).to_be_focused()
    hands.tab_to(field="mission")
    hands.type("Kepler")
    for field, text in (
        ("orbital_period", "0.837495"),
        ("transit_duration", "1.811"),
        ("transit_depth", "152"),
    ):
        hands.tab_to(field=field)
        hands.type(text)
    hands.press("Enter")
    page.wait_for_url("**/predictions/*-*/")

    expect(page.get_by_role("heading", level=1)).to_contain_text("%")
    fold = page.locator("main summary").first
    words = fold.inner_text()
    hands.tab_to(name=words)
    hands.press("Enter")  # what is folded opens
    expect(page.locator("main details").first).to_have_attribute("open", "")

    hands.tab_to(name="Batches")
    hands.press("Enter")
    page.wait_for_url("**/batches/")
    hands.tab_to(name="Classify a table")
    hands.press("Enter")
    page.wait_for_url("**/batches/new/")
    hands.tab_to(field="file")
    page.locator(":focus").set_input_files(
        table
    )  # the dialog that Enter opens is the system's, not the page's
    hands.tab_to(name="Read the table")
    hands.press("Enter")
    page.wait_for_url("**/check/")
    hands.tab_to(name="Start classifying")
    hands.press("Enter")
    page.wait_for_url("**/batches/*-*/")
    assert Batch.objects.get().is_active

    hands.tab_to(name="History")
    hands.press("Enter")
    page.wait_for_url("**/predictions/")
    expect(page.locator("main tbody tr")).to_have_count(1)

    hands.tab_to(name=member.username)
    hands.press("Enter")  # the menu opens
    hands.tab_to(name="Sign out")
    hands.press("Enter")
    page.wait_for_url("**/accounts/login/")
    assert hands.stops > 40

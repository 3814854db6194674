"""Every filter of every list, each of its controls alone,
by mouse and by keyboard, in a real browser.

A view that is tested by its address says nothing of whether a browser would ever send that address.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Locator, Page, expect

from predictions.batches.models import Batch
from predictions.history.services import labels_set
from tests.predictions.conftest import kepler_csv, make_batch, queue  # noqa: F401 - fixtures
from tests.predictions.stored import stored

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def filled(control: Locator) -> str:
    """Put something that is not the default into the control;
    returns what the address must hold."""
    if control.evaluate("e => e.tagName") == "SELECT":
        value = control.evaluate("e => [...e.options].map(o => o.value).find(v => v !== e.value)")
        control.select_option(value)
        return str(value)
    if control.get_attribute("type") == "date":
        control.fill("2026-01-02")
        return "2026-01-02"
    if control.get_attribute("type") == "number":
        control.fill("0.5")
        return "0.5"
    control.fill("K00752")
    return "K00752"


def controls(page: Page) -> list[str]:
    return [
        str(name)
        for name in page.eval_on_selector_all(
            "form.filters select, form.filters input:not([type=hidden])",
            "found => found.map(e => e.name)",
        )
    ]


def lists(member: User, make_batch: Callable[..., Batch]) -> list[str]:
    labels_set(prediction=stored(member), names=["bright"])
    batch = make_batch(kepler_csv(30), done=True)
    return [batch.get_absolute_url(), "/predictions/", "/model/time-machine/"]


@pytest.mark.parametrize("by", ["mouse", "keyboard"])
def test_every_filter_is_sent_by_a_browser(
    page: Page,
    member: User,
    sign_in: Callable[[User], None],
    make_batch: Callable[..., Batch],
    queue: list[Any],
    by: str,
) -> None:
    sign_in(member)
    tried = 0
    for address in lists(member, make_batch):
        page.goto(address)
        names = controls(page)
        assert names, f"{address} has no filters"
        for name in names:
            page.goto(address)
            form = page.locator("form.filters")
            control = form.locator(f"[name={name}]")
            wanted = filled(control)
            if f"{name}={wanted}" not in page.url:  # a list may show its choice at once
                button = form.get_by_role("button", name="Show", exact=True)
                button.click() if by == "mouse" else button.press("Enter")
            page.wait_for_url(re.compile(rf"[?&]{name}={re.escape(quote(wanted))}(&|#|$)"))
            expect(page.locator("form.filters [aria-invalid=true]")).to_have_count(0)
            tried += 1
    assert tried >= 6

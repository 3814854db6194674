"""No page is wider than the window and no text is cut off, at three widths and in both schemes; and
every form can be sent as a browser shows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page

from tests.every_page import SIGNED_OUT, all_seeing, pages  # noqa: F401 - fixtures
from tests.predictions.conftest import make_batch, queue  # noqa: F401 - fixtures
from tests.test_access import Things, things  # noqa: F401 - a fixture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTHS = (390, 768, 1280)
# What is wider than its place: the page itself, and each element that hides what does not fit and
# offers no way to scroll to it. Text for screen readers alone is one pixel wide on purpose.
CUT_OFF = """() => {
    const found = [];
    const root = document.documentElement;
    const over = root.scrollWidth - root.clientWidth;
    if (over > 0) found.push(`the page by ${over} px`);
    for (const element of document.querySelectorAll('body *')) {
        const style = getComputedStyle(element);
        if (element instanceof SVGElement || element.clientWidth <= 1) continue;
        const hides = ['hidden', 'clip'].includes(style.overflowX);
        const text = element.textContent.trim().slice(0, 60);
        if (hides && element.scrollWidth > element.clientWidth + 1)
            found.push(`${element.tagName.toLowerCase()}.${element.className}: ${text}`);
    }
    return found;
}"""
# Controls that keep a form from being sent although nobody can see or reach them, and forms that
# cannot be sent at all.
DEAD = """() => [...document.forms].flatMap(form => {
    const name = form.getAttribute('action') || form.className || form.id || location.pathname;
    const inputs = [...form.elements].filter(e => e.willValidate && e.type !== 'submit');
    const unseen = inputs.filter(e => !e.checkValidity() && e.type !== 'hidden' && !e.offsetParent);
    const silent = inputs.filter(e => !e.name && !e.matches('[form], .brief-all'));
    const button = [...form.elements].some(e => e.type === 'submit' || e.type === 'image');
    const seen = form.offsetParent !== null;
    return [
        ...unseen.map(e => `${name}: ${e.name} is wrong and out of sight`),
        ...silent.map(e => `${name}: ${e.outerHTML.slice(0, 90)} has no name`),
        ...(button || !seen ? [] : [`${name}: has no button`]),
    ];
})"""
# A list of choices that must be made, with nothing chosen, sends nothing: right where a person has
# to choose, wrong in a filter.
MUST_CHOOSE = """() => [...document.forms].filter(form => form.method === 'get').flatMap(form =>
    [...form.elements].filter(e => e.required)
        .map(e => `${location.pathname}: filter ${e.name} is required`))"""


def laid_out(page: Page, address: str, width: int) -> list[str]:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(address)
    page.evaluate("for (const fold of document.querySelectorAll('main details')) fold.open = true")
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found += [f"{address} at {width} px, {scheme}: {cut}" for cut in page.evaluate(CUT_OFF)]
    return found


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_cut_off_on_any_page(
    page: Page,
    sign_in: Callable[[User], None],
    all_seeing: Things,
    pages: list[str],
    width: int,
) -> None:
    found = [cut for address in SIGNED_OUT for cut in laid_out(page, address, width)]
    sign_in(all_seeing.owner)
    found += [cut for address in pages for cut in laid_out(page, address, width)]
    assert found == []


def test_every_form_can_be_sent_as_a_browser_shows_it(
    page: Page, sign_in: Callable[[User], None], all_seeing: Things, pages: list[str]
) -> None:
    sign_in(all_seeing.owner)
    found: list[Any] = []
    forms = 0
    for address in pages:
        page.goto(address)
        forms += page.evaluate("document.forms.length")
        found += [f"{address}: {dead}" for dead in page.evaluate(DEAD)]
        found += page.evaluate(MUST_CHOOSE)
    assert found == []
    assert forms > len(pages)

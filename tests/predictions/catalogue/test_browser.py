"""The catalogue in a real browser: the header's box by keyboard alone, and the map of a list."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from predictions.catalogue.models import CatalogueTable, Signal

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_box_and_the_map(
    page: Page, sign_in: Callable[[User], None], member: User, catalogue: CatalogueTable
) -> None:
    sign_in(member)
    signal = Signal.objects.order_by("pk")[0]
    page.goto("/glossary/")
    for _ in range(4):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "site-q":
            break
    page.keyboard.type(signal.name.lower())
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{signal.get_absolute_url()}")

    page.goto("/catalogue/?show=all&sort=-radius")
    plot = page.locator("svg[data-brush]")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.45 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.8 * box["height"], steps=4)
    page.mouse.up()
    page.wait_for_url(re.compile(r"sort=-radius.*period_from=[\d.]+.*radius_to=[\d.]+"))
    low, high = (float(page.input_value(f"#id_period_{end}")) for end in ("from", "to"))
    small, large = (float(page.input_value(f"#id_radius_{end}")) for end in ("from", "to"))
    fits = Signal.objects.filter(period__range=(low, high), radius__range=(small, large))
    assert 0 < fits.count() < Signal.objects.count()
    expect(page.locator("#rows tbody tr")).to_have_count(fits.count())
    expect(page.locator(".list-map rect.brush").first).to_be_visible()

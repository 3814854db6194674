"""axe finds nothing serious on any page, in light and dark, wide and narrow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = (
    "/", "/classify/", "/classify/?example=kepler-10-b", "/glossary/", "/model/", "/predictions/", "/batches/",
    "/batches/new/", "/model-versions/", "/datasets/", "/datasets/upload/", "/training-runs/", "/accounts/profile/",
    "/accounts/tokens/", "/accounts/audit/", "/accounts/password_change/", "/api/", "/nowhere/",
)  # fmt: skip
SERIOUS = ("serious", "critical")
# Not ours to repair, each counted in SECURITY.md: Django's administration and the inside of Swagger are left out.


def troubles(page: Page, address: str) -> list[str]:
    page.goto(address)
    found: Any = Axe().run(page)
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    named = [
        f"{address}: {violation['id']}: {violation['nodes'][0]['html'][:150]}"
        for violation in found.response["violations"]
        if violation["impact"] in SERIOUS
    ]
    return [*named, *([f"{address}: scrolls sideways"] if wide else [])]


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_nothing_serious(
    page: Page, sign_in: Callable[[User], None], administrator: User, scheme: Any, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    found = [*troubles(page, "/accounts/login/"), *troubles(page, "/accounts/password_reset/")]
    sign_in(administrator)
    for address in PAGES:
        found += troubles(page, address)
    page.goto("/accounts/tokens/")
    page.fill("#id_name", "axe")
    page.press("#id_name", "Enter")
    page.wait_for_selector("[data-token]")
    found += [f"new token: {v['id']}" for v in Axe().run(page).response["violations"] if v["impact"] in SERIOUS]
    assert found == []

"""What axe finds on a page, and whether it is too wide."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SERIOUS = ("serious", "critical")


def troubles(page: Page, name: str) -> list[str]:
    """Of the page as it is now, with everything folded out."""
    page.evaluate("for (const fold of document.querySelectorAll('main details')) fold.open = true")
    found: Any = Axe().run(page)
    wide = page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )
    named = [
        f"{name}: {violation['id']}: {violation['nodes'][0]['html'][:150]}"
        for violation in found.response["violations"]
        if violation["impact"] in SERIOUS
    ]
    return [*named, *([f"{name}: scrolls sideways"] if wide else [])]

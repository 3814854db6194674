"""In a real browser, from light curves to a verdict, its evidence and another period."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect
from pytest_django import Settings

from predictions.curves import work
from predictions.curves.models import CurveSearch
from tests.predictions.curves.searches import planet_file

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_from_files_to_a_verdict_on_a_telephone(
    page: Page, sign_in: Callable[[User], None], member: User, tmp_path: Path, settings: Settings
) -> None:
    settings.CURVE_MAX_BYTES = 200_000
    file, large = tmp_path / "tess.fits", tmp_path / "large.fits"
    file.write_bytes(planet_file())
    large.write_bytes(b"x" * 200_001)
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(member)
    page.goto("/curves/")
    page.get_by_role("link", name="Search light curves").click()
    said, field = page.locator("[data-drop-said]"), page.locator("input[type=file]")
    field.set_input_files([large, file])
    expect(said).to_contain_text("2 files, 2")
    expect(said).to_contain_text("larger than")
    page.get_by_role("button", name="Read the files").click()
    assert page.url.endswith("/curves/new/"), "refused before it was sent"
    field.set_input_files([file] * 21)
    expect(said).to_contain_text("more than 20 files")
    field.set_input_files([file])
    page.get_by_role("button", name="Read the files").click()
    expect(page.get_by_label("Stellar radius")).to_have_value("1.0")
    page.get_by_label("Stellar radius").fill("1.1")
    page.get_by_role("button", name="Search for transits").click()
    expect(page.get_by_role("heading", name="Waiting for a worker")).to_be_visible()
    first = CurveSearch.objects.get()
    work.search_execute(first.pk)
    expect(page.get_by_role("heading", name="What the light curve says")).to_be_visible()
    expect(page.locator(".curve-plots img:visible")).to_have_count(7)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    expect(page.get_by_role("row", name="Stellar radius 1.1")).to_be_visible()
    with page.expect_download() as saved:
        page.get_by_role("link", name="the light (CSV)").click()
    assert saved.value.suggested_filename == "TIC-1-light.csv"
    page.get_by_role("textbox", name="Period").fill("6")
    page.get_by_role("button", name="Measure at this period").click()
    expect(page.get_by_role("heading", name="Waiting for a worker")).to_be_visible()
    work.search_execute(CurveSearch.objects.get(earlier=first).pk)
    expect(page.get_by_text("period stated")).to_be_visible()

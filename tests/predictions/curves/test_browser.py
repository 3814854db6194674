"""In a real browser, from light curves to a verdict, its evidence and another period."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect
from pytest_django import Settings

from predictions.batches.models import Batch
from predictions.batches.work import batch_execute
from predictions.curves import tasks, work
from predictions.curves.folders.models import CurveFolder
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
    work.search_execute(first.pk, is_child=False)
    expect(page.get_by_role("heading", name="What the light curve says")).to_be_visible()
    expect(page.locator(".curve-plots img:visible")).to_have_count(7)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    expect(page.get_by_role("row", name="Stellar radius 1.1")).to_be_visible()
    with page.expect_download() as saved:
        page.get_by_role("link", name="the light (CSV)").click()
    assert saved.value.suggested_filename == "TIC-1-light.csv"
    page.get_by_role("textbox", name="Period").fill("6")
    page.get_by_role("button", name="Measure at this period").click()
    expect(page.get_by_text("period stated")).to_be_visible()
    expect(page.get_by_text("Measured at a period of 6 d, given by")).to_be_visible()
    page.get_by_role("link", name="3.", exact=False).first.click()
    expect(page).to_have_url(re.compile(f"{first.pk}/.signal=1$"))


def test_many_stars_from_an_archive_to_a_table(
    page: Page,
    sign_in: Callable[[User], None],
    member: User,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(work, "search_supervise", lambda key: work.search_execute(key, False))
    archive = tmp_path / "sector.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("a.fits", planet_file())
        packed.writestr("readme.txt", "nothing")
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(member)
    page.goto("/curves/")
    page.get_by_role("link", name="Of many stars").click()
    page.locator("input[type=file]").set_input_files([archive])
    page.get_by_role("button", name="Search all of them").click()
    expect(page.get_by_role("heading", name="Waiting for a worker")).to_be_visible()
    tasks.prepare_folder(str(CurveFolder.objects.get().pk))
    expect(page.get_by_role("heading", name="0 of 1 star searched")).to_be_visible()
    tasks.execute_search(str(CurveSearch.objects.get().pk))
    expect(page.get_by_role("heading", name="1 signal in 1 star")).to_be_visible()
    expect(page.get_by_text("readme.txt")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    batch_execute(batch_id=str(Batch.objects.get().pk))
    page.get_by_role("link", name="The table of verdicts").click()
    page.get_by_role("link", name="light curve", exact=True).click()
    expect(page.get_by_role("heading", name="What the light curve says")).to_be_visible()

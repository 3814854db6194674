"""The one box in a browser: by click, by keyboard, with a dropped file, and without a script."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.accessibility import troubles
from tests.predictions.conftest import kepler_csv

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_known_signal_is_one_click_away(
    page: Page, sign_in: Callable[[User], None], member: User
) -> None:
    sign_in(member)
    page.goto("/")
    page.get_by_role("button", name="Kepler-10 b").click()
    page.wait_for_url("**/predictions/*/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("planet")
    expect(page.locator(".known-map .here")).to_be_visible()


def test_enter_sends_one_line_and_goes_on_with_a_table(
    page: Page, sign_in: Callable[[User], None], member: User
) -> None:
    sign_in(member)
    page.goto("/")
    box = page.get_by_label("A name, a row of a table")
    box.fill("period,duration")
    box.press("Shift+Enter")
    box.press("Enter")
    expect(box).to_have_value("period,duration\n\n")
    box.fill("Kepler-10 b")
    box.press("Enter")
    page.wait_for_url("**/predictions/*/")


def test_a_misspelled_name_is_mended_by_keyboard(
    page: Page, sign_in: Callable[[User], None], member: User
) -> None:
    sign_in(member)
    page.goto("/")
    page.get_by_label("A name, a row of a table").fill("Keppler-10 b")
    page.get_by_role("button", name="Is it a planet?").press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    assert troubles(page, "the box with a sentence") == []
    page.get_by_role("alert").get_by_role("button", name="Kepler-10 b").press("Enter")
    page.wait_for_url("**/predictions/*/")


def test_a_dropped_file_leads_to_its_check_page(
    page: Page, sign_in: Callable[[User], None], member: User, tmp_path: Path
) -> None:
    table = tmp_path / "signals.csv"
    table.write_text(kepler_csv())
    sign_in(member)
    page.goto("/")
    page.locator("#file").set_input_files(table)
    expect(page.locator("[data-drop-said]")).to_contain_text("signals.csv")
    page.get_by_role("button", name="Is it a planet?").click()
    page.wait_for_url("**/batches/*/check/")


def test_it_works_without_a_script(
    chromium: Browser, live_server: LiveServer, member: User
) -> None:
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    page.fill("[name=username]", member.username)
    page.fill("[name=password]", "a long enough password")
    page.press("[name=password]", "Enter")
    page.get_by_label("A name, a row of a table").fill("Kepler, 9.488, 2.9575, 615.8")
    page.get_by_role("button", name="Is it a planet?").click()
    expect(page.locator("[name=transit_depth]")).to_have_value("615.8")
    context.close()


def test_a_citation_is_copied(page: Page, sign_in: Callable[[User], None], member: User) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sign_in(member)
    page.goto("/")
    page.get_by_role("button", name="Kepler-10 b").click()
    page.wait_for_url("**/predictions/*/")
    page.get_by_role("button", name="Copy").press("Enter")
    expect(page.locator("[data-copy]")).to_have_text("Copied")
    assert "model version" in page.evaluate("navigator.clipboard.readText()")

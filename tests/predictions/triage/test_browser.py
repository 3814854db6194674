"""The outcome of a batch as a desk, in a real browser: by keyboard, by the pointer on a plot, and
without a script."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from predictions.batches.models import Batch
from predictions.triage.models import RowMark
from tests.accessibility import troubles
from tests.predictions.conftest import kepler_csv, make_batch, queue  # noqa: F401 - fixtures

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SignIn = Callable[[User], None]


@pytest.fixture
def batch(make_batch: Callable[..., Batch], small_chunks: int) -> Batch:
    return make_batch(kepler_csv(40), done=True)


def decisions(batch: Batch) -> dict[int, str]:
    return dict(RowMark.objects.filter(batch=batch).values_list("row", "decision"))


def row_of(page: Page, place: int) -> int:
    return int(page.locator("tr[data-row]").nth(place).get_attribute("data-row") or 0)


def test_rows_are_decided_by_keyboard_alone(
    page: Page, sign_in: SignIn, member: User, batch: Batch
) -> None:
    sign_in(member)
    page.goto(batch.get_absolute_url())
    first, second = row_of(page, 0), row_of(page, 1)
    page.keyboard.press("j")
    expect(page.locator("tr[data-row] [data-open]").first).to_be_focused()
    page.keyboard.press("1")
    expect(page.locator("tr[data-row]").first).to_have_attribute("data-decision", "kept")
    page.keyboard.press("j")
    page.keyboard.press("2")
    expect(page.locator("tr[data-row]").nth(1)).to_have_attribute("data-decision", "rejected")
    assert decisions(batch) == {first: "kept", second: "rejected"}
    page.keyboard.press("3")
    expect(page.locator("tr[data-row]").nth(1)).not_to_have_attribute("data-decision", "rejected")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/rows/{first}/")
    page.keyboard.press("n")
    page.keyboard.type("12 jk")  # in a field, keys are letters
    page.get_by_role("button", name="Store the note").click()
    expect(page.locator("#id_note")).to_have_value("12 jk")
    assert decisions(batch) == {first: "kept"}
    page.locator("h1").click()
    page.keyboard.press("j")
    page.wait_for_url(f"**/rows/{second}/")


def test_keys_can_be_switched_off(page: Page, sign_in: SignIn, member: User, batch: Batch) -> None:
    sign_in(member)
    page.goto(batch.get_absolute_url())
    page.locator("[data-keys] summary").click()
    page.get_by_label("Keys act on this page").uncheck()
    page.reload()
    page.keyboard.press("j")
    page.keyboard.press("1")
    expect(page.locator("[data-open]").first).not_to_be_focused()
    page.wait_for_timeout(300)
    assert decisions(batch) == {}


def test_buttons_decide_with_and_without_a_script(
    page: Page,
    chromium: Browser,
    live_server: LiveServer,
    sign_in: SignIn,
    member: User,
    batch: Batch,
) -> None:
    sign_in(member)
    page.goto(batch.get_absolute_url())
    row = row_of(page, 2)
    keep = page.locator("tr[data-row]").nth(2).get_by_role("button", name="Keep")
    keep.click()
    expect(keep).to_have_attribute("aria-pressed", "true")
    assert decisions(batch) == {row: "kept"}
    context = chromium.new_context(
        base_url=live_server.url,
        java_script_enabled=False,
        storage_state=page.context.storage_state(),
    )
    plain = context.new_page()
    plain.goto(batch.get_absolute_url())
    plain.locator("tr[data-row]").nth(2).get_by_role("button", name="Keep").click()
    expect(
        plain.locator("tr[data-row]").nth(2).get_by_role("button", name="Keep")
    ).to_have_attribute("aria-pressed", "false")
    assert decisions(batch) == {}
    context.close()


def test_a_region_of_a_plot_narrows_the_table(
    page: Page, sign_in: SignIn, member: User, batch: Batch
) -> None:
    sign_in(member)
    page.goto(batch.get_absolute_url())
    plot = page.locator("svg[data-nearest]")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.4)
    expect(page.locator("svg[data-nearest] + .plot-name")).to_contain_text(re.compile(r"K\d{5}"))
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + box["height"] * 0.8)
    page.mouse.up()
    page.wait_for_url(re.compile(r"period_from=[\d.]+&period_to=[\d.]+&radius_from=[\d.]+"))
    low = float(page.locator("[name=period_from]").input_value())
    high = float(page.locator("[name=period_to]").input_value())
    periods = [
        float(text.split()[0].replace(",", ""))
        for text in page.locator("td[data-label=Period]").all_inner_texts()
    ]
    assert periods
    assert all(low * 0.99 <= period <= high * 1.01 for period in periods)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_axe_finds_nothing_serious(
    page: Page, sign_in: SignIn, member: User, batch: Batch, scheme: Any, width: int
) -> None:
    sign_in(member)
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # a colour on its way is none
    page.goto(f"{batch.get_absolute_url()}?score_from=0.1")
    page.locator("tr[data-row]").first.get_by_role("button", name="Reject").click()
    expect(page.locator("tr[data-decision=rejected]")).to_have_count(1)
    assert troubles(page, "outcome") == []
    page.locator("[data-open]").first.click()
    page.wait_for_url("**/rows/**")
    assert troubles(page, "row") == []

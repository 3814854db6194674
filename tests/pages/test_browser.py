"""The pages as people meet them: in a real browser, small and large, light and dark, with and
without scripts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from predictions.models import Prediction
from tests.predictions.stored import stored

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGE_BYTES = 100_000
WIDTHS = (390, 768, 1024, 1280)
ADDRESSES = (
    "/",
    "/classify/",
    "/classify/?example=kepler-10-b",
    "/predictions/",
    "/predictions/{}/",
    "/predictions/{}/again/",
    "/model/",
    "/glossary/",
    "/accounts/password_change/",
    "/nowhere/",
)
SIGNED_OUT = ("/accounts/login/", "/accounts/password_reset/", "/glossary/")


def found_by_axe(page: Page) -> list[str]:
    """What axe calls serious or critical."""
    violations: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [
        f"{v['id']}: {v['nodes'][0]['html']}"
        for v in violations
        if v["impact"] in ("serious", "critical")
    ]


def open_everything(page: Page) -> None:
    """Folded parts must pass, too."""
    page.evaluate("for (const fold of document.querySelectorAll('main details')) fold.open = true")


@pytest.fixture
def addresses(member: User) -> list[str]:
    prediction = stored(member, "koi-698", note="a note", shared=True)
    return [address.format(prediction.pk) for address in ADDRESSES]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(
    page: Page, sign_in: Callable[[User], None], member: User, addresses: list[str], scheme: Any
) -> None:
    page.emulate_media(color_scheme=scheme)
    for address in SIGNED_OUT:
        page.goto(address)
        assert found_by_axe(page) == [], address
    sign_in(member)
    for address in addresses:
        page.goto(address)
        open_everything(page)
        assert found_by_axe(page) == [], address


def test_axe_finds_nothing_serious_in_a_form_with_errors(
    page: Page, sign_in: Callable[[User], None], member: User
) -> None:
    sign_in(member)
    page.goto("/classify/")
    page.fill("[name=transit_depth]", "deep")
    page.get_by_role("button", name="Classify", exact=True).click()
    expect(page.locator(".error-summary")).to_be_focused()
    open_everything(page)
    assert found_by_axe(page) == []


def test_no_page_scrolls_sideways_at_any_width(
    page: Page, sign_in: Callable[[User], None], member: User, addresses: list[str]
) -> None:
    sign_in(member)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        for address in addresses:
            page.goto(address)
            open_everything(page)
            wide = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert wide <= 0, (address, width)


def test_pages_are_small_and_ask_nobody_else_and_obey_the_policy(
    page: Page,
    live_server: LiveServer,
    sign_in: Callable[[User], None],
    member: User,
    addresses: list[str],
) -> None:
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on(
        "console",
        lambda message: complaints.append(message.text) if message.type == "error" else None,
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    sign_in(member)
    for address in addresses[
        :-1
    ]:  # the last one is not there, which the browser reports as an error
        response = page.goto(address)
        assert response and response.ok, address
        assert len(response.body()) < PAGE_BYTES, address
        assert "default-src 'self'" in response.headers["content-security-policy"]
        html = response.text()
        assert " style=" not in html and "<style" not in html and " onclick=" not in html, address
    assert all(url.startswith(live_server.url) for url in asked)
    assert complaints == []


def test_a_signal_is_classified_by_keyboard_alone(
    page: Page, sign_in: Callable[[User], None], member: User
) -> None:
    sign_in(member)
    page.goto("/classify/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.locator("[name=mission]").focus()
    page.keyboard.type("Kepler")
    for text in ("0.837495", "1.811", "152"):
        page.keyboard.press("Tab")
        page.keyboard.type(text)
    page.keyboard.press("Enter")
    page.wait_for_url("**/predictions/*/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("%")
    assert (
        page.locator(".waterfall rect").count() == page.locator(".waterfall tbody tr").count() - 2
    )


def test_everything_works_without_a_script(
    chromium: Browser, live_server: LiveServer, member: User
) -> None:
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/classify/?example=koi-698")
    page.fill("[name=username]", member.username)
    page.fill("[name=password]", "a long enough password")
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/classify/?example=koi-698")
    page.get_by_role("button", name="Classify", exact=True).click()
    page.wait_for_url("**/predictions/*/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("not a planet")
    expect(page.locator("[data-theme-switch]")).to_be_hidden()
    page.get_by_role("button", name="Share it with everybody who is signed in").click()
    expect(page.get_by_role("button", name="Make it private")).to_be_visible()
    page.goto("/predictions/?disposition=FALSE+POSITIVE")
    expect(page.get_by_role("link", name="K00698.01")).to_be_visible()
    assert Prediction.objects.get().shared
    context.close()


def test_the_colour_switch_is_remembered(page: Page) -> None:
    page.emulate_media(color_scheme="light")
    page.goto("/accounts/login/")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.locator("[data-theme-switch]").click()
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert light != dark
    page.goto("/glossary/")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark
    page.emulate_media(color_scheme="dark")
    page.locator("[data-theme-switch]").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == light


def test_a_filter_acts_when_it_is_chosen(
    page: Page, sign_in: Callable[[User], None], member: User
) -> None:
    stored(member)
    stored(member, "toi-700-d")
    sign_in(member)
    page.goto("/predictions/")
    page.select_option("[name=mission]", "TESS")
    page.wait_for_url("**mission=TESS**")
    expect(page.locator("tbody tr")).to_have_count(1)

"""Watching in a browser that runs no script: from the button to the news, and the webhook."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from predictions.catalogue.models import Signal
from predictions.watching.looking import changes_look
from predictions.watching.models import Delivery, Watch
from tests.accessibility import troubles
from tests.conftest import PASSWORD
from tests.predictions.watching.conftest import NOW, Change

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_signal_is_watched_and_heard_of(
    chromium: Browser,
    live_server: LiveServer,
    member: User,
    signals: list[Signal],
    change: Change,
) -> None:
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/accounts/login/?next=/catalogue/signals/TOI-1.01/")
    page.fill("input[name=username]", member.get_username())
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.get_by_role("button", name="Watch this signal").click()
    expect(page.get_by_role("button", name="Stop watching")).to_be_visible()
    change(signals[0], "CONFIRMED")
    changes_look(NOW)
    page.goto("/watching/")
    expect(page.get_by_role("link", name="TOI-1.01 was decided: CONFIRMED")).to_be_visible()
    page.get_by_label("once a day").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("once a day")).to_be_checked()
    page.get_by_role("textbox", name="Address").fill("https://example.org/hook")
    page.get_by_role("button", name="Add a webhook").click()
    expect(page.get_by_label("The secret")).to_contain_text("whsec_")
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_text("A test is sent")).to_be_visible()
    assert Delivery.objects.get().is_test
    page.get_by_role("link", name="Change TOI-1.01").click()
    page.get_by_role("button", name="Stop watching").click()
    expect(page.get_by_text("You no longer watch TOI-1.01.")).to_be_visible()
    assert not Watch.objects.exists()
    context.close()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_its_page_is_accessible(
    chromium: Browser,
    live_server: LiveServer,
    member: User,
    signals: list[Signal],
    change: Change,
    scheme: object,
    width: int,
) -> None:
    from predictions.watching.services import watch_create, webhook_create

    watch_create(user=member, signal=signals[0])
    hook, _ = webhook_create(user=member, address="https://example.org/hook")
    Delivery.objects.create(owner=member, webhook=hook, status="FAILED", reason="It answered 500.")
    change(signals[0], "CONFIRMED")
    changes_look(NOW)
    context = chromium.new_context(
        base_url=live_server.url,
        color_scheme=scheme,  # type: ignore[arg-type]
        viewport={"width": width, "height": 900},
    )
    page = context.new_page()
    page.goto("/accounts/login/?next=/watching/")
    page.fill("input[name=username]", member.get_username())
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    expect(page.get_by_role("heading", name="Watching")).to_be_visible()
    assert troubles(page, "/watching/") == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()

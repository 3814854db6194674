"""Passkeys, with Chromium's virtual authenticator."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests.conftest import PASSWORD
from training.second_factors.models import Passkey, RecoveryCode

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def site(live_server: LiveServer, settings: Settings) -> str:
    """By a name: a browser takes no number for whom a passkey is."""
    settings.SECOND_FACTORS = True
    settings.ALLOWED_HOSTS = ["localhost"]
    return live_server.url.replace("127.0.0.1", "localhost")


@pytest.fixture
def tab(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context()
    yield context.new_page()
    context.close()


def authenticator(page: Page) -> Any:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    facts = {"protocol": "ctap2", "transport": "usb", "automaticPresenceSimulation": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": facts})
    return session


def first_step(page: Page, site: str) -> None:
    page.goto(f"{site}/accounts/login/")
    page.fill("#id_username", "member")
    page.fill("#id_password", PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def add_passkey(page: Page, site: str) -> None:
    page.goto(f"{site}/accounts/second-factors/")
    page.fill("#id_password", PASSWORD)
    page.fill("#id_name", "my laptop")
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("heading", name="Recovery codes").wait_for()


def test_a_passkey_is_added_and_asked_for(
    tab: Page, site: str, make_user: Callable[..., User]
) -> None:
    user = make_user("member")
    authenticator(tab)
    first_step(tab, site)
    add_passkey(tab, site)
    passkey = Passkey.objects.get(user=user)
    assert passkey.name == "my laptop"
    assert RecoveryCode.objects.filter(user=user).count() == 10
    tab.context.clear_cookies()
    first_step(tab, site)
    tab.wait_for_url("**/accounts/second-factor/")
    tab.get_by_role("button", name="Use a passkey").click()
    tab.wait_for_url(f"{site}/")
    passkey.refresh_from_db()
    assert passkey.used_at is not None
    assert passkey.counter > 0


def test_another_key_an_old_answer_and_a_copy_are_refused(
    tab: Page, site: str, make_user: Callable[..., User]
) -> None:
    user = make_user("member")
    authenticator(tab)
    first_step(tab, site)
    add_passkey(tab, site)
    tab.context.clear_cookies()
    first_step(tab, site)
    tab.wait_for_url("**/accounts/second-factor/")
    answer = tab.evaluate(
        """async () => {
            const given = JSON.parse(document.querySelector("[data-passkey]").dataset.options);
            const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(given);
            return JSON.stringify((await navigator.credentials.get({publicKey})).toJSON());
        }"""
    )

    def send(text: str) -> str:
        with tab.expect_navigation():
            tab.evaluate(
                """text => {
                    const form = document.querySelector("[data-passkey]");
                    form.elements.passkey.value = text; form.submit();
                }""",
                text,
            )
        return str(tab.content())

    told = json.loads(answer)
    signature = told["response"]["signature"]
    forged = told | {"response": told["response"] | {"signature": signature[:-6] + "AAAAAA"}}
    assert "That did not fit." in send(json.dumps(forged))
    assert "That did not fit." in send(answer)  # its challenge is gone by now
    assert "That did not fit." in send("{}")
    Passkey.objects.filter(user=user).update(counter=10_000)  # what a copy would meet
    with tab.expect_navigation():  # the sentence already stands there
        tab.get_by_role("button", name="Use a passkey").click()
    tab.get_by_text("That did not fit.").wait_for()
    Passkey.objects.filter(user=user).update(counter=0)
    tab.get_by_role("button", name="Use a passkey").click()
    tab.wait_for_url(f"{site}/")


def test_without_the_key_a_recovery_code_helps(
    tab: Page, site: str, make_user: Callable[..., User]
) -> None:
    make_user("member")
    session = authenticator(tab)
    first_step(tab, site)
    add_passkey(tab, site)
    code = str(tab.locator("#codes").text_content()).split()[0]
    session.send("WebAuthn.disable")
    tab.context.clear_cookies()
    first_step(tab, site)
    tab.get_by_label("Recovery code").fill(code)
    tab.get_by_role("button", name="Sign in", exact=True).click()
    tab.wait_for_url(f"{site}/")

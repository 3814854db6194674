"""axe finds nothing serious on any page, in light and dark, wide and narrow; and no page asks
anybody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.test import RequestFactory
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from exoplanet_site import errors
from tests.accessibility import troubles
from tests.every_page import SIGNED_OUT, all_seeing, pages  # noqa: F401 - fixtures
from tests.predictions.conftest import make_batch, queue  # noqa: F401 - fixtures
from tests.test_access import Things, things  # noqa: F401 - a fixture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def visit(page: Page, address: str) -> list[str]:
    page.goto(address)
    return troubles(page, address)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_nothing_serious_on_any_page(
    page: Page,
    sign_in: Callable[[User], None],
    all_seeing: Things,
    pages: list[str],
    live_server: LiveServer,
    scheme: Any,
    width: int,
    settings: Any,
) -> None:
    elsewhere: list[str] = []
    page.on(
        "request",
        lambda sent: None if sent.url.startswith(live_server.url) else elsewhere.append(sent.url),
    )
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    settings.SIGN_UP = "open"
    found = [trouble for address in SIGNED_OUT for trouble in visit(page, address)]
    settings.SIGN_UP = "invitation"
    sign_in(all_seeing.owner)
    assert len(pages) >= 40, pages
    found += [
        trouble
        for address in pages
        if address not in SIGNED_OUT
        for trouble in visit(page, address)
    ]
    for address, field in (
        ("/accounts/tokens/", "#id_name"),
        ("/accounts/invitations/", "#id_note"),
    ):
        page.goto(address)
        page.fill(field, "axe")
        page.press(field, "Enter")
        page.wait_for_selector("[data-token], [data-link]")
        found += troubles(page, f"{address} after it was sent")
    assert found == []
    assert elsewhere == []


def test_nothing_serious_where_something_is_refused(
    page: Page, settings: Any, member: User, sign_in: Any
) -> None:
    """Forms with errors, the form that came too late, the pause, too much."""
    sign_in(member)
    found = []
    wrong = (
        ("/accounts/profile/", "#id_email", "a@b"),
        ("/classify/", "[name=transit_depth]", "deep"),
    )
    for address, field, text in wrong:
        page.goto(address)
        page.fill(field, text)
        page.press(field, "Enter")
        page.wait_for_selector("#error-summary, .error-summary")
        found += troubles(page, f"{address} with an error")
    settings.RATES = {"classify": {"user": "0/minute"}}
    page.goto("/classify/")
    page.press("[name=transit_depth]", "Enter")
    page.wait_for_selector("h1:has-text('Too many')")
    found += troubles(page, "429")
    page.goto("/accounts/profile/")
    page.context.clear_cookies(name="csrftoken")
    page.press("#id_email", "Enter")
    page.wait_for_selector("h1:has-text('not open')")
    found += troubles(page, "403")
    assert found == []


ERROR_PAGES: dict[int, Callable[[HttpRequest], HttpResponse]] = {
    400: lambda request: errors.bad_request(request, ValueError()),
    403: lambda request: errors.permission_denied(request, PermissionDenied()),
    404: lambda request: errors.page_not_found(request, Http404()),
    413: lambda request: errors.bad_request(request, RequestDataTooBig()),
    429: lambda request: errors.too_many(request, 40),
    500: errors.server_error,
    503: lambda request: errors.unavailable(request, "database_away"),
}


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
@pytest.mark.parametrize("status", ERROR_PAGES)
def test_nothing_serious_on_any_error_page(
    page: Page, live_server: LiveServer, scheme: Any, width: int, status: int
) -> None:
    answer = ERROR_PAGES[status](RequestFactory().get("/somewhere/"))
    body = answer.content.decode()
    page.route(
        "**/somewhere/",
        lambda route: route.fulfill(status=status, content_type="text/html", body=body),
    )
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    assert visit(page, "/somewhere/") == []
    assert page.inner_text("h1") == errors.TITLES[status]

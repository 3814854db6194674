"""The browser that the journeys are driven with: it works, and it sees the site as strictly as
people's do."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from tests.conftest import PASSWORD

pytestmark = pytest.mark.browser


def test_an_administrator_signs_in_and_sees_the_model_versions(
    page: Page, administrator: User
) -> None:
    complaints: list[str] = []
    page.on(
        "console",
        lambda message: complaints.append(message.text) if message.type == "error" else None,
    )
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto("/admin/")
    page.fill("input[name=username]", administrator.username)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.get_by_role("link", name="Model versions").click()
    expect(page.get_by_role("heading", name="Select model version")).to_be_visible()
    assert complaints == []  # such as a script or style that the content security policy refuses
    own = page.url.split("/admin/")[0]
    assert len(requests) > 3
    assert [url for url in requests if not url.startswith(own)] == []


def test_the_second_test_finds_its_own_people(page: Page, member: User) -> None:
    """The first one has emptied every table behind itself."""
    page.goto("/admin/login/")
    page.fill("input[name=username]", member.username)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    expect(page.get_by_text("correct username and password")).to_be_visible()

"""What programmers read is current, complete, and works when it is copied."""

from __future__ import annotations

import html
import io
import json
import re
import subprocess
from contextlib import redirect_stdout
from typing import Any

import pytest
import yaml
from django.contrib.auth.models import User
from django.core.management import call_command
from django.template.loader import render_to_string
from django.test import Client
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from tests.conftest import PROJECT
from training.accounts.services import token_create


def examples(site: str, token: str = "") -> dict[str, str]:
    text = render_to_string("accounts/api_examples.html", {"site": site, "token": token})
    found = re.findall(r'data-example="(\w+)">(.*?)</code>', text, re.DOTALL)
    return {name: html.unescape(code) for name, code in found}


def document() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((PROJECT / "docs" / "openapi.yaml").read_text())
    return loaded


def test_the_committed_document_is_current() -> None:
    out = io.StringIO()
    call_command("spectacular", stdout=out)
    again = "manage.py spectacular --file docs/openapi.yaml"
    assert (PROJECT / "docs" / "openapi.yaml").read_text() == out.getvalue(), (
        f"Write it anew: {again}"
    )


def test_every_operation_documents_its_errors_and_who_may_ask() -> None:
    operations = [found for path in document()["paths"].values() for found in path.values()]
    assert len(operations) >= 7
    for found in operations:
        assert {"401", "403", "406", "429"} <= set(found["responses"]), found["operationId"]
        assert {"token": []} in found["security"], found["operationId"]


def test_the_manual_has_the_examples_of_the_page() -> None:
    manual = (PROJECT / "docs" / "api.md").read_text()
    found = examples("http://localhost:8000")
    assert set(found) == {"curl", "requests", "pandas"}
    for name, code in found.items():
        assert code in manual, f"docs/api.md lacks the example with {name}"


@pytest.mark.django_db(transaction=True)
def test_the_examples_work_as_they_stand(live_server: LiveServer, member: User) -> None:
    _, token = token_create(user=member, name="examples", scopes=["classify"], days=7)
    found, said = examples(live_server.url, token), io.StringIO()
    answer = subprocess.run(
        ["bash", "-c", found["curl"]], capture_output=True, text=True, check=True
    ).stdout
    assert json.loads(answer)["identifier"] == "KOI-72.01"
    with redirect_stdout(said):
        exec(found["requests"], {})  # noqa: S102 - what people are told to run
        exec(found["pandas"], {})  # noqa: S102
    assert said.getvalue().count("CONFIRMED") >= 1
    assert "700.02" in said.getvalue()


@pytest.mark.django_db
def test_the_page_shows_limits_and_statuses(member_client: Client) -> None:
    page = member_client.get("/api/").content.decode()
    assert "YOUR_TOKEN" in page
    for status in document()["paths"]["/predict"]["post"]["responses"]:
        assert status == "200" or f">{status}<" in page


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_reference_works_offline_under_our_policy(
    page: Page, sign_in: Any, member: User, live_server: Any
) -> None:
    troubles: list[str] = []
    page.on(
        "console",
        lambda message: troubles.append(message.text) if message.type == "error" else None,
    )
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((live_server.url, "data:", "blob:"))
            else troubles.append(request.url)
        ),
    )
    sign_in(member)
    page.goto("/api/reference/")
    page.wait_for_selector(".opblock-summary-path")
    assert page.locator(".opblock").count() >= 7
    assert troubles == []


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_reference_is_readable_in_both_schemes(page: Page, sign_in: Any, member: User) -> None:
    """Paths are dark on light and light on dark, also after the site's own switch, and no rule of
    the site's for bare elements reaches Swagger's."""

    def lightness(selector: str, what: str) -> float:
        colour = page.locator(selector).first.evaluate(f"e => getComputedStyle(e).{what}")
        return sum(float(part) for part in re.findall(r"[\d.]+", colour)[:3]) / 3

    sign_in(member)
    page.emulate_media(color_scheme="dark")
    page.goto("/api/reference/")
    page.wait_for_selector(".opblock-summary-path")
    assert lightness(".opblock-summary-path", "color") > 180
    assert lightness("body", "backgroundColor") < 60
    page.locator("[data-theme-switch]").click()
    page.wait_for_selector("html:not(.dark-mode)")
    assert lightness(".opblock-summary-path", "color") < 100
    assert lightness("body", "backgroundColor") > 220
    height = "e => getComputedStyle(e).minHeight"
    assert page.locator(".opblock-summary-control").first.evaluate(height) != "44px"

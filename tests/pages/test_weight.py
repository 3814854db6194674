"""Every page is light, waits for no script, and names nothing that is elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.staticfiles import finders
from django.test import Client

from predictions.batches.models import Batch
from predictions.batches.outcome import PLOTTED
from predictions.batches.pages import ROWS_PER_PAGE
from tests.every_page import NOT_OURS, SIGNED_OUT, all_seeing, pages  # noqa: F401 - fixtures
from tests.predictions.conftest import kepler_csv, make_batch, queue  # noqa: F401 - fixtures
from tests.test_access import Things, things  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db

PAGE_BYTES = 100_000  # HTML, styles and scripts as they are, before any compression; no images
ASKED = re.compile(r'<(?:script|link|img|iframe|source|form)\b[^>]*\s(?:src|href|action)="([^"]*)"')
SCRIPT = re.compile(r"<script\b([^>]*)>")


def weight(html: str) -> int:
    """Of a page with the styles and scripts that it asks for."""
    return len(html.encode()) + sum(static_size(address) for address in set(ASKED.findall(html)))


def static_size(address: str) -> int:
    if not address.startswith(f"/{settings.STATIC_URL.strip('/')}/") or not address.endswith(
        (".css", ".js")
    ):
        return 0
    found = finders.find(address.removeprefix(f"/{settings.STATIC_URL.strip('/')}/"))
    assert found, address
    return Path(str(found)).stat().st_size


def test_every_page_is_light_and_waits_for_nothing(all_seeing: Things, pages: list[str]) -> None:
    client, stranger = Client(), Client()
    client.force_login(all_seeing.owner)
    texts = {address: client.get(address).content.decode() for address in [*pages, *NOT_OURS]}
    texts |= {
        f"{address} signed out": stranger.get(address).content.decode() for address in SIGNED_OUT
    }
    assert len(texts) >= 45
    for address, html in texts.items():
        if address not in NOT_OURS:  # Swagger alone has 1.4 MB
            assert 10_000 < weight(html) < PAGE_BYTES, (address, weight(html))
        for attributes in SCRIPT.findall(html):
            assert " defer" in attributes and " src=" in attributes, (address, attributes)
        assert not [asked for asked in ASKED.findall(html) if re.match(r"(https?:)?//", asked)], (
            address
        )
        assert "@import" not in html


def test_the_outcome_of_a_long_table_is_light(
    make_batch: Callable[..., Batch], member: User
) -> None:
    """A full page of rows, and as many points in its plot as are ever drawn."""
    batch = make_batch(kepler_csv(1_500), done=True)
    client = Client()
    client.force_login(member)
    page = client.get(f"{batch.get_absolute_url()}?score_from=0.001&sort=-open_score")
    html = page.content.decode()
    assert len(page.context["rows"]) == ROWS_PER_PAGE
    assert page.context["plot"]["shown"] > PLOTTED // 2
    assert weight(html) < PAGE_BYTES

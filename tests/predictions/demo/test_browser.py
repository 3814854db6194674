"""The simulated example by its buttons."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from predictions.batches.models import Batch
from training.models import Dataset, TrainingRun

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_administrator_fills_an_empty_site_and_empties_it_again(
    page: Page, administrator: User, sign_in: Callable[[User], None]
) -> None:
    sign_in(administrator)
    page.goto("/")
    page.get_by_role("link", name="Fill it with a simulated example").click()
    page.get_by_role("button", name="Fill it").click()
    expect(page.get_by_role("link", name="Simulated TESS signals.csv")).to_be_visible()
    assert (Dataset.objects.count(), TrainingRun.objects.count()) == (4, 1)
    page.goto("/")
    page.get_by_role("link", name="Remove everything simulated").click()
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("Everything simulated is gone.")).to_be_visible()
    assert not Dataset.objects.exists()
    assert not Batch.objects.exists()

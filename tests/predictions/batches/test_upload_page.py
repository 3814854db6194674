"""Uploading from a page: too large is said before and after it is sent; scripts show progress."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from playwright.sync_api import Page, expect

from predictions.batches.models import Batch
from tests.predictions.conftest import kepler_csv

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("address", "setting"),
    [("/batches/new/", "BATCH_MAX_BYTES"), ("/datasets/upload/", "DATASET_MAX_BYTES")],
)
def test_a_file_that_is_too_large_is_answered_with_413(
    curator_client: Client, settings: Any, address: str, setting: str
) -> None:
    setattr(settings, setting, 2_000)
    page = curator_client.get(address).content.decode()
    assert 'data-most-bytes="2000"' in page
    file = SimpleUploadedFile("signals.csv", kepler_csv(400).encode())
    answer = curator_client.post(address, {"file": file})
    assert answer.status_code == 413
    assert not Batch.objects.exists()


def test_a_script_is_told_where_the_answer_is(member_client: Client) -> None:
    file = SimpleUploadedFile("signals.csv", kepler_csv(9).encode())
    answer = member_client.post("/batches/new/", {"file": file}, headers={"X-Upload": "1"})
    batch = Batch.objects.get()
    assert answer.status_code == 204
    assert answer.headers["X-Upload-Address"] == f"/batches/{batch.pk}/check/"


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_browser_refuses_what_is_too_large_and_shows_how_far_it_is(
    page: Page, member: User, sign_in: Callable[[User], None], settings: Any, tmp_path: Path
) -> None:
    settings.BATCH_MAX_BYTES = 3_000_000
    sign_in(member)
    page.goto("/batches/new/")
    large, good = tmp_path / "large.csv", tmp_path / "good.csv"
    large.write_bytes(b"x" * 3_000_001)
    good.write_text(kepler_csv(9) + "#" + " " * 900_000 + "\n")
    page.set_input_files("input[type=file]", large)
    expect(page.locator("[data-drop-said]")).to_contain_text("The file is larger than")
    page.click("button[type=submit]:has-text('Read')")
    assert page.url.endswith("/batches/new/")
    assert not Batch.objects.exists()

    page.set_input_files("input[type=file]", good)
    expect(page.locator("[data-drop-said]")).to_contain_text("good.csv, 90")
    page.click("button[type=submit]:has-text('Read')")
    page.wait_for_url("**/check/")
    assert Batch.objects.get().name == "good.csv"

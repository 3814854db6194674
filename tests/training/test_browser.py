"""In a real browser on a real table: from an upload to a new version in service, and back."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from tests.conftest import PASSWORD, PROJECT
from tests.training.conftest import Site, site_in

pytestmark = [pytest.mark.browser, pytest.mark.shared_data, pytest.mark.slow]

ACCOUNT = f"""
from django.contrib.auth.models import Group, User
user = User.objects.create_user("cara", password="{PASSWORD}")
user.groups.add(Group.objects.get(name="curator"))
"""


@pytest.fixture
def whole_site(tmp_path: Path) -> Iterator[tuple[Site, str]]:
    """Web server and workers, as `make run` starts them."""
    site = site_in(tmp_path)
    site.run("migrate", "-v0")
    site.run("shell", "-v0", "-c", ACCOUNT)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    process = subprocess.Popen(
        [sys.executable, "-m", "exoplanet_site.serve"],
        env=site.environment | {"PORT": port},
        cwd=PROJECT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(address)
        yield site, address
    finally:
        process.terminate()
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def _wait_for(address: str) -> None:
    for _ in range(200):
        try:
            requests.get(address, timeout=60)
            return
        except requests.ConnectionError:
            time.sleep(0.3)
    raise AssertionError("the site did not start")


TABLES = (  # in full; the third would triple the time
    ("archive/k2pandc_2025.10.04.csv", "1,795 signals", "soltype"),
    ("all_columns/TOI_2025.10.01_87_columns.csv", "7,699 signals", "toi_created"),
)


def sign_in(page: Page) -> None:
    page.goto("/accounts/login/")
    page.fill("input[name=username]", "cara")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda address: "/accounts/login" not in address)


def test_from_upload_to_a_version_in_service_and_back(
    whole_site: tuple[Site, str], chromium: Browser, shared_data: Path
) -> None:
    site, address = whole_site
    (bundled,) = site.in_service
    page = chromium.new_context(base_url=address).new_page()
    page.set_default_timeout(60_000)
    sign_in(page)

    for name, signals, leak in TABLES:
        page.goto("/datasets/upload/")
        page.set_input_files("input[type=file]", shared_data / name)
        page.click("text=Upload >> nth=-1")
        expect(page.locator(".lead")).to_contain_text(signals)
        expect(page.locator("main")).to_contain_text(leak)

    page.click("text=Train on it")
    for name, *_ in TABLES:
        page.check(f"text={Path(name).name}")
    page.click("summary:has-text('How')")
    page.fill("input[name=rounds]", "20")
    page.click("text=Continue")
    expect(page.locator("h1")).to_have_text("Start this training?")
    page.click("text=Start the training")
    expect(page.locator(".notice-success")).to_contain_text(
        "it serves nobody yet", timeout=420_000
    )  # without reloading
    assert site.in_service == [bundled]

    page.click("text=Compare with the version in service")
    page.click("button:has-text('Compare')")
    expect(page.locator("h1")).to_contain_text("shared held-out stars")

    new = site.made[0]["name"]
    page.goto(f"/model-versions/{new}/activate/")
    page.fill("textarea[name=reason]", "To see whether it can be undone")
    if page.locator(
        "input[name=override]"
    ).count():  # trained on a tenth of the signals, it may well be worse
        page.check("input[name=override]")
    page.click("button:has-text('Put in service')")
    expect(page.locator(".lead")).to_contain_text("In service")
    assert site.in_service == [new]

    page.goto("/model-versions/")
    page.click(f"text=Roll back to {bundled}")
    expect(page.locator("h1")).to_have_text("Roll back?")
    page.click(f"button:has-text('Roll back to {bundled}')")
    expect(page.locator(".notice-success")).to_contain_text(f"{bundled} is in service again")
    assert site.in_service == [bundled]
    assert "cara" in page.locator("main").inner_text()

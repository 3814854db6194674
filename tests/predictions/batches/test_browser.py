"""The journey in a real browser: upload, check, watch, read, take away; on a table of one's own,
too."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from predictions.batches import services as batch_services
from predictions.batches import work as batch_work
from predictions.batches.models import Batch
from tests.predictions.conftest import kepler_csv

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OWN = "Object;P [d];T14 (h);Depth (%)\nA-1;3.52;2.5;1.2\nA-2;12.1;3.1;0.08\n"


def work(page: Page) -> Batch:
    """What the worker beside the site does."""
    expect(page.get_by_role("heading", name="Waiting for a worker")).to_be_visible()
    batch = Batch.objects.latest("created_at")
    batch_work.batch_execute(batch_id=str(batch.pk))
    return batch


@pytest.fixture
def complaints(page: Page) -> list[str]:
    found: list[str] = []
    page.on(
        "console", lambda message: found.append(message.text) if message.type == "error" else None
    )
    return found


def test_from_upload_to_download(
    page: Page,
    member: User,
    sign_in: Callable[[User], None],
    tmp_path: Path,
    queue: list[Any],
    complaints: list[str],
) -> None:
    path = tmp_path / "koi.csv"
    path.write_text(kepler_csv(60))
    sign_in(member)
    page.goto("/batches/")
    page.get_by_role("link", name="Classify a table").first.click()
    page.set_input_files("input[type=file]", path)
    page.get_by_role("button", name="Read the table").click()
    expect(page.get_by_role("heading", name="Recognised")).to_be_visible()
    page.get_by_role("button", name="Start classifying").click()
    work(page)
    # The page notices by itself.
    expect(page.get_by_text("60 signals classified")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_contain_text("very much like")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="CSV", exact=True).click()
    rows = list(csv.DictReader(Path(waiting.value.path()).read_text().splitlines()))
    assert waiting.value.suggested_filename == "koi-classified.csv"
    assert len(rows) == 60
    assert {row["predicted_disposition"] for row in rows} <= {
        "CONFIRMED",
        "CANDIDATE",
        "FALSE POSITIVE",
    }
    page.get_by_role("link", name="Next →").click()
    expect(page.get_by_text("Page 2 of 2")).to_be_visible()
    page.locator("tbody th[scope=row] a").last.click()
    expect(page.get_by_role("heading", name="What it rests on")).to_be_visible()
    assert complaints == []


DROP = """([name, text, count]) => {
  const data = new DataTransfer();
  for (let n = 0; n < count; n++) data.items.add(new File([text], name, { type: "text/csv" }));
  window.zone = {};
  for (const kind of ["dragenter", "dragover", "drop"]) {
    document.querySelector("h1").dispatchEvent(
      new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: data }));
    window.zone[kind] = document.querySelector("[data-drop]").className;
  }
}"""


def test_a_file_is_dropped_on_the_page(
    page: Page, member: User, sign_in: Callable[[User], None], complaints: list[str]
) -> None:
    sign_in(member)
    page.goto("/batches/new/")
    expect(page.get_by_text("Or drop the file anywhere on this page.")).to_be_visible()
    page.evaluate(DROP, ["mine.csv", kepler_csv(5), 2])
    expect(page.locator("[data-drop-said]")).to_have_text("Only one table at a time, please.")
    page.evaluate(DROP, ["mine.csv", kepler_csv(5), 1])
    expect(page.locator("[data-drop-said]")).to_contain_text("mine.csv, ")
    assert page.evaluate("window.zone") == {
        "dragenter": "drop-over",
        "dragover": "drop-over",
        "drop": "",
    }
    page.keyboard.press("Tab")  # from the field, which has the focus, on to the mission
    page.get_by_role("button", name="Read the table").click()
    expect(page.get_by_role("heading", name="Recognised")).to_be_visible()
    assert Batch.objects.get().name == "mine.csv"
    assert complaints == []


def test_own_columns_are_mapped_by_hand(
    page: Page,
    member: User,
    sign_in: Callable[[User], None],
    tmp_path: Path,
    queue: list[Any],
    complaints: list[str],
) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(OWN)
    sign_in(member)
    page.goto("/batches/new/")
    page.set_input_files("input[type=file]", path)
    page.get_by_role("button", name="Read the table").click()
    expect(page.get_by_role("heading", name="Which column is what?")).to_be_visible()
    expect(page.locator("#id_map-column_transit_depth")).to_have_value("Depth (%)")
    page.get_by_label("Mission", exact=True).select_option("TESS")
    page.get_by_role("button", name="Read it like this").click()
    expect(page.get_by_role("heading", name="Read as you mapped it")).to_be_visible()
    page.get_by_role("button", name="Start classifying").click()
    work(page)
    expect(page.get_by_text("2 signals classified")).to_be_visible()
    assert [error for error in complaints if "422" not in error] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(
    page: Page,
    member: User,
    sign_in: Callable[[User], None],
    make_batch: Callable[..., Batch],
    scheme: Any,
) -> None:
    done, waiting = make_batch(kepler_csv(12) + "1,2\n", done=True), make_batch()
    unknown = batch_services.batch_create(
        owner=member, file=io.BytesIO(OWN.encode()), name="mine.csv"
    )
    known = batch_services.batch_create(
        owner=member, file=io.BytesIO(kepler_csv().encode()), name="koi.csv"
    )
    page.emulate_media(color_scheme=scheme)
    sign_in(member)
    found: dict[str, list[str]] = {}
    addresses = [
        "/batches/",
        "/batches/new/",
        f"/batches/{done.pk}/delete/",
        f"/batches/{done.pk}/rows/1/",
    ]
    addresses += [batch.get_absolute_url() for batch in (done, waiting, unknown, known)]
    for address in addresses:
        page.goto(address)
        violations = Axe().run(page).response["violations"]
        serious = [v for v in violations if v["impact"] in ("serious", "critical")]
        if serious:
            found[address] = [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in serious]
    assert found == {}
    assert len(addresses) == 8

"""The pictures of the README and the documents: ``python -m benchmarks.pictures``.

A site of its own classifies, reads a table, fills its catalogue, searches a light curve and trains;
fifteen of its pages are written to ``docs/images`` as small PNG files. They show the archive's
tables, so ``../shared/data`` must be there, and Debian's chromium.
"""

from __future__ import annotations

import argparse
import io
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from benchmarks.real_tables import SHARED_DATA, widest_tables
from benchmarks.site import PASSWORD, PROJECT, Site, one_thread
from training.ml.schema import Mission

IMAGES: Final = PROJECT / "docs" / "images"
WIDTH, HEIGHT = 1280, 860
COLOURS: Final = 128  # enough for flat pages, a third of the bytes
ROUNDS: Final = "60"


def keep(page: Page, name: str) -> None:
    """What the window shows, with few colours."""
    page.wait_for_load_state("networkidle")
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    few = shot.quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(IMAGES / f"{name}.png", optimize=True)
    print(f"{name}.png {(IMAGES / f'{name}.png').stat().st_size / 1000:.0f} kB", flush=True)


def at(page: Page, selector: str) -> None:
    """Scroll so that the part stands at the top."""
    page.locator(selector).first.evaluate("e => window.scrollTo(0, e.offsetTop - 24)")


def verdict(page: Page) -> None:
    page.goto("/")
    keep(page, "home")
    page.goto("/classify/?example=kepler-10-b")
    keep(page, "classify")
    page.get_by_role("button", name="Classify", exact=True).click()
    page.wait_for_url("**/predictions/*/")
    keep(page, "prediction")
    at(page, ".waterfall")
    keep(page, "why")
    for example in ("toi-700-d", "koi-698"):
        page.goto(f"/classify/?example={example}")
        page.get_by_role("button", name="Classify", exact=True).click()
        page.wait_for_url("**/predictions/*/")
    page.goto("/predictions/")
    keep(page, "history")


def batch(page: Page, table: Path) -> None:
    page.goto("/batches/new/")
    page.set_input_files("input[type=file]", table)
    page.locator("form:has(input[type=file]) button[type=submit]").first.click()
    page.wait_for_url("**/check/")
    keep(page, "check")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(lambda address: address.endswith("/check/") is False)
    page.wait_for_selector("tbody tr a[href*='/rows/']", timeout=120_000)
    keep(page, "outcome")
    page.locator("tbody tr a[href*='/rows/']").first.click()
    page.wait_for_url("**/rows/**")
    keep(page, "row")


def catalogue(page: Page) -> None:
    page.goto("/catalogue/")
    keep(page, "catalogue")
    page.goto("/catalogue/signals/TOI-700.02/")
    keep(page, "signal")


def curve(page: Page) -> None:
    """π Mensae, as a person brings it: a table of time and flux, and what is known of the star."""
    page.goto("/curves/new/")
    page.set_input_files("input[type=file]", SHARED_DATA / "curves" / "pi_mensae_TESS.csv")
    page.get_by_role("button", name="Read the files").click()
    page.wait_for_url("**/check/")
    page.select_option("[name=time_unit]", "d")
    page.select_option("[name=time_zero]", label="Julian dates in full")
    page.select_option("[name=mission]", "TESS")
    for name, value in (("name", "TIC 261136679"), ("teff", "6037"), ("radius", "1.10")):
        page.fill(f"[name={name}]", value)
    page.get_by_role("button", name="Search for transits").click()
    page.wait_for_selector("#evidence, h2:has-text('The evidence')", timeout=300_000)
    at(page, "h2:has-text('The evidence')")
    keep(page, "light-curve")


def versions(page: Page, run: int) -> None:
    page.goto(f"/training-runs/{run}/")
    keep(page, "training")
    page.goto("/model-versions/")
    page.get_by_role("link", name="ompare").first.click()
    page.wait_for_load_state()
    keep(page, "compare")
    page.goto("/model/")
    keep(page, "metrics")
    page.goto("/model/time-machine/")
    keep(page, "time-machine")


def trained(site: Site) -> int:
    """A second version, of the TESS table alone, so that there is something to compare."""
    number = site.upload([widest_tables()[Mission.TESS]])[0]
    said = site.manage("training_run", "start", str(number), "--rounds", ROUNDS, "--wait", "--json")
    return int(json.loads(said)["id"])


@contextmanager
def signed_in(site: Site) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        page = browser.new_page(
            base_url=site.address,
            viewport={"width": WIDTH, "height": HEIGHT},
            color_scheme="light",
        )
        page.goto("/accounts/login/")
        page.fill("[name=username]", "bench")
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url(lambda address: "login" not in address)
        yield page
        browser.close()


def main() -> None:
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder) / "data", one_thread())
        with site.running():
            site.token()
            with signed_in(site) as page:
                verdict(page)
                batch(page, widest_tables()[Mission.TESS])
                tables = widest_tables().items()
                named = [part for m, path in tables for part in (f"--{m.lower()}", str(path))]
                site.manage("catalogue", "fill", *named)
                catalogue(page)
                curve(page)
                versions(page, trained(site))


if __name__ == "__main__":
    main()

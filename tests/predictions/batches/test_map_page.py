"""The map page: the table's own columns, what needs a decision first, and units with what they
would do."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from predictions.batches.models import Batch
from tests.conftest import PASSWORD
from training.datasets.mapping_forms import MappingForm
from training.ml.tables.mapping import ColumnMapping

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("queue")]

UNSURE = (
    "Object,Period (d),T14,Depth (ppm),Rp,Host Teff (K),fp_flag,remark\n"
    "Alpha 1,3.5247,0.1277,14600,1.38,6065,0,seen twice\n"
    "Alpha 2,2.4706,0.0760,16400,1.22,5850,0,\n"
    "Alpha 3,14.8589,0.2800,4550,0.62,5345,1,faint\n"
    "Alpha 4,114.736,0.5000,5270,1.20,5600,0,\n"
)


def upload(client: Client, text: str = UNSURE) -> Any:
    file = SimpleUploadedFile("mine.csv", text.encode())
    return client.post("/batches/new/", {"file": file}, follow=True)


def shown(answer: Any) -> str:
    return re.sub(r"\s+", " ", html.unescape(answer.content.decode()))


def test_the_tables_own_columns_stand_with_three_samples(member_client: Client) -> None:
    page = shown(upload(member_client))
    assert "3.5247 · 2.4706 · 14.8589" in page
    assert "0.1277 · 0.0760 · 0.2800" in page
    left = page[page.index("Left over") :]
    assert ">fp_flag</span>" in left and ">remark</span>" in left and "seen twice · faint" in left
    assert ">T14</span>" not in left[: left.index("Other inputs")]


def test_what_needs_a_decision_comes_first(member_client: Client) -> None:
    page = shown(upload(member_client))
    order = [page.index(f">{words}<") for words in ("To decide", "Recognised")]
    assert order == sorted(order)
    to_decide = page[order[0] : order[1]]
    assert "Choose …" in to_decide, "the mission"
    assert "Transit duration: which unit?" in to_decide
    assert "Transit depth: which unit?" not in page, "its column states it"


def test_each_unit_says_what_it_makes_of_the_first_row(member_client: Client) -> None:
    page = shown(upload(member_client))
    effects = dict(
        re.findall(
            r"<span>0\.1277 (days|hours)<br><span class=\"muted small\">([A-Z ]+, planet score"
            r" [\d.]+)</span>",
            page,
        )
    )
    assert set(effects) == {"days", "hours"}
    assert effects["days"] != effects["hours"]


def test_a_choice_of_unit_is_what_is_read(member_client: Client) -> None:
    answer = upload(member_client)
    form: MappingForm = answer.context["mapping_form"]
    sent = {
        f"map-{name}": field.value() or ""
        for name in form.fields
        if (field := form[name]) is not None
    }
    mapping = {}
    for unit in ("days", "hours"):
        more = {"map-mission": "TESS", "map-unit_transit_duration": unit, "use_mapping": "yes"}
        member_client.post(answer.redirect_chain[-1][0], sent | more)
        mapping[unit] = ColumnMapping.from_json(Batch.objects.get().mapping or {})
    assert mapping["days"].features["transit_duration"] == ("T14", "days")
    differing = {
        name
        for name, given in mapping["days"].features.items()
        if given != mapping["hours"].features[name]
    }
    assert differing == {"transit_duration"}


def test_what_is_below_certainty_is_offered_and_not_filled_in(member_client: Client) -> None:
    answer = upload(member_client)
    form: MappingForm = answer.context["mapping_form"]
    for guess in answer.context["preview"].guesses:
        name = guess.target if guess.target in form.fields else f"column_{guess.target}"
        assert (form[name].value() == guess.column) is guess.filled, guess


def test_words_that_only_a_person_knows_are_asked_for(member_client: Client) -> None:
    text = "KIC,Period (d),Duration (h),Depth (ppm),label\n" + "".join(
        f"{1000000 + n},{3 + n},2.5,900,{n % 3}\n" for n in range(6)
    )
    answer = upload(member_client, text)
    form: MappingForm = answer.context["mapping_form"]
    words = [field.label for field in form.word_fields()]
    assert words == ["“0” in label means", "“1” in label means", "“2” in label means"]
    sent = {f"map-{name}": form[name].value() or "" for name in form.fields}
    meanings = dict(
        zip(
            ("map-word_0", "map-word_1", "map-word_2"),
            ("FALSE POSITIVE", "CONFIRMED", "CANDIDATE"),
            strict=True,
        )
    )
    more = {"map-mission": "Kepler", "use_mapping": "yes"}
    member_client.post(answer.redirect_chain[-1][0], sent | meanings | more)
    stored = Batch.objects.get().mapping or {}
    assert stored["dispositions"] == {
        "0": "FALSE POSITIVE",
        "1": "CONFIRMED",
        "2": "CANDIDATE",
    }


SEVERAL_MISSIONS = (
    "type,star,period,duration,duration_err,depth,label\n"
    "koi,10797460,9.48803557,2.9575,0.08,615.8,1\n"
    "koi,6922244,3.522498429,3.19843,0.04,9145.7,1\n"
    "toi,259377017,3.36008,1.36,0.03,1018,1\n"
    "k2,201367065,10.0544,0.1058,0.002,0.1313,1\n"
    "k2,201912552,32.9396,0.1117,0.002,0.2870,0\n"
)


def values(form: MappingForm) -> dict[str, str]:
    return {f"map-{name}": form[name].value() or "" for name in form.fields}


def test_doubts_come_before_everything_else(member_client: Client) -> None:
    page = shown(upload(member_client, SEVERAL_MISSIONS))
    wanted = ("To decide", "2 of 2 K2 values of transit duration", "“1” in label means")
    order = [page.index(words) for words in wanted]
    assert order == sorted(order) and order[-1] < page.index(">Recognised<")
    assert order[0] < page.index("The first rows")


def test_another_unit_in_one_missions_rows_is_chosen_with_its_uncertainty(
    member_client: Client,
) -> None:
    answer = upload(member_client, SEVERAL_MISSIONS)
    assert "row 4 then has 1,313 ppm" in shown(answer)
    address = answer.redirect_chain[-1][0]
    more = {
        "map-unit_transit_duration": "days in the rows of K2",
        "map-unit_transit_depth": "percent in the rows of K2",
        "use_mapping": "yes",
    }
    sent = values(answer.context["mapping_form"])
    member_client.post(address, sent | more)
    mapping = ColumnMapping.from_json(Batch.objects.get().mapping or {})
    assert mapping.features["transit_depth"] == ("depth", "ppm")
    assert {name: dict(detail.units) for name, detail in mapping.details.items()} == {
        "transit_duration": {"K2": "days"},
        "transit_duration_error": {"K2": "days"},
        "transit_depth": {"K2": "percent"},
    }
    again = member_client.get(address)
    assert again.context["preview"].doubts == []
    frame = again.context["preview"].table.frame
    assert frame["transit_depth"].tolist()[2:4] == pytest.approx([1018, 1313])
    assert frame["transit_duration_error"].tolist()[2:4] == pytest.approx([0.03, 0.048])
    form: MappingForm = again.context["mapping_form"]
    assert form["unit_transit_depth"].value() == "percent in the rows of K2"
    member_client.post(
        address, values(form) | {"map-unit_transit_depth": "ppm", "use_mapping": "y"}
    )
    mapping = ColumnMapping.from_json(Batch.objects.get().mapping or {})
    assert "transit_depth" not in mapping.details, "taken back"


def test_an_uncertainty_with_a_unit_of_its_own_keeps_it(member_client: Client) -> None:
    answer = upload(member_client, SEVERAL_MISSIONS)
    more = {
        "map-unit_transit_duration": "days",
        "map-unit_transit_duration_error": "minutes",
        "use_mapping": "yes",
    }
    sent = values(answer.context["mapping_form"])
    member_client.post(answer.redirect_chain[-1][0], sent | more)
    mapping = ColumnMapping.from_json(Batch.objects.get().mapping or {})
    assert mapping.features["transit_duration"][1] == "days"
    assert mapping.features["transit_duration_error"][1] == "minutes"


# --- in a browser --------------------------------------------------------------------------------


def open_map(page: Page, tmp_path: Path, table: str = UNSURE) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(table)
    page.goto("/batches/new/")
    page.set_input_files("input[type=file]", path)
    page.get_by_role("button", name="Read the table").click()
    expect(page.get_by_role("heading", name="Which column is what?")).to_be_visible()


def widest(page: Page) -> int:
    found: int = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return found


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_it_is_used_by_keyboard_alone(
    page: Page,
    member: User,
    sign_in: Callable[[User], None],
    tmp_path: Path,
    width: int,
    scheme: Any,
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    sign_in(member)
    open_map(page, tmp_path)
    assert widest(page) <= 0
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/map-{width}-{scheme}.png", full_page=True)
    page.get_by_label("Mission", exact=True).focus()
    page.keyboard.type("TESS")
    tab_to(page, 'input[name="map-unit_transit_duration"]')
    for _ in range(6):
        if page.evaluate("document.activeElement.value") == "days":
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    tab_to(page, "button[name=use_mapping]")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Read as you mapped it")).to_be_visible()
    stored = Batch.objects.get().mapping or {}
    assert stored["mission"] == "TESS"
    assert stored["features"]["transit_duration"] == ["T14", "days"]


def tab_to(page: Page, selector: str) -> None:
    for _ in range(120):
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard never reaches {selector}")


def test_it_works_without_script(
    chromium: Browser, live_server: LiveServer, member: User, tmp_path: Path
) -> None:
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/accounts/login/")
    page.fill("input[name=username]", member.get_username())
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    open_map(page, tmp_path)
    page.get_by_label("Mission", exact=True).select_option("TESS")
    page.locator('input[name="map-unit_transit_duration"][value="days"]').check()
    page.get_by_role("button", name="Read it like this").click()
    expect(page.get_by_role("heading", name="Read as you mapped it")).to_be_visible()
    context.close()


GERMAN = (
    "Stern;Umlaufzeit [Tage];Dauer [Stunden];Tiefe [%];Planetenradius [Jupiterradien]"
    ";Gleichgewichtstemperatur [°C];Bemerkung\n"
    "Alpha 1;3,5247;3,065;1,46;1,38;1187,4;zweimal gesehen\n"
    "Alpha 2;2,4706;1,824;1,64;1,22;1593,0;\n"
    "Alpha 3;14,8589;6,720;0,455;0,62;610,5;schwach\n"
)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (390, "light"), (390, "dark")])
def test_a_german_table_is_read_by_mouse_without_script(
    chromium: Browser,
    live_server: LiveServer,
    member: User,
    tmp_path: Path,
    width: int,
    scheme: Any,
) -> None:
    context = chromium.new_context(
        base_url=live_server.url,
        java_script_enabled=False,
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
    )
    page = context.new_page()
    page.goto("/accounts/login/")
    page.fill("input[name=username]", member.get_username())
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    open_map(page, tmp_path, GERMAN)
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/german-{width}-{scheme}.png", full_page=True)
    page.get_by_label("Mission", exact=True).select_option("TESS")
    page.get_by_role("button", name="Read it like this").click()
    expect(page.get_by_role("heading", name="Read as you mapped it")).to_be_visible()
    if folder:
        page.screenshot(path=f"{folder}/german-read-{width}-{scheme}.png", full_page=True)
    context.close()
    stored = Batch.objects.get().mapping or {}
    assert stored["star"] == "Stern"
    features = stored["features"]
    assert features["orbital_period"] == ["Umlaufzeit [Tage]", "days"]
    assert features["transit_duration"] == ["Dauer [Stunden]", "hours"]
    assert features["transit_depth"] == ["Tiefe [%]", "percent"]
    assert features["planet_radius"] == ["Planetenradius [Jupiterradien]", "Jupiter radii"]
    assert features["equilibrium_temperature"] == ["Gleichgewichtstemperatur [°C]", "°C"]

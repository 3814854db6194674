"""From files to what was found, page by page, as a browser sends it."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from predictions.catalogue.models import Name
from predictions.curves import searching, work
from predictions.curves.models import CurveSearch
from predictions.curves.pages import SignalPage, star_facts
from predictions.models import Prediction
from tests.predictions.curves.searches import (
    bare_table,
    make_draft,
    make_queued,
    make_search,
    planet_file,
    quiet_file,
)
from tests.test_access import catalogue_signal
from training.ml.sky.typed import read_typed
from training.models import Dataset

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    tasks: list[Any] = []
    monkeypatch.setattr(searching, "async_task", lambda *task, **options: tasks.append(task))
    return tasks


def upload(client: Client, *files: tuple[str, bytes]) -> Any:
    parts = [SimpleUploadedFile(name, content) for name, content in files]
    return client.post("/curves/new/", {"file": parts})


def test_the_whole_way(member_client: Client) -> None:
    answer = upload(member_client, ("tess.fits", planet_file()))
    search = CurveSearch.objects.get()
    assert answer["Location"] == f"/curves/{search.pk}/check/"
    check = member_client.get(answer["Location"]).content.decode()
    assert 'value="TIC 1"' in check
    assert 'value="5772.0"' in check
    assert "What the files do not say" not in check
    star = {"name": "TIC 1", "mission": "TESS", "teff": "5772", "radius": "1.0"}
    started = member_client.post(answer["Location"], star)
    assert started["Location"] == f"/curves/{search.pk}/"
    assert "Waiting for a worker" in member_client.get(started["Location"]).content.decode()
    work.search_execute(search.pk, is_child=False)
    over = member_client.get(f"/curves/{search.pk}/progress/")
    assert (over.status_code, over["HX-Refresh"]) == (286, "true")
    page = member_client.get(started["Location"]).content.decode()
    for said in ("What the light curve says", "takes the pixels", "Why ", "Classify a variation"):
        assert said in page
    assert f'/classify/?from={Prediction.objects.get().pk}"' in page
    assert "are not handed over: TESS’s table states them otherwise" in page
    rests = page[page.index("What it rests on") :]
    assert "The uncertainties of period, duration and depth" not in rests, (
        "nobody is asked for them"
    )
    period = re.search(r"Orbital period</th><td class=\"number\">([\d.]+)", rests)
    assert period, "it is among what the verdict rests on"
    assert len(period[1]) < len("0.0000000000"), "no digit that its uncertainty does not bear"


def test_what_a_table_leaves_open_is_asked_for(member_client: Client) -> None:
    address = upload(member_client, ("mine.csv", bare_table()))["Location"]
    check = member_client.get(address).content.decode()
    for asked in ("Column of the time", "Unit of the time", "Times count from"):
        assert asked in check
    given = {"time_column": "when", "flux_column": "brightness", "time_zero": "2457000"}
    member_client.post(address, given)
    search = CurveSearch.objects.get()
    work.search_execute(search.pk, is_child=False)
    page = member_client.get(f"/curves/{search.pk}/").content.decode()
    assert "A signal, and no verdict" in page
    assert "without it a verdict would be a guess" in page
    again = member_client.post(f"/curves/{search.pk}/again/", {"teff": "5772", "radius": "1"})
    new = CurveSearch.objects.get(earlier=search)
    assert again["Location"] == f"/curves/{new.pk}/"
    assert (
        "What would the catalogue say today?"
        in member_client.get(again["Location"]).content.decode()
    )


def test_the_catalogue_tells_what_the_files_do_not(member: User, member_client: Client) -> None:
    content = planet_file().replace(b"TEFF    ", b"XEFF    ").replace(b"RADIUS  ", b"XADIUS  ")
    draft = make_draft(member, content)
    assert "teff" not in draft.glanced["star"]
    page = f"/curves/{draft.pk}/check/"
    assert "from the" not in member_client.get(page).content.decode()
    dataset = Dataset.objects.create(name="t.csv", created_at=timezone.now(), file="t.csv")
    signal = catalogue_signal(dataset)
    signal.inputs |= {"stellar_teff": 5_811.0, "stellar_radius": 1.21}
    signal.save()
    (key,) = read_typed("TIC 1").keys
    Name.objects.create(key=key, name="TIC 1", star=signal.star)
    check = member_client.get(page).content.decode()
    assert 'value="5811.0"' in check
    assert 'value="1.21"' in check
    assert "stellar effective temperature, stellar radius" in check


def test_the_catalogues_star_shows_what_one_has_measured(
    member: User, member_client: Client, curator_client: Client
) -> None:
    search = make_search(member)
    dataset = Dataset.objects.create(name="t.csv", created_at=timezone.now(), file="t.csv")
    signal = catalogue_signal(dataset)
    (key,) = read_typed("TIC 1").keys
    Name.objects.create(key=key, name="TIC 1", star=signal.star)
    for page in (f"/catalogue/stars/{signal.slug}/", f"/catalogue/signals/{signal.slug}/"):
        assert f'href="/curves/{search.pk}/?signal=1"' in member_client.get(page).text
        assert "In your light curves" not in curator_client.get(page).text


def test_a_prediction_leads_back_to_its_light(member: User, member_client: Client) -> None:
    search = make_search(member)
    page = member_client.get(Prediction.objects.get().get_absolute_url()).content.decode()
    assert f'href="/curves/{search.pk}/?signal=1"' in page


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ([("a.csv", b"nonsense")], "one column"),
        ([(f"{n}.csv", b"time,flux\n1,1\n") for n in range(21)], "1 to 20 files"),
        ([], "Choose at least one file"),
    ],
)
def test_what_cannot_be_searched_is_said_on_the_form(
    member_client: Client, files: list[tuple[str, bytes]], says: str
) -> None:
    answer = upload(member_client, *files)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not CurveSearch.objects.exists()


def test_too_much_is_refused_in_a_sentence(member_client: Client, settings: Settings) -> None:
    settings.CURVE_MAX_BYTES = 1_000
    answer = upload(member_client, ("tess.fits", planet_file()))
    assert answer.status_code == 422
    assert "too large together" in answer.content.decode()
    form = member_client.get("/curves/new/").content.decode()
    assert 'data-most-bytes="1000"' in form, "so that the browser refuses it before it is sent"


def test_no_signal_is_an_answer(member: User, member_client: Client) -> None:
    search = make_search(member, quiet_file())
    page = member_client.get(f"/curves/{search.pk}/").content.decode()
    assert "No significant transit signal" in page
    assert "does not say that the star has no planet" in page


def test_another_period_is_measured_in_a_search_of_its_own(
    member: User, member_client: Client
) -> None:
    search = make_search(member)
    answer = member_client.post(f"/curves/{search.pk}/again/", {"signal": 1, "period": "6"})
    new = CurveSearch.objects.get(earlier=search)
    assert answer["Location"] == f"/curves/{new.pk}/"
    page = member_client.get(answer["Location"]).content.decode()
    assert "period stated" in page
    assert f"Measured at a period of 6 d, given by {member.username}." in page
    assert "Before: " in page, "what was found stays"
    assert f"given by {member.username}" in Prediction.objects.first().note  # type: ignore[union-attr]
    star = {"name": "TIC 1", "teff": "5000", "radius": "0.8"}
    other = member_client.post(f"/curves/{new.pk}/again/", star)
    page = member_client.get(other["Location"]).content.decode()
    assert "5,000\N{NO-BREAK SPACE}K, as stated" in page
    assert "given by" in page, "another star does not make the period one that was found"


def test_a_long_light_is_measured_in_the_background(
    member: User, member_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = make_search(member)
    monkeypatch.setattr("predictions.curves.remeasuring.MOST_AT_ONCE", 100)
    answer = member_client.post(f"/curves/{search.pk}/again/", {"signal": 1, "period": "6"})
    assert "Waiting for a worker" in member_client.get(answer["Location"]).content.decode()


def test_a_mid_transit_is_given_as_the_page_tells_times(
    member: User, member_client: Client
) -> None:
    search = make_search(member)
    assert search.result is not None
    epoch = search.result["signals"][0]["epoch"]["value"]
    again = f"/curves/{search.pk}/again/"
    sent = {"signal": 1, "period": "6", "epoch": f"{epoch:.5f}"}
    page = member_client.get(member_client.post(again, sent)["Location"]).content.decode()
    assert f"with a mid-transit at {epoch:.10g}"[:36] in page
    refused = member_client.post(again, sent | {"epoch": f"{epoch - 2_457_000:.5f}"})
    assert refused.status_code == 422
    assert "give it as BJD" in refused.content.decode()
    assert CurveSearch.objects.count() == 2, "what cannot be measured leaves nothing behind"


def test_a_search_is_shared_by_its_address_until_it_is_not(
    member: User, member_client: Client, curator_client: Client
) -> None:
    search = make_search(member)
    address = f"/curves/{search.pk}/"
    assert "Only you can see this page" in member_client.get(address).content.decode()
    member_client.post(f"{address}share/", {"shared": "yes"})
    page = curator_client.get(address).content.decode()
    assert f"shared by {member.username}" in page
    for own in ("Measure at this period", "Change the star", "Delete", "In your history"):
        assert own not in page
    for part in ("light.csv", "signals.csv", "plots/folded.svg?signal=1"):
        assert curator_client.get(address + part).status_code == 200
    assert curator_client.get(f"/api/v1{address}").json()["shared"] is True
    for step in ("again/", "share/", "delete/", "cancel/"):
        assert curator_client.post(address + step, {"period": "6"}).status_code == 404
    member_client.post(f"{address}share/", {"shared": "no"})
    assert curator_client.get(address).status_code == 404


@pytest.mark.parametrize("period", ["", "-1", "x", "nan", "1e9"])
def test_an_impossible_period_is_said_where_it_was_typed(
    member: User, member_client: Client, period: str
) -> None:
    search = make_search(member)
    sent = {"signal": 1, "period": period}
    assert member_client.post(f"/curves/{search.pk}/again/", sent).status_code == 422
    assert CurveSearch.objects.count() == 1


def test_a_failure_says_why_and_how_to_go_on(member: User, member_client: Client) -> None:
    search = make_queued(member)
    searching.search_fail(search.pk, "It was too dark.")
    page = member_client.get(f"/curves/{search.pk}/").content.decode()
    assert "It was too dark." in page
    answer = member_client.post(f"/curves/{search.pk}/restart/")
    assert answer["Location"] == f"/curves/{search.pk}/check/"
    assert member_client.get(answer["Location"]).status_code == 200


def test_cancelling_and_deleting_ask_first(member: User, member_client: Client) -> None:
    search = make_queued(member)
    assert (
        "Cancel this search?" in member_client.get(f"/curves/{search.pk}/cancel/").content.decode()
    )
    member_client.post(f"/curves/{search.pk}/cancel/")
    search.refresh_from_db()
    assert search.status == "CANCELLED"
    assert (
        "cannot be brought back"
        in member_client.get(f"/curves/{search.pk}/delete/").content.decode()
    )
    assert member_client.post(f"/curves/{search.pk}/delete/")["Location"] == "/curves/"
    assert not CurveSearch.objects.exists()


def test_the_list_names_ones_own(member: User, member_client: Client) -> None:
    assert "Nothing here yet" in member_client.get("/curves/").content.decode()
    make_draft(member)
    assert "TIC 1" in member_client.get("/curves/").content.decode()


def test_the_light_and_the_rows_can_be_taken_away(member: User, member_client: Client) -> None:
    search = make_search(member)
    light = member_client.get(f"/curves/{search.pk}/light.csv")
    rows = list(csv.DictReader(io.StringIO(light.getvalue().decode())))
    assert len(rows) > 1_500
    assert float(rows[0]["bjd"]) == pytest.approx(2_457_000, abs=1)
    assert {float(row["flux_without_trend"]) > 0.98 for row in rows} == {True}
    table = member_client.get(f"/curves/{search.pk}/signals.csv").content.decode()
    (row,) = csv.DictReader(io.StringIO(table))
    assert float(row["orbital_period"]) == pytest.approx(3.0, rel=1e-3)
    assert (row["star"], row["mission"], row["stellar_teff"]) == ("TIC 1", "TESS", "5772.0")


def test_light_that_is_gone_is_a_sentence(member: User, member_client: Client) -> None:
    search = make_search(member)
    default_storage.delete(search.curve_file)
    answer = member_client.get(f"/curves/{search.pk}/light.csv", follow=True)
    assert "no longer in the site" in answer.content.decode()
    again = member_client.post(f"/curves/{search.pk}/again/", {"signal": 1, "period": "6"})
    assert again.status_code == 422
    assert "no longer in the site" in again.content.decode()


def test_the_page_stays_when_its_prediction_is_deleted(member: User, member_client: Client) -> None:
    search = make_search(member)
    Prediction.objects.all().delete()
    page = member_client.get(f"/curves/{search.pk}/").content.decode()
    assert "What the light curve says" in page
    assert "Classify a variation" not in page


def test_what_is_not_ones_own_is_not_there(administrator: User, member_client: Client) -> None:
    search = make_search(administrator)
    for end in ("", "light.csv", "signals.csv", "progress/", "check/"):
        assert member_client.get(f"/curves/{search.pk}/{end}").status_code == 404
    assert member_client.post(f"/curves/{search.pk}/again/", {"period": "6"}).status_code == 404


def test_what_was_not_compared_is_no_zero() -> None:
    """One transit: neither odd and even nor the rest of an orbit."""
    nothing = {"odd_even": {"sigma": None}, "secondary": {"sigma": None}, "vetoes": []}
    page = SignalPage(CurveSearch(), nothing)
    assert page._odd_even().value == "not compared"
    assert page._secondary().value == "not measured"


def test_the_stars_numbers_are_written_as_everywhere() -> None:
    facts = dict(star_facts({"teff": 6400.0, "ra": 24.3543, "dec": -45.67791}, {"teff": "stated"}))
    assert facts["Teff"] == "6,400\N{NO-BREAK SPACE}K, as stated"
    assert (facts["Right ascension"], facts["Declination"]) == ("24.3543°", "−45.6779°")
    assert facts["Magnitude"] == "not given"

"""The page of a night, and its files."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from icalendar import Calendar

from predictions.catalogue.models import Signal
from predictions.observing.downloads import COLUMNS

PAGE = "/catalogue/tonight/"
NIGHT = "day=2026-12-10&error=&score=0"
pytestmark = pytest.mark.django_db


def rows(client: Client, query: str = NIGHT) -> list[dict[str, str]]:
    answer = client.get(f"/catalogue/tonight.csv?{query}")
    assert answer.status_code == 200
    assert 'filename="transits-2026-12-10.csv"' in answer["Content-Disposition"]
    return list(csv.DictReader(io.StringIO(answer.content.decode())))


def test_a_night_is_listed_and_drawn(member_client: Client, candidates: list[Signal]) -> None:
    answer = member_client.get(f"{PAGE}?{NIGHT}")
    page = answer.content.decode()
    plan = answer.context["plan"]
    assert "Transits over La Silla" in page
    assert re.search(r"Dark from 11 Dec, 0[01]:\d\d to 11 Dec, 0[89]:\d\d", page)
    assert "1 candidate that fits otherwise has no epoch" in page
    assert len(plan.visits) > 5
    assert page.count("night-curve") == min(len(plan.visits), 25)
    for visit in plan.visits:
        assert plan.darkness[0] <= visit.mid <= plan.darkness[1]
        assert visit.observable >= 0.5
        assert visit.window[0] == visit.ingress - timedelta(hours=visit.error)


def test_filters_leave_out_and_sort(member_client: Client, candidates: list[Signal]) -> None:
    everything = rows(member_client)
    assert list(everything[0]) == list(COLUMNS)
    assert rows(member_client, f"{NIGHT}&score=0.95") == []
    Signal.objects.filter(pk=candidates[0].pk).update(open_score=0.99)
    middles = [row["mid_utc"] for row in rows(member_client, f"{NIGHT}&sort=mid")]
    assert middles == sorted(middles)
    bright = rows(member_client, f"{NIGHT}&magnitude=13&sort=magnitude")
    assert 0 < len(bright) < len(everything)
    magnitudes = [float(row["magnitude"]) for row in bright]
    assert magnitudes == sorted(magnitudes) and magnitudes[-1] <= 13
    Signal.objects.filter(pk__in=[one.pk for one in candidates[::2]]).update(epoch_error=0.1)
    certain = rows(member_client, "day=2026-12-10&score=0")  # to an hour, unless told otherwise
    assert {row["signal"] for row in certain} < {row["signal"] for row in everything}
    assert all(float(row["uncertainty_hours"]) <= 1 for row in certain)
    whole = rows(member_client, f"{NIGHT}&share=100")
    assert 0 < len(whole) < len(everything)
    assert rows(member_client, f"{NIGHT}&lowest=89") == []


def test_only_open_candidates_of_the_table_in_charge(
    member_client: Client, candidates: list[Signal]
) -> None:
    names = {row["signal"] for row in rows(member_client)}
    Signal.objects.filter(name__in=names).update(is_listed=False)
    assert rows(member_client) == []


def test_a_calendar_has_an_event_per_transit(
    member_client: Client, candidates: list[Signal]
) -> None:
    answer = member_client.get(f"/catalogue/tonight.ics?{NIGHT}")
    assert answer["Content-Type"].startswith("text/calendar")
    calendar = Calendar.from_ical(answer.content)
    events = list(calendar.walk("VEVENT"))
    listed = rows(member_client)
    assert len(events) == len(listed)
    first: Any = events[0]
    assert first["SUMMARY"] == f"{listed[0]['signal']} transits"
    assert f"{first.decoded('DTSTART'):%Y-%m-%dT%H:%M:%SZ}" == listed[0]["ingress_utc"]
    assert len({str(event["UID"]) for event in events}) == len(events)
    assert str(first["URL"]).startswith("http://testserver/catalogue/signals/")


def test_a_place_by_coordinates(member_client: Client, candidates: list[Signal]) -> None:
    by_name = rows(member_client, f"{NIGHT}&observatory=la-silla")
    by_numbers = rows(member_client, f"{NIGHT}&latitude=-29.257&longitude=-70.730")
    assert by_numbers == by_name
    assert rows(member_client, f"{NIGHT}&latitude=70&longitude=20") == []


def test_where_it_does_not_get_dark(member_client: Client, candidates: list[Signal]) -> None:
    page = member_client.get(f"{PAGE}?latitude=-90&longitude=0&day=2026-12-10").content.decode()
    assert "It does not get dark at -90°, 0° on this date: the Sun stays above -15°." in page
    assert "No transit of this night fits" in page


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("latitude=95&longitude=0", "Latitude [° north] is between -90 and 90."),
        ("latitude=north&longitude=0", "Give a number."),
        ("latitude=10", "Choose an observatory, or give latitude and longitude."),
        ("observatory=", "Choose an observatory, or give latitude and longitude."),
        ("observatory=nowhere", "Select a valid choice."),
        ("day=yesterday", "Give the day as in 2026-12-01."),
        ("day=1850-01-01", "good from 1950 to 2100"),
        ("lowest=-3", "Altitude from [°] is between 0 and 89."),
    ],
)
@pytest.mark.parametrize("path", [PAGE, "/catalogue/tonight.csv", "/catalogue/tonight.ics"])
def test_what_makes_no_sense_is_said(
    member_client: Client, candidates: list[Signal], path: str, query: str, sentence: str
) -> None:
    answer = member_client.get(f"{path}?{query}")
    assert answer.status_code == 400
    assert sentence in answer.content.decode()


def test_an_empty_catalogue_says_so(member_client: Client) -> None:
    assert "The catalogue is empty" in member_client.get(PAGE).content.decode()

"""The plots of a search: each drawn from stored numbers, light enough for one page."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils.html import escape

from predictions.curves import searching
from predictions.curves.frames import nice_steps
from predictions.curves.models import CurveSearch
from predictions.curves.plots import PLOTS, plots_of
from tests.predictions.curves.searches import make_search, quiet_file

pytestmark = pytest.mark.django_db
PAGE = 65_000  # of 100,000; the rest are styles and scripts


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "async_task", lambda *task, **options: None)


@pytest.fixture
def search(member: User) -> CurveSearch:
    return make_search(member)


def test_the_page_has_all_of_them_and_stays_light(
    search: CurveSearch, member_client: Client
) -> None:
    page = member_client.get(f"/curves/{search.pk}/").content
    assert len(page) < PAGE
    assert page.count(b"<figure") >= len(PLOTS)
    for drawn in plots_of(search.plots, search.result or {}, 1):
        assert escape(drawn.title).encode() in page


@pytest.mark.parametrize("key", PLOTS)
def test_each_can_be_taken_away_as_a_file(
    search: CurveSearch, member_client: Client, key: str
) -> None:
    answer: Any = member_client.get(f"/curves/{search.pk}/plots/{key}.svg")
    assert answer["Content-Type"] == "image/svg+xml"
    assert f"{key}.svg" in answer["Content-Disposition"]
    drawn = ET.fromstring(answer.content)  # noqa: S314 - our own
    width, height = float(drawn.attrib["width"]), float(drawn.attrib["height"])
    for path in drawn.iter("{http://www.w3.org/2000/svg}path"):
        assert not re.search("nan|inf|None", path.attrib["d"])
        if "river" not in path.attrib["class"]:
            starts = re.findall(r"M(-?[\d.]+) (-?[\d.]+)", path.attrib["d"])
            assert starts
            assert all(0 <= float(x) <= width and 0 <= float(y) <= height for x, y in starts)


@pytest.mark.parametrize("ground", ["light", "dark"])
def test_the_page_shows_them_on_its_own_ground(
    search: CurveSearch, member_client: Client, ground: str
) -> None:
    address = f"/curves/{search.pk}/plots/river.svg?signal=1&on={ground}"
    assert f'src="{escape(address)}"' in member_client.get(f"/curves/{search.pk}/").content.decode()
    answer: Any = member_client.get(address)
    assert "Content-Disposition" not in answer
    assert (b"#8ab8ff" in answer.content) == (ground == "dark")
    ET.fromstring(answer.content)  # noqa: S314 - our own


def test_there_is_no_plot_of_what_is_not_there(search: CurveSearch, member_client: Client) -> None:
    assert member_client.get(f"/curves/{search.pk}/plots/blend.svg").status_code == 404
    assert member_client.get(f"/curves/{search.pk}/plots/folded.svg?signal=4").status_code == 404


def test_without_a_signal_curve_and_periodogram_are_shown(member: User) -> None:
    search = make_search(member, quiet_file())
    drawn = plots_of(search.plots, search.result or {}, 0)
    assert [plot.key for plot in drawn] == ["curve", "periodogram"]


def test_the_dip_is_where_the_model_is(search: CurveSearch) -> None:
    assert search.plots is not None
    (signal,) = search.plots["signals"]
    bins = dict(zip(signal["folded"]["x"], signal["folded"]["y"], strict=True))
    middle = min(bins, key=abs)
    edge = max(bins)
    assert bins[middle] == pytest.approx(-5_000, rel=0.1)
    assert bins[edge] == pytest.approx(0, abs=500)
    lowest = min(y for _, y in signal["model"])
    assert lowest == pytest.approx(-1e6 * signal["depth"], rel=0.01)
    assert len(signal["transits"]) == signal["seen"]
    assert all(t["depth"] == pytest.approx(5_000, rel=0.2) for t in signal["transits"])


@pytest.mark.parametrize(
    ("low", "high", "steps"),
    [(0, 10, [0, 5, 10]), (-1, 1, [-1, 0, 1]), (3, 3, []), (0.2, 0.9, [0.5])],
)
def test_ticks_are_round(low: float, high: float, steps: list[float]) -> None:
    assert nice_steps(low, high, 2) == steps

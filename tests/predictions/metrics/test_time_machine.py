"""The page that says what became of signals that were open years ago."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import numpy as np
import pytest
from django.test import Client

from predictions.metrics.open_signals import TimeMachineForm, open_signals
from predictions.metrics.time_machine import Looked, TimeMachine
from tests.training.ml.evaluation.test_open_then import said
from training.ml.errors import ArtifactDamaged
from training.ml.evaluation.open_then import CONFIRMED, FALSE_POSITIVE, GONE, OPEN, OpenThen
from training.models import ModelVersion

pytestmark = pytest.mark.django_db

ADDRESS = "/model/time-machine/"
KEPLER = said(
    "Kepler",
    ("K00002.01", 0.95, CONFIRMED),
    ("K00010.01", 0.91, FALSE_POSITIVE),
    ("K00003.02", 0.05, FALSE_POSITIVE),
    ("K00004.01", 0.62, OPEN),
)
TESS = said("TESS", ("TOI-1000.01", 0.3, GONE), ("TOI-700.02", 0.99, CONFIRMED), ("", 0.5, OPEN))
PARTS = (KEPLER, TESS)


@pytest.fixture
def carried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ModelVersion.objects.serving().classifier, "open_then", PARTS)


def listed(client: Client, query: str = "") -> list[str]:
    html = client.get(f"{ADDRESS}{query}").content.decode()
    return re.findall(r'data-label="Signal"[^>]*>(?:<a[^>]*>)?([^<]+)', html)


def chosen(query: dict[str, str], parts: tuple[OpenThen, ...] = PARTS) -> list[str]:
    return [signal.name for signal in TimeMachine(parts, query).signals]


def test_it_asks_to_sign_in(client: Client) -> None:
    for address in (ADDRESS, f"{ADDRESS}open-signals.csv"):
        assert client.get(address)["Location"].startswith("/accounts/login/")


def test_it_lists_every_open_signal_the_highest_scores_first(
    member_client: Client, carried: None
) -> None:
    assert listed(member_client) == [
        "TOI-700.02",
        "K00002.01",
        "K00010.01",
        "K00004.01",
        "no public name",
        "TOI-1000.01",
        "K00003.02",
    ]
    html = member_client.get(ADDRESS).content.decode()
    assert (
        "7 signals were open in October 2017 (Kepler) and in October 2017 (TESS); 4 of them" in html
    )
    assert "not listed any more</td>" in html and "NASA Exoplanet Archive" in html


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"q": "toi 700"}, ["TOI-700.02"]),
        ({"q": "KOI-10.01"}, ["K00010.01"]),
        ({"q": "koi 3"}, ["K00003.02"]),
        ({"mission": "TESS", "outcome": "decided"}, ["TOI-700.02"]),
        ({"outcome": "confirmed", "sort": "signal"}, ["K00002.01", "TOI-700.02"]),
        ({"outcome": "false-positive"}, ["K00010.01", "K00003.02"]),
        ({"outcome": "open"}, ["K00004.01", ""]),
        ({"outcome": "gone"}, ["TOI-1000.01"]),
        ({"answer": "wrong"}, ["K00010.01"]),
        ({"answer": "right"}, ["TOI-700.02", "K00002.01", "K00003.02"]),
        ({"mission": "TESS", "sort": "signal"}, ["", "TOI-700.02", "TOI-1000.01"]),
        ({"sort": "-score", "mission": "Hubble", "outcome": "who", "q": "K00002"}, ["K00002.01"]),
    ],
)
def test_it_is_searched_filtered_and_sorted(query: dict[str, str], names: list[str]) -> None:
    assert chosen(query) == names


def test_an_undecided_answer_is_neither_right_nor_wrong() -> None:
    both = OpenThen(
        "TESS",
        "2021",
        "2025",
        ("a", "b"),
        np.array([0.5, 0.6], dtype=np.float32),
        np.array([[True, True], [True, False]]),
        np.array([CONFIRMED] * 2, dtype=np.int8),
    )
    signals = open_signals([both])
    assert [(signal.said, signal.held) for signal in signals] == [
        ("undecided", ""),
        ("planet", "right"),
    ]


def test_the_plot_counts_what_was_decided_by_tenths_of_the_score() -> None:
    looked = Looked(KEPLER)
    best, worst = looked.bands[0], looked.bands[-1]
    assert (best.words, best.decided, best.share) == ("0.9 to 1.0", 2, 0.5)
    assert (worst.words, worst.decided, worst.share) == ("0.0 to 0.1", 1, 0.0)
    middle = looked.bars[3]
    assert middle.band.outcomes[OPEN] == 1 and (middle.confirmed, middle.rest) == ("0.0", "0.0")
    assert looked.bars[0].label == "1 of 2" and looked.bars[0].confirmed == "116.0"
    assert "of 100" not in looked.title + looked.sentence  # two are no finding
    assert looked.sentence == (
        "4 signals open in October 2017; on 4 October 2025: 1 confirmed, 2 false positive and 1"
        " open still."
    )
    assert looked.columns == ["confirmed", "false positive", "open still"]
    assert looked.rows[0] == ("0.9 to 1.0", [1, 1, 0])


def test_a_score_of_exactly_one_belongs_to_the_highest_band() -> None:
    assert Looked(said("TESS", ("", 1.0, CONFIRMED))).bands[0].decided == 1


def test_the_title_says_the_finding_in_counts() -> None:
    many = said("TESS", *[("", 0.95, CONFIRMED)] * 45, *[("", 0.97, FALSE_POSITIVE)] * 5)
    assert (
        Looked(many).title
        == "TESS: of 100 decided signals that it gave 0.9 or more, 90 were confirmed"
    )


def test_the_file_holds_what_the_page_lists(member_client: Client, carried: None) -> None:
    answer = member_client.get(f"{ADDRESS}open-signals.csv?mission=TESS&sort=-score")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [row["signal"] for row in rows] == ["TOI-700.02", "", "TOI-1000.01"]
    assert rows[0]["outcome"] == "CONFIRMED" and rows[2]["outcome"] == "not listed any more"
    assert rows[0]["open_score"] == "0.9900" and rows[0]["open_in"] == "2017-10"


def test_a_version_without_it_says_so(
    member_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = ModelVersion.objects.serving()
    monkeypatch.setattr(version.classifier, "open_then", ())
    html = member_client.get(ADDRESS).content.decode()
    assert f"{version.name} carries nothing of an earlier day" in html and "<svg class" not in html
    assert member_client.get(f"{ADDRESS}open-signals.csv").content.decode().count("\n") == 1


def test_a_version_that_cannot_be_read_and_none_in_service_are_said(
    member_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(version: ModelVersion) -> Any:
        raise ArtifactDamaged("points.npz is missing")

    with monkeypatch.context() as patched:
        patched.setattr(ModelVersion, "classifier", property(broken))
        assert "points.npz is missing" in member_client.get(ADDRESS).content.decode()
    ModelVersion.objects.update(is_active=False)
    html = member_client.get(ADDRESS).content.decode()
    assert "No model version is in service" in html and "What came with the site" in html
    assert member_client.get(f"{ADDRESS}?version=nothing").status_code == 404


def test_pages_of_a_long_list_keep_the_question(member_client: Client) -> None:
    """With the facts that come with the site."""
    html = member_client.get(f"{ADDRESS}?mission=Kepler&outcome=open").content.decode()
    assert "Page 1 of" in html and "mission=Kepler&amp;outcome=open&amp;page=2" in html
    assert len(listed(member_client, "?mission=Kepler&outcome=open&page=2")) == 50


def test_the_metrics_page_leads_there(member_client: Client) -> None:
    assert f'href="{ADDRESS}"' in member_client.get("/model/").content.decode()


def test_the_form_takes_nothing_for_nothing() -> None:
    form = TimeMachineForm({"sort": "nonsense", "mission": "?"}, ["TESS"])
    assert not form.is_filtered and form.sort_name == "-score"

"""What becomes news, for whom, and only once."""

from __future__ import annotations

import pandas as pd
import pytest
from django.contrib.auth.models import User
from django_q.models import OrmQ

from predictions.catalogue.models import CatalogueTable, Signal
from predictions.watching import looking
from predictions.watching.events import crosses
from predictions.watching.looking import changes_look
from predictions.watching.models import News, Watch
from predictions.watching.seeing import Seen, pack, unpack
from predictions.watching.services import watch_create
from predictions.watching.words import said_words, verdict
from tests.predictions.catalogue.conftest import (  # noqa: F401 - fixtures
    Fill,
    catalogue,
    fill,
    koi,
)
from tests.predictions.watching.conftest import LATER, NOW, Change, Scored, signal_make

pytestmark = pytest.mark.django_db


def told(user: User) -> list[tuple[str, str]]:
    news = News.objects.filter(owner=user).order_by("pk")
    return [(one.kind, one.title) for one in news]


def test_what_stands_when_one_begins_is_no_news(member: User, signals: list[Signal]) -> None:
    watch_create(user=member, star=signals[0].star)
    assert changes_look(NOW) == set()
    assert told(member) == []


def test_a_decision_is_told_with_what_the_site_had_said(
    member: User, signals: list[Signal], change: Change, scored: Scored
) -> None:
    watch_create(user=member, signal=signals[0])
    change(signals[0], "CONFIRMED")
    scored(signals[0], 0.2)  # by its new numbers, after the archive had decided
    assert changes_look(NOW) == {member.pk}
    [news] = News.objects.filter(owner=member)
    assert (news.kind, news.title) == ("decided", "TOI-1.01 was decided: CONFIRMED")
    assert "By the TESS table of 4 October 2025." in news.detail
    assert "had said: Probably a planet: open score 60" in news.detail
    assert news.detail.endswith("That was right.")
    assert news.facts["before"]["open_score"] == 0.6
    assert (news.facts["old"], news.facts["new"]) == ("CANDIDATE", "CONFIRMED")
    assert news.path == "/catalogue/signals/TOI-1.01/"


def test_each_change_is_told_once_whoever_looks_how_often(
    member: User, curator: User, signals: list[Signal], change: Change
) -> None:
    watch_create(user=member, signal=signals[0])
    watch_create(user=member, star=signals[0].star)
    watch_create(user=member, query="")
    watch_create(user=curator, star=signals[1].star)
    change(signals[0], "FALSE POSITIVE")
    assert changes_look(NOW) == {member.pk, curator.pk}
    assert changes_look(LATER) == set()
    decided = [("decided", "TOI-1.01 was decided: FALSE POSITIVE")]
    assert told(member) == told(curator) == decided
    # One that had died before it wrote down what it had seen tells nothing twice either.
    Watch.objects.update(seen_change=0, seen_state="")
    assert changes_look(LATER) == set()
    assert told(member) == decided


def test_two_that_look_at_the_same_time_tell_once(
    member: User, signals: list[Signal], change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch, _ = watch_create(user=member, signal=signals[0])
    change(signals[0], "FALSE POSITIVE")
    unhurried = unpack

    def meanwhile(packed: bytes) -> object:
        monkeypatch.setattr(looking, "unpack", unhurried)
        assert changes_look(NOW) == {member.pk}
        return unhurried(packed)

    monkeypatch.setattr(looking, "unpack", meanwhile)
    assert changes_look(NOW) == set()
    watch.refresh_from_db()
    assert (watch.looks, len(told(member))) == (1, 1)


@pytest.mark.parametrize(
    ("kind", "new", "title"),
    [
        ("gone", "", "TOI-1.01 is no longer listed"),
        ("back", "CANDIDATE", "TOI-1.01 is listed again: CANDIDATE"),
        ("renamed", "TOI-9.01", "TOI-1.01 is called TOI-9.01 now"),
        ("changed", "", "TOI-1.01: CANDIDATE → no disposition"),
    ],
)
def test_each_kind_of_change_has_its_words(
    member: User, signals: list[Signal], change: Change, kind: str, new: str, title: str
) -> None:
    watch_create(user=member, signal=signals[0])
    change(signals[0], new, kind)
    changes_look(NOW)
    assert told(member) == [(kind, title)]


def test_a_new_signal_of_a_watched_star(
    member: User, signals: list[Signal], table: CatalogueTable, change: Change
) -> None:
    """By a newer table, and by the first table of another mission, which changes nothing."""
    watch_create(user=member, star=signals[0].star)
    change(signal_make(table, signals[0].star, "1.03"), "CANDIDATE", "new")
    signal_make(table, signals[0].star, "1.04")
    signal_make(table, signals[2].star, "2.02")
    changes_look(NOW)
    assert told(member) == [
        ("new", "TOI-1.03 is new: CANDIDATE"),
        ("new", "TOI-1.04 is new: CANDIDATE"),
    ]


def test_a_score_beyond_the_threshold(member: User, signals: list[Signal], scored: Scored) -> None:
    watch, _ = watch_create(user=member, signal=signals[0])
    scored(signals[0], 0.89)
    changes_look(NOW)
    assert told(member) == []
    scored(signals[0], 0.95)
    changes_look(NOW)
    scored(signals[0], 0.96)
    changes_look(NOW)
    scored(signals[0], 0.4)
    changes_look(NOW)
    assert told(member) == [
        ("score", "TOI-1.01: planet score rose to 0.9"),
        ("score", "TOI-1.01: planet score fell below 0.9"),
    ]
    news = News.objects.filter(owner=member).latest("-pk")
    assert "Now 0.95" in news.detail
    assert "before, 0.89" in news.detail
    Watch.objects.filter(pk=watch.pk).update(threshold=0.3)
    scored(signals[0], 0.35)
    changes_look(NOW)
    assert len(told(member)) == 2


def test_a_score_that_may_repeat_what_was_learnt_crosses_nothing(
    member: User, signals: list[Signal], scored: Scored
) -> None:
    watch_create(user=member, signal=signals[0])
    scored(signals[0], 0.99, basis="star known")
    changes_look(NOW)
    assert told(member) == []


def test_a_first_score_is_told_of_a_star_and_not_of_a_list(
    member: User, curator: User, signals: list[Signal], scored: Scored
) -> None:
    Signal.objects.update(planet_score=None, scored_by=None)
    watch_create(user=member, star=signals[0].star)
    watch_create(user=curator, query="show=all")
    scored(signals[0], 0.95)
    changes_look(NOW)
    assert told(member) == [("score", "TOI-1.01: planet score rose to 0.9")]
    assert told(curator) == []


def test_a_list_tells_what_comes_and_goes(
    member: User, signals: list[Signal], change: Change, scored: Scored
) -> None:
    watch, _ = watch_create(user=member, query="show=open&score_from=0.8&page=3&sort=name")
    assert watch.query == "show=open&score_from=0.8"
    assert watch.name == "Open candidates: planet score from 0.8"
    for signal in signals[:2]:
        scored(signal, 0.85)
    changes_look(NOW)
    assert told(member) == [
        ("entered", f"TOI-1.01 fits “{watch.name}” now"),
        ("entered", f"TOI-1.02 fits “{watch.name}” now"),
    ]
    change(signals[0], "CONFIRMED")
    scored(signals[1], 0.5)
    change(signals[2], "CONFIRMED")  # never fitted
    changes_look(LATER)
    assert told(member)[2:] == [
        ("decided", "TOI-1.01 was decided: CONFIRMED"),
        ("left", f"TOI-1.02 fits “{watch.name}” no longer"),
    ]
    news = News.objects.get(kind="decided")
    assert news.detail.endswith("It fits the list no longer.")


def test_too_much_is_counted(
    member: User, signals: list[Signal], change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "MOST", 1)
    watch_create(user=member, query="show=all")
    change(signals[0], "", "gone")
    change(signals[1], "", "gone")
    change(signals[2], "CONFIRMED")
    changes_look(NOW)
    assert told(member) == [
        ("decided", "TOI-2.01 was decided: CONFIRMED"),
        ("more", "2 more changes in “All signals”"),
    ]
    more = News.objects.get(kind="more")
    assert more.detail == "Beyond those told one by one: 2 signals are gone."
    assert more.path == "/catalogue/changes/"


def test_who_is_gone_is_told_nothing(member: User, signals: list[Signal], change: Change) -> None:
    watch_create(user=member, signal=signals[0])
    User.objects.filter(pk=member.pk).update(is_active=False)
    change(signals[0], "CONFIRMED")
    assert changes_look(NOW) == set()


@pytest.mark.django_db(transaction=True)
def test_a_table_that_takes_charge_asks_for_a_look(
    member: User, catalogue: CatalogueTable, fill: Fill, koi: pd.DataFrame
) -> None:
    """From the archive's table to the news, by what the queue calls."""
    row = koi[koi["koi_disposition"] == "CANDIDATE"].iloc[0]
    OrmQ.objects.all().delete()
    fill(koi, "koi_2025.10.05.csv")
    assert not OrmQ.objects.exists()  # nobody watches
    watch_create(user=member, signal=Signal.objects.get(name=row["kepoi_name"]))
    newer = koi.copy()
    newer.loc[row.name, "koi_disposition"] = "FALSE POSITIVE"
    fill(newer, "koi_2025.11.04.csv")
    tasks = [task.func() for task in OrmQ.objects.all()]
    assert tasks == ["predictions.watching.tasks.look"]
    changes_look(NOW)
    assert told(member) == [("decided", f"{row['kepoi_name']} was decided: FALSE POSITIVE")]


def test_what_was_seen_is_kept_as_it_was() -> None:
    seen = {7: Seen(0.5, None, 3, True), 9: Seen(None, 0.1, None, False)}
    assert unpack(pack(seen)) == seen
    assert unpack(b"") == {}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (0.89, 0.9, True),
        (0.9, 0.91, False),
        (0.9, 0.89, True),
        (None, 0.95, True),
        (None, 0.5, False),
        (0.95, None, False),
    ],
)
def test_crossing(before: float | None, after: float | None, expected: bool) -> None:
    one, other = Seen(before, None, 1, True), Seen(after, None, 2, True)
    assert crosses(one, other, 0.9) == expected


@pytest.mark.parametrize(
    ("score", "decided", "words"),
    [
        (0.6, "CONFIRMED", "That was right."),
        (0.9, "FALSE POSITIVE", "That was wrong."),
        (0.1, "FALSE POSITIVE", "That was right."),
        (0.1, "CONFIRMED", "That was wrong."),
        (0.5, "CONFIRMED", "It had not told which."),
    ],
)
def test_what_the_site_had_said_is_judged(score: float, decided: str, words: str) -> None:
    assert verdict(score, decided) == words


def test_what_was_never_scored_is_said() -> None:
    assert said_words(None, "CONFIRMED", {}).startswith("The site had no score")
    known = said_words(Seen(0.9, None, 1, False), "CONFIRMED", {1: "v"})
    assert "v had said: Very probably a planet: planet score" in known
    assert "had learnt from the star. That was right." in known

"""Votes: blind at first, changed without losing what was said, and told to those who have voted."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client

from predictions.catalogue.models import Signal, Star
from predictions.reviewing.making import queue_follow
from predictions.reviewing.models import MAX_COMMENT, Vote
from predictions.reviewing.services import agreement_of, agreement_overall, vote_cast
from predictions.reviewing.words import GROUNDS
from tests.predictions.reviewing.conftest import SCORE, MakeSignal, Say
from training.accounts.services import token_create
from training.ml.errors import HistoryIsKept

pytestmark = pytest.mark.django_db
ADDRESS = "/reviewing/signals/K00999.01/"
API = "/api/v1/reviewing/signals/K00999.01"


@pytest.fixture
def queued(doubted: Signal) -> Signal:
    queue_follow()
    return doubted


# --- Blindness ------------------------------------------------------------------------------------

TELLING = (
    "0.971",
    f"{SCORE}",
    "97 %",
    "FALSE POSITIVE",
    "CONFIRMED",
    "badge",
    "bob",
    "most secret comment",
    "/catalogue/signals/",
    "out of fold",
)
"""What would tell the score, the disposition, or what others say."""


@pytest.fixture
def others(queued: Signal, make_user: Callable[..., User], say: Say) -> User:
    bob = make_user("bob")
    say(queued, bob, "false positive", grounds=["v-shape"], comment="most secret comment")
    return bob


def test_before_ones_vote_no_page_tells_anything(others: User, member_client: Client) -> None:
    page = member_client.get(ADDRESS).content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    assert "Vote" in main and "Transit depth" in main
    assert [word for word in TELLING if word in main] == []
    assert "K00999.01" in main
    listed = member_client.get("/reviewing/?show=all").content.decode()
    listed = listed[listed.index("<main") : listed.index("</main>")]
    row = next(part for part in listed.split("<tr") if "K00999.01" in part)
    assert [word for word in TELLING if word in row] == []


def test_before_ones_vote_no_program_is_told_anything(others: User, member_client: Client) -> None:
    told = member_client.get(API)
    assert told.json()["revealed"] is None
    assert told.json()["own_votes"] == []
    text = told.content.decode()
    assert [word for word in TELLING if word in text] == []
    queue = member_client.get("/api/v1/reviewing/queue?show=all").content.decode()
    assert [word for word in TELLING if word in queue] == []
    assert [reason["told"] for reason in told.json()["reasons"]] == [""] * len(
        told.json()["reasons"]
    )


def test_a_refused_vote_tells_nothing_either(others: User, member_client: Client) -> None:
    page = member_client.post(ADDRESS, {"answer": "planet"})
    assert page.status_code == 422
    main = page.content.decode()
    main = main[main.index("<main") : main.index("</main>")]
    assert "Say on what grounds" in main
    assert [word for word in TELLING if word in main] == []
    answer = member_client.put(API + "/vote", {"answer": "planet"}, "application/json")
    assert answer.status_code == 400
    assert [word for word in TELLING if word in answer.content.decode()] == []


def test_after_it_all_is_told(others: User, member_client: Client) -> None:
    sent = {"answer": "planet", "grounds": ["transit-shape", "planet-size"], "comment": "Flat."}
    answer = member_client.post(f"{ADDRESS}?mission=Kepler", sent)
    assert answer["Location"] == f"{ADDRESS}?mission=Kepler"
    page = member_client.get(ADDRESS).content.decode()
    for word in ("FALSE POSITIVE", "0.971", "most secret comment", "bob", "Label in doubt"):
        assert word in page, word
    assert "each for two answers" in page
    assert "The archive says FALSE POSITIVE, and out of sight of its star" in page
    told = member_client.get(API).json()["revealed"]
    assert told["disposition"] == "FALSE POSITIVE"
    assert told["score"]["planet_score"] == SCORE
    assert [vote["by"] for vote in told["votes"]] == ["bob", "member"]
    assert (told["people"], told["answer"], told["share"]) == (2, "", 0.5)


def test_the_first_vote_is_blind_and_a_change_is_not(queued: Signal, member: User) -> None:
    vote_cast(signal=queued, voter=member, answer="planet", grounds=["planet-size"])
    vote_cast(signal=queued, voter=member, answer="false positive", comment="After all.")
    votes = Vote.objects.order_by("pk")
    assert [(v.answer, v.is_blind, v.is_current) for v in votes] == [
        ("planet", True, False),
        ("false positive", False, True),
    ]


def test_who_knew_the_score_is_not_blind(queued: Signal, member_client: Client) -> None:
    member_client.post(ADDRESS, {"answer": "planet", "comment": "Known.", "knew": "on"})
    assert not Vote.objects.get().is_blind


def test_who_comes_from_the_signals_page_has_seen_it(queued: Signal, member_client: Client) -> None:
    page = member_client.get(queued.get_absolute_url()).content.decode()
    assert f"{ADDRESS}?seen" in page
    assert member_client.get(f"{ADDRESS}?seen").context["form"]["knew"].value() is True
    assert member_client.get(ADDRESS).context["form"]["knew"].value() is False


def test_names_of_other_signals_of_the_star_are_told_later(
    make_signal: MakeSignal, member: User, member_client: Client, say: Say
) -> None:
    """A name such as K2-295 b tells what the archive says of it."""
    star = Star.objects.create(name="EPIC 1", slug="EPIC-1")
    one = make_signal("K00001.01", star=star)
    make_signal("K00001.02", star=star)
    address = "/reviewing/signals/K00001.01/"
    assert "K00001.02" not in member_client.get(address).content.decode()
    say(one, member)
    assert "K00001.02" in member_client.get(address).content.decode()


# --- Changing -------------------------------------------------------------------------------------


def test_a_change_keeps_what_was_said(queued: Signal, member_client: Client) -> None:
    member_client.post(ADDRESS, {"answer": "planet", "grounds": ["planet-size"]})
    changed = {"answer": "cannot tell", "grounds": ["weak"], "comment": "Seen again."}
    member_client.post(ADDRESS, changed)
    page = member_client.get(ADDRESS).content.decode()
    assert "What you said before" in page
    assert GROUNDS["planet-size"].words in page
    own = member_client.get(API).json()["own_votes"]
    assert [vote["answer"] for vote in own] == ["cannot tell", "planet"]
    form = member_client.get(ADDRESS).context["form"]
    assert form["answer"].value() == "cannot tell"


def test_the_same_vote_twice_counts_once(queued: Signal, member: User, say: Say) -> None:
    assert say(queued, member) == say(queued, member)
    assert Vote.objects.count() == 1


def test_votes_are_never_deleted(queued: Signal, member: User, say: Say) -> None:
    vote = say(queued, member)
    with pytest.raises(HistoryIsKept):
        vote.delete()
    with pytest.raises(HistoryIsKept):
        Vote.objects.all().delete()
    member.delete()
    vote.refresh_from_db()
    assert (vote.voter, vote.voter_name) == (None, "member")


def test_a_vote_changes_neither_disposition_nor_score(
    queued: Signal, member: User, say: Say
) -> None:
    say(queued, member, "planet")
    queued.refresh_from_db()
    assert (queued.disposition, queued.planet_score) == ("FALSE POSITIVE", SCORE)
    assert not queued.changes.exists()


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"answer": "planet"}, "Say on what grounds"),
        ({"answer": "planet", "comment": "   "}, "Say on what grounds"),
        ({"grounds": ["weak"]}, "Say what it is, or that you cannot tell."),
        ({"answer": "comet", "grounds": ["weak"]}, "comet is not one of the available choices"),
        ({"answer": "planet", "grounds": ["hunch"]}, "Choose grounds from the list."),
        ({"answer": "planet", "comment": "x" * (MAX_COMMENT + 1)}, "Shorten the comment"),
    ],
)
def test_what_is_no_vote_is_said(
    queued: Signal, member_client: Client, sent: dict[str, Any], words: str
) -> None:
    answer = member_client.post(ADDRESS, sent)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Vote.objects.exists()


# --- Who may --------------------------------------------------------------------------------------


def test_without_the_right_there_is_a_sentence(queued: Signal, member: User) -> None:
    member.groups.remove(Group.objects.get(name="member"))
    client = Client()
    client.force_login(member)
    for answer in (client.get("/reviewing/"), client.post(ADDRESS, {"answer": "planet"})):
        assert answer.status_code == 403
        assert "Your account is not allowed to do this" in answer.content.decode()
    refused = client.put(f"{API}/vote", {"answer": "planet"}, "application/json")
    assert refused.status_code == 403
    assert "ask an administrator for the role" in refused.json()["error"]["message"]
    assert not Vote.objects.exists()


def test_a_token_that_only_reads_casts_no_vote(queued: Signal, member: User) -> None:
    def put(*scopes: str) -> Any:
        _, token = token_create(user=member, name="t", scopes=list(scopes), days=1)
        body = {"answer": "planet", "grounds": ["planet-size"]}
        headers = {"Authorization": f"Token {token}"}
        return Client().put(f"{API}/vote", body, "application/json", headers=headers)

    refused = put("read")
    assert refused.status_code == 403
    assert "This token may not classify" in refused.json()["error"]["message"]
    assert put("read", "classify").status_code == 200


def test_it_is_not_public_where_the_catalogue_is(queued: Signal, settings: Any) -> None:
    settings.PUBLIC_CATALOGUE = True
    assert Client().get("/catalogue/").status_code == 200
    assert Client().get("/reviewing/").status_code == 302
    assert Client().get("/api/v1/reviewing/queue").status_code == 401


# --- For programs ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({"answer": "comet", "grounds": ["weak"]}, "answer", "not a valid choice"),
        ({"answer": "planet", "grounds": ["hunch"]}, "grounds", "not a valid choice"),
        ({"answer": "planet", "grounds": "weak"}, "grounds", "Expected a list"),
        ({"answer": "planet", "comment": 7}, "comment", "Not a valid string"),
        ({"answer": "planet", "grounds": ["weak"], "knew": "yes"}, "knew", "true or false"),
        ({"answer": "planet", "grounds": ["weak"], "score": 1}, "score", "no part of a vote"),
        ([], "", "Invalid data"),
    ],
)
def test_what_programs_get_wrong_is_said_by_name(
    queued: Signal, member_client: Client, body: Any, field: str, words: str
) -> None:
    answer = member_client.put(f"{API}/vote", json.dumps(body), "application/json")
    assert answer.status_code == 400
    said = answer.json()["error"]["fields"]
    name = next(name for name in said if name.startswith(field))
    assert words in " ".join(said[name])


def test_programs_page_through_the_queue(queued: Signal, member_client: Client) -> None:
    listed = member_client.get("/api/v1/reviewing/queue?reason=suspected-label&size=1").json()
    assert (listed["count"], listed["page"]) == (1, 1)
    assert listed["results"][0]["slug"] == queued.slug
    assert listed["results"][0]["voted"] is False
    beyond = member_client.get("/api/v1/reviewing/queue?page=999").json()
    assert beyond["results"] == []
    wrong = member_client.get("/api/v1/reviewing/queue?reason=hunch")
    assert wrong.status_code == 400


# --- Agreement ------------------------------------------------------------------------------------


def test_agreement_of_one_signal(queued: Signal, make_user: Callable[..., User], say: Say) -> None:
    assert agreement_of([]) is None
    for name, answer in (("a", "planet"), ("b", "planet"), ("c", "cannot tell")):
        say(queued, make_user(name), answer)
    found = agreement_of(Vote.objects.current())
    assert found is not None
    assert (found.people, found.answer, found.share) == (3, "planet", 2 / 3)


def test_agreement_over_all_signals(
    many: list[Signal],
    make_user: Callable[..., User],
    member_client: Client,
    say: Say,
) -> None:
    nothing = agreement_overall()
    assert (nothing.votes, nothing.kappa, nothing.pairs) == (0, None, [])
    assert "Nobody has voted yet" in member_client.get("/reviewing/agreement/").content.decode()
    one, other = make_user("one"), make_user("other")
    for n, signal in enumerate(many[:6]):
        say(signal, one, "planet" if n < 3 else "false positive")
        say(signal, other, "planet" if n < 4 else "false positive")
    say(many[0], other, "cannot tell")  # no longer blind, and no longer agreed
    overall = agreement_overall()
    assert (overall.votes, overall.people, overall.signals, overall.shared) == (12, 2, 6, 6)
    blind = agreement_overall(only_blind=True)
    assert blind.kappa is not None and overall.kappa is not None
    assert blind.kappa > overall.kappa
    (pair,) = blind.pairs
    assert (pair.one, pair.other, pair.signals) == ("one", "other", 6)
    assert pair.share == pytest.approx(5 / 6)
    assert pair.kappa == pytest.approx(2 / 3)
    page = member_client.get("/reviewing/agreement/?only_blind").content.decode()
    assert "Fleiss" in page and "0.67" in page
    told = member_client.get("/api/v1/reviewing/agreement?blind=true").json()
    assert told["pairs"][0]["kappa"] == pytest.approx(2 / 3)


@pytest.mark.skipif(connection.vendor == "sqlite", reason="in memory, SQLite does not wait")
@pytest.mark.django_db(transaction=True)
def test_votes_of_one_person_at_one_moment_leave_one_that_counts(
    queued: Signal, member: User
) -> None:
    def cast(number: int) -> None:
        try:
            vote_cast(signal=queued, voter=member, answer="planet", comment=f"{number}")
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(cast, range(6)))
    votes = Vote.objects.filter(signal=queued, voter=member)
    assert votes.count() == 6
    assert votes.current().count() == 1
    assert votes.blind().count() == 1

"""Which signals the queue holds, why, and when it is made anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from predictions.catalogue import tasks
from predictions.catalogue.models import CatalogueTable, Score, Signal, Star
from predictions.reviewing.making import queue_follow
from predictions.reviewing.models import ReviewItem, ReviewQueue
from tests.predictions.reviewing.conftest import MakeSignal, Say, score_of
from training.ml.errors import ArtifactError
from training.ml.familiarity import UNFAMILIAR
from training.ml.reviewing.worth import Reason
from training.models import ModelVersion

pytestmark = pytest.mark.django_db


def reasons_of(signal: Signal) -> list[Reason]:
    return ReviewItem.objects.get(signal=signal).reasons


def test_a_label_in_doubt_comes_first(doubted: Signal, make_signal: MakeSignal) -> None:
    known = make_signal("K00998.01", "FALSE POSITIVE", 0.98, basis=Score.Basis.STAR_KNOWN)
    candidate = make_signal("K00997.01", "CANDIDATE", 0.99)
    assert queue_follow()
    first = ReviewItem.objects.in_order()[0]
    assert first.signal == doubted
    assert Reason.SUSPECTED_LABEL in first.reasons
    assert 0 < first.facts["suspected-label"] < 1
    # What may repeat what it was told finds nothing, and a candidate is nothing that can be wrong.
    for one in (known, candidate):
        item = ReviewItem.objects.filter(signal=one).first()
        assert item is None or Reason.SUSPECTED_LABEL not in item.reasons
    queue = ReviewQueue.objects.get()
    assert (queue.signals, queue.labelled) == (53, 51)


def test_versions_that_disagree(many: list[Signal]) -> None:
    now = ModelVersion.objects.active()
    values = {
        f.name: getattr(now, f.name) for f in ModelVersion._meta.concrete_fields if f.name != "id"
    }
    before = ModelVersion.objects.create(**values | {"name": "before", "is_active": False})
    score_of(many[0], before, 0.2)
    score_of(many[1], before, 0.9)
    queue_follow()
    assert Reason.VERSIONS in reasons_of(many[0])
    assert ReviewItem.objects.get(signal=many[0]).facts["versions"] == [0.2, 0.2]
    assert not ReviewItem.objects.of_reason(Reason.VERSIONS).exclude(signal=many[0]).exists()


def test_sets_of_several(make_signal: MakeSignal, many: list[Signal]) -> None:
    opened = make_signal("K00990.01", "CANDIDATE", 0.5, several=True)
    decided = make_signal("K00991.01", "CONFIRMED", 0.9, several=True)
    queue_follow()
    assert Reason.SEVERAL in reasons_of(opened)
    assert Reason.SEVERAL in reasons_of(decided)
    worths = dict(ReviewItem.objects.values_list("signal__name", "worth"))
    assert worths[opened.name] > worths[decided.name]


def test_values_that_were_never_seen(make_signal: MakeSignal, many: list[Signal]) -> None:
    odd = make_signal("K00980.01", "CONFIRMED", 0.97, planet_radius=190.0, stellar_radius=0.11)
    queue_follow()
    assert Reason.UNFAMILIAR in reasons_of(odd)
    said = ReviewItem.objects.get(signal=odd).facts["unfamiliar"]
    assert said and all("outside of what" in line or line == UNFAMILIAR for line in said)


def test_missions_that_disagree(make_signal: MakeSignal) -> None:
    star = Star.objects.create(name="KIC 1", slug="KIC-1", ra=290.0, dec=44.0)
    one = make_signal("K00970.01", "CONFIRMED", 0.97, star=star)
    other = make_signal("TOI-970.01", "FALSE POSITIVE", 0.9, mission="TESS", star=star)
    queue_follow()
    for own, twin in ((one, other), (other, one)):
        item = ReviewItem.objects.get(signal=own)
        assert Reason.CONFLICT in item.reasons
        assert [named["name"] for named in item.facts["conflict"]] == [twin.name]


def test_it_is_made_anew_only_for_another_state(
    doubted: Signal, tables: dict[str, CatalogueTable]
) -> None:
    assert queue_follow()
    assert not queue_follow()
    Signal.objects.filter(pk=doubted.pk).update(scored_by=None)
    CatalogueTable.objects.filter(mission="TESS").update(is_current=False)
    assert not queue_follow(), "some signals wait for their score"
    Signal.objects.filter(pk=doubted.pk).update(scored_by=ModelVersion.objects.active())
    assert queue_follow()
    ModelVersion.objects.update(is_active=False)
    assert not queue_follow()


def test_the_janitor_makes_it(doubted: Signal) -> None:
    tasks.clean_up()
    assert ReviewItem.objects.filter(signal=doubted).exists()


def test_signals_that_are_no_longer_listed_leave_it(doubted: Signal) -> None:
    Signal.objects.filter(pk=doubted.pk).update(is_listed=False)
    queue_follow()
    assert not ReviewItem.objects.filter(signal=doubted).exists()


def test_a_version_that_cannot_be_read_leaves_the_queue_and_says_so(
    doubted: Signal, member_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue_follow()
    ReviewQueue.objects.update(state="of another day")

    def broken(self: Any) -> Any:
        raise ArtifactError("Its files are damaged.")

    monkeypatch.setattr(ModelVersion, "classifier", property(broken))
    assert not queue_follow()
    page = member_client.get("/reviewing/").content.decode()
    assert "The queue could not be made anew. Its files are damaged." in page
    assert doubted.name in page


def test_an_empty_catalogue_has_no_queue(member_client: Client) -> None:
    assert "There is no queue yet" in member_client.get("/reviewing/").content.decode()


# --- The page -------------------------------------------------------------------------------------


def names(client: Client, query: str = "") -> list[str]:
    page = client.get(f"/reviewing/?{query}")
    assert page.status_code == 200
    return [shown.signal.name for shown in page.context["items"]]


@pytest.fixture
def queue(doubted: Signal, make_signal: MakeSignal) -> list[str]:
    """In their order."""
    make_signal("K00990.01", "CANDIDATE", 0.5, several=True)
    make_signal("TOI-990.01", "CANDIDATE", 0.6, several=True, mission="TESS")
    queue_follow()
    return list(ReviewItem.objects.in_order().values_list("signal__name", flat=True))


def test_it_is_filtered_by_reason_and_mission(member_client: Client, queue: list[str]) -> None:
    assert names(member_client) == queue
    assert queue[0] == "K00999.01"
    assert names(member_client, "reason=suspected-label") == ["K00999.01"]
    assert "TOI-990.01" in names(member_client, "mission=TESS")
    assert set(names(member_client, "mission=TESS&reason=several")) == {"TOI-990.01"}
    assert names(member_client, "reason=nonsense&mission=Hubble") == queue


def test_what_one_has_voted_on_waits_no_longer(
    member_client: Client, member: User, curator: User, queue: list[str], doubted: Signal, say: Say
) -> None:
    say(doubted, curator)
    assert names(member_client) == queue
    say(doubted, member, "cannot tell")
    assert names(member_client) == queue[1:]
    assert names(member_client, "show=voted") == queue[:1]
    assert names(member_client, "show=all") == queue


def test_next_leads_through_the_list(
    member_client: Client, member: User, queue: list[str], doubted: Signal, say: Say
) -> None:
    def after(name: str, query: str = "") -> str:
        return str(member_client.get(f"/reviewing/next/?{query}&after={name}")["Location"])

    assert after("") == f"/reviewing/signals/{queue[0]}/?"
    assert len(queue) >= 3
    for here, there in zip(queue, [*queue[1:], queue[0]], strict=True):
        assert after(here) == f"/reviewing/signals/{there}/?", "skipped ones come once more"
    assert after("", "mission=TESS") == "/reviewing/signals/TOI-990.01/?mission=TESS"
    say(doubted, member)
    assert after(queue[-1]) == f"/reviewing/signals/{queue[1]}/?"
    only = after("K00999.01", "reason=suspected-label")
    assert only == "/reviewing/?reason=suspected-label"


def test_asking_for_the_queue_takes_few_queries(
    member_client: Client, queue: list[str], django_assert_max_num_queries: Callable[..., Any]
) -> None:
    with django_assert_max_num_queries(14):
        member_client.get("/reviewing/")

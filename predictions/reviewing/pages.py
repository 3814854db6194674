"""What the pages of reviewing show. Before somebody's first vote nothing of it tells what the
classifier, the archive or other people say of the signal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.contrib.auth.models import User
from django.db.models import Count, Q

from predictions.catalogue.derived.deriving import rows_of_signals
from predictions.catalogue.links import sky_links
from predictions.catalogue.models import Score, Signal
from predictions.observing.notes import near_signals
from predictions.reviewing import services, words
from predictions.reviewing.agreed import AgreedSignal
from predictions.reviewing.lists import SHOWN, QueueForm
from predictions.reviewing.making import queue_state
from predictions.reviewing.models import FLAGS, ReviewItem, ReviewQueue, Vote
from predictions.signals.drawing import Drawing, draw
from predictions.signals.pages import given_groups
from training.ml.familiarity import doubts
from training.ml.reviewing.worth import FURTHER, Reason
from training.ml.schema import FEATURE_BY_NAME, REQUIRED_NAMES

ROWS: Final = 50


@dataclass(frozen=True)
class ShownItem:
    """A row of the queue, by its neutral words."""

    item: ReviewItem
    people: int

    @property
    def signal(self) -> Signal:
        return self.item.signal

    @property
    def reasons(self) -> list[str]:
        return [words.TITLES[reason] for reason in self.item.reasons]


@dataclass(frozen=True)
class ShownVote:
    vote: Vote

    @property
    def grounds(self) -> list[str]:
        return words.ground_words(self.vote.grounds)


@dataclass(frozen=True)
class ShownReason:
    title: str
    sentence: str
    details: list[str]
    told: str
    twins: list[dict[str, str]]


# --- The queue ------------------------------------------------------------------------------------


def queue_context(form: QueueForm, items: list[ReviewItem]) -> dict[str, Any]:
    return {
        "form": form,
        "items": _shown_items(items),
        "lists": list(SHOWN.items()),
        "order": words.order_words(),
        "further": f"{FURTHER:g}",
        **_state_context(),
    }


def _shown_items(items: list[ReviewItem]) -> list[ShownItem]:
    """With how many people have voted, never how."""
    voted = Vote.objects.current().filter(signal__in=[item.signal_id for item in items])
    counts = dict(voted.order_by().values_list("signal").annotate(Count("pk")))
    return [ShownItem(item, counts.get(item.signal_id, 0)) for item in items]


def _state_context() -> dict[str, Any]:
    queue = ReviewQueue.objects.select_related("version").defer("version__metadata").first()
    flags = {flag: Count("pk", filter=Q(**{flag: True})) for flag in FLAGS.values()}
    counts = ReviewItem.objects.order_by().aggregate(**flags)
    return {
        "queue": queue,
        "is_behind": queue is not None and bool(queue.state) and queue.state != queue_state(),
        "is_empty": not (queue and queue.state),
        "counts": [(words.TITLES[reason], counts[FLAGS[reason]]) for reason in Reason],
    }


# --- One signal -----------------------------------------------------------------------------------


def signal_context(signal: Signal, user: User) -> dict[str, Any]:
    """The evidence; what others say only for those who have voted."""
    own = services.own_votes(signal, user)
    item = ReviewItem.objects.filter(signal=signal).first()
    if item:
        item.signal = signal
    return {
        "signal": signal,
        "item": item,
        "reasons": [_shown_reason(item, reason, bool(own)) for reason in item.reasons]
        if item
        else [],
        "own": [ShownVote(vote) for vote in own],
        **_evidence(signal),
        **(revealed_context(signal) if own else {}),
    }


def _shown_reason(item: ReviewItem, reason: Reason, voted: bool) -> ShownReason:
    fact = item.facts.get(reason.value)
    return ShownReason(
        title=words.TITLES[reason],
        sentence=words.NEUTRAL[reason],
        details=list(fact or []) if reason is Reason.UNFAMILIAR else [],
        told=words.told(item, reason) if voted else "",
        # The page of a twin tells its disposition, and so nearly this one's.
        twins=list(fact or []) if reason is Reason.CONFLICT and voted else [],
    )


def _evidence(signal: Signal) -> dict[str, Any]:
    """What was measured. Of other signals of the star only that they are there."""
    inputs = {name: value for name, value in signal.inputs.items() if name in FEATURE_BY_NAME}
    return {
        "groups": given_groups(inputs),
        "drawing": _drawing(inputs),
        "doubts": doubts(rows_of_signals([signal]))[0],
        "near": [one.signal for one in near_signals(signal)],
        "siblings": list(
            signal.star.signals.exclude(pk=signal.pk).order_by("period").defer("inputs")
        ),
        "links": [] if signal.is_simulated else sky_links(signal.ra, signal.dec),
    }


def _drawing(inputs: dict[str, Any]) -> Drawing | None:
    """Without period, duration and depth there is nothing to draw."""
    return draw(inputs) if all(name in inputs for name in REQUIRED_NAMES) else None


def revealed_context(signal: Signal) -> dict[str, Any]:
    """What the archive, the version in service and other people say."""
    scores = Score.objects.filter(signal=signal, version=signal.scored_by)
    votes = list(Vote.objects.current().filter(signal=signal))
    return {
        "score": scores.select_related("version").defer("version__metadata").first(),
        "votes": [ShownVote(vote) for vote in votes],
        "agreement": services.agreement_of(votes),
    }


# --- Agreed votes ---------------------------------------------------------------------------------


def agreed_rows(agreed: list[AgreedSignal], user: User) -> list[tuple[AgreedSignal, bool]]:
    """Each with whether ``user`` may see what was said: only who has voted on it."""
    keys = [one.signal.pk for one in agreed]
    own = Vote.objects.filter(voter=user, signal__in=keys).order_by()
    voted = set(own.values_list("signal", flat=True))
    return [(one, one.signal.pk in voted) for one in agreed]


def agreed_counts(agreed: list[AgreedSignal]) -> list[tuple[str, int, int]]:
    """Mission, planets, false positives."""
    missions = sorted({one.signal.mission for one in agreed})
    of = [(one.signal.mission, one.disposition) for one in agreed]
    return [
        (mission, of.count((mission, "CONFIRMED")), of.count((mission, "FALSE POSITIVE")))
        for mission in missions
    ]

"""A look at the catalogue for every watch: what is otherwise than at its last look becomes news."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Final

from django.db import transaction
from django.urls import reverse

from predictions.catalogue.models import DispositionChange, Signal
from predictions.watching import words
from predictions.watching.events import Event, Look, counted_kinds, events_of
from predictions.watching.models import News, Watch
from predictions.watching.seeing import (
    Seen,
    Signals,
    catalogue_state,
    last_change,
    pack,
    signals_now,
    unpack,
)
from predictions.watching.shapes import FactsJson, ScoresJson
from training.figures import counted
from training.models import ModelVersion

MOST: Final = 200
"""News of one watch by one look; what is beyond is counted in one more."""


class Round:
    """What all watches of one look have in common, read once."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.state = catalogue_state()
        self.last = last_change()
        self._changes: dict[int, list[DispositionChange]] = {}
        self._lists: dict[str, Signals] = {}

    @cached_property
    def versions(self) -> dict[int, str]:
        return dict(ModelVersion.objects.values_list("pk", "name"))

    def changes(self, since: int) -> list[DispositionChange]:
        if since not in self._changes:
            found = DispositionChange.objects.filter(pk__gt=since, pk__lte=self.last)
            self._changes[since] = list(found.select_related("table").order_by("pk"))
        return self._changes[since]

    def signals(self, watch: Watch) -> Signals:
        if not watch.is_list:
            return signals_now(watch)
        if watch.query not in self._lists:
            self._lists[watch.query] = signals_now(watch)
        return self._lists[watch.query]


def watch_begin(watch: Watch) -> None:
    """What there is now is no news."""
    watch.seen_state, watch.seen_change = catalogue_state(), last_change()
    watch.seen = pack(signals_now(watch))


def changes_look(at: datetime) -> set[int]:
    """Tell each watch what has changed; returns the keys of the people who have news. Interrupted
    or done twice, each change is told once."""
    if not Watch.objects.exists():
        return set()
    one = Round(at)
    waiting = Watch.objects.filter(owner__is_active=True).exclude(seen_state=one.state)
    people = set()
    for pk in waiting.order_by("pk").values_list("pk", flat=True):
        people |= _look_for(pk, one)
    return people


@transaction.atomic
def _look_for(pk: int, one: Round) -> set[int]:
    watch = Watch.objects.select_related("owner").filter(pk=pk).first()
    if watch is None:
        return set()
    after = one.signals(watch)
    if last_change() != one.last:
        return set()  # a table took charge in between; the look that it asks for tells all of it
    before = unpack(watch.seen)
    look = Look(pk, watch.looks, one.state, before, after, watch.threshold, watch.is_list)
    # Who looks at the same time finds another number, and has told nothing.
    mine = Watch.objects.filter(pk=pk, looks=watch.looks)
    seen = {"seen": pack(after), "seen_change": one.last, "seen_state": one.state}
    if not mine.update(looks=watch.looks + 1, **seen):
        return set()
    events = events_of(look, one.changes(watch.seen_change))
    return {watch.owner_id} if events and _tell(watch, events, one) else set()


def _tell(watch: Watch, events: Sequence[Event], one: Round) -> bool:
    """Whether anything of it is new to the person, who may watch the signal's star as well."""
    keys = [event.key for event in events]
    known = set(News.objects.filter(owner=watch.owner, key__in=keys[:MOST]).values_list("key"))
    news = [event for event in events if (event.key,) not in known]
    told, more = news[:MOST], news[MOST:]
    signals = _signals(told)
    rows = [_row(watch, event, signals[event.signal], one) for event in told]
    rows += [_rest(watch, more, one)] if more else []
    News.objects.bulk_create(rows, ignore_conflicts=True)
    return bool(rows)


def _signals(events: Sequence[Event]) -> dict[int, Signal]:
    wanted = Signal.objects.select_related("star").defer("inputs")
    return wanted.in_bulk([event.signal for event in events])


def _row(watch: Watch, event: Event, signal: Signal, one: Round) -> News:
    return News(
        owner_id=watch.owner_id,
        watch=watch,
        key=event.key,
        kind=event.kind,
        signal=signal,
        title=words.plain(words.title(event, signal, watch.threshold, watch.name))[:250],
        detail=words.plain(words.detail(event, signal, one.versions)),
        path=signal.get_absolute_url(),
        facts=_facts(watch, event, signal, one),
        at=one.at,
    )


def _facts(watch: Watch, event: Event, signal: Signal, one: Round) -> FactsJson:
    change = event.change
    facts: FactsJson = {
        "signal": signal.name,
        "mission": signal.mission,
        "star": signal.star.name,
        "disposition": signal.disposition,
        "before": _scores(event.before, one),
        "after": _scores(event.after, one),
    }
    if change:
        facts["old"], facts["new"] = change.old, change.new
        facts["as_of"] = f"{change.table.as_of:%Y-%m-%d}"
    if event.kind == News.Kind.SCORE:
        facts["threshold"] = watch.threshold
    return facts


def _scores(seen: Seen | None, one: Round) -> ScoresJson | None:
    if seen is None:
        return None
    version = one.versions.get(seen.version or 0, "")
    return {"planet_score": seen.planet, "open_score": seen.open, "version": version}


def _rest(watch: Watch, events: Sequence[Event], one: Round) -> News:
    kinds = counted_kinds(events)
    return News(
        owner_id=watch.owner_id,
        watch=watch,
        key=f"more {watch.pk} {watch.looks}",
        kind=News.Kind.MORE,
        title=words.plain(f"{counted(len(events), 'more change')} in “{watch.name}”")[:250],
        detail=words.more_detail(kinds),
        path=reverse("catalogue_changes") if any(e.change for e in events) else _path(watch),
        facts={"counts": kinds},
        at=one.at,
    )


def _path(watch: Watch) -> str:
    return watch.get_absolute_url()

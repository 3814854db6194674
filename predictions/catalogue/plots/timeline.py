"""When the archive said what about a signal, and what each version says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from predictions.catalogue.models import CatalogueTable, DispositionChange, Score, Signal

LEFT: Final = 70.0
RIGHT: Final = 590.0
NONE: Final = "no disposition"
_KINDS = DispositionChange.Kind


@dataclass(frozen=True)
class Span:
    """A disposition that the archive held from one table to another; pixels of a 600 wide plot."""

    disposition: str
    since: date
    until: date
    x: float = 0.0
    width: float = 0.0

    @property
    def kind(self) -> str:
        return self.disposition.lower().replace(" ", "-")


@dataclass(frozen=True)
class Mark:
    """A version's score at the day that the version was made."""

    score: Score
    x: float

    @property
    def y(self) -> float:
        return 128 - 50 * (self.score.planet_score or 0)


@dataclass(frozen=True)
class Event:
    """One line of the history."""

    day: date
    words: str
    old: str = ""
    new: str = ""


@dataclass(frozen=True)
class Timeline:
    spans: list[Span] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    ticks: list[tuple[float, str]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)


def timeline(
    signal: Signal, changes: Sequence[DispositionChange], scores: Sequence[Score], until: date
) -> Timeline:
    """``changes`` in their order, with their tables; ``until``: the day of the table in charge."""
    spans = _spans(signal, changes, until)
    days = [d for s in spans for d in (s.since, s.until)]
    days += [score.version.created_at.date() for score in scores]
    first, last = min(days), max(days)
    last = max(last, first + timedelta(days=1))

    def at(day: date) -> float:
        return LEFT + (RIGHT - LEFT) * (day - first).days / (last - first).days

    placed = [
        Span(s.disposition, s.since, s.until, at(s.since), max(at(s.until) - at(s.since), 3.0))
        for s in spans
    ]
    known = [score for score in scores if score.planet_score is not None]
    marks = [Mark(score, at(score.version.created_at.date())) for score in known]
    ticks = [(at(first), f"{first:%Y-%m}"), (at(last), f"{last:%Y-%m}")]
    return Timeline(placed, marks, ticks, _events(signal, changes))


def _spans(signal: Signal, changes: Sequence[DispositionChange], until: date) -> list[Span]:
    told = [change for change in changes if change.kind == _KINDS.CHANGED]
    held = told[0].old if told else signal.disposition
    since, spans = signal.first_table.as_of, []
    for change in told:
        spans.append(Span(held or NONE, since, change.table.as_of))
        held, since = change.new, change.table.as_of
    return [*spans, Span(held or NONE, since, max(until, since))]


def _events(signal: Signal, changes: Sequence[DispositionChange]) -> list[Event]:
    told = [change for change in changes if change.kind == _KINDS.CHANGED]
    first = told[0].old if told else signal.disposition
    table: CatalogueTable = signal.first_table
    events = [Event(table.as_of, "first listed in the tables of this site", new=first or NONE)]
    for change in changes:
        if change.kind == _KINDS.NEW:
            continue
        is_name = change.kind == _KINDS.RENAMED
        words = f"{change.get_kind_display()}" + (
            f": {change.old} → {change.new}" if is_name else ""
        )
        old, new = ("", "") if is_name else (change.old or NONE, change.new or NONE)
        if change.kind in (_KINDS.GONE, _KINDS.BACK):
            old, new = "", ""
        events.append(Event(change.table.as_of, words, old, new))
    return events

"""What has happened to the signals of a watch between two looks. Asks no database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from predictions.catalogue.models import DispositionChange
from predictions.watching.models import News
from predictions.watching.seeing import Seen, Signals
from training.ml.schema import Disposition

_CHANGES: Final = DispositionChange.Kind
_KINDS: Final = News.Kind
_DECIDED: Final = (Disposition.CONFIRMED, Disposition.FALSE_POSITIVE)
ORDER: Final = list(_KINDS)
"""The weightiest first: where there is too much to tell, the end is only counted."""


@dataclass(frozen=True)
class Event:
    """``before`` and ``after``: the signal's scores at the two looks, None where it was not among
    the watched ones."""

    kind: News.Kind
    signal: int
    key: str
    change: DispositionChange | None = None
    before: Seen | None = None
    after: Seen | None = None
    list_words: str = ""


@dataclass(frozen=True)
class Look:
    """What is compared. ``number`` tells this look from the watch's others, ``state`` what the
    catalogue was like."""

    watch: int
    number: int
    state: str
    before: Signals
    after: Signals
    threshold: float
    is_list: bool


def events_of(look: Look, changes: Iterable[DispositionChange]) -> list[Event]:
    """``changes``: all of the catalogue since the look before."""
    told = [_changed(look, change) for change in changes if _is_about(look, change)]
    known = {event.signal for event in told}
    events = [*told, *_memberships(look, known), *_crossings(look)]
    return sorted(events, key=lambda event: ORDER.index(event.kind))


def _is_about(look: Look, change: DispositionChange) -> bool:
    return change.signal_id in look.before or change.signal_id in look.after


def _changed(look: Look, change: DispositionChange) -> Event:
    pk = change.signal_id
    before, after = look.before.get(pk), look.after.get(pk)
    return Event(
        kind=_kind(change),
        signal=pk,
        key=f"change {change.pk}",
        change=change,
        before=before,
        after=after,
        list_words=_list_words(before, after) if look.is_list else "",
    )


def _kind(change: DispositionChange) -> News.Kind:
    if change.kind != _CHANGES.CHANGED:
        return News.Kind(change.kind)
    is_decision = change.old == Disposition.CANDIDATE and change.new in _DECIDED
    return _KINDS.DECIDED if is_decision else _KINDS.CHANGED


def _list_words(before: Seen | None, after: Seen | None) -> str:
    if before is None:
        return "It fits the list now."
    return "It fits the list no longer." if after is None else ""


def _memberships(look: Look, told: set[int]) -> Iterator[Event]:
    """What came and went without a change of the archive's: by a score, or by its numbers. A star's
    signal that a mission's first table lists is new."""
    came = _KINDS.ENTERED if look.is_list else _KINDS.NEW
    for pk in sorted(look.after.keys() - look.before.keys() - told):
        key = f"{came} {look.watch} {look.number} {pk}" if look.is_list else f"first {pk}"
        yield Event(came, pk, key, after=look.after[pk])
    for pk in sorted(look.before.keys() - look.after.keys() - told):
        key = f"{_KINDS.LEFT} {look.watch} {look.number} {pk}"
        yield Event(_KINDS.LEFT, pk, key, before=look.before[pk])


def _crossings(look: Look) -> Iterator[Event]:
    for pk in sorted(look.before.keys() & look.after.keys()):
        before, after = look.before[pk], look.after[pk]
        if look.is_list and before.planet is None:
            continue  # new to the list, which was told
        if crosses(before, after, look.threshold):
            way = "up" if (after.planet or 0) >= look.threshold else "down"
            key = f"score {pk} {way} {look.threshold:g} {look.state}"
            yield Event(_KINDS.SCORE, pk, key, before=before, after=after)


def crosses(before: Seen, after: Seen, threshold: float) -> bool:
    """By the answer of another version, or to other numbers; one that may repeat what the version
    was told about the star counts as none."""
    if after.planet is None or not after.is_honest:
        return False
    was = before.planet is not None and before.planet >= threshold
    return was != (after.planet >= threshold)


def counted_kinds(events: Sequence[Event]) -> dict[str, int]:
    return {kind: n for kind in ORDER if (n := sum(one.kind == kind for one in events))}

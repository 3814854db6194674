"""A change in words: one line, and what is worth knowing about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from predictions.catalogue.models import DispositionChange, Signal
from predictions.signals.words import planet_sentence
from predictions.watching.events import Event
from predictions.watching.models import News
from predictions.watching.seeing import Seen
from training.figures import counted, figure_text
from training.ml.schema import Disposition

NONE: Final = "no disposition"
FIRM: Final = 0.6
"""From here on a score said which way it would go; between its complement and this it did not."""
_KINDS: Final = News.Kind
Versions = Mapping[int, str]


def title(event: Event, signal: Signal, threshold: float, list_name: str) -> str:
    change = event.change
    says = signal.disposition or NONE
    if event.kind == _KINDS.SCORE:
        score = event.after.planet if event.after and event.after.planet is not None else 0.0
        moved = "rose to" if score >= threshold else "fell below"
        return f"{signal.name}: planet score {moved} {threshold:g}"
    if change and event.kind in (_KINDS.DECIDED, _KINDS.CHANGED):
        if event.kind == _KINDS.DECIDED:
            return f"{signal.name} was decided: {change.new}"
        return f"{signal.name}: {change.old or NONE} → {change.new or NONE}"
    if change and event.kind == _KINDS.RENAMED:
        return f"{change.old} is called {change.new} now"
    return {
        _KINDS.NEW: f"{signal.name} is new: {says}",
        _KINDS.GONE: f"{signal.name} is no longer listed",
        _KINDS.BACK: f"{signal.name} is listed again: {says}",
        _KINDS.ENTERED: f"{signal.name} fits “{list_name}” now",
        _KINDS.LEFT: f"{signal.name} fits “{list_name}” no longer",
    }[event.kind]


def detail(event: Event, signal: Signal, versions: Versions) -> str:
    parts = [f"Star {signal.star.name}."]
    if event.change:
        parts.append(f"{_table_words(event.change)}.")
    if event.kind == _KINDS.DECIDED and event.change:
        parts.append(said_words(event.before, event.change.new, versions))
    elif event.kind == _KINDS.SCORE and event.before and event.after:
        parts.append(f"Now {_score_words(event.after, versions)};")
        parts.append(f"before, {_score_words(event.before, versions)}.")
    elif event.kind in (_KINDS.ENTERED, _KINDS.LEFT):
        parts.append(_standing(signal))
    elif signal.planet_score is not None:
        parts.append(f"Planet score {figure_text(signal.planet_score)}.")
    return " ".join([*parts, event.list_words]).strip()


def plain(text: str) -> str:
    """Without what no feed and no subject of a letter can hold."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _table_words(change: DispositionChange) -> str:
    return f"By the {change.table.mission} table of {day_text(change.table.as_of)}"


def day_text(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def said_words(before: Seen | None, decided: str, versions: Versions) -> str:
    """What the site had said while the signal was open, and whether that holds."""
    score = said_score(before)
    if before is None or score is None:
        return "The site had no score of it while it was open."
    name = "open score" if before.open is not None else "planet score"
    version = versions.get(before.version or 0, "an earlier version")
    said = f"While it was open, {version} had said: {planet_sentence(score, name)}."
    if not before.is_honest:
        said += " That version had learnt from the star."
    return f"{said} {verdict(score, decided)}"


def said_score(before: Seen | None) -> float | None:
    """The score of an open signal: the one that is calibrated on open ones, where it is known."""
    if before is None:
        return None
    return before.planet if before.open is None else before.open


def verdict(score: float, decided: str) -> str:
    if 1 - FIRM < score < FIRM:
        return "It had not told which."
    is_right = (score >= FIRM) == (decided == Disposition.CONFIRMED)
    return "That was right." if is_right else "That was wrong."


def _score_words(seen: Seen, versions: Versions) -> str:
    if seen.planet is None:
        return "none"
    by = versions.get(seen.version or 0)
    return f"{figure_text(seen.planet)}{f' by {by}' if by else ''}"


def _standing(signal: Signal) -> str:
    says = f"The archive says {signal.disposition or 'nothing'}"
    if signal.planet_score is None:
        return f"{says}."
    return f"{says}; planet score {figure_text(signal.planet_score)}."


_COUNTED: Final = {
    _KINDS.DECIDED: "was decided",
    _KINDS.CHANGED: "has another disposition",
    _KINDS.NEW: "is new",
    _KINDS.GONE: "is gone",
    _KINDS.BACK: "is back",
    _KINDS.RENAMED: "was renamed",
    _KINDS.SCORE: "crossed the threshold",
    _KINDS.ENTERED: "came in",
    _KINDS.LEFT: "went out",
}
_MANY: Final = {"was": "were", "has": "have", "is": "are"}


def more_detail(kinds: Mapping[str, int]) -> str:
    """ "Beyond those told one by one: 3 signals were decided, 1 signal is new." """
    parts = []
    for kind, count in kinds.items():
        words = _COUNTED[News.Kind(kind)]
        first, _, rest = words.partition(" ")
        if count > 1 and first in _MANY:
            words = f"{_MANY[first]} {rest}"
        parts.append(f"{counted(count, 'signal')} {words}")
    return f"Beyond those told one by one: {', '.join(parts)}."

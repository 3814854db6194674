"""What a newer table says otherwise than the one in charge. Knows no database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import hypot
from typing import Final, TypedDict

from training.ml.sky.repeats import MOST, WITHOUT_ERROR

SIGMAS: Final = 3.0
GONE_SHARE: Final = 0.02
"""A table that lists fewer by more than this is questioned: a truncated download looks like one."""


class ChangeCounts(TypedDict):
    new: int
    gone: int
    back: int
    renamed: int
    changed: int


@dataclass(frozen=True)
class Entry:
    """What is compared of a signal: ``star`` is any number that its signals share."""

    disposition: str
    star: int
    period: float | None
    period_error: float | None = None
    is_listed: bool = True


@dataclass(frozen=True)
class Difference:
    """Names, in the order of their tables; ``renamed`` maps old to new, and ``changed`` holds, by
    their new name, (old, new) dispositions of all that both tables list."""

    new: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    back: list[str] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)
    changed: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def counts(self) -> ChangeCounts:
        return {
            "new": len(self.new),
            "gone": len(self.gone),
            "back": len(self.back),
            "renamed": len(self.renamed),
            "changed": len(self.changed),
        }


def difference(known: Mapping[str, Entry], listed: Mapping[str, Entry]) -> Difference:
    """From all ``known`` signals of a mission to those that are ``listed`` now."""
    new = [name for name in listed if name not in known]
    gone = [name for name, entry in known.items() if entry.is_listed and name not in listed]
    renamed = _renamed({name: known[name] for name in gone}, {name: listed[name] for name in new})
    before = {name: name for name in listed if name in known}
    before |= {new_name: old_name for old_name, new_name in renamed.items()}
    pairs = {
        name: (known[old].disposition, listed[name].disposition) for name, old in before.items()
    }
    return Difference(
        new=[name for name in new if name not in before],
        gone=[name for name in gone if name not in renamed],
        back=[name for name in listed if name in known and not known[name].is_listed],
        renamed=renamed,
        changed={name: pair for name, pair in pairs.items() if pair[0] != pair[1]},
    )


def _renamed(gone: Mapping[str, Entry], new: Mapping[str, Entry]) -> dict[str, str]:
    """One star and one period under another name are one signal."""
    of_star: dict[int, list[str]] = defaultdict(list)
    for name, entry in new.items():
        of_star[entry.star].append(name)
    found: dict[str, str] = {}
    for old, entry in gone.items():
        free = [name for name in of_star[entry.star] if name not in found.values()]
        if same := _nearest(entry, {name: new[name] for name in free}):
            found[old] = same
    return found


def _nearest(entry: Entry, others: Mapping[str, Entry]) -> str | None:
    apart = [(_apart(entry, other), name) for name, other in others.items()]
    close = [(distance, name) for distance, name in apart if distance <= 1]
    return min(close)[1] if close else None


def _apart(one: Entry, other: Entry) -> float:
    """How far two periods are from each other, in units of what still is one period."""
    if not one.period or not other.period:
        return float("inf")
    allowed = WITHOUT_ERROR
    if one.period_error and other.period_error:
        sigmas = SIGMAS * hypot(one.period_error, other.period_error) / one.period
        allowed = min(max(sigmas, WITHOUT_ERROR), MOST)
    return abs(other.period / one.period - 1) / allowed


def shrinks(before: int, now: int) -> bool:
    return now < before * (1 - GONE_SHARE)

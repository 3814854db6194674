"""Signals that were open years ago, one by one: found, sorted, and as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django import forms

from predictions.signals.words import PLANET_SET, Link, identifier_links
from predictions.spreadsheets import neutral
from training.ml.evaluation.open_then import CONFIRMED, FALSE_POSITIVE, GONE, OPEN, OpenThen
from training.ml.schema import DISPOSITIONS
from training.ml.sky.names import is_signal_form, signal_name, targets_in

FILTERS: Final = ("q", "mission", "outcome", "answer")
DECIDED: Final = (CONFIRMED, FALSE_POSITIVE)
OUTCOMES: Final[Mapping[int, str]] = {
    CONFIRMED: "confirmed",
    FALSE_POSITIVE: "false-positive",
    OPEN: "open",
    GONE: "gone",
}
"""What became of a signal, as the address names it."""
NO_LONGER: Final = "not listed any more"
CSV_COLUMNS: Final = ("signal", "mission", "open_in", "open_score", "said", "outcome", "looked_up")
SORTS: Final = ("signal", "mission", "score", "said", "outcome")


def day_words(day: str) -> str:
    """ "in October 2017" for 2017-10, "on 12 December 2021" for 2021-12-12; any other as it is."""
    for form, words in (("%Y-%m-%d", "on {:%-d %B %Y}"), ("%Y-%m", "in {:%B %Y}")):
        with suppress(ValueError):
            return words.format(datetime.strptime(day, form))
    return day


# --- one signal -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class OpenSignal:
    """One signal that was open ``then``."""

    name: str
    mission: str
    then: str
    now: str
    score: float
    planet: bool
    false_positive: bool
    outcome: int

    @property
    def disposition(self) -> str:
        """What the newer table says of it; "" where it is not listed any more."""
        return "" if self.outcome == GONE else str(DISPOSITIONS[self.outcome])

    @property
    def day(self) -> str:
        return day_words(self.then).partition(" ")[2]

    @property
    def said(self) -> str:
        """The answer of that day."""
        held = (self.planet, self.false_positive)
        named = [word for word, holds in zip(PLANET_SET, held, strict=True) if holds]
        return named[0] if len(named) == 1 else "undecided"

    @property
    def held(self) -> str:
        """Whether a single answer held: "right", "wrong", or "" where that cannot be told."""
        if self.outcome not in DECIDED or self.said == "undecided":
            return ""
        return "right" if (self.said == PLANET_SET[0]) == (self.outcome == CONFIRMED) else "wrong"

    @property
    def link(self) -> Link | None:
        return next(iter(identifier_links(self.name)), None)

    @property
    def cells(self) -> tuple[str, ...]:
        became = self.disposition or NO_LONGER
        score = f"{self.score:.4f}"
        return (self.name, self.mission, self.then, score, self.said, became, self.now)


def open_signals(parts: Sequence[OpenThen]) -> list[OpenSignal]:
    return [
        OpenSignal(name, part.mission, part.then, part.now, score, planet, false, outcome)
        for part in parts
        for name, score, (planet, false), outcome in zip(
            part.names,
            part.score.tolist(),
            part.planet_sets.tolist(),
            part.outcome.tolist(),
            strict=True,
        )
    ]


def csv_text(signals: Sequence[OpenSignal]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    writer.writerows([neutral(cell) for cell in signal.cells] for signal in signals)
    return text.getvalue()


# --- what the address asks for --------------------------------------------------------------------


class TimeMachineForm(forms.Form):
    """Whatever makes no sense in the address is as if it were not given."""

    q = forms.CharField(required=False, label="Signal", max_length=100)
    mission = forms.ChoiceField(required=False, label="Mission")
    outcome = forms.ChoiceField(
        required=False,
        label="What became of it",
        choices=[
            ("", "all"),
            ("decided", "decided"),
            ("confirmed", "CONFIRMED"),
            ("false-positive", "FALSE POSITIVE"),
            ("open", "open still"),
            ("gone", NO_LONGER),
        ],
    )
    answer = forms.ChoiceField(
        required=False,
        label="The answer was",
        choices=[("", "all"), ("right", "right"), ("wrong", "wrong")],
    )
    sort = forms.ChoiceField(
        required=False, choices=[(f"{sign}{name}", name) for name in SORTS for sign in ("", "-")]
    )

    def __init__(self, data: Any, missions: Sequence[str]) -> None:
        super().__init__(data)
        chosen: Any = self.fields["mission"]
        chosen.choices = [("", "all"), *((mission, mission) for mission in missions)]
        self.fields["q"].widget.attrs.update(type="search", placeholder="such as TOI-700.02")
        self.is_valid()

    def wanted(self, name: str) -> str:
        found: str = self.cleaned_data.get(name) or ""
        return found

    @property
    def filters(self) -> list[Any]:
        return [self[name] for name in FILTERS]

    @property
    def sort_name(self) -> str:
        return self.wanted("sort") or "-score"

    @property
    def is_filtered(self) -> bool:
        return any(map(self.wanted, FILTERS))

    def found(self, signals: Sequence[OpenSignal]) -> list[OpenSignal]:
        """Those that fit, sorted."""
        words = _searched(self.wanted("q"))
        chosen = [signal for signal in signals if self._fits(signal, words)]
        name = self.sort_name.removeprefix("-")
        chosen.sort(key=lambda signal: _key(signal, name), reverse=self.sort_name[0] == "-")
        return chosen

    def _fits(self, signal: OpenSignal, words: str) -> bool:
        outcome, answer = self.wanted("outcome"), self.wanted("answer")
        return (
            words in _bare(signal.name)
            and self.wanted("mission") in ("", signal.mission)
            and (answer in ("", signal.held))
            and _fits_outcome(signal.outcome, outcome)
        )


def _fits_outcome(outcome: int, wanted: str) -> bool:
    if wanted == "decided":
        return outcome in DECIDED
    return wanted in ("", OUTCOMES[outcome])


def _searched(words: str) -> str:
    """What is looked for in names: "KOI-752.01" and "koi 752" are K00752.01's."""
    if is_signal_form(words):
        return _bare(signal_name(words))
    for target in targets_in(words):
        if target.catalogue == "KOI":
            return f"k{target.number:>05}."
    return _bare(words)


def _bare(name: str) -> str:
    return name.casefold().replace(" ", "").replace("-", "")


def _key(signal: OpenSignal, name: str) -> Any:
    keys = {
        "signal": _natural(signal.name),
        "mission": (signal.mission, signal.score),
        "score": signal.score,
        "said": (signal.said, signal.score),
        "outcome": (signal.disposition, signal.score),
    }
    return keys[name]


def _natural(name: str) -> tuple[Any, ...]:
    """TOI-700.02 stands before TOI-1000.01."""
    head, _, tail = name.replace("-", " ").partition(" ")
    number, _, signal = tail.partition(".")
    return (head, number.zfill(8), signal) if tail else (name, "", "")

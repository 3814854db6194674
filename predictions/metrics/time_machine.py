"""The time machine: what a classifier of an earlier day said about each signal that was open then,
and what became of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Final

from django import forms
from django.core.paginator import Paginator

from predictions.signals.words import PLANET_SET, Link, identifier_links
from predictions.spreadsheets import neutral
from training.figures import counted
from training.ml.errors import join_words
from training.ml.evaluation.open_then import CONFIRMED, FALSE_POSITIVE, GONE, OPEN, OpenThen
from training.ml.numbers import number_text
from training.ml.schema import DISPOSITIONS
from training.ml.sky.names import is_signal_form, signal_name, targets_in

BANDS: Final = 10
PAGE: Final = 100
FEW: Final = 20
"""Decided signals of a band below which its share is no finding."""
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
FILTERS: Final = ("q", "mission", "outcome", "answer")
SORTS: Final = ("signal", "mission", "score", "said", "outcome")


# --- one signal ------------------------------------------------------------------------------------


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
        OpenSignal(name, part.mission, part.then, part.now, score, *held, outcome)
        for part in parts
        for name, score, held, outcome in zip(
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


# --- how much a score was worth ---------------------------------------------------------------------


@dataclass(frozen=True)
class Band:
    """Signals of one tenth of the scores."""

    low: float
    high: float
    outcomes: Mapping[int, int]
    """How many signals came to each outcome."""

    @property
    def decided(self) -> int:
        return sum(self.outcomes[outcome] for outcome in DECIDED)

    @property
    def share(self) -> float:
        """Of the decided ones, how many were confirmed."""
        return self.outcomes[CONFIRMED] / self.decided if self.decided else 0.0

    @property
    def words(self) -> str:
        return f"{self.low:.1f} to {self.high:.1f}"

    @property
    def row(self) -> list[int]:
        return [self.outcomes[outcome] for outcome in OUTCOMES]


@dataclass(frozen=True)
class Bar:
    """A band as it is drawn: what was confirmed from the left, false positives up to the right."""

    band: Band
    y: int
    confirmed: str
    rest: str
    start: str

    @property
    def label(self) -> str:
        return f"{number_text(self.band.outcomes[CONFIRMED])} of {number_text(self.band.decided)}"


LEFT, WIDTH, TOP, HIGH = 66, 232, 34, 24
"""Of the plot, 400 wide: where bars begin, how wide all is, where the first stands, their distance."""


@dataclass(frozen=True)
class Looked:
    """One mission: its open signals by what was said of them."""

    part: OpenThen

    @cached_property
    def bands(self) -> list[Band]:
        """The highest scores first."""
        edges = [tenth / BANDS for tenth in range(BANDS + 1)]
        found = (self.part.score * BANDS).astype(int).clip(0, BANDS - 1)
        bands = []
        for at, (low, high) in enumerate(pairwise(edges)):
            own = self.part.outcome[found == at]
            counts = {outcome: int((own == outcome).sum()) for outcome in OUTCOMES}
            bands.append(Band(low, high, counts))
        return bands[::-1]

    @property
    def bars(self) -> list[Bar]:
        drawn = enumerate(self.bands)
        return [_bar(band, TOP + HIGH * at) for at, band in drawn]

    @property
    def height(self) -> int:
        return TOP + HIGH * BANDS + 4

    @property
    def title(self) -> str:
        """The finding."""
        best = self.bands[0]
        if best.decided < FEW:
            return f"{self.part.mission}: what became of open signals, by score"
        return (
            f"{self.part.mission}: of 100 decided that it gave 0.9 or more,"
            f" {round(100 * best.share)} were confirmed"
        )

    @property
    def sentence(self) -> str:
        """What the lowest scores came to, and how many are open still."""
        worst = self.bands[-1]
        lowest = (
            f"Of 100 decided that it gave less than 0.1, {round(100 * (1 - worst.share))} were"
            " false positives. "
            if worst.decided >= FEW
            else ""
        )
        return f"{lowest}{self.counts}"

    @property
    def counts(self) -> str:
        total = {outcome: sum(band.outcomes[outcome] for band in self.bands) for outcome in OUTCOMES}
        kinds = [
            f"{number_text(total[CONFIRMED])} confirmed",
            f"{number_text(total[FALSE_POSITIVE])} false positives",
            f"{number_text(total[OPEN])} open still",
            *([f"{number_text(total[GONE])} {NO_LONGER}"] if total[GONE] else []),
        ]
        opened = counted(len(self.part), "signal")
        return f"{opened} open in {self.part.then}, in {self.part.now}: {join_words(kinds)}."


def _bar(band: Band, y: int) -> Bar:
    width = WIDTH * band.share
    rest = WIDTH - width if band.decided else 0.0
    return Bar(band, y, f"{width:.1f}", f"{rest:.1f}", f"{LEFT + width:.1f}")


# --- what the address asks for -----------------------------------------------------------------------


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


# --- the page ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TimeMachine:
    """What a version carries of an earlier day, as the address asks for it."""

    parts: tuple[OpenThen, ...]
    query: Any

    @cached_property
    def form(self) -> TimeMachineForm:
        return TimeMachineForm(self.query, [part.mission for part in self.parts])

    @property
    def missing(self) -> bool:
        return not self.parts

    @cached_property
    def signals(self) -> list[OpenSignal]:
        return self.form.found(open_signals(self.parts))

    @property
    def looked(self) -> Iterator[Looked]:
        return map(Looked, self.parts)

    @cached_property
    def page_obj(self) -> Any:
        return Paginator(self.signals, PAGE).get_page(self.query.get("page"))

    @property
    def lead(self) -> str:
        opened = sum(map(len, self.parts))
        decided = sum(int((part.outcome == kind).sum()) for part in self.parts for kind in DECIDED)
        days = join_words([f"{part.then} ({part.mission})" for part in self.parts])
        return (
            f"{number_text(opened)} signals were open in {days}; {number_text(decided)} of them have"
            " been decided since."
        )

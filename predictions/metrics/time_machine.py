"""The time machine: what a classifier of an earlier day said about the signals that were open then,
against what became of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Final

from django.core.paginator import Paginator

from predictions.metrics.open_signals import (
    DECIDED,
    NO_LONGER,
    OUTCOMES,
    OpenSignal,
    TimeMachineForm,
    day_words,
    open_signals,
)
from training.figures import counted
from training.ml.errors import join_words
from training.ml.evaluation.open_then import CONFIRMED, FALSE_POSITIVE, GONE, OPEN, OpenThen
from training.ml.numbers import number_text

BANDS: Final = 10
PAGE: Final = 50
FEW: Final = 20
"""Decided signals of a band below which its share is no finding."""
COUNTED: Final[Mapping[int, str]] = {
    CONFIRMED: "confirmed",
    FALSE_POSITIVE: "false positive",
    OPEN: "open still",
    GONE: NO_LONGER,
}


# --- how much a score was worth -------------------------------------------------------------------


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


LEFT, WIDTH, TOP, HIGH = 66, 232, 20, 24
"""Of the plot, 400 wide: where bars begin, their width, where the first stands, how far apart."""


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

    @cached_property
    def total(self) -> dict[int, int]:
        """How many signals came to each outcome; what no signal came to is left out."""
        found = {outcome: int((self.part.outcome == outcome).sum()) for outcome in OUTCOMES}
        return {outcome: count for outcome, count in found.items() if count}

    @property
    def columns(self) -> list[str]:
        return [COUNTED[outcome] for outcome in self.total]

    @property
    def rows(self) -> list[tuple[str, list[int]]]:
        """The numbers of the plot: band, and signals per outcome."""
        return [
            (band.words, [band.outcomes[outcome] for outcome in self.total]) for band in self.bands
        ]

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
            f"{self.part.mission}: of 100 decided signals that it gave 0.9 or more,"
            f" {round(100 * best.share)} were confirmed"
        )

    @property
    def sentence(self) -> str:
        """What the lowest scores came to, and how many are open still."""
        worst = self.bands[-1]
        lowest = (
            f"Of 100 that it gave less than 0.1, {round(100 * (1 - worst.share))} were"
            " false positives. "
            if worst.decided >= FEW
            else ""
        )
        return f"{lowest}{self.counts}"

    @property
    def counts(self) -> str:
        kinds = [f"{number_text(count)} {COUNTED[kind]}" for kind, count in self.total.items()]
        opened = counted(len(self.part), "signal")
        then, now = day_words(self.part.then), day_words(self.part.now)
        return f"{opened} open {then}; {now}: {join_words(kinds)}."


def _bar(band: Band, y: int) -> Bar:
    width = WIDTH * band.share
    rest = WIDTH - width if band.decided else 0.0
    return Bar(band, y, f"{width:.1f}", f"{rest:.1f}", f"{LEFT + width:.1f}")


# --- the page -------------------------------------------------------------------------------------


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
        days = join_words([f"{day_words(part.then)} ({part.mission})" for part in self.parts])
        return (
            f"{number_text(opened)} signals were open {days}; {number_text(decided)} of them have"
            " been decided since."
        )

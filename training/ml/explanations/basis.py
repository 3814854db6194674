"""How much an answer rests on: sentences about few inputs, and about periods so long that few
transits were seen.

They follow the reasons of an explanation and depend on what is given and on what cannot be ruled
out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor
from typing import Final

from training.ml.errors import join_words
from training.ml.schema import FEATURES, Disposition, Group, Mission

FEW: Final = 6
"""At most so many numbers say too little about star and transit to name what they are."""

MEANING: Final[Mapping[Disposition, str]] = {
    Disposition.CONFIRMED: "a planet",
    Disposition.CANDIDATE: "an open candidate",
    Disposition.FALSE_POSITIVE: "a false positive",
}
_COUNTS: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True)
class Given:
    """What is known of one signal: its mission and its numbers by schema name, in our units."""

    mission: str
    numbers: Mapping[str, float]

    @property
    def words(self) -> str:
        """ "These three numbers" without the first word."""
        count = len(self.numbers)
        return f"{count_words(count)} number{'s' * (count != 1)}"

    @property
    def is_tested(self) -> bool:
        """Whether anything tells how the transit itself was tested."""
        return any(name in _TESTS for name in self.numbers)


_TESTS: Final = {
    "transit_snr",
    *(feature.name for feature in FEATURES if feature.group is Group.VETTING),
} - {"signal_count", "sibling_period_ratio", "detection_order"}
"""Without what tells of the star's other signals."""


def basis_sentences(
    disposition: Disposition, members: Sequence[Disposition], given: Given
) -> list[str]:
    """``members``: the prediction set, which may be empty."""
    return [*_long_period(disposition, given), *_few(disposition, members, given)]


def _few(disposition: Disposition, members: Sequence[Disposition], given: Given) -> list[str]:
    if len(given.numbers) > FEW:
        return []
    these = "This one number" if len(given.numbers) == 1 else f"These {given.words}"
    others = [MEANING[member] for member in members if member != disposition]
    if others:
        return [f"With {these[0].lower()}{these[1:]} it cannot be told from {_either(others)}."]
    return [f"{these} are all that this rests on: whatever else is known of it could turn it."]


def _either(words: Sequence[str]) -> str:
    return join_words(list(words), "or")


@dataclass(frozen=True)
class ObservingBaseline:
    """How long a mission looked, and from which period on that leaves few transits."""

    long_period: float  # days
    days: float
    words: str
    """Completes "…, so at a period of N days"."""


_BASELINES: Final[Mapping[str, ObservingBaseline]] = {
    Mission.KEPLER: ObservingBaseline(200, 1_470, "Kepler looked for four years"),
    Mission.K2: ObservingBaseline(40, 80, "K2 looked at each field for about 80 days"),
    Mission.TESS: ObservingBaseline(100, 27.4, "TESS looks at most stars for 27 days at a time"),
}


def _long_period(disposition: Disposition, given: Given) -> list[str]:
    """Why a long period weighs against a planet, and how little that is; where the transit was
    tested, its own figures speak."""
    period = given.numbers.get("orbital_period")
    watch = _BASELINES.get(given.mission, _ELSEWHERE)
    if period is None or period < watch.long_period or given.is_tested:
        return []
    if disposition is Disposition.CONFIRMED:
        return []
    return [f"{_seen(watch, period)}; {_weight(disposition, given.mission)}."]


_ELSEWHERE: Final = ObservingBaseline(200, 0, "")


def _seen(watch: ObservingBaseline, period: float) -> str:
    at = f"a period of {period:,.4g} days"
    if not watch.days:
        return f"At {at} few transits can have been seen"
    if watch.days < period:
        return (
            f"{watch.words}, so at {at} transits lie far apart, and the period itself is in doubt"
        )
    most = floor(watch.days / period) + 1
    return f"{watch.words}, so at {at} at most {count_words(most)} transits could be seen"


def _weight(disposition: Disposition, mission: str) -> str:
    why = (
        "most Kepler signals with so long a period turned out to be noise"
        if mission == Mission.KEPLER
        else "so few are weak evidence"
    )
    if disposition is Disposition.CANDIDATE:
        return f"{why}, and nothing given tests this one, which therefore stays open"
    planets = ". Planets such as Kepler-22 b and Kepler-452 b get such an answer too"
    return (
        f"{why}, and this answer rests on little more than that, because nothing given tests this"
        f" transit itself{planets if mission == Mission.KEPLER else ''}"
    )


def count_words(count: int) -> str:
    return _COUNTS[count] if count < len(_COUNTS) else str(count)

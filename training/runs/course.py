"""How far a training is and how long it will take, from when the stages of earlier ones began.

A stage can take minutes and reports only when it begins; meanwhile the clock tells how far it is.
What is shown as left never grows: a stage that takes longer than expected holds the figure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp
from statistics import median
from typing import Any, Final

USUAL: Final[Mapping[str, float]] = {
    "Gathering signals and stars": 0.0,
    "Cross-validating by star": 0.014,
    "Fold 1 of 5 done": 0.141,
    "Fold 2 of 5 done": 0.248,
    "Fold 3 of 5 done": 0.358,
    "Fold 4 of 5 done": 0.472,
    "Fold 5 of 5 done": 0.583,
    "Fitting what the test stars will judge": 0.658,
    "Judging on stars that nothing has touched": 0.819,
    "Fitting once more on all stars": 0.909,
}
"""Share of the whole time that has passed when a stage begins, before anything was trained here:
measured on 3,000 simulated signals."""
EVEN: Final = 0.8
"""Of a stage's expected time, until which it is taken to advance evenly; then ever slower."""

Log = Sequence[Sequence[Any]]
"""[[seconds since the start, stage in words], …], as a run keeps it."""


@dataclass(frozen=True)
class Course:
    """When the stages of a training begin, as shares of its time, and how long it may take."""

    starts: Mapping[str, float]
    seconds: float | None = None

    @classmethod
    def of(cls, earlier: Sequence[tuple[Log, float]], seconds: float | None = None) -> Course:
        """From the logs of successful runs, each with the seconds that it took."""
        found: dict[str, list[float]] = {}
        for log, whole in earlier:
            for began, words in log:
                if whole > 0:
                    found.setdefault(words, []).append(min(1.0, began / whole))
        starts = {words: median(shares) for words, shares in found.items()}
        return cls(starts or USUAL, seconds)

    def span(self, words: str) -> tuple[float, float] | None:
        """The shares between which a stage lies; None for one that is not known."""
        if words not in self.starts:
            return None
        start = self.starts[words]
        return start, min((s for s in self.starts.values() if s > start), default=1.0)


def seconds_left(log: Log, elapsed: float, course: Course) -> float | None:
    """None while nothing is known. Never more at a later time: each stage may only lower it."""
    left: float | None = None
    ends = [*(float(began) for began, _ in log[1:]), elapsed]
    for (began, words), ended in zip(log, ends, strict=True):
        here = _left_in_stage(float(began), max(ended, began), course.span(words), course.seconds)
        if here is not None:
            left = here if left is None else min(left, here)
    return left


def _left_in_stage(
    began: float, now: float, span: tuple[float, float] | None, expected: float | None
) -> float | None:
    whole = _whole(began, span, expected)
    if whole is None or span is None:
        return None
    start, end = span
    width = max(end - start, 1e-6)
    return whole * (1 - start - width * _advanced((now - began) / whole / width))


def _whole(began: float, span: tuple[float, float] | None, expected: float | None) -> float | None:
    """Seconds of the whole training: first as expected, then more and more by its own pace."""
    if span is None:
        return None
    own = began / span[0] if span[0] > 0 and began > 0 else None
    if own is None or not expected:
        return own or expected or None
    return (1 - span[0]) * expected + span[0] * own


def _advanced(share: float) -> float:
    """How much of a stage is done after ``share`` of its expected time: never all of it."""
    if share <= EVEN:
        return share
    return 1 - (1 - EVEN) * exp(-(share - EVEN) / (1 - EVEN))

"""What people read about reasons and grounds. What is said before a vote leads neither way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from predictions.reviewing.models import ReviewItem, Vote
from training.figures import figure_text
from training.ml.errors import join_words
from training.ml.reviewing.worth import WEIGHTS, Reason

TITLES: Final[Mapping[Reason, str]] = {
    Reason.SUSPECTED_LABEL: "Label in doubt",
    Reason.CONFLICT: "Missions disagree",
    Reason.VERSIONS: "Versions disagree",
    Reason.UNFAMILIAR: "Unfamiliar values",
    Reason.SEVERAL: "Left open by the classifier",
}
NEUTRAL: Final[Mapping[Reason, str]] = {
    Reason.SUSPECTED_LABEL: (
        "What the archive says and what signals with such numbers usually are do not go together."
    ),
    Reason.CONFLICT: "Two missions list what is in all likelihood one planet or one false alarm,"
    " and say different things of it.",
    Reason.VERSIONS: "Two versions of the classifier give it planet scores that lie far apart.",
    Reason.UNFAMILIAR: "Its values are unlike those of nearly all signals that were learnt from.",
    Reason.SEVERAL: (
        "The classifier leaves several dispositions in its set: the numbers alone do not decide it."
    ),
}
"""Without which way the reason leads: read before a vote."""


@dataclass(frozen=True)
class Ground:
    key: str
    words: str
    speaks_for: str


_FOR: Final = {
    Vote.Answer.PLANET: (
        ("transit-shape", "The transit is flat-bottomed, as of a small body"),
        ("planet-size", "The body has the size of a planet"),
        ("duration-fits", "Its duration fits the star and the period"),
        ("companions", "The star has other signals: false positives rarely come in company"),
    ),
    Vote.Answer.FALSE_POSITIVE: (
        ("v-shape", "The transit is V-shaped or grazing"),
        ("too-large", "The body is too large for a planet"),
        ("duration-off", "Its duration does not fit the star and the period"),
        ("odd-even", "Odd and even transits differ"),
        ("secondary", "There is a secondary eclipse"),
        ("off-target", "The light comes from another star, or its centre moves"),
        ("same-ephemeris", "A signal of another star has the same period"),
        ("not-astrophysical", "It looks like noise or the instrument"),
    ),
    Vote.Answer.CANNOT_TELL: (
        ("few-transits", "Too few transits"),
        ("weak", "The signal is too weak"),
        ("star-unknown", "Too little is known of the star"),
        ("measurements-missing", "The measurements that would decide it are missing"),
    ),
}
GROUNDS: Final[Mapping[str, Ground]] = {
    key: Ground(key, words, str(answer)) for answer, some in _FOR.items() for key, words in some
}
GROUNDS_BY_ANSWER: Final[Mapping[str, list[Ground]]] = {
    str(answer): [GROUNDS[key] for key, _ in some] for answer, some in _FOR.items()
}


def ground_words(keys: list[str]) -> list[str]:
    """One that a later release dropped is told by its key."""
    return [GROUNDS[key].words if key in GROUNDS else key for key in keys]


def order_words() -> list[str]:
    """The rule of the queue's order, reason by reason."""
    return [
        f"{TITLES[reason]}: {weight.least:g} to {weight.most:g}, by {weight.measure}."
        if weight.least != weight.most
        else f"{TITLES[reason]}: {weight.least:g}, {weight.measure}."
        for reason, weight in WEIGHTS.items()
    ]


def told(item: ReviewItem, reason: Reason) -> str:
    """What the reason rests on, for those who have voted."""
    fact = item.facts.get(reason.value)
    signal = item.signal
    if reason is Reason.SUSPECTED_LABEL and fact is not None:
        return (
            f"The archive says {signal.disposition}, and out of sight of its star the classifier"
            f" gives that label {figure_text((1 - fact) / 2)} against {figure_text((1 + fact) / 2)}"
            " for the other one."
        )
    if reason is Reason.VERSIONS and fact:
        low, high = fact
        ends = figure_text(low) if low == high else f"{figure_text(low)} to {figure_text(high)}"
        return (
            f"The version in service gives it {figure_text(signal.planet_score)}, earlier ones"
            f" {ends}."
        )
    if reason is Reason.CONFLICT and fact:
        return f"Its twin is {join_words([one['name'] for one in fact])}."
    if reason is Reason.SEVERAL:
        is_open = signal.disposition not in ("CONFIRMED", "FALSE POSITIVE")
        score = signal.open_score if is_open else signal.planet_score
        name = "open score" if is_open else "planet score"
        return f"Its {name} is {figure_text(score)}."
    return ""

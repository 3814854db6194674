"""What programs are told of the queue and of votes. What a person has not voted on is told them
without score, disposition and others' votes, as on its page."""

from __future__ import annotations

from typing import Annotated, Any, TypedDict

from predictions.catalogue.models import Score, Signal
from predictions.reviewing import services
from predictions.reviewing.models import ReviewItem, Vote
from predictions.reviewing.words import NEUTRAL, told
from training.ml.json_notes import Note
from training.ml.reviewing.worth import Reason

Text = Annotated[str, Note(may_be_empty=True)]


class ReviewReasonJson(TypedDict):
    reason: Annotated[str, Note(choices=tuple(Reason))]
    sentence: Annotated[str, Note("In words that lead neither way.")]
    told: Annotated[str, Note("What it rests on; empty until you have voted.", may_be_empty=True)]


class ReviewRowJson(TypedDict):
    """A signal of the queue: days, hours, ppm, Earth radii."""

    name: str
    slug: Annotated[str, Note("The signal in an address.")]
    mission: str
    period: float | None
    duration: float | None
    depth: float | None
    radius: float | None
    reasons: Annotated[list[str], Note("Why it is worth a look.")]
    voted: Annotated[bool, Note("Whether you have voted on it.")]
    simulated: Annotated[bool, Note("Whether it is made up, for trying the site.")]


class ReviewListJson(TypedDict):
    count: int
    page: int
    pages: int
    results: list[ReviewRowJson]


class VoteJson(TypedDict):
    by: str
    answer: Annotated[str, Note(choices=tuple(map(str, Vote.Answer.values)))]
    grounds: list[str]
    comment: Text
    blind: Annotated[bool, Note("A first vote, given without having seen the score.")]
    at: str


class ReviewScoreJson(TypedDict):
    version: str
    planet_score: float | None
    open_score: float | None
    prediction_set: list[str]
    basis: str


class RevealedJson(TypedDict):
    """What you are told once you have voted."""

    disposition: Annotated[str, Note("Of the archive; empty where none.", may_be_empty=True)]
    score: ReviewScoreJson | None
    votes: Annotated[list[VoteJson], Note("Of all people, as they stand.")]
    people: int
    answer: Annotated[str, Note("Most often given; empty for a tie.", may_be_empty=True)]
    share: float


class ReviewSignalJson(TypedDict):
    name: str
    slug: str
    mission: str
    star: str
    simulated: Annotated[bool, Note("Whether it is made up, for trying the site.")]
    inputs: Annotated[dict[str, float], Note("Numeric inputs by schema name, as read.")]
    reasons: list[ReviewReasonJson]
    own_votes: Annotated[list[VoteJson], Note("Yours, the one that counts first.")]
    revealed: Annotated[RevealedJson | None, Note("Null until you have voted.")]


class PairAgreementJson(TypedDict):
    one: str
    other: str
    signals: int
    share: float
    kappa: Annotated[float | None, Note("Cohen's; null where not defined.")]


class AgreementJson(TypedDict):
    votes: int
    people: int
    signals: int
    shared: Annotated[int, Note("Signals with two votes or more.")]
    kappa: Annotated[float | None, Note("Fleiss'; null where not defined.")]
    pairs: list[PairAgreementJson]


def row_json(item: ReviewItem) -> ReviewRowJson:
    signal = item.signal
    return {
        "name": signal.name,
        "slug": signal.slug,
        "mission": signal.mission,
        "period": signal.period,
        "duration": signal.duration,
        "depth": signal.depth,
        "radius": signal.radius,
        "reasons": [reason.value for reason in item.reasons],
        "voted": bool(getattr(item, "voted", False)),
        "simulated": signal.is_simulated,
    }


def signal_json(signal: Signal, own: list[Vote]) -> ReviewSignalJson:
    numbers = {k: v for k, v in signal.inputs.items() if isinstance(v, float | int)}
    return {
        "name": signal.name,
        "slug": signal.slug,
        "mission": signal.mission,
        "star": signal.star.name,
        "simulated": signal.is_simulated,
        "inputs": numbers,
        "reasons": _reasons(signal, voted=bool(own)),
        "own_votes": [vote_json(vote) for vote in own],
        "revealed": _revealed(signal) if own else None,
    }


def _reasons(signal: Signal, *, voted: bool) -> list[ReviewReasonJson]:
    item = ReviewItem.objects.filter(signal=signal).first()
    if item is None:
        return []
    item.signal = signal
    return [
        {
            "reason": reason.value,
            "sentence": NEUTRAL[reason],
            "told": told(item, reason) if voted else "",
        }
        for reason in item.reasons
    ]


def vote_json(vote: Vote) -> VoteJson:
    return {
        "by": vote.voter_name,
        "answer": vote.answer,
        "grounds": vote.grounds,
        "comment": vote.comment,
        "blind": vote.is_blind,
        "at": vote.made_at.isoformat(),
    }


def _revealed(signal: Signal) -> RevealedJson:
    votes = list(Vote.objects.current().filter(signal=signal))
    said = services.agreement_of(votes)
    score = Score.objects.filter(signal=signal, version=signal.scored_by)
    return {
        "disposition": signal.disposition,
        "score": _score(score.select_related("version").defer("version__metadata").first()),
        "votes": [vote_json(vote) for vote in votes],
        "people": said.people if said else 0,
        "answer": said.answer if said else "",
        "share": said.share if said else 0.0,
    }


def _score(score: Score | None) -> ReviewScoreJson | None:
    if score is None:
        return None
    return {
        "version": score.version.name,
        "planet_score": score.planet_score,
        "open_score": score.open_score,
        "prediction_set": score.set_members,
        "basis": score.basis,
    }


def agreement_json(overall: services.OverallAgreement) -> AgreementJson:
    names = ("votes", "people", "signals", "shared", "kappa")
    found: dict[str, Any] = {name: getattr(overall, name) for name in names}
    pairs: list[PairAgreementJson] = [
        {
            "one": pair.one,
            "other": pair.other,
            "signals": pair.signals,
            "share": pair.share,
            "kappa": pair.kappa,
        }
        for pair in overall.pairs
    ]
    shaped: AgreementJson = {**found, "pairs": pairs}  # type: ignore[typeddict-item]
    return shaped

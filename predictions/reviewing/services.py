"""Votes, and how far they agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from django.contrib.auth.models import User
from django.db import transaction

from predictions.catalogue.models import Signal
from predictions.reviewing.models import MAX_COMMENT, Vote
from predictions.reviewing.words import GROUNDS
from training.ml.errors import UserError
from training.ml.reviewing.agreement import cohen_kappa, fleiss_kappa

ANSWERS = [str(answer) for answer in Vote.Answer.values]


class WrongVote(UserError):
    code = "wrong_vote"


class NoGrounds(WrongVote):
    code = "no_grounds"

    def __init__(self) -> None:
        super().__init__(
            "Say on what grounds: tick at least one of them, or write a comment. A vote that gives"
            " none cannot be weighed by others."
        )


def vote_check(answer: str, grounds: Sequence[str], comment: str) -> None:
    """Raises ``WrongVote``."""
    if answer not in ANSWERS:
        raise WrongVote(f"“{answer[:30]}” is no answer; there are {', '.join(ANSWERS)}.")
    if unknown := [key for key in grounds if key not in GROUNDS]:
        raise WrongVote(f"“{unknown[0][:30]}” is no ground; the queue's page lists them.")
    if len(comment) > MAX_COMMENT:
        raise WrongVote(
            f"The comment has {len(comment):,} characters; shorten it to {MAX_COMMENT:,} at most."
        )
    if not grounds and not comment.strip():
        raise NoGrounds


def vote_cast(
    *,
    signal: Signal,
    voter: User,
    answer: str,
    grounds: Sequence[str] = (),
    comment: str = "",
    knew: bool = False,
) -> Vote:
    """What ``voter`` says of ``signal`` from now on; what they said before is kept. ``knew``: they
    had seen the score, or somebody's vote, before their first one.

    Sent twice, it counts once. Raises ``WrongVote``.
    """
    vote_check(answer, grounds, comment)
    said: dict[str, object] = {
        "answer": answer,
        "grounds": sorted(set(grounds)),
        "comment": comment.strip(),
    }
    return _replace(signal, voter, said, knew)


@transaction.atomic
def _replace(signal: Signal, voter: User, said: dict[str, object], knew: bool) -> Vote:
    # Votes of one person in two windows wait for each other; a lock on the vote that counts would
    # find none once it has been replaced, and call the next one a first.
    User.objects.select_for_update(no_key=True).get(pk=voter.pk)
    own = Vote.objects.filter(signal=signal, voter=voter)
    before = own.current().first()
    if before and all(getattr(before, name) == value for name, value in said.items()):
        return before
    own.current().update(is_current=False)
    return Vote.objects.create(
        signal=signal,
        voter=voter,
        voter_name=voter.get_username(),
        is_blind=before is None and not knew,
        **said,
    )


def own_votes(signal: Signal, voter: User) -> list[Vote]:
    """All that somebody has said of it, the latest first; empty: it is blind to them."""
    return list(Vote.objects.filter(signal=signal, voter=voter).order_by("-pk"))


# --- Agreement ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SignalAgreement:
    """Of one signal's current votes: ``answer`` is the one most often given, "" for a tie."""

    people: int
    answer: str
    share: float
    counts: dict[str, int]


def agreement_of(votes: Iterable[Vote]) -> SignalAgreement | None:
    counted = Counter(vote.answer for vote in votes)
    people = counted.total()
    if not people:
        return None
    (first, most), *others = counted.most_common(2)
    tie = bool(others) and others[0][1] == most
    counts = {answer: counted[answer] for answer in ANSWERS}
    return SignalAgreement(people, "" if tie else first, most / people, counts)


@dataclass(frozen=True)
class PairAgreement:
    """Of two people on the signals that both have voted on."""

    one: str
    other: str
    signals: int
    share: float
    kappa: float | None


@dataclass(frozen=True)
class OverallAgreement:
    """``kappa`` is Fleiss' over the signals with two votes or more, None where it is not
    defined."""

    votes: int
    people: int
    signals: int
    shared: int
    kappa: float | None
    pairs: list[PairAgreement]


def agreement_overall(only_blind: bool = False) -> OverallAgreement:
    """Between all people, by their current votes, or by their blind first ones."""
    votes = Vote.objects.blind() if only_blind else Vote.objects.current()
    rows = list(votes.order_by("pk").values_list("signal_id", "voter_name", "answer"))
    by_signal: dict[int, dict[str, str]] = {}
    for signal, name, answer in rows:
        by_signal.setdefault(signal, {})[name] = answer
    counts = np.array([_counts(said) for said in by_signal.values()]).reshape(-1, len(ANSWERS))
    return OverallAgreement(
        votes=len(rows),
        people=len({name for _, name, _ in rows}),
        signals=len(by_signal),
        shared=int((counts.sum(axis=1) > 1).sum()),
        kappa=fleiss_kappa(counts),
        pairs=_pairs(by_signal),
    )


def _counts(said: dict[str, str]) -> list[int]:
    counted = Counter(said.values())
    return [counted[answer] for answer in ANSWERS]


def _pairs(by_signal: dict[int, dict[str, str]]) -> list[PairAgreement]:
    """Of every two people who share a signal, those who share most first."""
    answers: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for said in by_signal.values():
        for one, other in combinations(sorted(said), 2):
            answers.setdefault((one, other), []).append((said[one], said[other]))
    found = []
    for (one, other), both in answers.items():
        first, second = zip(*both, strict=True)
        share = sum(a == b for a, b in both) / len(both)
        found.append(PairAgreement(one, other, len(both), share, cohen_kappa(first, second)))
    return sorted(found, key=lambda pair: (-pair.signals, pair.one, pair.other))

"""Agreed votes become a dataset that says whose they are, of when, on what grounds and by which
rule."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import transaction

from predictions.catalogue.models import Signal
from predictions.reviewing.forms import AgreementRule
from predictions.reviewing.models import Vote
from predictions.reviewing.services import SignalAgreement, agreement_of
from predictions.reviewing.words import ground_words
from predictions.spreadsheets import neutral
from training.accounts.audit import record
from training.datasets.models import Dataset
from training.datasets.services import dataset_upload
from training.ml.errors import UserError
from training.ml.schema import FEATURE_NAMES, Disposition

DISPOSITIONS: Final = {
    str(Vote.Answer.PLANET): str(Disposition.CONFIRMED),
    str(Vote.Answer.FALSE_POSITIVE): str(Disposition.FALSE_POSITIVE),
}
"""What an agreed answer is to a training; who cannot tell teaches nothing."""
_SIGNAL: Final = ("identifier", "star", "mission", "ra", "dec", "epoch", "disposition")
_VOTES: Final = (
    "disposition_from",
    "votes_people",
    "votes_share",
    "votes_by",
    "votes_grounds",
    "votes_first",
    "votes_last",
)
_INPUTS: Final = tuple(name for name in FEATURE_NAMES if name not in _SIGNAL)
COLUMNS: Final = (*_SIGNAL, *_INPUTS, *_VOTES)
FROM: Final = "votes of people"


class NothingAgreed(UserError):
    code = "nothing_agreed"

    def __init__(self, rule: AgreementRule) -> None:
        super().__init__(
            f"No signal is agreed to be a planet or a false positive by this rule. {rule.sentence}"
            " Ask for fewer people or a smaller share, or gather more votes."
        )


class SimulatedVotes(UserError):
    code = "simulated_votes"

    def __init__(self) -> None:
        super().__init__(
            "The signals that people voted on are simulated, and nothing that is made of such votes"
            " may look like knowledge. Votes on real signals make a dataset."
        )


@dataclass(frozen=True)
class AgreedSignal:
    signal: Signal
    votes: list[Vote]
    agreement: SignalAgreement

    @property
    def disposition(self) -> str:
        return DISPOSITIONS[self.agreement.answer]

    @property
    def agreeing(self) -> list[Vote]:
        return [vote for vote in self.votes if vote.answer == self.agreement.answer]


def agreed_signals(rule: AgreementRule) -> list[AgreedSignal]:
    """By name. Also of signals that are no longer listed: what people saw stays true."""
    votes = Vote.objects.blind() if rule.only_blind else Vote.objects.current()
    ordered = votes.order_by("signal_id", "pk")
    by_signal = {key: list(some) for key, some in groupby(ordered, key=lambda vote: vote.signal_id)}
    kept = {key: said for key, some in by_signal.items() if (said := _agreed(some, rule))}
    signals = Signal.objects.select_related("star").in_bulk(list(kept))
    found = [AgreedSignal(signals[key], by_signal[key], said) for key, said in kept.items()]
    return sorted(found, key=lambda one: one.signal.name)


def _agreed(votes: list[Vote], rule: AgreementRule) -> SignalAgreement | None:
    said = agreement_of(votes)
    # A share typed as 66.7 % is to hold for two of three.
    enough = said and said.people >= rule.people and said.share >= rule.share - 5e-4
    return said if said and enough and said.answer in DISPOSITIONS else None


@transaction.atomic
def dataset_from_votes(*, rule: AgreementRule, name: str, user: User) -> Dataset:
    """A dataset of the agreed signals with their inputs as read; the same votes by the same rule
    are the same dataset. Raises ``NothingAgreed``, ``SimulatedVotes``."""
    agreed = agreed_signals(rule)
    if not agreed:
        raise NothingAgreed(rule)
    if any(one.signal.is_simulated for one in agreed):
        raise SimulatedVotes
    file = io.BytesIO(votes_csv(agreed).encode())
    received = dataset_upload(file=file, name=name, user=user, source=Dataset.Source.VOTES)
    dataset = received.dataset
    if not received.known:
        dataset.provenance = provenance(agreed, rule, user)
        dataset.save(update_fields=["provenance"])
        record(user, dataset, f"Made of agreed votes. {rule.sentence}")
    return dataset


def votes_csv(agreed: Iterable[AgreedSignal]) -> str:
    """In the columns of the site's template, with whose word each disposition is beside it."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(_row(one) for one in agreed)
    return out.getvalue()


def _row(one: AgreedSignal) -> dict[str, Any]:
    signal = one.signal
    grounds = sorted({key for vote in one.agreeing for key in vote.grounds})
    return {
        **{name: signal.inputs.get(name) for name in _INPUTS},
        "identifier": signal.listed_name,
        "star": signal.star_key,
        "mission": signal.mission,
        "ra": signal.ra,
        "dec": signal.dec,
        "epoch": signal.epoch,
        "disposition": one.disposition,
        "disposition_from": FROM,
        "votes_people": one.agreement.people,
        "votes_share": round(one.agreement.share, 4),
        "votes_by": neutral("; ".join(vote.voter_name for vote in one.agreeing)),
        "votes_grounds": "; ".join(grounds),
        "votes_first": min(vote.made_at for vote in one.votes).isoformat(timespec="seconds"),
        "votes_last": max(vote.made_at for vote in one.votes).isoformat(timespec="seconds"),
    }


def provenance(agreed: list[AgreedSignal], rule: AgreementRule, user: User) -> dict[str, Any]:
    """What is kept beside the file: the rule, and every vote that was counted, for and against."""
    return {
        "made_of": FROM,
        "rule": rule.sentence,
        "rule_values": asdict(rule),
        "made_by": user.get_username(),
        "people": sorted({vote.voter_name for one in agreed for vote in one.votes}),
        "votes": {one.signal.name: [_vote(vote) for vote in one.votes] for one in agreed},
    }


def _vote(vote: Vote) -> dict[str, Any]:
    return {
        "by": vote.voter_name,
        "answer": vote.answer,
        "grounds": ground_words(vote.grounds),
        "comment": vote.comment,
        "blind": vote.is_blind,
        "at": vote.made_at.isoformat(timespec="seconds"),
    }

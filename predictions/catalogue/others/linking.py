"""Which signals of lists are signals that the missions list, too: one star and one period. They are
shown as one, and counted once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import hypot
from typing import Final, NamedTuple

from predictions.catalogue.models import Signal
from predictions.catalogue.others.models import OtherSignal
from training.ml.sky.twins import MOST, SAME_PERIOD, SIGMAS

_READ: Final = ("pk", "star_id", "period", "inputs__orbital_period_error", "mission", "disposition")
_BATCH: Final = 2_000


class Known(NamedTuple):
    """A mission's listed signal, as far as it is compared."""

    pk: int
    star: int
    period: float | None
    error: float | None
    mission: str
    disposition: str


def links_make() -> int:
    """Say anew of each list's signal which of the missions' it is, and what the archive says of
    that. Returns for how many that has changed.

    What is another mission's signal now has another honest answer, so that it is scored anew.
    """
    of_star = _known_by_star()
    changed = []
    others = OtherSignal.objects.defer("estimated").order_by("pk")
    for other in others.iterator(chunk_size=_BATCH):
        same = same_of(other, of_star.get(other.star_id, ()))
        pk, says = (same.pk, same.disposition) if same else (None, "")
        if (other.same_as_id, other.disposition) != (pk, says):
            if other.same_as_id != pk:
                other.scored_by = None
            other.same_as_id, other.disposition = pk, says
            changed.append(other)
    fields = ("same_as", "disposition", "scored_by")
    OtherSignal.objects.bulk_update(changed, fields, batch_size=500)
    return len(changed)


def _known_by_star() -> dict[int, list[Known]]:
    stars = OtherSignal.objects.order_by().values("star")
    known: dict[int, list[Known]] = defaultdict(list)
    for row in Signal.objects.listed().filter(star__in=stars).values_list(*_READ):
        known[row[1]].append(Known(*row))
    return known


def same_of(other: OtherSignal, known: Iterable[Known]) -> Known | None:
    """Of several the one of its own mission, then the nearest in period."""
    error = other.inputs.get("orbital_period_error")
    fits = [
        (one.mission != other.mission, apart, one)
        for one in known
        if (apart := periods_apart(other.period, error, one.period, one.error)) <= 1
    ]
    return min(fits)[2] if fits else None


def periods_apart(
    one: float | None, one_error: float | None, other: float | None, other_error: float | None
) -> float:
    """In units of what still is one period: that of twins."""
    if not one or not other:
        return float("inf")
    sigmas = SIGMAS * hypot((one_error or 0) / one, (other_error or 0) / other)
    return abs(other / one - 1) / min(max(sigmas, SAME_PERIOD), MOST)


def also_listed(signal: Signal) -> list[OtherSignal]:
    """Where other lists have this signal of a mission."""
    error = signal.inputs.get("orbital_period_error")
    found = signal.star.others.listed().select_related("list").order_by("list__name", "name")
    return [
        other
        for other in found
        if other.same_as_id == signal.pk
        or periods_apart(
            signal.period, error, other.period, other.inputs.get("orbital_period_error")
        )
        <= 1
    ]


def same_in_lists(signal: OtherSignal, others: Sequence[OtherSignal]) -> list[OtherSignal]:
    """Of ``others`` of its star, what has its period."""
    error = signal.inputs.get("orbital_period_error")
    return [
        one
        for one in others
        if periods_apart(signal.period, error, one.period, one.inputs.get("orbital_period_error"))
        <= 1
    ]

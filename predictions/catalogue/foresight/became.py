"""What became of the signals that were open in an earlier table of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from predictions.catalogue.models import OPEN, CatalogueTable, DispositionChange, Signal
from training.ml.schema import Disposition

_KINDS = DispositionChange.Kind
_NOT_LISTED = (_KINDS.NEW, _KINDS.BACK)
"""What a signal's first change after a table says of one that the table did not list."""


@dataclass(frozen=True)
class Became:
    """From one table to the one in charge of its mission; how many signals."""

    then: CatalogueTable
    now: CatalogueTable
    open_then: int
    confirmed: int
    false_positive: int
    gone: int

    @property
    def open_still(self) -> int:
        return self.open_then - self.confirmed - self.false_positive - self.gone

    @property
    def decided_since(self) -> date:
        """The first day of a table that may have decided them."""
        return self.then.as_of + timedelta(days=1)


def became_of_open() -> list[Became]:
    """By mission, for each table that was in charge before, the newest first."""
    found = []
    real = CatalogueTable.objects.exclude(pk__in=CatalogueTable.objects.simulated())
    ready = real.filter(status=CatalogueTable.Status.READY)
    for now in ready.current().order_by("mission"):
        earlier = ready.filter(mission=now.mission, as_of__lt=now.as_of)
        found += [_became(then, now) for then in earlier.order_by("-as_of", "-pk")]
    return found


def _became(then: CatalogueTable, now: CatalogueTable) -> Became:
    signals = Signal.objects.filter(mission=now.mission)
    open_now = signals.listed().filter(disposition__in=OPEN).count()
    moved = list(_moved(then))
    open_then = [one for one in moved if one.was_open]
    ends = [one.is_now for one in open_then]
    moved_open_now = sum(one.is_now in OPEN for one in moved)
    return Became(
        then,
        now,
        open_then=open_now - moved_open_now + len(open_then),
        confirmed=ends.count(Disposition.CONFIRMED),
        false_positive=ends.count(Disposition.FALSE_POSITIVE),
        gone=ends.count(None),
    )


@dataclass(frozen=True)
class _Moved:
    """``is_now``: its disposition today; None where it is not listed any more."""

    was_open: bool
    is_now: str | None


def _moved(then: CatalogueTable) -> Iterator[_Moved]:
    """What tables since ``then`` said otherwise, by signal."""
    changes = DispositionChange.objects.filter(
        table__mission=then.mission, table__in_charge_at__gt=then.in_charge_at
    )
    facts = changes.order_by("table__in_charge_at", "pk").values_list(
        "signal", "kind", "old", "signal__disposition", "signal__is_listed"
    )
    first: dict[int, tuple[str, str, bool]] = {}
    held: dict[int, str] = {}
    for signal, kind, old, disposition, is_listed in facts:
        first.setdefault(signal, (kind, disposition, is_listed))
        if kind in (_KINDS.CHANGED, _KINDS.GONE):
            held.setdefault(signal, old)
    for signal, (kind, disposition, is_listed) in first.items():
        was_open = kind not in _NOT_LISTED and held.get(signal, disposition) in OPEN
        yield _Moved(was_open, disposition if is_listed else None)

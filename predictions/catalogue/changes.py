"""What tables said otherwise than those before them, as pages and programs ask for it."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.db.models import Prefetch, QuerySet

from predictions.catalogue.foresight.models import Foresight
from predictions.catalogue.models import DECIDED, OPEN, DispositionChange

DECIDED_SINCE: Final = "decided"
CHANGE_KINDS: Final = [(DECIDED_SINCE, "decided, was open"), *DispositionChange.Kind.choices]
_CHANGED: Final = DispositionChange.Kind.CHANGED


def changes_since(
    since: date | None = None, kind: str = "", mission: str = ""
) -> QuerySet[DispositionChange]:
    """The newest first, with the scores of today and those before a decision; of every day and
    kind where none is given."""
    related = ("table", "signal", "signal__scored_by")
    heavy = ("signal__inputs", "signal__scored_by__metadata", "signal__scored_by__notes")
    changes = DispositionChange.objects.select_related(*related).defer(*heavy)
    changes = changes.prefetch_related(Prefetch("foresights", Foresight.objects.named()))
    if since:
        changes = changes.filter(table__as_of__gte=since)
    if mission:
        changes = changes.filter(table__mission=mission)
    if kind == DECIDED_SINCE:
        changes = changes.filter(kind=_CHANGED, old__in=OPEN, new__in=DECIDED)
    elif kind in DispositionChange.Kind.values:
        changes = changes.filter(kind=kind)
    return changes.order_by("-table__in_charge_at", "pk")

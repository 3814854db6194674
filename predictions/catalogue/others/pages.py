"""What the pages of other lists show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Prefetch, Q
from django.utils import timezone

from predictions.catalogue.derived.doubts import radius_doubt
from predictions.catalogue.links import signal_links
from predictions.catalogue.others.linking import same_in_lists
from predictions.catalogue.others.models import OtherList, OtherSignal, OtherTable
from predictions.catalogue.pages import epoch_text, is_whole, other_names, place_text
from predictions.catalogue.verdicts import verdict_of
from predictions.observing.notes import follow_up_value, near_signals, next_transit
from predictions.signals.surroundings import surroundings

_HISTORY = 10


def lists_context() -> dict[str, Any]:
    """All lists with what is in charge of them and how many of theirs a mission has, too."""
    current = OtherTable.objects.current().with_dataset()
    listed = Count("signals", filter=Q(signals__is_listed=True))
    same = Count("signals", filter=Q(signals__is_listed=True, signals__same_as__isnull=False))
    lists = OtherList.objects.annotate(listed=listed, same=same, alone=listed - same)
    return {
        "lists": lists.prefetch_related(Prefetch("tables", queryset=current, to_attr="current")),
        "waiting": OtherTable.objects.unfinished().select_related("list", "dataset"),
    }


def list_context(whole: OtherList) -> dict[str, Any]:
    tables = list(whole.tables.select_related("dataset", "in_charge_by")[:_HISTORY])
    signals = whole.signals.listed()
    return {
        "list": whole,
        "tables": tables,
        "current": next((table for table in tables if table.is_current), None),
        "waiting": next((table for table in tables if table.is_unfinished), None),
        "refused": tables[0] if tables and tables[0].status == OtherTable.Status.REFUSED else None,
        "listed": signals.count(),
        "same": signals.exclude(same_as=None).count(),
        "says": _says(signals),
        "scored": signals.exclude(scored_by=None).count(),
    }


def _says(signals: Any) -> Sequence[tuple[str, int]]:
    counts = signals.order_by("list_says").values_list("list_says").annotate(n=Count("pk"))
    return [(says, n) for says, n in counts]


def other_signal_context(signal: OtherSignal) -> dict[str, Any]:
    """Everything about one signal of a list."""
    scores = list(signal.scores.select_related("version").defer("version__metadata"))
    on_star = signal.star.others.listed().exclude(pk=signal.pk).select_related("list")
    others = list(on_star.order_by("period"))
    verdict = verdict_of(signal, scores)
    same = same_in_lists(signal, others)
    return {
        "signal": signal,
        "list": signal.list,
        "shown": verdict.shown,
        "variations": verdict.variations,
        "has_learnt": verdict.has_learnt,
        "score": next((s for s in scores if s.version_id == signal.scored_by_id), None),
        "scores": scores,
        "names": other_names(signal),
        "changes": list(signal.changes.select_related("table").order_by("-pk")[:_HISTORY]),
        "same_elsewhere": [one for one in same if one.list_id != signal.list_id],
        "siblings": list(signal.star.signals.listed().order_by("period").defer("inputs")),
        "radius_doubt": radius_doubt(signal),
        "around": surroundings(signal.inputs, signal.name) if is_whole(signal) else None,
        "epoch": epoch_text(signal),
        "place": place_text(signal),
        "links": signal_links(signal),
        "near": near_signals(signal),
        "next_transit": next_transit(signal, timezone.now()),
        "follow_up": follow_up_value(signal),
    }

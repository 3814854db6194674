"""What programs are told about lists that are no mission's."""

from __future__ import annotations

from typing import Annotated, Any, TypedDict

from predictions.catalogue.others.models import OtherChange, OtherList, OtherSignal
from predictions.catalogue.shapes import (
    CatalogueRowJson,
    CatalogueScoreJson,
    Text,
    row_json,
    score_json,
)
from training.ml.json_notes import Note


class OtherListJson(TypedDict):
    """A list that is no mission's. ``same``: how many of its signals a mission lists, too."""

    name: str
    slug: Annotated[str, Note("For ?list= and in its addresses.")]
    mission: str
    source: str
    citation: str
    signals: int
    same: int
    dataset: Annotated[str, Note("The table in charge.", may_be_empty=True)]
    as_of: Annotated[str, Note("The day of that table.", may_be_empty=True)]
    counts: Annotated[dict[str, int], Note("Against the table before; empty for the first.")]


class OtherChangeJson(TypedDict):
    kind: str
    old: Text
    new: Text
    as_of: Annotated[str, Note("The day of the table that says so.")]


class OtherSignalJson(TypedDict):
    signal: CatalogueRowJson
    names: list[str]
    is_listed: bool
    inputs: Annotated[dict[str, float], Note("Numeric inputs by schema name, as read.")]
    scores: Annotated[list[CatalogueScoreJson], Note("Of every version, the latest first.")]
    changes: list[OtherChangeJson]
    source: str
    citation: str


def list_json(whole: OtherList) -> OtherListJson:
    """``whole`` as ``lists_context`` gives it."""
    found: Any = whole
    current = found.current[0] if found.current else None
    return {
        "name": whole.name,
        "slug": whole.slug,
        "mission": whole.mission,
        "source": whole.source,
        "citation": whole.citation,
        "signals": found.listed,
        "same": found.same,
        "dataset": current.dataset.name if current else "",
        "as_of": current.as_of.isoformat() if current else "",
        "counts": current.counts if current else {},
    }


def other_signal_json(signal: OtherSignal) -> OtherSignalJson:
    scores = signal.scores.select_related("version").defer("version__metadata", "version__notes")
    return {
        "signal": row_json(signal),
        "names": list(dict.fromkeys(signal.names.values_list("name", flat=True))),
        "is_listed": signal.is_listed,
        "inputs": {k: v for k, v in signal.inputs.items() if isinstance(v, float | int)},
        "scores": [score_json(score) for score in scores],
        "changes": [_change(one) for one in signal.changes.select_related("table")],
        "source": signal.list.source,
        "citation": signal.list.citation,
    }


def _change(change: OtherChange) -> OtherChangeJson:
    as_of = change.table.as_of.isoformat()
    return {"kind": change.kind, "old": change.old, "new": change.new, "as_of": as_of}

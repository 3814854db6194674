"""Which rows of a batch a person asks for, in which order, and what stands beside one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from predictions.batches.outcome import RowFilter, rows_chosen
from predictions.batches.results import Rows, identifiers_ranked, index_kept, rows_named
from predictions.triage.services import decision_mask

if TYPE_CHECKING:
    from predictions.batches.models import Batch


def positions_of(batch: Batch, wanted: RowFilter, search: str) -> Rows:
    """The rows, counted from 0, that a person has asked for, in the order asked for."""
    index = index_kept(batch.index_file)
    named = rows_named(batch.index_file, search) if search else None
    if wanted.decision:
        decided = decision_mask(batch, len(index), wanted.decision)
        named = decided if named is None else named & decided
    by_name = wanted.sort.endswith("identifier")
    ranks = identifiers_ranked(batch.index_file) if by_name else None
    return rows_chosen(index, wanted, named, ranks)


def neighbours_context(batch: Batch, wanted: RowFilter, search: str, number: int) -> dict[str, Any]:
    """Where a row stands among those that were asked for, and which are before and behind it."""
    rows = positions_of(batch, wanted, search)
    found = np.flatnonzero(rows == number - 1)
    if not len(found):
        return {}
    place = int(found[0])
    return {
        "place": place + 1,
        "of": len(rows),
        "previous": int(rows[place - 1]) + 1 if place else None,
        "next": int(rows[place + 1]) + 1 if place + 1 < len(rows) else None,
    }

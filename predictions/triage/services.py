"""Keeping, rejecting and noting rows, and finding them again."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
from django.contrib.auth.models import User
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from predictions.triage.models import RowMark
from training.ml.errors import UserError

if TYPE_CHECKING:
    from predictions.batches.models import Batch

Mask = npt.NDArray[np.bool_]
MAX_NOTE: Final = 2_000
UNDECIDED: Final = "undecided"
NOTED: Final = "noted"


class NoteTooLong(UserError):
    code = "note_too_long"

    def __init__(self, length: int) -> None:
        super().__init__(f"The note has {length:,} characters; shorten it to {MAX_NOTE:,} at most.")


class UnknownDecision(UserError):
    code = "unknown_decision"

    def __init__(self, decision: str) -> None:
        super().__init__(
            f"“{decision[:20]}” is no decision; send kept, rejected, or nothing to take it back."
        )


def row_mark(
    *,
    batch: Batch,
    row: int,
    user: User,
    identifier: str = "",
    decision: str | None = None,
    note: str | None = None,
) -> RowMark | None:
    """Decide about a row, or note something; what is None stays. Returns the mark, or None where
    neither a decision nor a note is left.

    Raises ``NoteTooLong``, ``UnknownDecision``.
    """
    if decision and decision not in RowMark.Decision.values:
        raise UnknownDecision(decision)
    if note is not None and len(note) > MAX_NOTE:
        raise NoteTooLong(len(note))
    facts: dict[str, Any] = {"changed_at": timezone.now(), "changed_by": user}
    given = {"decision": decision, "note": None if note is None else note.strip()}
    facts |= {name: value for name, value in given.items() if value is not None}
    mark, _ = RowMark.objects.update_or_create(
        batch=batch, row=row, defaults=facts, create_defaults=facts | {"identifier": identifier}
    )
    if mark.decision or mark.note:
        return mark
    mark.delete()
    return None


def marks_of(batch: Batch, rows: Collection[int]) -> dict[int, RowMark]:
    """Of these rows of a page, counted from 1, what was decided."""
    return {mark.row: mark for mark in RowMark.objects.filter(batch=batch, row__in=rows)}


def decision_counts(batch: Batch) -> dict[str, int]:
    """How many rows are kept, rejected and noted."""
    return RowMark.objects.filter(batch=batch).aggregate(
        kept=Count("pk", filter=Q(decision=RowMark.Decision.KEPT)),
        rejected=Count("pk", filter=Q(decision=RowMark.Decision.REJECTED)),
        noted=Count("pk", filter=~Q(note="")),
    )


def decision_mask(batch: Batch, rows: int, wanted: str) -> Mask:
    """Per row of the batch, shape (rows,), whether it is ``wanted``: kept, rejected, undecided or
    noted."""
    marks = RowMark.objects.filter(batch=batch)
    if wanted == NOTED:
        marks = marks.exclude(note="")
    elif wanted == UNDECIDED:
        marks = marks.exclude(decision="")
    else:
        marks = marks.filter(decision=wanted)
    places = np.fromiter(marks.values_list("row", flat=True), dtype=np.intp) - 1
    mask = np.zeros(rows, dtype=np.bool_)
    mask[places[(places >= 0) & (places < rows)]] = True
    return ~mask if wanted == UNDECIDED else mask


def kept_by(user: User) -> QuerySet[RowMark]:
    """The rows that somebody has kept in batches of their own, the newest first."""
    kept = RowMark.objects.filter(decision=RowMark.Decision.KEPT, batch__owner=user)
    return kept.select_related("batch").defer("batch__head").order_by("-changed_at")

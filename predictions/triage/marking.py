"""A decision about a row, from a page or a program, and how it is told."""

from __future__ import annotations

import numpy as np
from django.contrib.auth.models import User

from predictions.batches.models import Batch
from predictions.batches.results import rows_read
from predictions.triage import services
from predictions.triage.models import RowMark


def mark_given(
    batch: Batch, row: int, user: User, *, decision: str | None, note: str | None
) -> RowMark | None:
    return services.row_mark(
        batch=batch,
        row=row,
        user=user,
        identifier=_identifier(batch, row),
        decision=decision,
        note=note,
    )


def mark_json(row: int, mark: RowMark | None) -> dict[str, object]:
    return {
        "row": row,
        "decision": (mark.decision or None) if mark else None,
        "note": mark.note if mark else "",
    }


def _identifier(batch: Batch, row: int) -> str:
    found = rows_read(batch.stored_chunks(), np.array([row - 1]), ["identifier"])
    name = found["identifier"].iloc[0]
    return name[:200] if isinstance(name, str) else ""

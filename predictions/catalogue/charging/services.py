"""How a table takes charge in the background, whatever it is in charge of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from django.db.models import QuerySet
from django.db.models.functions import Now

from predictions.catalogue.charging.models import ChargedStatus, TableT
from training.ml.errors import UserError

SILENCE: Final = timedelta(minutes=15)

Progress = Callable[[str], None]


def charged_execute(
    tables: QuerySet[TableT],
    table_id: int,
    take: Callable[[TableT, Progress], None],
    progress: Progress,
) -> None:
    """What the worker does; delivered twice, it happens once. ``take`` raises a ``UserError`` for
    what cannot be in charge."""
    this = tables.filter(pk=table_id)
    waiting = this.filter(status=ChargedStatus.WAITING)
    if not waiting.update(status=ChargedStatus.READING, heartbeat_at=Now()):
        return

    def said(stage: str) -> None:
        progress(stage)
        this.update(stage=stage, heartbeat_at=Now())

    def refuse(reason: str) -> None:
        this.update(status=ChargedStatus.REFUSED, reason=reason, stage="")

    try:
        take(this.get(), said)
    except UserError as error:
        refuse(error.message)
    except Exception as error:
        refuse(f"Something went wrong on our side ({type(error).__name__}). Try again.")
        raise


def charged_clean_up(tables: QuerySet[TableT]) -> None:
    """A table whose worker has died is asked for again by a person."""
    silent = tables.filter(status=ChargedStatus.READING, heartbeat_at__lt=Now() - SILENCE)
    reason = "The worker that read this table has stopped. Put it in charge again."
    silent.update(status=ChargedStatus.REFUSED, reason=reason, stage="")

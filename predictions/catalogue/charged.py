"""A dataset that is in charge: of a mission, or of a list that is no mission's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final, Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from predictions.catalogue.filling.changes import changes_text
from training.ml.errors import UserError

SILENCE: Final = timedelta(minutes=15)

Progress = Callable[[str], None]
TableT = TypeVar("TableT", bound="ChargedTable")


class ChargedStatus(models.TextChoices):
    WAITING = "WAITING", "waiting for a worker"
    READING = "READING", "being read"
    READY = "READY", "ready"
    REFUSED = "REFUSED", "cannot be used"


class ChargedQuerySet(models.QuerySet[TableT]):
    def current(self) -> Self:
        """The tables in charge."""
        return self.filter(is_current=True)

    def unfinished(self) -> Self:
        return self.filter(status__in=ChargedTable.UNFINISHED)


class ChargedTable(models.Model):
    """The current one is the state of what it is in charge of, earlier ones are its history."""

    Status = ChargedStatus
    UNFINISHED = (ChargedStatus.WAITING, ChargedStatus.READING)

    status = models.CharField(
        max_length=10, choices=ChargedStatus.choices, default=ChargedStatus.WAITING
    )
    stage = models.CharField(max_length=120, blank=True)
    reason = models.TextField(blank=True, help_text="Why it could not take charge.")
    as_of = models.DateField(help_text="The day whose state it is.")
    in_charge_at = models.DateTimeField(default=timezone.now)
    in_charge_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    heartbeat_at = models.DateTimeField(default=timezone.now)
    is_current = models.BooleanField(default=False)
    is_first = models.BooleanField(default=False, help_text="Nothing stood there to compare with.")
    signals = models.IntegerField(default=0)
    counts = models.JSONField(
        default=dict, help_text="How many are new, gone, back, renamed, changed."
    )

    class Meta:
        abstract = True
        ordering = ("-in_charge_at", "-pk")

    @property
    def is_unfinished(self) -> bool:
        return self.status in self.UNFINISHED

    @property
    def counts_text(self) -> str:
        """Against the table before."""
        return changes_text(self.counts)


def charged_execute(
    tables: models.QuerySet[TableT],
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


def charged_clean_up(tables: models.QuerySet[TableT]) -> None:
    """A table whose worker has died is asked for again by a person."""
    silent = tables.filter(status=ChargedStatus.READING, heartbeat_at__lt=Now() - SILENCE)
    reason = "The worker that read this table has stopped. Put it in charge again."
    silent.update(status=ChargedStatus.REFUSED, reason=reason, stage="")

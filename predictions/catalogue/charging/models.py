"""A dataset that is in charge: of a mission, or of a list that is no mission's."""

from __future__ import annotations

from typing import Final, Self, TypeVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from training.ml.numbers import number_text

COUNTED: Final = ("new", "gone", "back", "renamed", "changed")
"""In the order in which they are said; PostgreSQL's JSON keeps none."""
_LONG: Final = ("report", "head", "mapping")
TableT = TypeVar("TableT", bound=models.Model, covariant=True)


class ChargedStatus(models.TextChoices):
    WAITING = "WAITING", "waiting for a worker"
    READING = "READING", "being read"
    READY = "READY", "ready"
    REFUSED = "REFUSED", "cannot be used"


class ChargedQuerySet(models.QuerySet[TableT]):
    def current(self) -> Self:
        """The tables in charge."""
        return self.filter(is_current=True)

    def with_dataset(self) -> Self:
        """Without what of a dataset is long, and read from JSON each time."""
        return self.select_related("dataset").defer(*(f"dataset__{name}" for name in _LONG))

    def unfinished(self) -> Self:
        return self.filter(status__in=ChargedTable.UNFINISHED)


class ChargedTable(models.Model):
    """The current one is the state of what it is in charge of, earlier ones are its history."""

    Status = ChargedStatus
    UNFINISHED = (ChargedStatus.WAITING, ChargedStatus.READING)

    dataset_id: int

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
        known = ((kind, self.counts[kind]) for kind in COUNTED if kind in self.counts)
        return ", ".join(f"{number_text(count)} {kind}" for kind, count in known)

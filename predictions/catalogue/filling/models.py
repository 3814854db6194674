"""One filling of the catalogue from the archive: what was asked of it, and what came of it."""

from __future__ import annotations

from typing import Final, Self, TypedDict

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class FillPart(TypedDict):
    """What became of one mission's table. ``steps``: what a person can do instead."""

    mission: str
    state: str
    sentence: str
    steps: list[str]
    dataset: int | None


WAITING: Final = "waiting"
UNDER_WAY: Final = "under way"
IN_CHARGE: Final = "in charge"
UNCHANGED: Final = "unchanged"
HELD: Final = "held"
REFUSED: Final = "refused"
"""Where a part of a filling is."""


class CatalogueFillQuerySet(models.QuerySet["CatalogueFill"]):
    def unfinished(self) -> Self:
        return self.filter(is_open=True)


class CatalogueFill(models.Model):
    """Somebody, or the week, asked for the three tables of the archive."""

    class Status(models.TextChoices):
        WAITING = "WAITING", "waiting for a worker"
        WORKING = "WORKING", "under way"
        DONE = "DONE", "done"
        FAILED = "FAILED", "not finished"
        CANCELLED = "CANCELLED", "cancelled"

    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    is_open = models.BooleanField(default=True, help_text="It waits or is under way.")
    stage = models.CharField(max_length=300, default="Waiting for a worker.", blank=True)
    done = models.IntegerField(default=0, help_text="Rows or signals of the stage.")
    expected = models.IntegerField(null=True, help_text="Of the same, as far as it is known.")
    parts = models.JSONField(default=list, help_text="Per mission what came of it.")
    reason = models.TextField(blank=True, help_text="Why it ended early.")
    is_refresh = models.BooleanField(default=False, help_text="Asked for by the schedule.")
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    heartbeat_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    objects = CatalogueFillQuerySet.as_manager()

    class Meta:
        ordering = ("-asked_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("is_open",), condition=Q(is_open=True), name="one_open_catalogue_fill"
            ),
        )

    def __str__(self) -> str:
        return f"Catalogue from the archive, {self.asked_at:%Y-%m-%d}"

    @property
    def percent(self) -> int | None:
        return min(100 * self.done // self.expected, 100) if self.expected else None

    @property
    def troubled(self) -> list[FillPart]:
        """The parts that a person must look after."""
        return [part for part in self.parts if part["state"] in (REFUSED, HELD)]

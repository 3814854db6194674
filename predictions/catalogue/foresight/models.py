"""What was said before a decision, kept as it stood; and what it turned out to be worth."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.utils import timezone

from predictions.catalogue.models import DispositionChange, ScoreFields
from training.ml.errors import HistoryIsKept
from training.models import ModelVersion


class ForesightQuerySet(models.QuerySet["Foresight"]):
    def update(self, **changes: Any) -> int:
        raise HistoryIsKept("What was said before a decision is never rewritten.")

    def named(self) -> Self:
        """With the names of their versions, the newest first."""
        versions = self.select_related("version").defer("version__metadata", "version__notes")
        return versions.order_by("-version__created_at")


class Foresight(ScoreFields):
    """The score that a version had given while the signal was still open. It is copied as the table
    that decides takes charge, because that table's own numbers are scored anew right after."""

    change = models.ForeignKey(
        DispositionChange, on_delete=models.PROTECT, related_name="foresights"
    )

    objects = ForesightQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("change", "version"), name="one_foresight_of_a_change"),
        )

    def __str__(self) -> str:
        return f"{self.change_id} by {self.version_id}: {self.planet_score}"


class ProspectiveCard(models.Model):
    """What a version's foresight was worth, counted by a worker each time that a table takes
    charge: resampling stars takes longer than a page may."""

    version = models.OneToOneField(ModelVersion, on_delete=models.CASCADE, related_name="+")
    state = models.BigIntegerField(help_text="The newest table that it was counted with.")
    missions = models.JSONField(default=dict, help_text="Figures by mission, and pooled.")
    made_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.version_id} with table {self.state}"

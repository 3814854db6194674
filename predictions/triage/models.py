"""What a person decided about a row of a batch."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone


class RowMark(models.Model):
    """A row that its batch's owner keeps or rejects, or has noted something about. A row without
    any of these has no mark."""

    class Decision(models.TextChoices):
        KEPT = "kept", "kept"
        REJECTED = "rejected", "rejected"

    batch = models.ForeignKey("predictions.Batch", on_delete=models.CASCADE, related_name="marks")
    row = models.PositiveIntegerField(help_text="Counted from 1.")
    identifier = models.CharField(max_length=200, blank=True, help_text="Of the row's signal.")
    decision = models.CharField(max_length=10, choices=Decision.choices, blank=True)
    note = models.TextField(blank=True)
    changed_at = models.DateTimeField(default=timezone.now)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ("row",)
        constraints = (models.UniqueConstraint(fields=("batch", "row"), name="one_mark_per_row"),)
        indexes = (models.Index(fields=("decision", "-changed_at"), name="mark_decision"),)

    def __str__(self) -> str:
        return f"row {self.row:,}: {self.decision or 'noted'}"

    def get_absolute_url(self) -> str:
        return reverse("batch_row", args=[self.batch_id, self.row])

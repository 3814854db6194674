"""Pairs of signals that are one planet."""

from __future__ import annotations

from typing import Final

from django.db import models

from predictions.catalogue.models import Signal

_SIDES: Final = ("one", "other")
_HEAVY: Final = ("inputs", "scored_by__metadata", "scored_by__notes")


class TwinQuerySet(models.QuerySet["Twin"]):
    def in_lists(self) -> TwinQuerySet:
        """With what a row of a list shows of both."""
        sides = ("one", "other")
        both = self.select_related(
            *(f"{s}__{name}" for s in sides for name in ("star", "scored_by"))
        )
        return both.defer(*(f"{side}__{name}" for side in sides for name in _HEAVY))


class Twin(models.Model):
    """One planet that two missions list: a half, one or two of its periods.

    All pairs are made anew when a table takes charge; ``CatalogueTable.twins_made`` tells with
    which tables they were made.
    """

    one = models.ForeignKey(Signal, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(Signal, on_delete=models.CASCADE, related_name="+")
    ratio = models.FloatField(help_text="The other's period over the first one's.")
    is_conflict = models.BooleanField(help_text="The archive says different things of the two.")

    objects = TwinQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.one_id} and {self.other_id}"

    @property
    def ratio_words(self) -> str:
        return {0.5: "half the period", 2.0: "twice the period"}.get(self.ratio, "the same period")

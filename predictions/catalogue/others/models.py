"""Lists that are no mission's: community candidates, a survey's own. Their signals stand in tables
of their own, so that nothing that counts the missions' signals can count them."""

from __future__ import annotations

from typing import Any, Final, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from predictions.catalogue.charging.models import ChargedQuerySet, ChargedTable
from predictions.catalogue.derived.models import RowsQuerySet, SignalFields
from predictions.catalogue.models import (
    DECIDED,
    FILTERED,
    DispositionChange,
    ScoreFields,
    Signal,
    Star,
)
from predictions.signals.models import DISPOSITION_CHOICES
from training.ml.schema import Disposition, Mission
from training.models import Dataset

ALL_MISSIONS: Final = [(str(m), str(m)) for m in Mission]


class OtherList(models.Model):
    """Who says it, where it stands, and how it is cited."""

    name = models.CharField(max_length=30, unique=True, help_text="Its short name, as CTOI.")
    slug = models.CharField(max_length=40, unique=True, help_text="Its name in an address.")
    mission = models.CharField(
        max_length=10, choices=ALL_MISSIONS, help_text="Whose light curves its signals are from."
    )
    source = models.CharField(max_length=300, help_text="The address where it is published.")
    citation = models.CharField(max_length=300, help_text="A DOI, or how it wants to be cited.")
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("catalogue_other_list", args=[self.slug])

    @property
    def doi(self) -> str:
        """Where the citation is nothing but a DOI."""
        return self.citation.removeprefix("doi:") if self.citation.startswith("doi:10.") else ""


class OtherTableQuerySet(ChargedQuerySet["OtherTable"]):
    pass


class OtherTable(ChargedTable):
    """A dataset that a curator put in charge of a list."""

    list = models.ForeignKey(OtherList, on_delete=models.CASCADE, related_name="tables")
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="other_tables")
    unnamed = models.IntegerField(default=0, help_text="Rows without the name of signal or star.")

    objects = OtherTableQuerySet.as_manager()

    class Meta(ChargedTable.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=("list",), condition=Q(is_current=True), name="one_other_table_in_charge"
            ),
        )

    def __str__(self) -> str:
        return f"{self.list}, {self.as_of:%Y-%m-%d}"


class OtherSignalQuerySet(RowsQuerySet["OtherSignal"]):
    def open_candidates(self) -> Self:
        """What neither the list nor the archive has decided."""
        undecided = self.listed().filter(list_says__in=("", Disposition.CANDIDATE))
        return undecided.exclude(disposition__in=DECIDED)


class OtherSignal(SignalFields):
    """One signal of a list. ``disposition`` is what the archive says of the same signal where a
    mission lists it; what the list itself says stands in ``list_says`` and counts nowhere."""

    mission = models.CharField(max_length=10, choices=ALL_MISSIONS)
    list = models.ForeignKey(OtherList, on_delete=models.CASCADE, related_name="signals")
    slug = models.CharField(max_length=100, help_text="Its name in an address, in its list.")
    star = models.ForeignKey(Star, on_delete=models.PROTECT, related_name="others")
    list_says = models.CharField(max_length=14, blank=True, choices=DISPOSITION_CHOICES)
    list_word = models.CharField(max_length=40, blank=True, help_text="The same in its own word.")
    same_as = models.ForeignKey(
        Signal,
        null=True,
        on_delete=models.SET_NULL,
        related_name="others",
        help_text="The missions' signal of this star and period.",
    )
    first_table = models.ForeignKey(OtherTable, on_delete=models.CASCADE, related_name="+")
    last_table = models.ForeignKey(OtherTable, on_delete=models.CASCADE, related_name="+")

    objects = OtherSignalQuerySet.as_manager()

    archive_word = created = updated = ""
    is_simulated = False
    disagrees = False

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(fields=("list", "name"), name="one_other_signal_of_a_name"),
            models.UniqueConstraint(fields=("list", "slug"), name="one_other_signal_of_a_slug"),
        )
        indexes = (
            # Pages of a whole list, in the orders that are asked for most.
            *(
                models.Index(fields=("list", "is_listed", name, "id"), name=f"other_by_{name}")
                for name in ("name", "planet_score", "open_score", "period")
            ),
            # What filters and the map ask for, in the map's order; rows are wide, by their inputs.
            models.Index(
                fields=(
                    "list",
                    "is_listed",
                    "disposition",
                    "map_cell",
                    "list_says",
                    "same_as",
                    *FILTERED,
                    "id",
                ),
                name="other_lists",
            ),
            models.Index(fields=("derived_by",), name="other_derived"),
        )

    def get_absolute_url(self) -> str:
        return reverse("catalogue_other_signal", args=[self.list.slug, self.slug])


class OtherName(models.Model):
    """One of the names of a list's signal; ``key`` is the same for every spelling. Stars have their
    names with those of the missions."""

    key = models.CharField(max_length=80, db_index=True)
    name = models.CharField(max_length=80)
    signal = models.ForeignKey(OtherSignal, on_delete=models.CASCADE, related_name="names")

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("key", "signal"), name="one_name_of_an_other_signal"),
        )

    def __str__(self) -> str:
        return self.name


class OtherChange(models.Model):
    """What a newer table of a list says otherwise than the one before it."""

    table = models.ForeignKey(OtherTable, on_delete=models.CASCADE, related_name="changes")
    signal = models.ForeignKey(OtherSignal, on_delete=models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=8, choices=DispositionChange.Kind.choices)
    old = models.CharField(max_length=80, blank=True, help_text="What the list said, or name.")
    new = models.CharField(max_length=80, blank=True, help_text="What the list says, or name.")

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.signal_id} {self.kind}: {self.old} → {self.new}"


class OtherScore(ScoreFields):
    """The newest answer of each version about a list's signal."""

    signal = models.ForeignKey(OtherSignal, on_delete=models.CASCADE, related_name="scores")

    class Meta:
        ordering = ("-made_at", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("signal", "version"), name="one_other_score"),
        )

    def __str__(self) -> str:
        return f"{self.signal_id} by {self.version_id}: {self.planet_score}"


def list_named(name: str) -> OtherList | None:
    """By its name in any letters, or its name in an address."""
    text = " ".join(name.split())[:40]
    found = OtherList.objects.filter(name__iexact=text).first()
    return found or OtherList.objects.filter(slug__iexact=text).first()


def known_as(signal: Any) -> tuple[str, str]:
    """The name by which a version knows a signal that it learnt from, and its star: a list's signal
    by the missions' one that it is, because a list's own numbers may be another's names."""
    if isinstance(signal, OtherSignal):
        return known_as(signal.same_as) if signal.same_as else ("", signal.star_key)
    return f"{signal.mission} {signal.listed_name}", signal.star_key

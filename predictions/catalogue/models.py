"""Signals and stars of the archive's tables, what was said about them when, and their scores."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from predictions.catalogue.charging.models import ChargedQuerySet, ChargedTable
from predictions.catalogue.derived.models import RowsQuerySet, SignalFields
from training.ml.errors import HistoryIsKept
from training.ml.schema import Disposition, Mission
from training.models import Dataset, ModelVersion

MISSIONS = [(str(m), str(m)) for m in (Mission.KEPLER, Mission.TESS, Mission.K2)]
"""Whose dispositions the archive keeps; lists of others are never mixed with them."""
DECIDED = (Disposition.CONFIRMED, Disposition.FALSE_POSITIVE)
OPEN = (Disposition.CANDIDATE, "")
STRONG = 0.9
"""From here on a planet score (or its complement) speaks strongly against a disposition."""


class CatalogueTableQuerySet(ChargedQuerySet["CatalogueTable"]):
    def simulated(self) -> Self:
        """Of the example for a new site: while there are some, there are no others."""
        return self.filter(dataset__source=Dataset.Source.SIMULATED)


class CatalogueTable(ChargedTable):
    """A dataset that a curator put in charge of its mission."""

    mission = models.CharField(max_length=10, choices=MISSIONS)
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="catalogue_tables")
    twins_made = models.CharField(
        max_length=80, default="", db_default="", help_text="With which tables twins were made."
    )

    objects = CatalogueTableQuerySet.as_manager()

    class Meta(ChargedTable.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=("mission",),
                condition=Q(is_current=True),
                name="one_catalogue_table_in_charge",
            ),
        )

    def __str__(self) -> str:
        return f"{self.mission}, {self.as_of:%Y-%m-%d}"


class Star(models.Model):
    """One star, whatever its numbers: signals of all missions meet at it."""

    name = models.CharField(max_length=80, unique=True)
    slug = models.CharField(max_length=90, unique=True, help_text="Its name in an address.")
    ra = models.FloatField(null=True, help_text="J2000, degrees.")
    dec = models.FloatField(null=True, help_text="J2000, degrees.")

    class Meta:
        ordering = ("name",)
        indexes = (models.Index(fields=("dec",), name="star_dec"),)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("catalogue_star", args=[self.slug])


class SignalQuerySet(RowsQuerySet["Signal"]):
    def open_candidates(self) -> Self:
        return self.listed().filter(disposition=Disposition.CANDIDATE)

    def disagreeing(self) -> Self:
        """Where score and archive strongly disagree, both ways. An answer that may repeat what the
        version was told about the star counts as none."""
        below = Q(disposition=Disposition.CONFIRMED, planet_score__lte=1 - STRONG)
        above = Q(disposition=Disposition.FALSE_POSITIVE, planet_score__gte=STRONG)
        # Named once more as a list, the two dispositions are two parts of an index.
        decided = self.listed().filter(disposition__in=DECIDED)
        return decided.filter(below | above).exclude(basis=Score.Basis.STAR_KNOWN)


SORTED = (
    *("name", "star_name", "disposition", "planet_score", "open_score", "score_tsm", "score_esm"),
    *("tsm", "esm", "magnitude", "period", "radius", "temperature"),
)
FILTERED = ("mission", "warnings", "lost_from", "basis", *SORTED[3:], "name", "star_name")


class Signal(SignalFields):
    """One transit signal of a mission's table."""

    mission = models.CharField(max_length=10, choices=MISSIONS)
    slug = models.CharField(max_length=100, unique=True, help_text="Its name in an address.")
    star = models.ForeignKey(Star, on_delete=models.PROTECT, related_name="signals")
    archive_word = models.CharField(max_length=20, blank=True, help_text="As in PC, APC, FA, KP.")
    created = models.CharField(max_length=10, blank=True, help_text="When the archive listed it.")
    updated = models.CharField(max_length=10, blank=True, help_text="When it changed its row.")
    first_table = models.ForeignKey(CatalogueTable, on_delete=models.PROTECT, related_name="+")
    last_table = models.ForeignKey(CatalogueTable, on_delete=models.PROTECT, related_name="+")
    is_simulated = models.BooleanField(default=False, db_default=False, help_text="Made up.")

    objects = SignalQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(fields=("mission", "name"), name="one_signal_of_a_name"),
        )
        # The key stands in each index, because PostgreSQL otherwise reads the rows for it; and rows
        # are wide, by their inputs.
        indexes = (
            models.Index(fields=("derived_by",), name="signal_derived"),
            # Any page of the whole list, in any order.
            *(
                models.Index(fields=("is_listed", name, "id"), name=f"signal_by_{name}")
                for name in SORTED
            ),
            # The map of a whole list.
            models.Index(fields=("is_listed", "disposition", "map_cell"), name="signal_map"),
            # What filters and the map ask for, in the map's order.
            models.Index(
                fields=("is_listed", "disposition", "map_cell", *FILTERED, "id"),
                name="signal_lists",
            ),
        )

    def get_absolute_url(self) -> str:
        return reverse("catalogue_signal", args=[self.slug])

    @property
    def disagrees(self) -> bool:
        if self.planet_score is None or self.basis == Score.Basis.STAR_KNOWN:
            return False
        if self.disposition == Disposition.CONFIRMED:
            return self.planet_score <= 1 - STRONG
        return self.disposition == Disposition.FALSE_POSITIVE and self.planet_score >= STRONG


class Name(models.Model):
    """One of the names of a signal or a star; ``key`` is the same for every spelling."""

    key = models.CharField(max_length=80, db_index=True)
    name = models.CharField(max_length=80)
    signal = models.ForeignKey(Signal, null=True, on_delete=models.CASCADE, related_name="names")
    star = models.ForeignKey(Star, null=True, on_delete=models.CASCADE, related_name="names")

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("key", "signal"), name="one_name_of_a_signal"),
            models.UniqueConstraint(fields=("key", "star"), name="one_name_of_a_star"),
        )

    def __str__(self) -> str:
        return self.name


class DispositionChangeQuerySet(models.QuerySet["DispositionChange"]):
    def update(self, **changes: Any) -> int:
        raise HistoryIsKept("Changes of dispositions are appended and never rewritten.")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise HistoryIsKept("Changes of dispositions are appended and never deleted.")


class DispositionChange(models.Model):
    """What a newer table says otherwise than the one before it. Rows are only ever appended."""

    class Kind(models.TextChoices):
        NEW = "new", "new"
        GONE = "gone", "no longer listed"
        BACK = "back", "listed again"
        RENAMED = "renamed", "renamed"
        CHANGED = "changed", "another disposition"

    table = models.ForeignKey(CatalogueTable, on_delete=models.PROTECT, related_name="changes")
    signal = models.ForeignKey(Signal, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    old = models.CharField(max_length=80, blank=True, help_text="Disposition, or name.")
    new = models.CharField(max_length=80, blank=True, help_text="Disposition, or name.")

    objects = DispositionChangeQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        indexes = (models.Index(fields=("table", "kind"), name="change_table_kind"),)

    def __str__(self) -> str:
        return f"{self.signal_id} {self.kind}: {self.old} → {self.new}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk:
            raise HistoryIsKept("Changes of dispositions are appended and never rewritten.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise HistoryIsKept("Changes of dispositions are appended and never deleted.")


class ScoreFields(models.Model):
    """What one version says about one signal."""

    class Basis(models.TextChoices):
        OUT_OF_FOLD = "out of fold", "from when it had not seen the star"
        STAR_KNOWN = "star known", "its own, though it learnt from the star"
        UNSEEN = "unseen", "its own; it never saw the star"

    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="+")
    planet_score = models.FloatField(null=True)
    open_score = models.FloatField(null=True)
    p_confirmed = models.FloatField()
    p_candidate = models.FloatField()
    p_false_positive = models.FloatField()
    prediction_set = models.CharField(max_length=60, help_text="Joined by |.")
    planet_set = models.CharField(max_length=40, help_text="Joined by |.")
    basis = models.CharField(max_length=12, choices=Basis.choices)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True

    @property
    def probabilities(self) -> dict[str, float]:
        return {
            str(Disposition.CONFIRMED): self.p_confirmed,
            str(Disposition.CANDIDATE): self.p_candidate,
            str(Disposition.FALSE_POSITIVE): self.p_false_positive,
        }

    @property
    def disposition(self) -> str:
        return max(self.probabilities, key=self.probabilities.__getitem__)

    @property
    def set_members(self) -> list[str]:
        return [member for member in self.prediction_set.split("|") if member]

    @property
    def planet_set_members(self) -> list[str]:
        return [member for member in self.planet_set.split("|") if member]


class Score(ScoreFields):
    """The newest answer of each version; those of earlier versions stay for comparison."""

    signal = models.ForeignKey(Signal, on_delete=models.CASCADE, related_name="scores")

    class Meta:
        ordering = ("-made_at", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("signal", "version"), name="one_score_per_version"),
        )

    def __str__(self) -> str:
        return f"{self.signal_id} by {self.version_id}: {self.planet_score}"

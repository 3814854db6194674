"""What is kept of a signal whoever lists it, and what lists filter and sort by."""

from __future__ import annotations

from typing import Self, TypeVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from training.models import ModelVersion

_S = TypeVar("_S", bound=models.Model, covariant=True)


def bjd_now() -> float:
    """Today as tables count days; the light's way around the Sun is eight minutes."""
    from training.ml.sky.night import UNIX_EPOCH  # pages that list no signals do without its arrays

    return timezone.now().timestamp() / 86_400 + UNIX_EPOCH


class Warned(models.IntegerChoices):
    """What speaks for a second look at a signal, as bits of one column."""

    CONTRADICTION = 1, "values that contradict each other"
    DUPLICATE = 2, "listed twice with one period"
    NEAR_STAR = 4, "a near star with the same period"
    CONFLICT = 8, "another mission says otherwise"


WARNINGS = {
    "ephemeris": "ephemeris too uncertain",
    **{one.name.lower(): str(one.label) for one in Warned},
}
INPUT_OF_COLUMN = {
    "period": "orbital_period",
    "duration": "transit_duration",
    "depth": "transit_depth",
    "radius": "planet_radius",
    "magnitude": "stellar_magnitude",
    "epoch_error": "mid_transit_error",
}
_NEVER_LOST = Q(lost_from=None)


class RowsQuerySet(models.QuerySet[_S]):
    """Of signals, whoever lists them."""

    def listed(self) -> Self:
        """Those that the table in charge lists."""
        # As a list of one: Django writes a bare column for True, and SQLite then uses no index.
        return self.filter(is_listed__in=(True,))

    def warned(self, of: str) -> Self:
        """Those of which ``of`` is said: one of WARNINGS, "any" or "none" of them."""
        lost = Q(lost_from__lt=bjd_now())
        if of == "ephemeris":
            return self.filter(lost)
        if of in ("any", "none"):
            some = Q(warnings__gt=0) | lost
            return self.filter(some if of == "any" else ~Q(warnings__gt=0) & (~lost | _NEVER_LOST))
        bits = F("warnings").bitand(Warned[of.upper()].value)
        return self.alias(_bits=bits).filter(_bits__gt=0)

    def waiting_for(self, version: ModelVersion) -> Self:
        """Those that ``version`` has not scored as they are now."""
        return self.filter(Q(scored_by=None) | ~Q(scored_by=version))


class SignalFields(models.Model):
    """One transit signal of a table, as its newest listing has it.

    What lists filter and sort by stands in columns of its own beside ``inputs``, and the last
    answer beside its ``Score``: a list of 100,000 signals has a tenth of a second.
    """

    name = models.CharField(max_length=80, help_text="In the one spelling of the site.")
    listed_name = models.CharField(max_length=80, help_text="As the table has it.")
    star_name = models.CharField(max_length=80, default="", db_default="")
    star_key = models.CharField(max_length=80, blank=True, help_text="The star as listed.")
    ra = models.FloatField(null=True, help_text="J2000, degrees.")
    dec = models.FloatField(null=True, help_text="J2000, degrees.")
    epoch = models.FloatField(null=True, help_text="One mid-transit time, BJD.")
    epoch_error = models.FloatField(null=True, help_text="Days.")
    period = models.FloatField(null=True, help_text="Days.")
    duration = models.FloatField(null=True, help_text="Hours.")
    depth = models.FloatField(null=True, help_text="Parts per million.")
    radius = models.FloatField(null=True, help_text="Earth radii.")
    magnitude = models.FloatField(null=True, help_text="In the mission's band.")
    inputs = models.JSONField(default=dict, help_text="All inputs as read, in the schema's units.")
    disposition = models.CharField(max_length=14, blank=True)
    is_listed = models.BooleanField(default=True)
    scored_by = models.ForeignKey(
        ModelVersion, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    planet_score = models.FloatField(null=True)
    open_score = models.FloatField(null=True)
    basis = models.CharField(max_length=12, blank=True)
    # What follows from the values above (``deriving``). Whoever wrote a row without knowing of it
    # leaves ``derived_by`` at 0, and it is made.
    temperature = models.FloatField(null=True, help_text="Equilibrium, K, zero albedo.")
    tsm = models.FloatField(null=True, help_text="Transmission metric, Kempton et al. 2018.")
    esm = models.FloatField(null=True, help_text="Emission metric, Kempton et al. 2018.")
    estimated = models.CharField(
        max_length=120, default="", db_default="", help_text="Their inputs, joined by |."
    )
    score_tsm = models.FloatField(null=True, help_text="Open score times TSM.")
    score_esm = models.FloatField(null=True, help_text="Open score times ESM.")
    lost_from = models.FloatField(
        null=True, help_text="BJD after which the next transit is uncertain by an hour."
    )
    warnings = models.SmallIntegerField(default=0, db_default=0, help_text="Bits of Warned.")
    map_cell = models.SmallIntegerField(null=True, help_text="Of the map of periods and radii.")
    derived_by = models.SmallIntegerField(default=0, db_default=0, help_text="Which rules made it.")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def is_lost(self) -> bool:
        """Whether its next transit is uncertain by more than an hour."""
        return self.lost_from is not None and self.lost_from < bjd_now()

    @property
    def warned(self) -> list[str]:
        """Keys of WARNINGS."""
        bits = [one.name.lower() for one in Warned if self.warnings & one.value]
        return [*(["ephemeris"] if self.is_lost else []), *bits]

    @property
    def warned_short(self) -> str:
        return ", ".join(name.replace("_", " ") for name in self.warned)

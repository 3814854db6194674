"""What the site said about a signal, kept for the person who asked."""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.urls import reverse

from training.ml.schema import Disposition, Mission
from training.ml.sky.names import spellings
from training.models import ModelVersion

DISPOSITION_CHOICES = [(str(disposition), str(disposition)) for disposition in Disposition]
MISSION_CHOICES = [(str(mission), str(mission)) for mission in Mission]


def _spelled(text: str) -> Q:
    """Identifiers that are the name ``text`` in another spelling: K00752.01 for KOI-752.01."""
    found = Q(pk__in=[])
    for name in spellings(text)[1:]:
        found |= Q(identifier__iexact=name)
    return found


class PredictionQuerySet(models.QuerySet["Prediction"]):
    def owned_by(self, user: User) -> Self:
        return self.filter(owner=user)

    def visible_to(self, user: User) -> Self:
        """One's own and what colleagues have shared."""
        return self.filter(Q(owner=user) | Q(shared=True))

    def with_version(self) -> Self:
        """And its name, without its metadata: to read that takes milliseconds for each row."""
        return self.select_related("version").defer("version__metadata")

    def search(self, text: str) -> Self:
        """Every word must stand in the identifier or in the note; a name is found in each of its
        spellings."""
        words = Q()
        for word in text.split():
            words &= Q(identifier__icontains=word) | Q(note__icontains=word)
        return self.filter(words | _spelled(text)) if words else self

    def with_note(self) -> Self:
        """By an expression that is indexed: databases use a partial index only for a condition
        without parameters."""
        return self.alias(note_length=Length("note")).filter(note_length__gt=0)

    def search_keys(self, text: str, most: int) -> list[uuid.UUID]:
        """The keys of at most ``most`` rows that ``search`` would find.

        Two walks through indexes, of identifiers and of the few rows with a note, instead of one
        through all rows.
        """
        words = Q()
        for word in text.split():
            words &= Q(identifier__icontains=word)
        named = self.order_by()
        if words:  # an empty condition “or” another is the other alone
            named = named.filter(words | _spelled(text))
        noted = self.order_by().with_note().search(text)
        keys = dict.fromkeys(
            [*named.values_list("pk", flat=True)[:most], *noted.values_list("pk", flat=True)[:most]]
        )
        return list(keys)[:most]


class Prediction(models.Model):
    """One signal with its verdict. The columns after ``answer`` repeat it, for sorting and
    filtering."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="predictions"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="predictions")
    identifier = models.CharField(
        max_length=100, blank=True, help_text="What its owner calls the signal."
    )
    note = models.TextField(max_length=2000, blank=True)
    labels = models.ManyToManyField("predictions.Label", related_name="predictions", blank=True)
    shared = models.BooleanField(default=False, help_text="Everybody who is signed in may read it.")
    mission = models.CharField(max_length=10, choices=MISSION_CHOICES)
    inputs = models.JSONField(help_text="What was given, by schema name, in the schema's units.")
    answer = models.JSONField(help_text="The verdict with its explanation, as the API gives it.")
    disposition = models.CharField(max_length=20, choices=DISPOSITION_CHOICES)
    p_confirmed = models.FloatField()
    p_candidate = models.FloatField()
    p_false_positive = models.FloatField()
    planet_score = models.FloatField(null=True, help_text="Empty where it is not defined.")

    objects = PredictionQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-id")
        # Every sort and filter of a history reads one owner's rows in order, forwards or backwards,
        # a page at a time.
        indexes = (
            models.Index(fields=("owner", "created_at", "id"), name="prediction_created"),
            models.Index(
                fields=("owner", "disposition", "created_at", "id"), name="prediction_disposition"
            ),
            models.Index(
                fields=("owner", "mission", "created_at", "id"), name="prediction_mission"
            ),
            models.Index(
                fields=("owner", "version", "created_at", "id"), name="prediction_version"
            ),
            models.Index(fields=("owner", "planet_score", "id"), name="prediction_planet_score"),
            models.Index(fields=("owner", "p_confirmed", "id"), name="prediction_p_confirmed"),
            models.Index(fields=("owner", "identifier", "id"), name="prediction_identifier"),
            models.Index("owner", Length("note"), name="prediction_noted"),
            # For administrators, who see everybody's.
            models.Index(fields=("created_at", "id"), name="prediction_latest"),
        )

    def __str__(self) -> str:
        return f"{self.identifier or self.pk}: {self.disposition}"

    def get_absolute_url(self) -> str:
        return reverse("prediction_detail", args=[self.pk])

    def as_json(self) -> dict[str, Any]:
        """The page of a prediction, for programs."""
        inputs: dict[str, Any] = {
            "id": str(self.pk),
            "created": self.created_at.isoformat(timespec="seconds"),
            "identifier": self.identifier,
            "note": self.note,
            "inputs": {"mission": self.mission, **self.inputs},
        }
        return {**inputs, **self.answer}

"""Trained classifiers, what was in service when, and what they were asked."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from training.ml.errors import ArtifactError
from training.versions import artifacts

if TYPE_CHECKING:
    from training.ml.model import ExoplanetClassifier


SIMULATED: Final = "-simulated"
"""Ends the name of what learnt from made-up signals, so that it says so wherever it is named."""


class ModelVersionQuerySet(models.QuerySet["ModelVersion"]):
    def active(self) -> ModelVersion:
        """The version in service. Asked anew for each request, so that an activation reaches every
        process at once."""
        return self.get(is_active=True)

    def serving(self) -> ModelVersion:
        """The same for a single prediction, without what takes longer to read than the rest."""
        for version in self.raw(_serving_sql()):
            return version
        raise ModelVersion.DoesNotExist

    def labelled(self, label: str) -> ModelVersionQuerySet:
        """Those with ``label``, whole; all of them where none is given."""
        if not label:
            return self
        # Versions are few, and databases compare parts of texts in different ways.
        found = [pk for pk, labels in self._labels() if label in labels.split(", ")]
        return self.filter(pk__in=found)

    def simulated(self) -> ModelVersionQuerySet:
        return self.filter(name__endswith=SIMULATED)

    def all_labels(self) -> list[str]:
        found = {label for _, labels in self._labels() for label in labels.split(", ")}
        return sorted(found, key=str.casefold)

    def _labels(self) -> models.QuerySet[ModelVersion, tuple[int, str]]:
        return ModelVersion.objects.exclude(labels="").order_by().values_list("pk", "labels")


class ModelVersion(models.Model):
    """One trained classifier: who made it, how good it is, where its files are, whether it is in
    service."""

    class Origin(models.TextChoices):
        BUNDLED = "bundled", "came with the site"
        COMMAND = "command", "trained on the command line"
        TRAINING_RUN = "training run", "trained on the site"

    name = models.CharField(
        max_length=40, unique=True, help_text="When it was made, as in 2026-11-23T19-40-12Z."
    )
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="model_versions_created",
    )
    origin = models.CharField(max_length=20, choices=Origin.choices)
    artifact = models.CharField(max_length=200, help_text="The folder of its files in the storage.")
    sha256 = models.CharField("SHA-256", max_length=64, help_text="Of classifier.joblib.")
    metadata = models.JSONField(
        help_text="Tables, seed, parameters, libraries and metrics, as in metadata.json."
    )
    is_active = models.BooleanField("in service", default=False)
    activated_at = models.DateTimeField(null=True, blank=True)
    activated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="model_versions_activated",
    )
    notes = models.TextField(blank=True)
    title = models.CharField(
        "name",
        max_length=80,
        blank=True,
        default="",
        db_default="",
        help_text="What curators call it, beside its timestamp.",
    )
    labels = models.CharField(
        max_length=400, blank=True, default="", db_default="", help_text="In order, between commas."
    )

    objects = ModelVersionQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("is_active",),
                condition=Q(is_active=True),
                name="one_model_version_in_service",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("model_version_detail", args=[self.name])

    @property
    def titled(self) -> str:
        """Its name with the timestamp that tells it from all others."""
        return f"{self.title} ({self.name})" if self.title else self.name

    @property
    def is_simulated(self) -> bool:
        return self.name.endswith(SIMULATED)

    @property
    def label_list(self) -> list[str]:
        return [label for label in self.labels.split(", ") if label]

    @property
    def classifier(self) -> ExoplanetClassifier:
        """The fitted object, verified before it is unpickled; the row itself never holds it."""
        return artifacts.classifier_load(self.artifact, self.sha256)

    @property
    def fault(self) -> str:
        """Why its files cannot be used, in a sentence; "" when they can."""
        try:
            artifacts.classifier_verify(self.artifact, self.sha256)
        except ArtifactError as error:
            return error.message
        return ""

    @property
    def metrics(self) -> dict[str, Any]:
        metrics: dict[str, Any] = self.metadata.get("metrics", {})
        return metrics


@cache
def _serving_sql() -> str:
    """Written once: with every prediction Django would take longer to build it than to ask it."""
    left_out = ("metadata", "notes")  # read when somebody asks for them
    columns = [str(field.column) for field in ModelVersion._meta.concrete_fields]
    shown = ", ".join(column for column in columns if column not in left_out)
    table = ModelVersion._meta.db_table
    return f"SELECT {shown} FROM {table} WHERE is_active"  # noqa: S608  # nosec B608  # our own names


class Activation(models.Model):
    """One change of what is in service: the history of what served when, and of who decided."""

    model_version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, related_name="activations"
    )
    previous = models.ForeignKey(
        ModelVersion, null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    reason = models.TextField(blank=True)
    overridden = models.TextField(
        blank=True, help_text="What spoke against it, where somebody decided for it anyway."
    )
    is_roll_back = models.BooleanField(default=False, db_default=False)

    class Meta:
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.model_version} from {self.at:%Y-%m-%d %H:%M}"


class InputCount(models.Model):
    """How the inputs of one day's classifications spread over the tenths of a version's training
    values."""

    model_version = models.ForeignKey(
        ModelVersion, on_delete=models.CASCADE, related_name="input_counts"
    )
    day = models.DateField()
    mission = models.CharField(max_length=10)
    signals = models.IntegerField(default=0)
    counts = models.JSONField(default=dict, help_text="Feature → number of values per bin.")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("model_version", "day", "mission"),
                name="one_input_count_per_version_day_and_mission",
            ),
        )

    def __str__(self) -> str:
        return f"{self.signals} {self.mission} signals on {self.day} by {self.model_version}"


class StoredComparison(models.Model):
    """How a version differs from another one on the stars that both held out, kept for lists: to
    compare takes seconds."""

    first = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="+")
    summary = models.JSONField(help_text="The outcome in words, the stars, the headline figures.")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("first", "second"), name="one_comparison_of_a_pair"),
        )

    def __str__(self) -> str:
        return f"{self.second} against {self.first}"

"""What training leaves behind. Prediction reads it: the active `ModelVersion` is how training changes prediction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from training import artifacts

if TYPE_CHECKING:
    from training.ml.model import ExoplanetClassifier


class ModelVersionQuerySet(models.QuerySet["ModelVersion"]):
    def active(self) -> ModelVersion:
        """The version in service. Asked anew for each request, so that an activation reaches every process at once."""
        return self.get(is_active=True)


class ModelVersion(models.Model):
    """One trained classifier: who made it, how good it is, where its files are, whether it is in service."""

    class Origin(models.TextChoices):
        BUNDLED = "bundled", "came with the site"
        COMMAND = "command", "trained on the command line"
        TRAINING_RUN = "training run", "trained on the site"

    name = models.CharField(max_length=40, unique=True, help_text="When it was made, as in 2026-11-23T19-40-12Z.")
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
    metadata = models.JSONField(help_text="Tables, seed, parameters, libraries and metrics, as in metadata.json.")
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

    objects = ModelVersionQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("is_active",), condition=Q(is_active=True), name="one_model_version_in_service"
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def classifier(self) -> ExoplanetClassifier:
        """The fitted object, verified before it is unpickled; the row itself never holds it."""
        return artifacts.classifier_load(self.artifact, self.sha256)

    @property
    def metrics(self) -> dict[str, Any]:
        metrics: dict[str, Any] = self.metadata.get("metrics", {})
        return metrics

"""Attempts to train."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from training.datasets.models import Dataset
from training.versions.models import ModelVersion

STALE_SHOWN_AFTER: Final = timedelta(seconds=30)


class TrainingRunQuerySet(models.QuerySet["TrainingRun"]):
    def open(self) -> Self:
        return self.filter(status__in=TrainingRun.OPEN)

    def owned(self, run_id: int, claim: str) -> Self:
        """The run, as long as it is running and the process with this claim is the one that runs
        it."""
        return self.filter(pk=run_id, claim=claim, status=TrainingRun.Status.RUNNING)


class TrainingRun(models.Model):
    """One attempt to train. Its row is the truth: whoever changes the status from one value to the
    next has the say."""

    class Status(models.TextChoices):
        QUEUED = "QUEUED", "waiting"
        RUNNING = "RUNNING", "running"
        SUCCEEDED = "SUCCEEDED", "succeeded"
        FAILED = "FAILED", "failed"
        CANCELLED = "CANCELLED", "cancelled"

    OPEN = (Status.QUEUED, Status.RUNNING)

    datasets = models.ManyToManyField(Dataset, related_name="training_runs")
    seed = models.IntegerField(default=0)
    parameters = models.JSONField(
        default=dict, help_text="What differs from the usual parameters of a training."
    )
    notes = models.TextField(blank=True)
    is_simulated = models.BooleanField(
        "simulated", default=False, db_default=False, help_text="Some of its signals were made up."
    )
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    status = models.CharField(
        max_length=10, choices=Status.choices, default=Status.QUEUED, db_index=True
    )
    reason = models.TextField(blank=True, help_text="Why it did not succeed.")
    enqueued_at = models.DateTimeField(null=True)
    claim = models.CharField(
        max_length=32, blank=True, help_text="Drawn by the one process that runs it."
    )
    host = models.CharField(max_length=200, blank=True)
    pid = models.IntegerField(null=True)
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    stage = models.CharField(max_length=200, blank=True)
    progress = models.FloatField(default=0, help_text="From 0 to 1.")
    folds = models.JSONField(default=list, help_text="Figures of the finished folds.")
    log = models.JSONField(default=list, help_text="[[seconds since the start, sentence], …]")
    model_version = models.OneToOneField(
        ModelVersion, null=True, on_delete=models.SET_NULL, related_name="training_run"
    )

    objects = TrainingRunQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return f"Training run {self.pk}{' (simulated)' if self.is_simulated else ''}"

    def get_absolute_url(self) -> str:
        return reverse("training_run_detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    @property
    def is_stale(self) -> bool:
        """No sign of life for so long that the janitor is about to end it; who looks changes
        nothing."""
        if self.status != self.Status.RUNNING or self.heartbeat_at is None:
            return False
        return timezone.now() - self.heartbeat_at > STALE_SHOWN_AFTER

    @property
    def duration(self) -> timedelta | None:
        """How long it has been running, or ran."""
        return (self.finished_at or timezone.now()) - self.started_at if self.started_at else None

    @property
    def remaining(self) -> timedelta | None:
        """By the pace so far; unknown until a twentieth is done."""
        if self.status != self.Status.RUNNING or self.duration is None or self.progress < 0.05:
            return None
        return self.duration * ((1 - self.progress) / self.progress)

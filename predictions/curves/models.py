"""Light curves that somebody wants searched, and what was found in them."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from predictions.signals.models import Prediction
from training.models import ModelVersion

STALE_SHOWN_AFTER = timedelta(seconds=30)


class CurveSearchQuerySet(models.QuerySet["CurveSearch"]):
    def owned_by(self, user: User | AnonymousUser) -> Self:
        return self.filter(owner_id=user.pk)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """One's own, and what others have shared with everyone signed in: alone, or with the batch
        that it is a row of."""
        shared = Q(shared=True) | Q(in_folder__batch__shared=True)
        return self.filter(Q(owner_id=user.pk) | shared)

    def alone(self) -> Self:
        """Without those of folders, which have a page of their own."""
        return self.filter(in_folder=None)

    def light(self) -> Self:
        """Without what only the page of one search shows."""
        return self.select_related("model_version").defer(
            "plots", "result", "model_version__metadata"
        )

    def owned(self, key: uuid.UUID, claim: str) -> Self:
        """The search, as long as it is running and the process with this claim is the one that
        runs it."""
        return self.filter(pk=key, claim=claim, status=CurveSearch.Status.RUNNING)

    def open(self) -> Self:
        return self.filter(status__in=CurveSearch.OPEN)


class CurveSearch(models.Model):
    """One star's light curves on their way to signals. Its row is the truth about it: whoever
    changes the status from one value to the next has the say."""

    class Status(models.TextChoices):
        DRAFT = "DRAFT", "not started"
        QUEUED = "QUEUED", "waiting"
        RUNNING = "RUNNING", "running"
        SUCCEEDED = "SUCCEEDED", "done"
        FAILED = "FAILED", "failed"
        CANCELLED = "CANCELLED", "cancelled"

    OPEN = (Status.QUEUED, Status.RUNNING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="curve_searches"
    )
    name = models.CharField(max_length=100, help_text="Of the star, or of the first file.")
    shared = models.BooleanField(
        "shared with everyone signed in",
        default=False,
        db_default=False,  # a process of the release before knows nothing of it
    )
    status = models.CharField(
        max_length=10, choices=Status.choices, default=Status.DRAFT, db_index=True
    )
    reason = models.TextField(blank=True, help_text="Why it did not succeed.")
    files = models.JSONField(default=list, help_text="Name, size and place in the storage of each.")
    glanced = models.JSONField(default=dict, help_text="What the files said at first sight.")
    asked = models.JSONField(
        default=dict, help_text="How to read them, the star, and periods that were stated."
    )
    earlier = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="later",
        help_text="The search whose light is measured again.",
    )
    in_folder = models.ForeignKey(
        "predictions.CurveFolder",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="searches",
        help_text="The files of many stars of which this is one.",
    )
    curve_file = models.CharField(
        max_length=200, blank=True, help_text="The joined light, in the storage."
    )
    model_version = models.ForeignKey(
        ModelVersion,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="curve_searches",
    )
    created_at = models.DateTimeField(default=timezone.now)
    enqueued_at = models.DateTimeField(null=True, blank=True)
    claim = models.CharField(
        max_length=32, blank=True, help_text="Drawn by the one process that runs it."
    )
    host = models.CharField(max_length=200, blank=True)
    pid = models.IntegerField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    stage = models.CharField(max_length=200, blank=True)
    progress = models.FloatField(default=0, help_text="From 0 to 1.")
    result = models.JSONField(null=True, blank=True, help_text="As the API gives it.")
    plots = models.JSONField(null=True, blank=True, help_text="The numbers of its plots.")

    objects = CurveSearchQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-id")
        verbose_name_plural = "curve searches"
        indexes = (models.Index(fields=("owner", "created_at"), name="curve_search_owner"),)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("curve_check" if self.is_draft else "curve_detail", args=[self.pk])

    @property
    def folder(self) -> str:
        return f"curves/{self.pk}"

    @property
    def is_draft(self) -> bool:
        return self.status == self.Status.DRAFT

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    @property
    def is_done(self) -> bool:
        return self.status == self.Status.SUCCEEDED

    @property
    def is_stale(self) -> bool:
        """No sign of life for so long that the janitor is about to end it."""
        if self.status != self.Status.RUNNING or self.heartbeat_at is None:
            return False
        return timezone.now() - self.heartbeat_at > STALE_SHOWN_AFTER

    @property
    def file_names(self) -> list[str]:
        return [file["name"] for file in self.files]

    @property
    def kept_until(self) -> datetime | None:
        """The day on which the janitor deletes it."""
        return self.finished_at and self.finished_at + timedelta(days=settings.CURVE_KEPT_DAYS)


class CurveSignal(models.Model):
    """Which prediction in a history came of which signal of a search."""

    search = models.ForeignKey(CurveSearch, on_delete=models.CASCADE, related_name="signals")
    order = models.PositiveSmallIntegerField()
    prediction = models.OneToOneField(
        Prediction, on_delete=models.CASCADE, related_name="curve_signal"
    )

    class Meta:
        ordering = ("order",)
        constraints = (
            models.UniqueConstraint(fields=("search", "order"), name="one_prediction_per_signal"),
        )

    def __str__(self) -> str:
        return f"signal {self.order} of {self.search_id}"

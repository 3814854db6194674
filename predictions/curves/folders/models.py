"""Light curves of many stars that somebody wants searched, star by star."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.urls import reverse
from django.utils import timezone

from predictions.batches.models import Batch


class CurveFolderQuerySet(models.QuerySet["CurveFolder"]):
    def owned_by(self, user: User | AnonymousUser) -> Self:
        return self.filter(owner_id=user.pk)

    def open(self) -> Self:
        return self.filter(status__in=CurveFolder.OPEN)


class CurveFolder(models.Model):
    """Files of several stars on their way to a table of measured signals. Each star is a
    ``CurveSearch`` of its own; these wait for one another, so that others' searches come between.
    """

    class Status(models.TextChoices):
        QUEUED = "QUEUED", "waiting"
        READING = "READING", "being read"
        SEARCHING = "SEARCHING", "running"
        FINISHING = "FINISHING", "being summed up"
        SUCCEEDED = "SUCCEEDED", "done"
        FAILED = "FAILED", "failed"
        CANCELLED = "CANCELLED", "cancelled"

    OPEN = (Status.QUEUED, Status.READING, Status.SEARCHING, Status.FINISHING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="curve_folders"
    )
    name = models.CharField(
        max_length=100, help_text="Of the archive, or how many files there are."
    )
    status = models.CharField(
        max_length=10, choices=Status.choices, default=Status.QUEUED, db_index=True
    )
    reason = models.TextField(blank=True, help_text="Why it did not succeed.")
    files = models.JSONField(default=list, help_text="As they came: name, size, place of each.")
    reading = models.JSONField(
        default=dict, help_text="How to read what files do not say themselves."
    )
    refused = models.JSONField(default=list, help_text="Files that no star got, and why.")
    claim = models.CharField(max_length=32, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    heartbeat_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    batch = models.OneToOneField(
        Batch, null=True, blank=True, on_delete=models.SET_NULL, related_name="curve_folder"
    )
    rows = models.JSONField(
        default=list,
        help_text="For each row of the batch: its search, its signal's number, how many vetoes.",
    )

    objects = CurveFolderQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-id")
        indexes = (models.Index(fields=("owner", "created_at"), name="curve_folder_owner"),)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("curve_folder", args=[self.pk])

    @property
    def place(self) -> str:
        """In the storage."""
        return f"curve-folders/{self.pk}"

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    @property
    def is_done(self) -> bool:
        return self.status == self.Status.SUCCEEDED

    @property
    def can_resume(self) -> bool:
        return self.status in (self.Status.FAILED, self.Status.CANCELLED)

    @property
    def kept_until(self) -> datetime | None:
        """The day on which the janitor deletes it."""
        return self.finished_at and self.finished_at + timedelta(days=settings.CURVE_KEPT_DAYS)

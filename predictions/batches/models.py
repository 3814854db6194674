"""A table of signals that somebody wants classified, and the chunks that workers share."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, Max, OuterRef, Prefetch, Q, Subquery, Sum
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from training.models import ModelVersion

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

STALE_AFTER = timedelta(seconds=settings.BATCH_SILENCE)
"""Work that has given no sign of life for this long is taken from its worker. A chunk takes
seconds.

Signs of life carry the database's time and are compared with it: the clocks of two hosts may differ
by minutes.
"""


class BatchQuerySet(models.QuerySet["Batch"]):
    def visible_to(self, user: User | AnonymousUser) -> BatchQuerySet:
        """One's own, and what others have shared with everyone signed in."""
        return self.filter(Q(owner_id=user.pk) | Q(shared=True))

    def with_version(self) -> BatchQuerySet:
        """And its name, without its metadata: to read that takes milliseconds for each row. Nor
        with the head of a table, which only the page of a draft shows."""
        return self.select_related("model_version").defer("model_version__metadata", "head")

    def with_progress(self) -> BatchQuerySet:
        """For a list: what their chunks say of all of them, in two queries."""
        chunks = BatchChunk.objects.filter(batch=OuterRef("pk")).order_by().values("batch")
        done = chunks.filter(status=BatchChunk.Status.DONE).annotate(total=Sum("rows"))
        unusable = chunks.annotate(total=Sum("unusable"))
        reported = BatchChunk.objects.exclude(problems=[]).only("batch", "problems")
        return self.annotate(
            total_done=Subquery(done.values("total")),
            total_unusable=Subquery(unusable.values("total")),
        ).prefetch_related(Prefetch("chunks", reported, to_attr="chunks_reported"))

    def active(self) -> BatchQuerySet:
        return self.filter(status__in=Batch.ACTIVE)

    def silent(self) -> BatchQuerySet:
        return self.active().filter(heartbeat_at__lt=Now() - STALE_AFTER)

    def all_done(self) -> BatchQuerySet:
        """Running, with every chunk classified."""
        open_chunks = BatchChunk.objects.filter(batch=OuterRef("pk")).exclude(
            status=BatchChunk.Status.DONE
        )
        return self.filter(~Exists(open_chunks), status=Batch.Status.RUNNING)

    def with_work(self) -> BatchQuerySet:
        """Where a worker that comes now finds something to do."""
        chunks = BatchChunk.objects.filter(batch=OuterRef("pk"))
        waiting, undone = (
            Exists(chunks.filter(status=s))
            for s in (BatchChunk.Status.WAITING, BatchChunk.Status.CLAIMED)
        )
        return self.filter(
            Q(status=Batch.Status.QUEUED) | Q(waiting | ~undone, status=Batch.Status.RUNNING)
        )

    def next_to_serve(self) -> Batch | None:
        """Whose turn it is: people take turns first, then the batches of each. So nobody waits
        behind a long table."""
        of_owner = Batch.objects.filter(owner=OuterRef("owner")).order_by().values("owner")
        served = Subquery(of_owner.annotate(last=Max("served_at")).values("last"))
        turns = (F(name).asc(nulls_first=True) for name in ("owner_served", "served_at"))
        return self.with_work().annotate(owner_served=served).order_by(*turns, "started_at").first()


class Batch(models.Model):
    """One uploaded table on its way to answers. Its row is the truth about it, whatever the queue
    believes."""

    class Status(models.TextChoices):
        DRAFT = "draft", "not started"
        QUEUED = "queued", "waiting for a worker"
        PREPARING = "preparing", "being read"
        RUNNING = "running", "being classified"
        FINISHING = "finishing", "being summed up"
        SUCCEEDED = "succeeded", "done"
        FAILED = "failed", "failed"
        CANCELLED = "cancelled", "cancelled"

    ACTIVE = (Status.QUEUED, Status.PREPARING, Status.RUNNING, Status.FINISHING)
    ENDED = (Status.SUCCEEDED, Status.FAILED, Status.CANCELLED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="batches"
    )
    name = models.CharField(
        max_length=200, help_text="What the file was called; only ever shown, never opened."
    )
    shared = models.BooleanField("shared with everyone signed in", default=False)
    is_simulated = models.BooleanField(
        "simulated", default=False, db_default=False, help_text="Its signals were made up."
    )
    status = models.CharField(
        max_length=20, choices=Status.choices, default=Status.DRAFT, db_index=True
    )
    reason = models.TextField(blank=True, help_text="Why it failed, in a sentence.")

    file = models.CharField(max_length=200, help_text="The table as it came, in the storage.")
    sha256 = models.CharField("SHA-256", max_length=64)
    size = models.BigIntegerField("bytes")
    mission = models.CharField(
        max_length=10, blank=True, help_text="Chosen by the person; empty: as recognised."
    )
    mapping = models.JSONField(
        null=True, blank=True, help_text="Which column feeds which feature, if not recognised."
    )
    head = models.BinaryField(
        null=True, help_text="The first rows of a draft's table, packed by ``TableHead``."
    )
    top_contributions = models.PositiveSmallIntegerField(
        default=0, help_text="How many per row go with the answers."
    )
    model_version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, related_name="batches", null=True
    )
    idempotency_key = models.CharField(max_length=200, blank=True)

    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(default=timezone.now)
    served_at = models.DateTimeField(
        null=True, blank=True, help_text="When a worker last began a turn at it."
    )
    claim = models.UUIDField(
        null=True, blank=True, help_text="Of the worker that prepares or finishes it."
    )
    attempts = models.PositiveSmallIntegerField(default=0)

    layout = models.CharField(max_length=20, blank=True)
    rows = models.PositiveIntegerField(null=True, blank=True)
    problems = models.JSONField(default=list, blank=True)
    counts_file = models.CharField(
        max_length=200, blank=True, help_text="What its first reading counted."
    )
    index_file = models.CharField(
        max_length=200, blank=True, help_text="The key columns of all rows, in the storage."
    )
    summary = models.JSONField(default=dict, blank=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        verbose_name_plural = "batches"
        indexes = (models.Index(fields=("created_at",), name="batch_created"),)
        constraints = (
            models.UniqueConstraint(
                fields=("owner", "idempotency_key"),
                condition=~Q(idempotency_key=""),
                name="one_batch_per_idempotency_key",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("batch_check" if self.is_draft else "batch_detail", args=[self.pk])

    @property
    def folder(self) -> str:
        return f"batches/{self.pk}"

    @property
    def is_draft(self) -> bool:
        return self.status == Batch.Status.DRAFT

    @property
    def is_active(self) -> bool:
        return self.status in Batch.ACTIVE

    @property
    def is_done(self) -> bool:
        return self.status == Batch.Status.SUCCEEDED

    @property
    def can_resume(self) -> bool:
        return self.status in (Batch.Status.FAILED, Batch.Status.CANCELLED)

    def rows_done(self) -> int:
        if hasattr(self, "total_done"):
            return self.total_done or 0
        done = self.chunks.filter(status=BatchChunk.Status.DONE).aggregate(total=Sum("rows"))
        return done["total"] or 0

    def rows_unusable(self) -> int:
        if hasattr(self, "total_unusable"):
            return self.total_unusable or 0
        return self.chunks.aggregate(total=Sum("unusable"))["total"] or 0

    def chunk_problems(self) -> list[Any]:
        """Of each chunk a list, as stored."""
        if hasattr(self, "chunks_reported"):
            return [chunk.problems for chunk in self.chunks_reported]
        return list(self.chunks.values_list("problems", flat=True))

    def stored_chunks(self) -> list[tuple[int, str]]:
        """Of each chunk its first row, counted from 1, and the file with its answers."""
        return list(self.chunks.values_list("first_row", "result"))

    def chunk_rows(self) -> int:
        """How many rows each of its chunks has but the last: as its table was once divided."""
        first = self.chunks.filter(number=0).values_list("rows", flat=True).first()
        return first or 0

    def seconds_left(self) -> float | None:
        """From the pace of the latest chunks; None while there is no pace yet."""
        done = self.chunks.filter(status=BatchChunk.Status.DONE).order_by("-finished_at")
        latest = [
            (when, rows) for when, rows in done.values_list("finished_at", "rows")[:20] if when
        ]
        if len(latest) < 2 or not self.rows:
            return None
        seconds = (latest[0][0] - latest[-1][0]).total_seconds()
        pace = sum(rows for _, rows in latest[:-1]) / max(seconds, 1e-3)
        return (self.rows - self.rows_done()) / pace


class BatchChunk(models.Model):
    """Some consecutive rows of a batch: what one worker claims,
    classifies and stores as one file."""

    class Status(models.TextChoices):
        WAITING = "waiting", "waiting"
        CLAIMED = "claimed", "being classified"
        DONE = "done", "done"

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField(help_text="Counted from 0.")
    first_row = models.PositiveIntegerField(help_text="Counted from 1.")
    rows = models.PositiveIntegerField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    claim = models.UUIDField(null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    result = models.CharField(
        max_length=200, blank=True, help_text="The answers of its rows, in the storage."
    )
    unusable = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list, blank=True)
    doubts = models.JSONField(
        default=dict,
        db_default={},  # a worker of the release before knows nothing of it
        blank=True,
        help_text="What it adds to the doubts about the table's units.",
    )

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=("batch", "number"), name="one_chunk_per_number"),
        )
        indexes = (models.Index(fields=("batch", "status")),)

    def __str__(self) -> str:
        return f"rows {self.first_row:,}–{self.last_row:,}"

    @property
    def last_row(self) -> int:
        return self.first_row + self.rows - 1

    def as_claim(self) -> dict[str, Any]:
        """What must still hold when its worker hands in the answers."""
        return {"pk": self.pk, "status": BatchChunk.Status.CLAIMED, "claim": self.claim}

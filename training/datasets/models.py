"""Tables that somebody brought or fetched."""

from __future__ import annotations

from typing import Final, Self

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.urls import reverse

OTHER_LIST: Final = "other_list"
"""Key of the provenance: the list of the catalogue, no mission's, whose table it is."""


class DatasetQuerySet(models.QuerySet["Dataset"]):
    def received(self) -> Self:
        """All that were taken in: what still waits for its mapping is nobody's business yet."""
        return self.exclude(status=Dataset.Status.DRAFT)

    def current(self) -> Self:
        return self.received().filter(archived_at=None)

    def usable(self) -> Self:
        """What can be trained on: a table without dispositions teaches nothing, and what a list of
        others says of its own candidates is no disposition."""
        labelled = Q(report__adds__labelled__gt=0) | Q(report__adds__labelled__isnull=True)
        ready = self.current().filter(labelled, status=Dataset.Status.READY)
        return ready.exclude(provenance__has_key=OTHER_LIST)

    def simulated(self) -> Self:
        return self.filter(source=Dataset.Source.SIMULATED)

    def drafts_of(self, user: User) -> Self:
        """What this person brought and has not mapped yet, the latest first."""
        return self.filter(status=Dataset.Status.DRAFT, created_by=user)

    def draft_of(self, user: User, number: str = "") -> Dataset | None:
        """The draft of this number, or the latest where none is named."""
        drafts = self.drafts_of(user)
        if number:
            drafts = drafts.filter(pk=number) if number.isdecimal() else drafts.none()
        return drafts.first()


class Dataset(models.Model):
    """A table that somebody brought or fetched. Its file is found by its own hash and never
    changes."""

    class Status(models.TextChoices):
        DRAFT = "DRAFT", "waiting for its mapping"
        WAITING = "WAITING", "waiting"
        WORKING = "WORKING", "being read"
        READY = "READY", "ready"
        REFUSED = "REFUSED", "cannot be used"

    class Source(models.TextChoices):
        UPLOAD = "upload", "uploaded"
        ARCHIVE = "archive", "fetched from the NASA Exoplanet Archive"
        COMMAND = "command", "brought on the command line"
        SIMULATED = "simulated", "simulated"
        VOTES = "votes", "made of people's votes"

    name = models.CharField(max_length=120)
    source = models.CharField(max_length=10, choices=Source.choices)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    stage = models.CharField(
        max_length=300, blank=True, help_text="What is being done with it at the moment."
    )
    reason = models.TextField(blank=True, help_text="Why it cannot be used.")
    mission = models.CharField(
        max_length=10, blank=True, help_text="As said by the person; else found in the table."
    )
    mapping = models.JSONField(
        null=True, help_text="Which column feeds which feature, where the site did not see it."
    )
    provenance = models.JSONField(
        default=dict, help_text="Where a fetched table is from: address, query, DOI, time."
    )
    file = models.CharField(max_length=200, blank=True, help_text="Its place in the storage.")
    sha256 = models.CharField("SHA-256", max_length=64, null=True, unique=True)  # noqa: DJ001 - unknown while fetched
    head = models.BinaryField(
        null=True, help_text="The first rows of a draft's table, packed by ``TableHead``."
    )
    size = models.BigIntegerField(default=0, help_text="In bytes.")
    rows = models.IntegerField(default=0)
    signals = models.IntegerField(default=0)
    report = models.JSONField(null=True, help_text="What the validation found.")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    heartbeat_at = models.DateTimeField(null=True)
    archived_at = models.DateTimeField(null=True)

    objects = DatasetQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("dataset_detail", args=[self.pk])

    @property
    def is_simulated(self) -> bool:
        return self.source == self.Source.SIMULATED

    @property
    def is_of_votes(self) -> bool:
        """Whether its dispositions are people's votes, and no archive's."""
        return self.source == self.Source.VOTES

    @property
    def other_list(self) -> str:
        """The short name of the list whose table it is; nothing learns from such a table."""
        return str(self.provenance.get(OTHER_LIST, ""))

    @property
    def is_busy(self) -> bool:
        return self.status in (self.Status.WAITING, self.Status.WORKING)

    @property
    def refusal(self) -> tuple[str, list[str]]:
        """Why it cannot be used, and what to do instead, step by step."""
        why, *steps = self.reason.splitlines() or [""]
        return why, steps

    @property
    def doubts(self) -> list[str]:
        """Sentences about units that look mistaken; who trains on it must accept them."""
        return [doubt["sentence"] for doubt in (self.report or {}).get("doubts", [])]

    @property
    def is_labelled(self) -> bool:
        """Whether any of its signals has a disposition to learn."""
        labelled: int | None = (self.report or {}).get("adds", {}).get("labelled")
        return labelled != 0

    @property
    def index_file(self) -> str:
        """Hashed signals, stars and dispositions, for comparing datasets without reading them
        again."""
        return f"datasets/{self.sha256}.npz"


PUBLIC_STATUSES = [pair for pair in Dataset.Status.choices if pair[0] != Dataset.Status.DRAFT]
"""Programs hear nothing of what waits for a person's mapping."""

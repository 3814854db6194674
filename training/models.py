"""What training leaves behind. Prediction reads it: the active `ModelVersion` is how training changes prediction."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from training import artifacts
from training.prepared import PreparedQuery

if TYPE_CHECKING:
    from training.ml.model import ExoplanetClassifier


class ModelVersionQuerySet(models.QuerySet["ModelVersion"]):
    def active(self) -> ModelVersion:
        """The version in service. Asked anew for each request, so that an activation reaches every process at once."""
        return self.get(is_active=True)

    def serving(self) -> ModelVersion:
        """The same for a single prediction, without what takes longer to read than the rest."""
        if not (found := _serving.rows()):
            raise ModelVersion.DoesNotExist
        return found[0]


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

    def get_absolute_url(self) -> str:
        return reverse("model_version_detail", args=[self.name])

    @property
    def classifier(self) -> ExoplanetClassifier:
        """The fitted object, verified before it is unpickled; the row itself never holds it."""
        return artifacts.classifier_load(self.artifact, self.sha256)

    @property
    def metrics(self) -> dict[str, Any]:
        metrics: dict[str, Any] = self.metadata.get("metrics", {})
        return metrics


_serving: Final = PreparedQuery(lambda _: ModelVersion.objects.filter(is_active=True).defer("metadata", "notes"))


class Activation(models.Model):
    """One change of what is in service: the history of what served when, and of who decided."""

    model_version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="activations")
    previous = models.ForeignKey(ModelVersion, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.TextField(blank=True)
    overridden = models.TextField(blank=True, help_text="What spoke against it, where somebody decided for it anyway.")

    class Meta:
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.model_version} from {self.at:%Y-%m-%d %H:%M}"


class DatasetQuerySet(models.QuerySet["Dataset"]):
    def current(self) -> Self:
        return self.filter(archived_at=None)

    def usable(self) -> Self:
        """What can be trained on."""
        return self.current().filter(status=Dataset.Status.READY)


class Dataset(models.Model):
    """A table that somebody brought or fetched. Its file is found by its own hash and never changes."""

    class Status(models.TextChoices):
        WAITING = "WAITING", "waiting"
        WORKING = "WORKING", "being read"
        READY = "READY", "ready"
        REFUSED = "REFUSED", "cannot be used"

    class Source(models.TextChoices):
        UPLOAD = "upload", "uploaded"
        ARCHIVE = "archive", "fetched from the NASA Exoplanet Archive"
        COMMAND = "command", "brought on the command line"

    name = models.CharField(max_length=120)
    source = models.CharField(max_length=10, choices=Source.choices)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    stage = models.CharField(max_length=300, blank=True, help_text="What is being done with it at the moment.")
    reason = models.TextField(blank=True, help_text="Why it cannot be used.")
    mission = models.CharField(max_length=10, blank=True, help_text="As said by the person; else found in the table.")
    mapping = models.JSONField(null=True, help_text="Which column feeds which feature, where the site did not see it.")
    provenance = models.JSONField(default=dict, help_text="Where a fetched table is from: address, query, DOI, time.")
    file = models.CharField(max_length=200, blank=True, help_text="Its place in the storage.")
    sha256 = models.CharField("SHA-256", max_length=64, null=True, unique=True)  # noqa: DJ001 - unknown while fetched
    size = models.BigIntegerField(default=0, help_text="In bytes.")
    rows = models.IntegerField(default=0)
    signals = models.IntegerField(default=0)
    report = models.JSONField(null=True, help_text="What the validation found.")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
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
    def is_busy(self) -> bool:
        return self.status in (self.Status.WAITING, self.Status.WORKING)

    @property
    def refusal(self) -> tuple[str, list[str]]:
        """Why it cannot be used, and what to do instead, step by step."""
        why, *steps = self.reason.splitlines() or [""]
        return why, steps

    @property
    def index_file(self) -> str:
        """Hashed signals, stars and dispositions, for comparing datasets without reading them again."""
        return f"datasets/{self.sha256}.npz"


class TrainingRunQuerySet(models.QuerySet["TrainingRun"]):
    def open(self) -> Self:
        return self.filter(status__in=TrainingRun.OPEN)

    def owned(self, run_id: int, claim: str) -> Self:
        """The run, as long as it is running and the process with this claim is the one that runs it."""
        return self.filter(pk=run_id, claim=claim, status=TrainingRun.Status.RUNNING)


class TrainingRun(models.Model):
    """One attempt to train. Its row is the truth: whoever changes the status from one value to the next has the say."""

    class Status(models.TextChoices):
        QUEUED = "QUEUED", "waiting"
        RUNNING = "RUNNING", "running"
        SUCCEEDED = "SUCCEEDED", "succeeded"
        FAILED = "FAILED", "failed"
        CANCELLED = "CANCELLED", "cancelled"

    OPEN = (Status.QUEUED, Status.RUNNING)

    datasets = models.ManyToManyField(Dataset, related_name="training_runs")
    seed = models.IntegerField(default=0)
    parameters = models.JSONField(default=dict, help_text="What differs from the usual parameters of a training.")
    notes = models.TextField(blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.QUEUED, db_index=True)
    reason = models.TextField(blank=True, help_text="Why it did not succeed.")
    enqueued_at = models.DateTimeField(null=True)
    claim = models.CharField(max_length=32, blank=True, help_text="Drawn by the one process that runs it.")
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
        return f"Training run {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("training_run_detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

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


class InputCount(models.Model):
    """How the inputs of one day's classifications spread over the tenths of a version's training values."""

    model_version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="input_counts")
    day = models.DateField()
    mission = models.CharField(max_length=10)
    signals = models.IntegerField(default=0)
    counts = models.JSONField(default=dict, help_text="Feature → number of values per bin.")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("model_version", "day", "mission"), name="one_input_count_per_version_day_and_mission"
            ),
        )

    def __str__(self) -> str:
        return f"{self.signals} {self.mission} signals on {self.day} by {self.model_version}"


from training.accounts.models import Invitation, TokenGrant  # noqa: E402, F401 - where Django looks for models
from training.mappings import SavedMapping  # noqa: E402, F401 - where Django looks for models

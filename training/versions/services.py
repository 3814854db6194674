"""Model versions: stored, put in service with a reason, rolled back, deleted."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import F, ProtectedError
from django.utils import timezone

from training.accounts.audit import DELETION, record
from training.ml.errors import UserError, join_words
from training.versions import artifacts
from training.versions.artifacts import artifact_delete
from training.versions.models import SIMULATED, Activation, ModelVersion
from training.versions.plots import plots_delete

if TYPE_CHECKING:
    from training.ml.evaluation.compare import Comparison
    from training.ml.model import ExoplanetClassifier
from training.versions.comparison import loss_sentence, versions_compare, why_not_compared

NAME_FORMAT = "%Y-%m-%dT%H-%M-%SZ"


class ActivationHeld(UserError):
    """`against`: sentences that speak against it; somebody may decide for it anyway, and that is
    recorded."""

    code = "activation_held"

    def __init__(self, against: list[str]) -> None:
        self.against = against
        super().__init__(
            f"{' '.join(against)} To activate it anyway, say so explicitly; that is recorded."
        )


class NoReason(UserError):
    code = "no_reason"

    def __init__(self) -> None:
        super().__init__(
            "Say in a few words why; it is kept in the history of what was in service."
        )


class NothingBefore(UserError):
    code = "nothing_before"

    def __init__(self) -> None:
        super().__init__(
            "No other version was in service before this one, so there is nothing to roll back to."
        )


class RolledBackAlready(UserError):
    code = "rolled_back_already"

    def __init__(self, current: ModelVersion) -> None:
        super().__init__(
            f"Nothing was changed: {current} is in service by now. Look at the page of versions"
            " again before you roll back."
        )


class VersionSimulated(UserError):
    code = "version_simulated"

    def __init__(self, version: ModelVersion) -> None:
        super().__init__(
            f"{version} has learnt from made-up signals, so it is for trying the site and is never"
            " put in service."
        )


class VersionServed(UserError):
    code = "version_served"

    def __init__(self, version: ModelVersion, why: str) -> None:
        super().__init__(f"The version {version} cannot be deleted: {why}.")


def model_version_create(
    classifier: ExoplanetClassifier,
    *,
    origin: ModelVersion.Origin,
    created_by: User | None = None,
    notes: str = "",
    created_at: datetime | None = None,
    is_simulated: bool = False,
) -> ModelVersion:
    """Store a classifier that has just been trained. It serves nobody until
    `model_version_activate`; one that learnt from made-up signals never does."""
    return version_store(
        classifier.pack(artifacts.signing_key()),
        metadata=classifier.metadata,
        origin=origin,
        created_by=created_by,
        notes=notes,
        created_at=created_at or timezone.now(),
        mark=SIMULATED if is_simulated else "",
    )


@transaction.atomic
def version_store(
    files: Mapping[str, bytes], *, created_at: datetime, mark: str = "", **columns: Any
) -> ModelVersion:
    """Row and files, or neither: the row reserves the name, and is kept only once every file has
    been stored."""
    sha256 = hashlib.sha256(files["classifier.joblib"]).hexdigest()
    version = _row_create(created_at.replace(microsecond=0), mark, sha256=sha256, **columns)
    artifacts.artifact_write(version.artifact, files)
    return version


def _row_create(created_at: datetime, mark: str, **columns: Any) -> ModelVersion:
    """Named by its second, or by the next free one when another training ended in the same."""
    name = created_at.astimezone(UTC).strftime(NAME_FORMAT) + mark
    artifact = artifacts.artifact_folder(name)
    try:
        with transaction.atomic():
            return ModelVersion.objects.create(
                name=name, created_at=created_at, artifact=artifact, **columns
            )
    except IntegrityError:
        if not ModelVersion.objects.filter(name=name).exists():
            raise
    return _row_create(created_at + timedelta(seconds=1), mark, **columns)


@transaction.atomic
def model_version_activate(
    version: ModelVersion,
    user: User | None = None,
    reason: str = "",
    *,
    overridden: str = "",
    is_roll_back: bool = False,
) -> ModelVersion:
    """Put `version` in service instead of the one that is; who did it and why goes to the audit
    trail.

    `overridden` is what spoke against it (see `version_put_in_service`, which asks).

    Every process asks for the active row with each request, so that the change reaches all of them
    at once.
    """
    # All rows, always in one order: two activations at the same instant wait for each other, and
    # the later one stays.
    list(ModelVersion.objects.select_for_update().order_by("pk").values_list("pk"))
    version.refresh_from_db()
    if version.is_active:
        return version  # nothing changes, and what was in service before stays within reach
    previous = ModelVersion.objects.filter(is_active=True).first()
    ModelVersion.objects.filter(is_active=True).exclude(pk=version.pk).update(is_active=False)
    version.is_active, version.activated_at, version.activated_by = True, timezone.now(), user
    version.save(update_fields=("is_active", "activated_at", "activated_by"))
    Activation.objects.create(
        model_version=version,
        previous=previous,
        at=version.activated_at,
        user=user,
        reason=reason,
        overridden=overridden,
        is_roll_back=is_roll_back,
    )
    against = f" Decided for although: {overridden}" if overridden else ""
    record(
        user,
        version,
        f"Put in service: {reason}{against}" if reason else f"Put in service.{against}",
    )
    return version


def activation_objections(version: ModelVersion) -> list[str]:
    """What speaks against putting it in service instead of the version that is; empty if nothing
    does."""
    if version.is_simulated:
        return [VersionSimulated(version).message]
    current = ModelVersion.objects.filter(is_active=True).exclude(pk=version.pk).first()
    if not version.metrics.get("test"):
        return ["This version was not evaluated, so nobody knows how good it is."]
    if current is None:
        return []
    return _comparison_objections(current, versions_compare(current, version))


def _comparison_objections(current: ModelVersion, comparison: Comparison) -> list[str]:
    against = []
    if comparison.missions_lost:
        unseen = join_words(comparison.missions_lost)
        against.append(
            f"It has never seen {unseen}: signals of {unseen}, which the version in service has"
            " learnt from, would be answered by what it knows of other missions."
        )
    if not comparison.is_about_the_same:
        against.append(f"{why_not_compared(comparison)}.")
    elif not comparison.possible:
        against.append(
            f"It shares only {comparison.stars} held-out stars with the version in service,"
            f" {current}, too few to tell which is better."
        )
    return against + [loss_sentence(group, figure) for group, figure in comparison.losses]


def version_put_in_service(
    *, version: ModelVersion, user: User | None, reason: str, override: bool = False
) -> ModelVersion:
    """Activate, unless something speaks against it and nobody has decided for it anyway."""
    if version.is_simulated:
        raise VersionSimulated(version)
    if not reason.strip():
        raise NoReason
    version.classifier  # noqa: B018 - verified and readable, before anybody depends on it
    against = activation_objections(version)
    if against and not override:
        raise ActivationHeld(against)
    return model_version_activate(version, user, reason.strip(), overridden=" ".join(against))


def version_before() -> ModelVersion | None:
    """What a roll-back would put in service: the version before, and after a roll-back the one
    before that; never the one that was rolled back from."""
    # A site of an earlier version also wrote down activations of what was in service already.
    changes = Activation.objects.exclude(previous=F("model_version")).order_by("at", "pk")
    below: list[int] = []
    for previous, is_roll_back in changes.values_list("previous", "is_roll_back"):
        if is_roll_back:
            below = below[:-1]
        elif previous:
            below.append(previous)
    before = ModelVersion.objects.filter(pk__in=below[-1:]).first()
    return before if before and not before.is_active else None


def version_roll_back(*, user: User | None, reason: str = "") -> ModelVersion:
    """Back to what was in service before, without further questions: it has served already."""
    before = version_before()
    if before is None:
        raise NothingBefore
    before.classifier  # noqa: B018 - as above
    current = ModelVersion.objects.active()
    why = reason.strip() or f"Rolled back from {current}."
    return model_version_activate(before, user, why, is_roll_back=True)


def version_roll_back_seen(*, user: User | None, leaves: str, returns: str) -> ModelVersion:
    """From the version that a person saw in service to the one that they were told of. What comes
    a second time, or too late, changes nothing."""
    with transaction.atomic():
        # All rows, always in one order, as in `model_version_activate`.
        list(ModelVersion.objects.select_for_update().order_by("pk").values_list("pk"))
        current, before = ModelVersion.objects.active(), version_before()
        if before is None or (current.name, before.name) != (leaves, returns):
            raise RolledBackAlready(current)
        return version_roll_back(user=user)


def version_annotate(version: ModelVersion, user: User | None, notes: str) -> None:
    ModelVersion.objects.filter(pk=version.pk).update(notes=notes.strip())
    record(user, version, "Changed the notes.")


def version_name(version: ModelVersion, user: User | None, title: str, labels: str) -> None:
    ModelVersion.objects.filter(pk=version.pk).update(title=title, labels=labels)
    record(user, version, f"Called it “{title or version.name}”, with labels: {labels or 'none'}.")


def version_delete(version: ModelVersion, user: User | None = None) -> None:
    """Only what has never served: predictions and decisions name what has."""
    if version.is_active or version.activations.exists():
        raise VersionServed(version, "it is or was in service")
    if version.origin == ModelVersion.Origin.BUNDLED:
        raise VersionServed(version, "it came with the site")
    try:
        with transaction.atomic():
            record(user, version, "Deleted; it had never been in service.", DELETION)
            version.delete()
    except ProtectedError as error:
        raise VersionServed(version, "predictions were made with it") from error
    artifact_delete(version.artifact)
    plots_delete(version)

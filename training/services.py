"""Steps of training that span rows, files or the queue."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from importlib import import_module, resources
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from training import artifacts
from training.audit import record
from training.models import Activation, ModelVersion

if TYPE_CHECKING:
    from training.ml.model import ExoplanetClassifier

BUNDLED = "training.ml.bundled"
NAME_FORMAT = "%Y-%m-%dT%H-%M-%SZ"


# --- Making a version ------------------------------------------------------------------------------------------------


def model_version_create(
    classifier: ExoplanetClassifier,
    *,
    origin: ModelVersion.Origin,
    created_by: User | None = None,
    notes: str = "",
    created_at: datetime | None = None,
) -> ModelVersion:
    """Store a classifier that has just been trained. It serves nobody until `model_version_activate`."""
    return _version_store(
        classifier.pack(artifacts.signing_key()),
        metadata=classifier.metadata,
        origin=origin,
        created_by=created_by,
        notes=notes,
        created_at=created_at or timezone.now(),
    )


@transaction.atomic
def _version_store(files: Mapping[str, bytes], *, created_at: datetime, **facts: Any) -> ModelVersion:
    """Row and files, or neither: the row reserves the name, and is kept only once every file has been stored."""
    sha256 = hashlib.sha256(files["classifier.joblib"]).hexdigest()
    version = _row_create(created_at.replace(microsecond=0), sha256=sha256, **facts)
    artifacts.artifact_write(version.artifact, files)
    return version


def _row_create(created_at: datetime, **facts: Any) -> ModelVersion:
    """Named by its second, or by the next free one when another training ended in the same."""
    name = created_at.astimezone(UTC).strftime(NAME_FORMAT)
    artifact = artifacts.artifact_folder(name)
    try:
        with transaction.atomic():
            return ModelVersion.objects.create(name=name, created_at=created_at, artifact=artifact, **facts)
    except IntegrityError:
        if not ModelVersion.objects.filter(name=name).exists():
            raise
    return _row_create(created_at + timedelta(seconds=1), **facts)


# --- Putting it in service -------------------------------------------------------------------------------------------


@transaction.atomic
def model_version_activate(
    version: ModelVersion, user: User | None = None, reason: str = "", *, overridden: str = ""
) -> ModelVersion:
    """Put `version` in service instead of the one that is; who did it and why goes to the audit trail.

    `overridden` is what spoke against it (see services_versions, which asks).

    Every process asks for the active row with each request, so that the change reaches all of them at once.
    """
    # All rows, always in one order: two activations at the same instant wait for each other, and the later one stays.
    list(ModelVersion.objects.select_for_update().order_by("pk").values_list("pk"))
    version.refresh_from_db()
    previous = ModelVersion.objects.filter(is_active=True).first()
    ModelVersion.objects.filter(is_active=True).exclude(pk=version.pk).update(is_active=False)
    version.is_active, version.activated_at, version.activated_by = True, timezone.now(), user
    version.save(update_fields=("is_active", "activated_at", "activated_by"))
    Activation.objects.create(
        model_version=version, previous=previous, at=version.activated_at, user=user, reason=reason,
        overridden=overridden,
    )  # fmt: skip
    against = f" Decided for although: {overridden}" if overridden else ""
    record(user, version, f"Put in service: {reason}{against}" if reason else f"Put in service.{against}")
    return version


# --- The classifier that comes with the site -------------------------------------------------------------------------


class BundledClassifierError(Exception):
    """The classifier that should have come with the site cannot be registered; the message says why."""


def bundled_version_register() -> ModelVersion:
    """Register the bundled classifier, signed with this installation's key, and serve it if nothing else is served.

    Safe to repeat: what is there already stays; files that are missing or signed with an earlier key are made good.
    Its bytes are compared with the hash in the code, and are not unpickled here.
    """
    from training.ml.model import sign

    unsigned = _bundled_files()
    files = sign(unsigned, artifacts.signing_key())
    sha256 = hashlib.sha256(files["classifier.joblib"]).hexdigest()
    version = ModelVersion.objects.filter(origin=ModelVersion.Origin.BUNDLED, sha256=sha256).first()
    if version is None:
        metadata = json.loads(files["metadata.json"])
        created_at = datetime.fromisoformat(metadata["created"])
        version = _version_store(files, metadata=metadata, origin=ModelVersion.Origin.BUNDLED, created_at=created_at)
    elif artifacts.artifact_read(version.artifact) != files:
        artifacts.artifact_write(version.artifact, files)
    if not ModelVersion.objects.filter(is_active=True).exists():
        version = model_version_activate(version)
    return version


def _bundled_files() -> dict[str, bytes]:
    """What `training/ml/bundled` holds, if it is what the code says."""
    try:
        bundled = import_module(BUNDLED)
        folder = resources.files(bundled)
        files = {name: folder.joinpath(name).read_bytes() for name in ("classifier.joblib", "metadata.json")}
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise BundledClassifierError("This copy of the site came without a bundled classifier.") from error
    if hashlib.sha256(files["classifier.joblib"]).hexdigest() != bundled.BUNDLED_SHA256:
        raise BundledClassifierError(
            "training/ml/bundled/classifier.joblib is not the file that the code names, so it is not used; "
            "get a fresh copy of the site."
        )
    return files

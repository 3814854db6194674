"""The classifier that comes with the site."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from importlib import import_module, resources

from django.conf import settings

from training.ml.artifact import check_compatible, sign
from training.ml.errors import ArtifactIncompatible
from training.versions import artifacts
from training.versions.models import ModelVersion
from training.versions.services import model_version_activate, version_store

BUNDLED = "training.ml.fitting.bundled"
BESIDE = ("points.npz", "open_then.npz")


class BundledClassifierError(Exception):
    """The classifier that should have come with the site cannot be registered; the message says
    why."""


def bundled_version_register() -> ModelVersion:
    """Register the bundled classifier, signed with this installation's key, and serve it if nothing
    else is served, or something that this version of the site does not read any more. A newer one
    takes over from one that came before it, unless somebody put that into service.

    With KEEP_VERSION what is in service stays there, and nothing is registered: processes of the
    release before may still run, which cannot read a newer format.

    Safe to repeat: what is there already stays; files that are missing or signed with an earlier
    key are made good. Its bytes are compared with the hash in the code, and are not unpickled here.
    """
    serving = ModelVersion.objects.filter(is_active=True).first()
    if serving and settings.KEEP_VERSION:
        return serving
    unsigned = _bundled_files()
    files = sign(unsigned, artifacts.signing_key())
    sha256 = hashlib.sha256(files["classifier.joblib"]).hexdigest()
    version = ModelVersion.objects.filter(origin=ModelVersion.Origin.BUNDLED, sha256=sha256).first()
    is_new = version is None
    if version is None:
        metadata = json.loads(files["metadata.json"])
        created_at = datetime.fromisoformat(metadata["created"])
        version = version_store(
            files, metadata=metadata, origin=ModelVersion.Origin.BUNDLED, created_at=created_at
        )
    elif artifacts.artifact_read(version.artifact) != files:
        # Lost, signed with an earlier key, or without what an upgrade brought beside it.
        artifacts.artifact_write(version.artifact, files)
        version.metadata = json.loads(files["metadata.json"])
        version.save(update_fields=("metadata",))
    if serving is None:
        return model_version_activate(version)
    if outdated := _outdated(serving):
        return model_version_activate(version, reason=f"{serving.name} is of no use: {outdated}")
    if is_new and serving.origin == ModelVersion.Origin.BUNDLED and not serving.activated_by_id:
        return model_version_activate(version, reason="It came with a newer version of the site.")
    return version


def _outdated(version: ModelVersion) -> str:
    """Why a version of an older site is not read any more; "" where it is."""
    try:
        if "format_version" in version.metadata:
            check_compatible(version.metadata)
    except ArtifactIncompatible as error:
        return error.message
    return ""


def _bundled_files() -> dict[str, bytes]:
    """What `training/ml/fitting/bundled` holds, if it is what the code says."""
    try:
        bundled = import_module(BUNDLED)
        folder = resources.files(bundled)
        names = ["classifier.joblib", "metadata.json"]
        names += [name for name in BESIDE if folder.joinpath(name).is_file()]
        files = {name: folder.joinpath(name).read_bytes() for name in names}
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise BundledClassifierError(
            "This copy of the site came without a bundled classifier."
        ) from error
    if hashlib.sha256(files["classifier.joblib"]).hexdigest() != bundled.BUNDLED_SHA256:
        raise BundledClassifierError(
            "training/ml/fitting/bundled/classifier.joblib is not the file that the code names, so"
            " it is not used; get a fresh copy of the site."
        )
    return files

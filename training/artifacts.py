"""The files of a model version in Django's storage, and the few classifiers that this process has loaded."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage

if TYPE_CHECKING:
    from training.ml.model import ExoplanetClassifier

ARTIFACT_FILES = ("classifier.joblib", "metadata.json", "signature.json")
PART = ".part-"  # beginning of the name of what is still being written
KEPT_CLASSIFIERS = 3  # the version in service, the one before it, and one that somebody is looking at

_kept: OrderedDict[str, ExoplanetClassifier] = OrderedDict()
_lock = threading.Lock()


def signing_key() -> bytes:
    return settings.ARTIFACT_SIGNING_KEY.encode()


def artifact_folder(name: str) -> str:
    return f"artifacts/{name}"


def artifact_write(folder: str, files: Mapping[str, bytes]) -> None:
    """Store all files or none: on a disk, written beside under another name, then renamed."""
    if isinstance(default_storage, FileSystemStorage):  # the proxy of default_storage passes for what it stands for
        _folder_write(Path(default_storage.path(folder)), files)
    else:
        _objects_write(folder, files)


def _folder_write(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=PART, ignore_cleanup_errors=True) as part:
        whole = Path(part) / "whole"
        whole.mkdir()
        for name, content in files.items():
            with (whole / name).open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())  # a rename that outlives a power cut must not name an empty file
        if folder.exists():
            folder.rename(Path(part) / "replaced")
        whole.rename(folder)


def artifact_parts_sweep(older_than: float) -> None:
    """Remove what killed processes left half-written more than `older_than` seconds ago."""
    if isinstance(default_storage, FileSystemStorage):
        for part in Path(default_storage.path("artifacts")).glob(f"{PART}*"):
            if time.time() - part.stat().st_mtime > older_than:
                shutil.rmtree(part, ignore_errors=True)


def _objects_write(folder: str, files: Mapping[str, bytes]) -> None:
    """An object store has no rename, but no half objects either; the database row, written last, vouches for all."""
    try:
        for name, content in files.items():
            default_storage.delete(f"{folder}/{name}")  # the storage would otherwise invent another name
            default_storage.save(f"{folder}/{name}", ContentFile(content))
    except BaseException:
        artifact_delete(folder)
        raise


def artifact_read(folder: str) -> dict[str, bytes]:
    """The files that are there; what is missing is for the verification to name."""
    paths = {name: f"{folder}/{name}" for name in ARTIFACT_FILES}
    return {name: _file_read(path) for name, path in paths.items() if default_storage.exists(path)}


def artifact_delete(folder: str) -> None:
    for name in ARTIFACT_FILES:
        default_storage.delete(f"{folder}/{name}")
    if default_storage.exists(folder):
        default_storage.delete(folder)  # on a disk, the empty folder


def classifier_load(folder: str, sha256: str) -> ExoplanetClassifier:
    """The classifier whose file has this hash, from this process's memory or verified from the storage.

    Loaded on first use and never in `AppConfig.ready()` or the cluster's parent process: a child forked after
    LightGBM has loaded a model hangs.
    """
    with _lock:
        if sha256 not in _kept:
            _kept[sha256] = _classifier_unpack(folder, sha256)
            if len(_kept) > KEPT_CLASSIFIERS:
                _kept.popitem(last=False)
        _kept.move_to_end(sha256)
        return _kept[sha256]


def _classifier_unpack(folder: str, sha256: str) -> ExoplanetClassifier:
    from training.ml.model import ArtifactDamaged, ExoplanetClassifier, verify

    files = artifact_read(folder)
    verify(files, signing_key())
    # A signed artifact of another version, put in this one's place, would pass the signature alone.
    if hashlib.sha256(files["classifier.joblib"]).hexdigest() != sha256:
        raise ArtifactDamaged("classifier.joblib is not the file that the database knows")
    return ExoplanetClassifier.unpack(files, signing_key())


def _file_read(path: str) -> bytes:
    with default_storage.open(path) as file:
        content: bytes = file.read()
    return content

"""The files of a model version in Django's storage, and the few classifiers that this process has
loaded."""

from __future__ import annotations

import hashlib
import io
import logging
import shutil
import tempfile
import threading
import time
import zipfile
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage

from training.ml.artifact import METADATA_FILE, check_compatible, read_json, verify
from training.ml.errors import ArtifactDamaged, ArtifactError
from training.ml.files import sync

if TYPE_CHECKING:
    from training.ml.model import ExoplanetClassifier

ARTIFACT_FILES = (
    "classifier.joblib",
    "metadata.json",
    "signature.json",
    "points.npz",
    "open_then.npz",
)
"""The last two may be missing: a version may be older than the page that shows them, and only the
bundled one comes with what an earlier day's classifier said."""
PART = ".part-"  # beginning of the name of what is still being written
CACHED_ARTIFACTS = 10  # on the disk of a host whose storage is elsewhere
KEPT_CLASSIFIERS = (
    3  # the version in service, the one before it, and one that somebody is looking at
)

logger = logging.getLogger(__name__)
# None: its files were verified, and nobody has asked it anything yet.
_kept: OrderedDict[str, ExoplanetClassifier | None] = OrderedDict()
_lock = threading.Lock()


def signing_key() -> bytes:
    return settings.ARTIFACT_SIGNING_KEY.encode()


def artifact_folder(name: str) -> str:
    return f"artifacts/{name}"


def artifact_write(folder: str, files: Mapping[str, bytes]) -> None:
    """Store all files or none: on a disk, written beside under another name, then renamed."""
    if isinstance(
        default_storage, FileSystemStorage
    ):  # the proxy of default_storage passes for what it stands for
        _folder_write(Path(default_storage.path(folder)), files)
    else:
        _objects_write(folder, files)


def _folder_write(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(
        dir=folder.parent, prefix=PART, ignore_cleanup_errors=True
    ) as part:
        whole = Path(part) / "whole"
        whole.mkdir()
        for name, content in files.items():
            (whole / name).write_bytes(content)
            sync(whole / name)
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
    """An object store has no rename, but no half objects either; the database row, written last,
    vouches for all."""
    try:
        for name, content in files.items():
            default_storage.delete(
                f"{folder}/{name}"
            )  # the storage would otherwise invent another name
            default_storage.save(f"{folder}/{name}", ContentFile(content))
    except BaseException:
        artifact_delete(folder)
        raise


def artifact_read(folder: str) -> dict[str, bytes]:
    """The files that are there; what is missing is for the verification to name."""
    paths = {name: f"{folder}/{name}" for name in ARTIFACT_FILES}
    return {name: _file_read(path) for name, path in paths.items() if default_storage.exists(path)}


def artifact_zip(folder: str, name: str) -> bytes:
    """Classifier, metadata and signature in one file, below a folder called `name`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(
        buffer, "w", zipfile.ZIP_STORED
    ) as archive:  # the classifier is compressed already
        for file, content in artifact_read(folder).items():
            archive.writestr(f"{name}/{file}", content)
    return buffer.getvalue()


def artifact_delete(folder: str) -> None:
    for name in ARTIFACT_FILES:
        default_storage.delete(f"{folder}/{name}")
    if default_storage.exists(folder):
        default_storage.delete(folder)  # on a disk, the empty folder


def classifier_load(folder: str, sha256: str) -> ExoplanetClassifier:
    """The classifier whose file has this hash, from this process's memory or verified from the
    storage.

    Loaded on first use and never in `AppConfig.ready()` or the cluster's parent process: a child
    forked after LightGBM has loaded a model hangs.
    """
    with _lock:
        classifier = _kept.get(sha256) or _classifier_unpack(folder, sha256)
        _keep(sha256, classifier)
        return classifier


def classifier_verify(folder: str, sha256: str) -> None:
    """Raise an `ArtifactError` if the classifier's files cannot be used. Unpacks nothing: that
    takes libraries that a page does without."""
    with _lock:
        if sha256 not in _kept:
            files = _verified_files(folder, sha256)
            check_compatible(read_json(files[METADATA_FILE], METADATA_FILE))
            _keep(sha256, None)


def _keep(sha256: str, classifier: ExoplanetClassifier | None) -> None:
    _kept[sha256] = classifier
    _kept.move_to_end(sha256)
    if len(_kept) > KEPT_CLASSIFIERS:
        _kept.popitem(last=False)


def _classifier_unpack(folder: str, sha256: str) -> ExoplanetClassifier:
    from training.ml.model import ExoplanetClassifier

    files = _verified_files(folder, sha256)
    return ExoplanetClassifier.unpack(files, signing_key(), to_answer=True)


def _verified_files(folder: str, sha256: str) -> dict[str, bytes]:
    files = _cache_read(sha256) or artifact_read(folder)
    verify(files, signing_key())
    # A signed artifact of another version, put in this one's place, would pass the signature alone.
    if hashlib.sha256(files["classifier.joblib"]).hexdigest() != sha256:
        raise ArtifactDamaged("classifier.joblib is not the file that the database knows")
    _cache_write(sha256, files)
    return files


# --- Verified artifacts of an object store, kept on this host -------------------------------------


def _cache_folder(sha256: str) -> Path | None:
    """None where the storage itself is a folder."""
    if isinstance(default_storage, FileSystemStorage):
        return None
    # What was kept of an artifact before it had its last file is not looked for any more.
    return Path(settings.DATA_DIR) / "artifact-cache" / f"{sha256}-{len(ARTIFACT_FILES)}"


def _cache_read(sha256: str) -> dict[str, bytes] | None:
    """What was kept, if it is still whole; the caller verifies it again, because unpickling it runs
    code."""
    folder = _cache_folder(sha256)
    if folder is None or not folder.is_dir():
        return None
    try:
        files = {path.name: path.read_bytes() for path in folder.iterdir()}
        verify(files, signing_key())
    except (OSError, ArtifactError):
        shutil.rmtree(folder, ignore_errors=True)
        return None
    return files if hashlib.sha256(files["classifier.joblib"]).hexdigest() == sha256 else None


def _cache_write(sha256: str, files: Mapping[str, bytes]) -> None:
    folder = _cache_folder(sha256)
    if folder is None or folder.is_dir():
        return
    try:
        _folder_write(folder, files)
    except OSError:  # a full disk, or another process was first: the store has it
        logger.warning("The classifier %s… is not kept on this host.", sha256[:12])
        return
    for old in sorted(folder.parent.iterdir(), key=lambda kept: kept.stat().st_mtime)[
        :-CACHED_ARTIFACTS
    ]:
        shutil.rmtree(old, ignore_errors=True)


def _file_read(path: str) -> bytes:
    with default_storage.open(path) as file:
        content: bytes = file.read()
    return content

"""A version's SHAP plots: drawn once by the process that trained it, kept in the storage beside its
artifact."""

from __future__ import annotations

import json
import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypedDict

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from training.versions.models import ModelVersion

if TYPE_CHECKING:
    import pandas as pd

FOLDER: Final = "plots"
INDEX: Final = "index.json"
MAX_SECONDS: Final = 300

logger = logging.getLogger(__name__)


class StoredPlot(TypedDict):
    key: str
    kind: str
    title: str
    words: str


def plots_draw(version: ModelVersion, frame: pd.DataFrame) -> None:
    """Draw and keep the plots, in a training's own process. Never raises: the version is worth more
    than its pictures."""
    try:
        with _time_limit(MAX_SECONDS):
            _draw(version, frame)
    except Exception:
        logger.exception("The SHAP plots of %s could not be drawn.", version)


@contextmanager
def _time_limit(seconds: int) -> Iterator[None]:
    """A library that hangs would hold the training's lock for ever; the version is stored by now,
    so the kernel may end the process."""
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


def _draw(version: ModelVersion, frame: pd.DataFrame) -> None:
    from training.ml.explanations.shap_plots import draw

    drawn = draw(version.classifier, frame, seed=int(version.metadata.get("seed", 0)))
    for plot in drawn:
        _save(version, f"{plot.key}.png", plot.png)
    index = [StoredPlot(key=p.key, kind=p.kind, title=p.title, words=p.words) for p in drawn]
    # The index last: it names only what is there.
    _save(version, INDEX, json.dumps(index, indent=1).encode())


def _path(version: ModelVersion, name: str) -> str:
    return f"{FOLDER}/{version.name}/{name}"


def _save(version: ModelVersion, name: str, content: bytes) -> None:
    path = _path(version, name)
    default_storage.delete(path)  # the storage would otherwise invent another name
    default_storage.save(path, ContentFile(content))


def plots_of(version: ModelVersion) -> list[StoredPlot]:
    """What was drawn of it; nothing for a version that was made without plots."""
    try:
        with default_storage.open(_path(version, INDEX)) as file:
            found: list[StoredPlot] = json.load(file)
    except FileNotFoundError:
        return []
    return found


def plot_png(version: ModelVersion, key: str) -> bytes | None:
    """The picture, if the version has it."""
    if key not in [plot["key"] for plot in plots_of(version)]:
        return None
    try:
        with default_storage.open(_path(version, f"{key}.png")) as file:
            content: bytes = file.read()
    except FileNotFoundError:
        return None
    return content


def plots_delete(version: ModelVersion) -> None:
    """All that was drawn, also by a process that was ended before it had written the index."""
    try:
        names = default_storage.listdir(f"{FOLDER}/{version.name}")[1]
    except FileNotFoundError:
        return
    for name in (*names, ""):  # at last, on a disk, the empty folder
        if default_storage.exists(path := _path(version, name).rstrip("/")):
            default_storage.delete(path)

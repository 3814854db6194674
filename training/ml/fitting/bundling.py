"""Writing the bundled classifier: its files, and their hash into the code."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from training.ml.artifact import (
    CLASSIFIER_FILE,
    METADATA_FILE,
    OPEN_THEN_FILE,
    POINTS_FILE,
    sign,
)
from training.ml.evaluation.open_then import OpenThen, pack_open, put_in, unpack_open
from training.ml.model import ExoplanetClassifier

FOLDER: Final = Path(__file__).parent / "bundled"
MAX_BYTES: Final = 10_000_000


def bundled_files() -> dict[str, bytes]:
    """The unsigned files of the bundled classifier."""
    names = (CLASSIFIER_FILE, METADATA_FILE, POINTS_FILE, OPEN_THEN_FILE)
    return {name: (FOLDER / name).read_bytes() for name in names if (FOLDER / name).exists()}


def bundle(classifier: ExoplanetClassifier) -> str:
    """Put ``classifier`` into ``training/ml/fitting/bundled`` and its SHA-256 into the code there;
    returns the hash."""
    files = classifier.unsigned_files()
    _write(files)
    digest = hashlib.sha256(files[CLASSIFIER_FILE]).hexdigest()
    code = FOLDER / "__init__.py"
    head = code.read_text(encoding="utf-8").split("BUNDLED_SHA256: Final")[0]
    code.write_text(f'{head}BUNDLED_SHA256: Final = "{digest}"\n', encoding="utf-8")
    return digest


def bundle_beside(classifier: ExoplanetClassifier) -> None:
    """Put what ``classifier`` carries beside its fitted state into the folder; ``classifier`` is
    the bundled one, whose answers stay what they are."""
    _write({**bundled_files(), **classifier.files_beside()})


def bundle_open_then(part: OpenThen) -> None:
    """Put what was said of signals that were open years ago into the folder, in place of what was
    there of their mission."""
    kept = bundled_files().get(OPEN_THEN_FILE)
    parts = put_in(unpack_open(kept) if kept else (), part)
    _write({**bundled_files(), OPEN_THEN_FILE: pack_open(parts)})


def _write(files: Mapping[str, bytes]) -> None:
    size = sum(map(len, files.values()))
    if size > MAX_BYTES:
        raise ValueError(
            f"The classifier takes {size:,} bytes; at most {MAX_BYTES:,} may stand in the"
            " repository."
        )
    for name, content in files.items():
        (FOLDER / name).write_bytes(content)


def bundled_classifier() -> ExoplanetClassifier:
    """The bundled classifier as it stands in the folder."""
    key = b"of this process alone"
    return ExoplanetClassifier.unpack(sign(bundled_files(), key), key)

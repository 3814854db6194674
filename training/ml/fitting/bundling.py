"""Writing the bundled classifier: its files, and their hash into the code."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from training.ml.artifact import CLASSIFIER_FILE, METADATA_FILE, POINTS_FILE, sign
from training.ml.model import ExoplanetClassifier

FOLDER: Final = Path(__file__).parent / "bundled"
MAX_BYTES: Final = 10_000_000


def bundled_files() -> dict[str, bytes]:
    """The unsigned files of the bundled classifier."""
    names = (CLASSIFIER_FILE, METADATA_FILE, POINTS_FILE)
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

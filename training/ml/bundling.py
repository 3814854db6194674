"""Writing the bundled classifier: its files, and their hash into the code."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from training.ml.model import CLASSIFIER_FILE, ExoplanetClassifier

FOLDER: Final = Path(__file__).parent / "bundled"
MOST_BYTES: Final = 10_000_000


def bundle(classifier: ExoplanetClassifier) -> str:
    """Put ``classifier`` into ``training/ml/bundled`` and its SHA-256 into the code there; returns the hash."""
    files = classifier.unsigned_files()
    size = sum(map(len, files.values()))
    if size > MOST_BYTES:
        raise ValueError(f"The classifier takes {size:,} bytes; at most {MOST_BYTES:,} may stand in the repository.")
    for name, content in files.items():
        (FOLDER / name).write_bytes(content)
    digest = hashlib.sha256(files[CLASSIFIER_FILE]).hexdigest()
    code = FOLDER / "__init__.py"
    head = code.read_text(encoding="utf-8").split("BUNDLED_SHA256: Final")[0]
    code.write_text(f'{head}BUNDLED_SHA256: Final = "{digest}"\n', encoding="utf-8")
    return digest

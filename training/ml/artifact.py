"""The files of a classifier, and what is checked before anything in them is unpickled.

An artifact is three files: ``classifier.joblib``, ``metadata.json`` and ``signature.json``, and
since signals are shown among those that were learnt from a fourth, ``points.npz``. What was said
about signals that were open years ago may stand beside them in ``open_then.npz``. The signature
holds the SHA-256 of the others and an HMAC over them.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any, Final

from training.ml.errors import ArtifactDamaged, ArtifactForged, ArtifactIncompatible
from training.ml.schema import schema_fingerprint

FORMAT_VERSION: Final = 4
READABLE: Final[Mapping[int, frozenset[str]]] = {
    2: frozenset({"37ed45e48b539833b879e3c8ee5a777eddc540f32e7d50f6fb0e8d28c1e7b762"}),
    3: frozenset({"1545ef67ba52a2ff1ca77e480ec03a97fd3f8cab20be3e36d29bb0a4a569d267"}),
}
"""Older formats that are still read, with the fingerprints of the schemas that they were made with:
what they do not know yet is missing in them, and they answer as they always did."""
CLASSIFIER_FILE: Final = "classifier.joblib"
METADATA_FILE: Final = "metadata.json"
POINTS_FILE: Final = "points.npz"
OPEN_THEN_FILE: Final = "open_then.npz"
SIGNATURE_FILE: Final = "signature.json"


def sign(files: Mapping[str, bytes], key: bytes) -> dict[str, bytes]:
    """``files`` with a signature made with ``key``."""
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
    signature = {"sha256": digests, "hmac": _signature(digests, key)}
    return {**files, SIGNATURE_FILE: json.dumps(signature, indent=1).encode()}


def verify(files: Mapping[str, bytes], key: bytes) -> None:
    """Raise ``ArtifactDamaged`` or ``ArtifactForged`` unless the files are those that were signed
    with ``key``, all of them and no other."""
    missing = [
        name for name in (CLASSIFIER_FILE, METADATA_FILE, SIGNATURE_FILE) if name not in files
    ]
    if missing:
        raise ArtifactDamaged(f"{missing[0]} is missing")
    signature = read_json(files[SIGNATURE_FILE], SIGNATURE_FILE)
    digests, seal = signature.get("sha256"), signature.get("hmac")
    if not isinstance(digests, dict) or not isinstance(seal, str):
        raise ArtifactDamaged(f"{SIGNATURE_FILE} is incomplete")
    if not hmac.compare_digest(_signature(digests, key), seal):
        raise ArtifactForged
    for name in sorted({CLASSIFIER_FILE, METADATA_FILE, *files, *digests} - {SIGNATURE_FILE}):
        if name not in files:
            raise ArtifactDamaged(f"{name} is missing")
        if digests.get(name) != hashlib.sha256(files[name]).hexdigest():
            raise ArtifactDamaged(f"{name} differs from what was signed")


def _signature(digests: Mapping[str, str], key: bytes) -> str:
    return hmac.new(key, json.dumps(digests, sort_keys=True).encode(), hashlib.sha256).hexdigest()


def read_json(content: bytes, name: str) -> dict[str, Any]:
    try:
        loaded = json.loads(content)
    except ValueError as error:
        raise ArtifactDamaged(f"{name} is not JSON") from error
    if not isinstance(loaded, dict):
        raise ArtifactDamaged(f"{name} holds no object")
    return loaded


def check_compatible(metadata: Mapping[str, Any]) -> None:
    """Raise ``ArtifactIncompatible`` where an artifact with this metadata is not read any more."""
    if metadata.get("schema") in READABLE.get(metadata.get("format_version", 0), frozenset()):
        return
    if metadata.get("format_version") != FORMAT_VERSION:
        raise ArtifactIncompatible("format version", metadata.get("format_version"), FORMAT_VERSION)
    if metadata.get("schema") != schema_fingerprint():
        raise ArtifactIncompatible(
            "schema fingerprint", str(metadata.get("schema"))[:12], schema_fingerprint()[:12]
        )

"""``ExoplanetClassifier``: what a training leaves behind, and its artifact on disk.

An artifact is three files: ``classifier.joblib``, ``metadata.json`` and ``signature.json``. The signature holds the
SHA-256 of the other two and an HMAC over them; it is checked before anything is unpickled.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import joblib
import numpy as np
import numpy.typing as npt
import pandas as pd
from imblearn.pipeline import Pipeline

from training.ml.boosting import PlanetFirstClassifier
from training.ml.calibrate import MISSIONS, Calibration, PredictionSets
from training.ml.compiled import compiled
from training.ml.errors import UserError
from training.ml.familiarity import Familiarity
from training.ml.preprocess import category_numbers, matrix_names, regime_of
from training.ml.schema import DISPOSITIONS, FEATURE_NAMES, NUMERIC_NAMES, Disposition, schema_fingerprint
from training.ml.signal_rows import TEXT_NAMES, Floats, Harmonised, SignalRows, rows_of
from training.ml.stars import near_any, sky_vectors

FORMAT_VERSION: Final = 2
CLASSIFIER_FILE: Final = "classifier.joblib"
METADATA_FILE: Final = "metadata.json"
SIGNATURE_FILE: Final = "signature.json"


class ArtifactError(UserError):
    """An artifact that must not be used; the file stays where it is."""

    code = "artifact_unusable"


class ArtifactDamaged(ArtifactError):
    code = "artifact_damaged"

    def __init__(self, what: str) -> None:
        super().__init__(f"The artifact is damaged: {what}. Restore it from a backup or train a new version.")


class ArtifactForged(ArtifactError):
    code = "artifact_signature"

    def __init__(self) -> None:
        super().__init__(
            "The artifact's signature does not fit this installation's signing key; it was not loaded. "
            "Put the original files or the original ARTIFACT_SIGNING_KEY back."
        )


class ArtifactIncompatible(ArtifactError):
    code = "artifact_incompatible"

    def __init__(self, fact: str, found: object, expected: object) -> None:
        super().__init__(
            f"The artifact's {fact} is {found}, but this version of the site needs {expected}. "
            "Train a new version, or run the version of the site that made it."
        )


@dataclass(frozen=True)
class Predictions:
    """Answers for n signals; columns in the order of ``DISPOSITIONS``."""

    probabilities: Floats  # (n, 3), each row summing to 1
    prediction_sets: npt.NDArray[np.bool_]  # (n, 3)
    raw_scores: Floats  # (n, 3), before calibration

    @property
    def planet_score(self) -> Floats:
        """P(CONFIRMED) / (P(CONFIRMED) + P(FALSE POSITIVE)), shape (n,); NaN where both are 0."""
        confirmed, false = self.probabilities[:, 0], self.probabilities[:, 2]
        total = confirmed + false
        scores: Floats = np.divide(confirmed, total, out=np.full(len(total), np.nan), where=total > 0)
        return scores

    @property
    def numbers(self) -> npt.NDArray[np.intp]:
        """The most probable disposition's position in ``DISPOSITIONS``, shape (n,)."""
        numbers: npt.NDArray[np.intp] = self.probabilities.argmax(axis=1)
        return numbers

    @property
    def dispositions(self) -> list[Disposition]:
        return [DISPOSITIONS[number] for number in self.numbers]


@dataclass(frozen=True)
class HeldOut:
    """What a version said about signals while it had not seen their stars; for comparing versions.

    Keys are 64-bit hashes, so the artifact names no star. ``sky`` tells where the stars are, because a star is known
    by different numbers in different catalogues; it is None in artifacts that were made before it was kept.
    """

    signals: npt.NDArray[np.uint64]
    stars: npt.NDArray[np.uint64]
    probabilities: npt.NDArray[np.float32]  # (n, 3)
    truth: npt.NDArray[np.int8]
    missions: npt.NDArray[np.int8]
    sky: npt.NDArray[np.float32] | None = None  # (n, 3) unit vectors, exact to 0.02 arcsec; NaN = unknown

    def has_star(self, keys: pd.Series[str], ra: Floats, dec: Floats) -> npt.NDArray[np.bool_]:
        """Per signal, whether its star is one of these: by its key, or by a position within 5 arcsec. NaN = unknown."""
        found: npt.NDArray[np.bool_] = np.isin(hash_keys(keys.fillna("")), self.stars) & keys.notna().to_numpy()
        others = np.flatnonzero(~found)
        if self.sky is not None and len(others):
            found[others] = near_any(sky_vectors(ra[others], dec[others]), self.sky)
        return found


def hash_key(text: str) -> int:
    """64 bits of BLAKE2b: the same signal has the same key in every installation."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def hash_keys(texts: pd.Series[str]) -> npt.NDArray[np.uint64]:
    return np.fromiter((hash_key(text) for text in texts), dtype=np.uint64, count=len(texts))


def mission_numbers(signals: Harmonised) -> npt.NDArray[np.int8]:
    return category_numbers(np.asarray(signals["mission"]), MISSIONS).astype(np.int8)


class ExoplanetClassifier:
    """A fitted pipeline with its calibration, prediction sets and knowledge of what is familiar.

    ``threads`` is how many LightGBM may use; answers do not depend on it.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        calibration: Calibration,
        sets: PredictionSets,
        familiarity: Familiarity,
        held_out: HeldOut,
        metadata: dict[str, Any],
    ) -> None:
        self.pipeline = pipeline
        self.calibration = calibration
        self.sets = sets
        self.familiarity = familiarity
        self.held_out = held_out
        self.metadata = metadata
        self.threads = 1

    @property
    def boosters(self) -> PlanetFirstClassifier:
        boosters: PlanetFirstClassifier = self.pipeline.named_steps["classify"]
        return boosters

    @property
    def columns(self) -> list[str]:
        """The schema or derived name behind each column that the booster sees."""
        return matrix_names(self.pipeline)

    def derived(self, signals: Harmonised) -> Floats:
        """Quantities before imputation and scaling, NaN where missing; columns as the sparse-column step keeps them."""
        return compiled(self.pipeline).derived(rows_of(signals))

    def encoded(self, derived: Floats) -> Floats:
        """What the booster sees of ``derived``, shape (n, len(columns))."""
        return compiled(self.pipeline).encoded(derived)

    def matrix(self, signals: Harmonised) -> Floats:
        """What the booster sees, shape (n, len(columns))."""
        return self.encoded(self.derived(signals))

    def scores(self, matrix: Floats) -> Floats:
        """Uncalibrated scores of shape (n, 3) in log-odds units, for what ``matrix`` gives."""
        return self.boosters.scores(matrix, threads=self.threads)

    def raw_scores(self, signals: Harmonised) -> Floats:
        """Uncalibrated scores of shape (n, 3) in log-odds units."""
        return self.scores(self.matrix(signals))

    def contributions(self, matrix: Floats, disposition: int, threads: int | None = None) -> Floats:
        """SHAP contributions to the evidence for one disposition, shape (n, len(columns) + 1), the last one the base.

        TreeSHAP (Lundberg et al. 2020); ``PlanetFirstClassifier.contributions`` says what the evidence is.
        """
        return self.boosters.contributions(matrix, disposition, threads=threads or self.threads)

    def predict(self, signals: Harmonised, matrix: Floats | None = None) -> Predictions:
        """Answers for n harmonised signals; every one on its own, whatever else is among them.

        ``matrix`` is what ``matrix`` makes of them, where that is already known.
        """
        rows = rows_of(signals)
        raw = self.scores(self.matrix(rows) if matrix is None else matrix)
        missions, regimes = mission_numbers(rows), regime_of(rows)
        probabilities = self.calibration.apply(raw, missions, regimes)
        return Predictions(probabilities, self.sets.apply(probabilities, missions, regimes), raw)

    def missing(self, signals: Harmonised) -> list[list[str]]:
        """Schema names that each row does not give."""
        return [[FEATURE_NAMES[at] for at in np.flatnonzero(row)] for row in _gaps(rows_of(signals))]

    def warnings(self, signals: Harmonised) -> list[list[str]]:
        """Sentences per row about unfamiliar or contradictory input."""
        seen = frozenset(table["mission"] for table in self.metadata["tables"])
        return self.familiarity.warnings(signals, seen)

    def importance(self) -> list[dict[str, Any]]:
        """Mean absolute SHAP per quantity on the training's fixed sample, largest first."""
        ranked: list[dict[str, Any]] = self.metadata["metrics"]["importance"]
        return ranked

    # --- artifact ---------------------------------------------------------------------------------------------

    def pack(self, key: bytes) -> dict[str, bytes]:
        """The artifact's files by name, signed with ``key``."""
        return sign(self.unsigned_files(), key)

    def unsigned_files(self) -> dict[str, bytes]:
        state = {name: value for name, value in vars(self).items() if name not in ("metadata", "threads")}
        buffer = io.BytesIO()
        joblib.dump(state, buffer, compress=("zlib", 6))
        metadata = json.dumps(self.metadata, indent=1, sort_keys=True, allow_nan=False)
        return {CLASSIFIER_FILE: buffer.getvalue(), METADATA_FILE: metadata.encode()}

    @classmethod
    def unpack(cls, files: Mapping[str, bytes], key: bytes) -> ExoplanetClassifier:
        """The classifier in ``files``. Raises an ``ArtifactError`` before unpickling anything that is not ours."""
        verify(files, key)
        metadata = _read_json(files[METADATA_FILE], METADATA_FILE)
        _check_compatible(metadata)
        try:
            state = joblib.load(io.BytesIO(files[CLASSIFIER_FILE]))
        except (ImportError, AttributeError) as error:
            raise ArtifactIncompatible("software", error, "the pinned requirements") from error
        return cls(**state, metadata=metadata)

    def save(self, folder: Path, key: bytes) -> None:
        """Write the artifact as ``folder``, which must not exist: all of it or nothing."""
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".artifact-") as temporary:
            for name, content in self.pack(key).items():
                _write_durably(Path(temporary) / name, content)
            whole = Path(temporary).rename(folder)
            Path(temporary).mkdir()  # what TemporaryDirectory expects to remove
            _sync_folder(whole.parent)

    @classmethod
    def load(cls, folder: Path, key: bytes) -> ExoplanetClassifier:
        files = {}
        for name in (CLASSIFIER_FILE, METADATA_FILE, SIGNATURE_FILE):
            try:
                files[name] = (folder / name).read_bytes()
            except FileNotFoundError as error:
                raise ArtifactDamaged(f"{name} is missing in {folder.name}") from error
        return cls.unpack(files, key)


_NUMBERS_AT: Final = [FEATURE_NAMES.index(name) for name in NUMERIC_NAMES]
_TEXTS_AT: Final = [(name, FEATURE_NAMES.index(name)) for name in TEXT_NAMES if name != "mission"]


def _gaps(rows: SignalRows) -> npt.NDArray[np.bool_]:
    """What is not given, shape (n, features) in the schema's order."""
    gaps = np.empty((len(rows), len(FEATURE_NAMES)), dtype=bool)
    gaps[:, _NUMBERS_AT] = np.isnan(rows.numbers)
    for name, at in _TEXTS_AT:
        gaps[:, at] = [not isinstance(text, str) for text in rows[name]]
    return gaps


def sign(files: Mapping[str, bytes], key: bytes) -> dict[str, bytes]:
    """``files`` with a signature made with ``key``."""
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
    signature = {"sha256": digests, "hmac": _seal(digests, key)}
    return {**files, SIGNATURE_FILE: json.dumps(signature, indent=1).encode()}


def verify(files: Mapping[str, bytes], key: bytes) -> None:
    """Raise ``ArtifactDamaged`` or ``ArtifactForged`` unless every file is what was signed with ``key``."""
    missing = [name for name in (CLASSIFIER_FILE, METADATA_FILE, SIGNATURE_FILE) if name not in files]
    if missing:
        raise ArtifactDamaged(f"{missing[0]} is missing")
    signature = _read_json(files[SIGNATURE_FILE], SIGNATURE_FILE)
    digests, seal = signature.get("sha256"), signature.get("hmac")
    if not isinstance(digests, dict) or not isinstance(seal, str):
        raise ArtifactDamaged(f"{SIGNATURE_FILE} is incomplete")
    if not hmac.compare_digest(_seal(digests, key), seal):
        raise ArtifactForged
    for name in (CLASSIFIER_FILE, METADATA_FILE):
        if digests.get(name) != hashlib.sha256(files[name]).hexdigest():
            raise ArtifactDamaged(f"{name} differs from what was signed")


def _seal(digests: Mapping[str, str], key: bytes) -> str:
    return hmac.new(key, json.dumps(digests, sort_keys=True).encode(), hashlib.sha256).hexdigest()


def _read_json(content: bytes, name: str) -> dict[str, Any]:
    try:
        loaded = json.loads(content)
    except ValueError as error:
        raise ArtifactDamaged(f"{name} is not JSON") from error
    if not isinstance(loaded, dict):
        raise ArtifactDamaged(f"{name} holds no object")
    return loaded


def _check_compatible(metadata: Mapping[str, Any]) -> None:
    if metadata.get("format_version") != FORMAT_VERSION:
        raise ArtifactIncompatible("format version", metadata.get("format_version"), FORMAT_VERSION)
    if metadata.get("schema") != schema_fingerprint():
        raise ArtifactIncompatible("schema fingerprint", str(metadata.get("schema"))[:12], schema_fingerprint()[:12])


def _write_durably(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

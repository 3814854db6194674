"""``ExoplanetClassifier``: what a training leaves behind."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from training.ml.answering.steps import derived_matrix, encode, matrix_names
from training.ml.answering.unpickling import unpickle_to_answer
from training.ml.answers import HeldOut, Predictions
from training.ml.artifact import (
    CLASSIFIER_FILE,
    METADATA_FILE,
    OPEN_THEN_FILE,
    POINTS_FILE,
    check_compatible,
    read_json,
    sign,
    verify,
)
from training.ml.calibrate import MISSIONS, Calibration, PredictionSets
from training.ml.conditional import ConditionalAnswers
from training.ml.errors import ArtifactIncompatible
from training.ml.evaluation.open_then import OpenThen, pack_open, unpack_open
from training.ml.familiarity import Familiarity
from training.ml.given import regime_of
from training.ml.libraries import pandas as pd
from training.ml.schema import (
    FEATURE_NAMES,
    NUMERIC_NAMES,
)
from training.ml.signal_rows import (
    TEXT_NAMES,
    Floats,
    Harmonised,
    SignalRows,
    category_numbers,
    rows_of,
)
from training.ml.sky.ephemerides import Ephemerides, with_neighbours
from training.ml.sky.period_radius import KnownPoints

if TYPE_CHECKING:
    from imblearn.pipeline import Pipeline

    from training.ml.answering.boosters import Boosters


def mission_numbers(signals: Harmonised) -> npt.NDArray[np.int8]:
    return category_numbers(np.asarray(signals["mission"]), MISSIONS).astype(np.int8)


class RegimeAnswers:
    """What scores mean by one of three regimes, as versions of format 2 have it."""

    def __init__(self, calibration: Calibration, sets: PredictionSets) -> None:
        self.calibration = calibration
        self.sets = sets

    @property
    def level(self) -> float:
        return self.sets.level

    def answer(self, raw: Floats, log_odds: Floats, rows: SignalRows) -> Predictions:
        """Answers to n rows from their scores (n, 3). These versions have no scores of their own
        for open signals, so that ``log_odds`` says nothing."""
        missions, regimes = mission_numbers(rows), regime_of(rows)
        probabilities = self.calibration.apply(raw, missions, regimes)
        sets = self.sets.apply(probabilities, missions, regimes)
        return Predictions.of_decided(probabilities, sets, raw)


class ExoplanetClassifier:
    """A fitted pipeline with its calibration, prediction sets and knowledge of what is familiar.

    ``threads`` is how many LightGBM may use; answers do not depend on it.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        answering: ConditionalAnswers | RegimeAnswers,
        familiarity: Familiarity,
        held_out: HeldOut,
        metadata: dict[str, Any],
        ephemerides: Ephemerides | None = None,
        points: KnownPoints | None = None,
    ) -> None:
        self.pipeline = pipeline
        self.answering = answering
        self.familiarity = familiarity
        self.held_out = held_out
        self.metadata = metadata
        self.ephemerides = ephemerides
        self.points = points
        self.open_then: tuple[OpenThen, ...] = ()
        self.threads = 1

    def refitted(self, pipeline: Pipeline, ephemerides: Ephemerides | None) -> ExoplanetClassifier:
        """The same answers to the scores of another pipeline, which knows these ephemerides."""
        kept = (self.answering, self.familiarity, self.held_out, self.metadata)
        return ExoplanetClassifier(pipeline, *kept, ephemerides)

    @property
    def boosters(self) -> Boosters:
        boosters: Boosters = self.pipeline.named_steps["classify"]
        return boosters

    @property
    def columns(self) -> list[str]:
        """The schema or derived name behind each column that the booster sees."""
        return matrix_names(self.pipeline)

    def with_neighbours(self, frame: pd.DataFrame, where_and_when: Ephemerides) -> pd.DataFrame:
        """``frame``, which ``where_and_when`` describes row by row, with what the signals that the
        version learnt from say about neighbours of the same ephemeris. A star's own never count."""
        if self.ephemerides is None:
            return frame
        return with_neighbours(frame, where_and_when, self.ephemerides)

    def derived(self, signals: Harmonised) -> Floats:
        """Quantities before imputation and scaling, NaN where missing; columns as the sparse-column
        step keeps them."""
        return derived_matrix(self.pipeline, signals)

    def encoded(self, derived: Floats) -> Floats:
        """What the boosters see of ``derived``, shape (n, len(columns)), and how full each row is,
        where there is a booster for it."""
        return encode(self.pipeline, derived)

    def matrix(self, signals: Harmonised) -> Floats:
        """What ``encoded`` makes of what ``derived`` makes of ``signals``."""
        return self.encoded(self.derived(signals))

    def scores(self, matrix: Floats) -> Floats:
        """Uncalibrated scores of shape (n, 3) in log-odds units, for what ``matrix`` gives."""
        return self.boosters.scores(matrix, threads=self.threads)

    def open_scores(self, matrix: Floats) -> Floats:
        """Raw log-odds of shape (n,) that a signal that is still open is a planet."""
        return self.boosters.open_scores(matrix, threads=self.threads)

    def raw_scores(self, signals: Harmonised) -> Floats:
        """Uncalibrated scores of shape (n, 3) in log-odds units."""
        return self.scores(self.matrix(signals))

    def contributions(self, matrix: Floats, disposition: int) -> Floats:
        """SHAP contributions to the evidence for one disposition, shape (n, len(columns) + 1), the
        last one the base.

        TreeSHAP (Lundberg et al. 2020); ``Boosters.contributions`` says what the
        evidence is.
        """
        return self.boosters.contributions(matrix, disposition, threads=self.threads)

    def predict(self, signals: Harmonised, matrix: Floats | None = None) -> Predictions:
        """Answers for n harmonised signals; every one on its own, whatever else is among them.

        A signal that this classifier has learnt from with the very same inputs gets the answer from
        when it had not seen the signal's star: ``out_of_fold``. ``raw_scores`` are always its own.

        ``matrix`` is what ``matrix`` makes of them, where that is already known.
        """
        rows = rows_of(signals)
        matrix = self.matrix(rows) if matrix is None else matrix
        answers = self.answering.answer(self.scores(matrix), self.open_scores(matrix), rows)
        return self.held_out.put_into(answers, rows)

    def missing(self, signals: Harmonised) -> list[list[str]]:
        """Schema names that each row does not give."""
        return [
            [FEATURE_NAMES[at] for at in np.flatnonzero(row)] for row in _gaps(rows_of(signals))
        ]

    def warnings(self, signals: Harmonised) -> list[list[str]]:
        """Sentences per row about unfamiliar or contradictory input."""
        return self.familiarity.warnings(signals, self._missions_seen)

    def unfamiliar(self, signals: Harmonised) -> list[list[str]]:
        """Of these the ones about input that is unlike what was learnt from."""
        return self.familiarity.unfamiliar(signals, self._missions_seen)

    @property
    def _missions_seen(self) -> frozenset[str]:
        return frozenset(table["mission"] for table in self.metadata["tables"])

    def importance(self) -> list[dict[str, Any]]:
        """Mean absolute SHAP per quantity on the training's fixed sample, largest first."""
        ranked: list[dict[str, Any]] = self.metadata["metrics"]["importance"]
        return ranked

    # --- artifact ---------------------------------------------------------------------------------

    def pack(self, key: bytes) -> dict[str, bytes]:
        """The artifact's files by name, signed with ``key``."""
        return sign(self.unsigned_files(), key)

    def unsigned_files(self) -> dict[str, bytes]:
        import joblib

        state = {name: value for name, value in vars(self).items() if name not in _BESIDE_THE_STATE}
        buffer = io.BytesIO()
        joblib.dump(state, buffer, compress=("zlib", 6))
        return {CLASSIFIER_FILE: buffer.getvalue(), **self.files_beside()}

    def files_beside(self) -> dict[str, bytes]:
        """The unsigned files that change no answer."""
        metadata = json.dumps(self.metadata, indent=1, sort_keys=True, allow_nan=False)
        points = {} if self.points is None else {POINTS_FILE: self.points.pack()}
        said = {OPEN_THEN_FILE: pack_open(self.open_then)} if self.open_then else {}
        return {METADATA_FILE: metadata.encode(), **points, **said}

    @classmethod
    def unpack(
        cls, files: Mapping[str, bytes], key: bytes, *, to_answer: bool = False
    ) -> ExoplanetClassifier:
        """The classifier in ``files``. Raises an ``ArtifactError`` before unpickling anything that
        is not ours.

        ``to_answer``: it gives the same answers without scikit-learn, imbalanced-learn and
        LightGBM's Python, and cannot be fitted or packed.
        """
        verify(files, key)
        metadata = read_json(files[METADATA_FILE], METADATA_FILE)
        check_compatible(metadata)
        try:
            load = unpickle_to_answer if to_answer else _unpickle
            state = load(files[CLASSIFIER_FILE])
        except (ImportError, AttributeError) as error:
            raise ArtifactIncompatible("software", error, "the pinned requirements") from error
        points = files.get(POINTS_FILE)
        known = None if points is None else KnownPoints.unpack(points)
        classifier = cls(**_current(state), metadata=metadata, points=known)
        if OPEN_THEN_FILE in files:
            classifier.open_then = unpack_open(files[OPEN_THEN_FILE])
        return classifier


_BESIDE_THE_STATE: Final = ("metadata", "points", "open_then", "threads")


def _unpickle(content: bytes) -> dict[str, Any]:
    import joblib

    state: dict[str, Any] = joblib.load(io.BytesIO(content))
    return state


def _current(state: dict[str, Any]) -> dict[str, Any]:
    """A stored state as classifiers of today take it."""
    if "answering" in state:
        return state
    kept = {name: value for name, value in state.items() if name not in ("calibration", "sets")}
    return {**kept, "answering": RegimeAnswers(state["calibration"], state["sets"])}


_NUMBERS_AT: Final = [FEATURE_NAMES.index(name) for name in NUMERIC_NAMES]
_TEXTS_AT: Final = [(name, FEATURE_NAMES.index(name)) for name in TEXT_NAMES if name != "mission"]


def _gaps(rows: SignalRows) -> npt.NDArray[np.bool_]:
    """What is not given, shape (n, features) in the schema's order."""
    gaps = np.empty((len(rows), len(FEATURE_NAMES)), dtype=bool)
    gaps[:, _NUMBERS_AT] = np.isnan(rows.numbers)
    for name, at in _TEXTS_AT:
        gaps[:, at] = [not isinstance(text, str) for text in rows[name]]
    return gaps

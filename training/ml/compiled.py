"""A fitted pipeline's way from signals to the booster's matrix with its numbers taken out once: numpy alone.

One signal costs half a millisecond here and three through the pipeline. What comes out is the same to the last bit;
``tests/ml/test_compiled.py`` holds the two together on every row of the real tables. A pipeline of other steps than the
known ones is refused: nothing is ever classified by a transformation that does not belong to its booster.
"""

from __future__ import annotations

from typing import Final
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
from imblearn.pipeline import Pipeline

from training.ml.features import derive, log_skewed
from training.ml.preprocess import (
    CATEGORICAL_NAMES,
    CATEGORIES,
    MATRIX_NAMES,
    Encoder,
    FeatureDeriver,
    SparseColumnDropper,
    category_numbers,
)
from training.ml.signal_rows import SignalRows

Floats = npt.NDArray[np.float64]

KNOWN_STEPS: Final = {"derive": FeatureDeriver, "sparse": SparseColumnDropper, "encode": Encoder}
SKIPPED_STEPS: Final = frozenset({"mask", "balance", "classify"})
"""Samplers act while fitting only, and the booster is what the matrix is for."""
_CODES: Final = {name: np.arange(len(CATEGORIES[name]), dtype=np.float64) for name in CATEGORICAL_NAMES}


class CompiledTransform:
    """derive → leave out sparse columns → impute → scale → encode, as one fitted pipeline does it."""

    def __init__(self, pipeline: Pipeline) -> None:
        steps = {name: step for name, step in pipeline.steps if name not in SKIPPED_STEPS}
        if {name: type(step) for name, step in steps.items()} != KNOWN_STEPS:
            raise TypeError(f"compiled.py does not know this pipeline: {', '.join(map(str, steps))}")
        numbers = steps["encode"].columns_.named_transformers_["numbers"].named_steps
        categories = steps["encode"].columns_.named_transformers_["categories"].named_steps
        self.names = [MATRIX_NAMES[position] for position in steps["sparse"].kept_]
        self.medians: Floats = numbers["impute"].statistics_
        self.centres: Floats = numbers["scale"].center_
        self.scales: Floats = numbers["scale"].scale_
        self.modes: Floats = categories["impute"].statistics_

    def derived(self, rows: SignalRows) -> Floats:
        """Quantities before imputation, NaN where missing, categories as their numbers; shape (n, kept columns)."""
        given = rows.columns
        values = {**given, **log_skewed(given), **derive(given)}
        matrix = np.empty((len(rows), len(self.names) + len(CATEGORICAL_NAMES)))
        for position, name in enumerate(self.names):
            matrix[:, position] = values[name]
        for position, name in enumerate(CATEGORICAL_NAMES, start=len(self.names)):
            matrix[:, position] = category_numbers(rows[name], CATEGORIES[name])
        return matrix

    def encoded(self, derived: Floats) -> Floats:
        """What the booster sees, shape (n, kept columns + one per category)."""
        split = len(self.names)
        numbers = np.where(np.isnan(derived[:, :split]), self.medians, derived[:, :split])
        encoded = [(numbers - self.centres) / self.scales]
        for position, name in enumerate(CATEGORICAL_NAMES):
            given = derived[:, split + position]
            codes = np.where(np.isnan(given), self.modes[position], given)
            encoded.append((codes[:, None] == _CODES[name]).astype(np.float64))
        return np.hstack(encoded)


_COMPILED: WeakKeyDictionary[Pipeline, CompiledTransform] = WeakKeyDictionary()


def compiled(pipeline: Pipeline) -> CompiledTransform:
    """The compiled transformation of a fitted pipeline, made once; the pipeline must not be fitted again."""
    if pipeline not in _COMPILED:
        _COMPILED[pipeline] = CompiledTransform(pipeline)
    return _COMPILED[pipeline]

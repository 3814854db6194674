"""From signals to what the boosters see: the steps of a fitted pipeline as they answer.

derive → drop sparse columns → impute → scale → encode. ``training/ml/preprocess.py`` fits them.
What is missing is imputed, so that the last column says how full a signal is (``given.py``): by it
the boosters share their answers, and none of them learns from it.
These are plain classes: who only answers needs none of the libraries that fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from training.ml.features import DERIVED, derive, log_skewed
from training.ml.given import FULL_NAMES, fullness
from training.ml.schema import NEIGHBOUR_NAMES, NUMERIC_NAMES, SIBLING_NAMES, Mission
from training.ml.signal_rows import (
    CATEGORICAL_NAMES,
    CATEGORIES,
    Harmonised,
    category_numbers,
    rows_of,
)

if TYPE_CHECKING:
    from imblearn.pipeline import Pipeline

CIRCUMSTANCES: Final = ("ecliptic_latitude",)
"""How long a survey looks at a place: it tells what is still open, never what is a planet (see
``boosting.py``)."""
SCALE_FREE: Final = (
    *SIBLING_NAMES,
    *NEIGHBOUR_NAMES,
    "duration_ratio",
    "duty_cycle",
    "radius_consistency",
    "temperature_consistency",
    "timing_precision",
    "evolution",
    "star_density",
    "stellar_luminosity",
    "galactic_latitude",
    "relative_orbital_period_error",
    "relative_transit_duration_error",
    "relative_transit_depth_error",
)
"""What means the same to every survey: ratios, company, the kind of star and the relative
uncertainties that a fit to the light gives. Depths, periods and magnitudes tell how a survey chose
its stars, a star's uncertainties which catalogue was asked, and each pipeline has a signal-to-noise
of its own. These are all that is seen of a mission that was never learnt from."""
ONE_SIDED: Final = ("excess_duration", "excess_radius", "radius_deficit")
"""How far a signal is beyond what physics allows a planet: the more, the lower its score, whatever
else is known (see ``boosting.py``)."""
MATRIX_NAMES: Final = (
    *(
        name
        for name in (*NUMERIC_NAMES, *(feature.name for feature in DERIVED))
        if name not in (*CIRCUMSTANCES, *SCALE_FREE, *ONE_SIDED)
    ),
    *ONE_SIDED,
    *SCALE_FREE,
    *CIRCUMSTANCES,
    *CATEGORICAL_NAMES,
)
"""Columns of the matrix between ``derive`` and ``impute``;
categories stand in it as their number."""
_POSITIONS: Final = {name: position for position, name in enumerate(MATRIX_NAMES)}
SPLIT: Final = len(MATRIX_NAMES) - len(CATEGORICAL_NAMES)
_FULL_AT: Final = [_POSITIONS[name] for name in FULL_NAMES]
FULLNESS_ENCODED: Final = slice(-1, None)
_AFTER_NUMBERS: Final = sum(map(len, CATEGORIES.values())) + 1
CIRCUMSTANCES_ENCODED: Final = slice(-_AFTER_NUMBERS - len(CIRCUMSTANCES), -_AFTER_NUMBERS)
"""Where ``CIRCUMSTANCES`` stand in what the booster sees, counted from the end."""
SCALE_FREE_ENCODED: Final = slice(
    CIRCUMSTANCES_ENCODED.start - len(SCALE_FREE), CIRCUMSTANCES_ENCODED.start
)
ONE_SIDED_ENCODED: Final = slice(
    SCALE_FREE_ENCODED.start - len(ONE_SIDED), SCALE_FREE_ENCODED.start
)
MISSIONS_ENCODED: Final = slice(-_AFTER_NUMBERS, -_AFTER_NUMBERS + len(Mission))

FORMAT_2_MATRIX_NAMES: Final = (
    *(name for name in NUMERIC_NAMES if name not in (*CIRCUMSTANCES, *NEIGHBOUR_NAMES)),
    *(feature.name for feature in DERIVED if feature.name not in ONE_SIDED),
    *CIRCUMSTANCES,
)
"""The matrix of classifiers that do not keep its columns' names themselves: they were made before
there were neighbours."""


class DerivedColumns:
    """Harmonised frame → float matrix of shape (n, len(MATRIX_NAMES)); NaN where missing."""

    def transform(self, X: Harmonised) -> npt.NDArray[np.float64]:
        rows = rows_of(X)
        given = rows.columns
        values = {**given, **log_skewed(given), **derive(given)}
        matrix = np.empty((len(X), len(MATRIX_NAMES)))
        for position, name in enumerate(MATRIX_NAMES[:SPLIT]):
            matrix[:, position] = values[name]
        for position, name in enumerate(CATEGORICAL_NAMES, start=SPLIT):
            matrix[:, position] = category_numbers(rows[name], CATEGORIES[name])
        return matrix


class KeptColumns:
    """Leaves out what was too sparse to learn from, and says how full each row is."""

    kept_: npt.NDArray[np.intp]
    names_: Sequence[str]
    tells_fullness_ = False  # as classifiers that were made before there was a booster for it

    @property
    def kept_names(self) -> list[str]:
        names = getattr(self, "names_", FORMAT_2_MATRIX_NAMES)
        return [names[position] for position in self.kept_]

    def transform(self, X: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        categories = range(SPLIT, len(MATRIX_NAMES))
        kept = X[:, [*(_POSITIONS[name] for name in self.kept_names), *categories]]
        return np.column_stack([kept, _fullness(X)]) if self.tells_fullness_ else kept


def _fullness(X: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    kepler = X[:, _POSITIONS["mission"]] == _KEPLER
    return np.where(kepler, fullness(~np.isnan(X[:, _FULL_AT])), 0.0)


_KEPLER: Final = CATEGORIES["mission"].index(Mission.KEPLER)


class EncodedColumns:
    """Imputed, scaled and encoded, by what ``columns_`` has learnt."""

    columns_: Any
    passed_on_ = 0  # how many of the last columns stay as they are

    def transform(self, X: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """What the fitted steps do, without their overhead of a millisecond per call; a test holds
        the two equal."""
        whole = X.shape[1] - self.passed_on_
        split = whole - len(CATEGORICAL_NAMES)
        impute, scale = self.columns_.named_transformers_["numbers"].named_steps.values()
        modes = self.columns_.named_transformers_["categories"].named_steps["impute"].statistics_
        numbers = np.where(np.isnan(X[:, :split]), impute.statistics_, X[:, :split])
        encoded = [(numbers - scale.center_) / scale.scale_]
        for position, name in enumerate(CATEGORICAL_NAMES):
            given = X[:, split + position]
            codes = np.where(np.isnan(given), modes[position], given)
            encoded.append((codes[:, None] == np.arange(len(CATEGORIES[name]))).astype(np.float64))
        if self.passed_on_:
            encoded.append(X[:, whole:])
        return np.hstack(encoded)


def matrix_names(pipeline: Pipeline) -> list[str]:
    """The schema or derived name behind each column that the boosters see; one-hot columns carry
    their category's. How full a row is has no name: it stands last, and none of them sees it."""
    kept: list[str] = pipeline.named_steps["sparse"].kept_names
    return kept + [name for name in CATEGORICAL_NAMES for _ in CATEGORIES[name]]


def derived_matrix(pipeline: Pipeline, signals: Harmonised) -> npt.NDArray[np.float64]:
    """Quantities before imputation and scaling, NaN where missing; columns as the sparse-column
    step keeps them."""
    steps = pipeline.named_steps
    kept: npt.NDArray[np.float64] = steps["sparse"].transform(steps["derive"].transform(signals))
    return kept


def encode(pipeline: Pipeline, derived: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """What the boosters see of ``derived``, shape (n, len(matrix_names(pipeline))), and in one more
    column how full each row is, where there is a booster for it."""
    encoded: npt.NDArray[np.float64] = pipeline.named_steps["encode"].transform(derived)
    return encoded


def encoded_matrix(pipeline: Pipeline, signals: Harmonised) -> npt.NDArray[np.float64]:
    """What ``encode`` makes of ``signals``; the samplers play no part in it."""
    return encode(pipeline, derived_matrix(pipeline, signals))

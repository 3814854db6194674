"""From harmonised frames to the classifier's matrix: one Pipeline, the same in training and prediction.

mask (training only) → derive → drop sparse columns → impute → scale → encode → balance (training only) → LightGBM.

The mask comes before ``derive`` so that whatever is derived from a masked input is masked with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import Pipeline
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder, RobustScaler

from training.ml.boosting import DOUBTED, PlanetFirstClassifier
from training.ml.features import DERIVED, derive, log_skewed
from training.ml.schema import CONTEXT_NAMES, FEATURE_BY_NAME, FEATURES, NUMERIC_NAMES, SIX_PARAMETERS, Group, Mission
from training.ml.signal_rows import Harmonised, rows_of

CATEGORICAL_NAMES: Final = ("mission", *(feature.name for feature in FEATURES if feature.is_categorical))
CATEGORIES: Final[Mapping[str, tuple[str, ...]]] = {
    "mission": tuple(Mission),
    **{feature.name: feature.choices for feature in FEATURES if feature.is_categorical},
}
CIRCUMSTANCES: Final = ("ecliptic_latitude",)
"""How long a survey looks at a place: it tells what is still open, never what is a planet (see ``boosting.py``)."""
MATRIX_NAMES: Final = (
    *(name for name in NUMERIC_NAMES if name not in CIRCUMSTANCES), *(feature.name for feature in DERIVED),
    *CIRCUMSTANCES, *CATEGORICAL_NAMES,
)  # fmt: skip
"""Columns of the matrix between ``derive`` and ``impute``; categories stand in it as their number."""
_SPLIT: Final = len(MATRIX_NAMES) - len(CATEGORICAL_NAMES)
_ENCODED_CATEGORIES: Final = sum(map(len, CATEGORIES.values()))
CIRCUMSTANCES_ENCODED: Final = slice(-_ENCODED_CATEGORIES - len(CIRCUMSTANCES), -_ENCODED_CATEGORIES)
"""Where ``CIRCUMSTANCES`` stand in what the booster sees, counted from the end."""


class Regime(StrEnum):
    """How much of a signal is given. The evaluation, the calibration and the prediction sets tell these apart."""

    ALL = "all"  # every column of the widest table
    DEFAULT = "default"  # the columns of the archive's default download
    SIX = "six"  # what people type: period, duration, depth, planet radius, Teff, stellar radius


DEFAULT_NAMES: Final = (
    "orbital_period", "transit_duration", "transit_depth", "impact_parameter", "transit_snr", "planet_radius",
    "insolation", "equilibrium_temperature", "stellar_teff", "stellar_logg", "stellar_radius", "stellar_magnitude",
    "galactic_latitude", "ecliptic_latitude", "signal_count", "sibling_period_ratio", "orbital_period_error",
    "transit_duration_error", "transit_depth_error", "planet_radius_error", "impact_parameter_error",
    "insolation_error", "stellar_teff_error", "stellar_logg_error", "stellar_radius_error", "detection_order",
    "magnitude_band", "mid_transit_error",
)  # fmt: skip
"""What the KOI table's default download (49 columns) feeds. TOI's and K2's default columns are all that they have."""

_BEYOND_DEFAULT: Final = tuple(name for name in NUMERIC_NAMES if name not in DEFAULT_NAMES)
_BEYOND_SIX: Final = tuple(name for name in NUMERIC_NAMES if name not in SIX_PARAMETERS)
_BEYOND_SIX_POSITIONS: Final = [NUMERIC_NAMES.index(name) for name in _BEYOND_SIX]
_VETTING_POSITIONS: Final = [NUMERIC_NAMES.index(f.name) for f in FEATURES if f.group is Group.VETTING]


_NUMERIC: Final = list(NUMERIC_NAMES)


def reduce_to(frame: pd.DataFrame, regime: Regime) -> pd.DataFrame:
    """A copy of ``frame`` that knows no more than ``regime`` allows."""
    reduced = frame.copy()
    if regime is Regime.DEFAULT:
        kepler = (frame["mission"] == Mission.KEPLER).to_numpy()
        reduced.loc[kepler, list(_BEYOND_DEFAULT)] = np.nan
    elif regime is Regime.SIX:
        reduced[list(_BEYOND_SIX)] = np.nan
        reduced["magnitude_band"] = None
    return reduced


def regime_of(signals: Harmonised) -> npt.NDArray[np.int8]:
    """Which regime each row is nearest to, as an index into ``Regime``, shape (n,)."""
    rows = rows_of(signals)
    given = ~np.isnan(rows.numbers)
    vetting = given[:, _VETTING_POSITIONS].sum(axis=1)
    beyond_six = given[:, _BEYOND_SIX_POSITIONS].sum(axis=1)
    # detection_order alone comes with the default download; two more vetting measurements do not.
    full = (vetting >= 3) | ((rows["mission"] != Mission.KEPLER) & (beyond_six >= 6))
    return np.where(full, 0, np.where(beyond_six >= 6, 1, 2)).astype(np.int8)


def donate_gaps(frame: pd.DataFrame, generator: np.random.Generator) -> pd.DataFrame:
    """A copy in which each row also lacks what a random row of its mission lacks.

    Which values are missing tells how thoroughly somebody followed a star up, hence its disposition. A random donor of
    any disposition drowns that hint while the missing values themselves stay as frequent as they are.
    """
    numbers = frame[list(NUMERIC_NAMES)].to_numpy(dtype=np.float64, copy=True)
    missions = frame["mission"].to_numpy()
    gaps = np.isnan(numbers)
    for mission in dict.fromkeys(missions):
        rows = np.flatnonzero(missions == mission)
        numbers[rows] = np.where(gaps[generator.choice(rows, len(rows))], np.nan, numbers[rows])
    donated = frame.copy()
    donated[list(NUMERIC_NAMES)] = numbers
    return donated


def spare_kepler(frame: pd.DataFrame, donated: pd.DataFrame) -> pd.DataFrame:
    """``donated`` with Kepler's rows as they are in ``frame``.

    One pipeline measured all Kepler signals alike, so that its gaps say nothing about who was followed up.
    """
    kepler = (frame["mission"] == Mission.KEPLER).to_numpy()
    donated.loc[kepler] = frame.loc[kepler]
    return donated


def forget_some(frame: pd.DataFrame, generator: np.random.Generator) -> pd.DataFrame:
    """A copy in which a third of the rows lacks the planet radius, and a sixth is of mission "other".

    A radius is what people leave out first, and a signal of another mission shall get a sensible answer too.
    """
    missions = np.where(generator.random(len(frame)) < 1 / 6, str(Mission.OTHER), frame["mission"].to_numpy())
    radius = np.where(generator.random(len(frame)) < 1 / 3, np.nan, frame["planet_radius"].to_numpy())
    return frame.assign(mission=missions, planet_radius=radius)


def forget_groups(frame: pd.DataFrame, generator: np.random.Generator) -> pd.DataFrame:
    """A copy in which each row lacks each group of inputs with a chance of one half; what the six hold stays."""
    numbers = frame[_NUMERIC].to_numpy(dtype=np.float64, copy=True)
    for group in (*Group, CONTEXT_NAMES):
        positions = [NUMERIC_NAMES.index(name) for name in _BEYOND_SIX if _is_of(name, group)]
        forgotten = np.flatnonzero(generator.random(len(frame)) < 1 / 2)
        numbers[forgotten[:, np.newaxis], positions] = np.nan
    reduced = frame.copy()
    reduced[_NUMERIC] = numbers
    return reduced


def _is_of(name: str, group: Group | tuple[str, ...]) -> bool:
    if isinstance(group, tuple):
        return name in group
    return FEATURE_BY_NAME[name].group is group and name not in CONTEXT_NAMES


class InputMasker(BaseEstimator):
    """Shows each training row several times, with ever fewer inputs, so that one classifier is right for all of them.

    A sampler: imbalanced-learn's Pipeline runs it while fitting and skips it while predicting.
    """

    def __init__(self, seed: int = 0, enabled: bool = True) -> None:
        self.seed = seed
        self.enabled = enabled

    def fit_resample(self, X: pd.DataFrame, y: npt.NDArray[Any]) -> tuple[pd.DataFrame, npt.NDArray[Any]]:
        if not self.enabled:
            return X, y
        generator = np.random.default_rng(self.seed)
        views = [
            X,
            spare_kepler(X, donate_gaps(X, generator)),
            reduce_to(donate_gaps(X, generator), Regime.DEFAULT),
            forget_some(reduce_to(X, Regime.SIX), generator),
            forget_groups(X, generator),
        ]
        return pd.concat(views, ignore_index=True), np.tile(y, len(views))


class FeatureDeriver(TransformerMixin, BaseEstimator):
    """Harmonised frame → float matrix of shape (n, len(MATRIX_NAMES)); NaN where missing."""

    def fit(self, X: pd.DataFrame, y: Any = None) -> FeatureDeriver:
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X: Harmonised) -> npt.NDArray[np.float64]:
        rows = rows_of(X)
        given = rows.columns
        values = {**given, **log_skewed(given), **derive(given)}
        matrix = np.empty((len(X), len(MATRIX_NAMES)))
        for position, name in enumerate(MATRIX_NAMES[:_SPLIT]):
            matrix[:, position] = values[name]
        for position, name in enumerate(CATEGORICAL_NAMES, start=_SPLIT):
            matrix[:, position] = category_numbers(rows[name], CATEGORIES[name])
        return matrix


def category_numbers(values: npt.NDArray[Any], categories: tuple[str, ...]) -> npt.NDArray[np.float64]:
    """The position of each value in ``categories``; NaN where it is none of them."""
    numbers = np.full(len(values), np.nan)
    for number, category in enumerate(categories):
        numbers[values == category] = number
    return numbers


class SparseColumnDropper(TransformerMixin, BaseEstimator):
    """Leaves out columns given in less than ``least_share`` of the training rows, and identifiers by construction.

    ``CIRCUMSTANCES`` always stay, so that the booster knows their place.

    Identifiers never get here: the harmonised frame is a whitelist of features.
    """

    def __init__(self, least_share: float = 0.005) -> None:
        self.least_share = least_share

    def fit(self, X: npt.NDArray[np.float64], y: Any = None) -> SparseColumnDropper:
        shares = (~np.isnan(X[:, :_SPLIT])).mean(axis=0)
        shares[_SPLIT - len(CIRCUMSTANCES) :] = 1
        self.kept_ = np.flatnonzero(shares >= self.least_share)
        return self

    def transform(self, X: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        categories = range(_SPLIT, len(MATRIX_NAMES))
        return X[:, [*self.kept_, *categories]]


class Encoder(TransformerMixin, BaseEstimator):
    """Median imputation and RobustScaler for numbers, mode imputation and one-hot encoding for categories.

    No missing-value indicators: they would learn how well a star was followed up (see ``docs/model-card.md``).
    """

    def fit(self, X: npt.NDArray[np.float64], y: Any = None) -> Encoder:
        split = X.shape[1] - len(CATEGORICAL_NAMES)
        codes = [list(range(len(CATEGORIES[name]))) for name in CATEGORICAL_NAMES]
        self.columns_ = ColumnTransformer(
            [
                ("numbers", Pipeline([("impute", SimpleImputer(strategy="median", keep_empty_features=True)),
                                      ("scale", RobustScaler())]), slice(0, split)),
                ("categories", Pipeline([("impute", SimpleImputer(strategy="most_frequent", keep_empty_features=True)),
                                         ("encode", OneHotEncoder(categories=codes, sparse_output=False,
                                                                  handle_unknown="ignore"))]),
                 slice(split, X.shape[1])),
            ]
        ).fit(X)  # fmt: skip
        return self

    def transform(self, X: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """What the fitted steps do, without their overhead of a millisecond per call; a test holds the two equal."""
        split = X.shape[1] - len(CATEGORICAL_NAMES)
        impute, scale = self.columns_.named_transformers_["numbers"].named_steps.values()
        modes = self.columns_.named_transformers_["categories"].named_steps["impute"].statistics_
        numbers = np.where(np.isnan(X[:, :split]), impute.statistics_, X[:, :split])
        encoded = [(numbers - scale.center_) / scale.scale_]
        for position, name in enumerate(CATEGORICAL_NAMES):
            given = X[:, split + position]
            codes = np.where(np.isnan(given), modes[position], given)
            encoded.append((codes[:, None] == np.arange(len(CATEGORIES[name]))).astype(np.float64))
        return np.hstack(encoded)


class Balance(StrEnum):
    """What is done about dispositions that are rarer than others."""

    SMOTE = "smote"
    WEIGHTS = "weights"
    NONE = "none"


@dataclass(frozen=True)
class Parameters:
    """Everything that can be chosen about a training; stored with the classifier."""

    balance: Balance = Balance.SMOTE
    masking: bool = True
    planet_rounds: int = 240
    rounds: int = 220
    learning_rate: float = 0.06
    leaves: int = 47
    min_leaf: int = 20
    feature_share: float = 0.4
    row_share: float = 0.8
    l2: float = 1.0


def booster_settings(parameters: Parameters) -> dict[str, Any]:
    """``parameters`` in LightGBM's words."""
    return {
        "learning_rate": parameters.learning_rate, "num_leaves": parameters.leaves,
        "min_child_samples": parameters.min_leaf, "lambda_l2": parameters.l2,
        "feature_fraction": parameters.feature_share, "bagging_fraction": parameters.row_share, "bagging_freq": 1,
    }  # fmt: skip


def as_many(labels: npt.NDArray[Any]) -> dict[int, int]:
    """How many rows SMOTE makes of each disposition: as many as the commonest has. Doubted candidates stay as few."""
    numbers, counts = np.unique(labels, return_counts=True)
    return {int(number): int(counts.max()) for number in numbers if number != DOUBTED}


def build_pipeline(parameters: Parameters, *, seed: int, threads: int) -> Pipeline:
    """The unfitted pipeline; samplers act only while it is fitted."""
    balance: list[tuple[str, Any]] = (
        [("balance", SMOTE(sampling_strategy=as_many, random_state=seed, k_neighbors=5))]
        if parameters.balance is Balance.SMOTE
        else []
    )
    booster = PlanetFirstClassifier(
        parameters.planet_rounds, parameters.rounds, weighted=parameters.balance is Balance.WEIGHTS,
        seed=seed, threads=threads, settings=booster_settings(parameters), circumstances=CIRCUMSTANCES_ENCODED,
    )  # fmt: skip
    return Pipeline(
        [
            ("mask", InputMasker(seed, parameters.masking)),
            ("derive", FeatureDeriver()),
            ("sparse", SparseColumnDropper()),
            ("encode", Encoder()),
            *balance,
            ("classify", booster),
        ]
    )


def matrix_names(pipeline: Pipeline) -> list[str]:
    """The schema or derived name behind each column that the booster sees; one-hot columns carry their category's."""
    kept = [MATRIX_NAMES[i] for i in pipeline.named_steps["sparse"].kept_]
    return kept + [name for name in CATEGORICAL_NAMES for _ in CATEGORIES[name]]


def derived_matrix(pipeline: Pipeline, frame: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Quantities before imputation and scaling, NaN where missing; columns as the sparse-column step keeps them."""
    steps = pipeline.named_steps
    kept: npt.NDArray[np.float64] = steps["sparse"].transform(steps["derive"].transform(frame))
    return kept


def encoded_matrix(pipeline: Pipeline, frame: pd.DataFrame) -> npt.NDArray[np.float64]:
    """What the booster sees, shape (n, len(matrix_names(pipeline))); the samplers play no part in it."""
    encoded: npt.NDArray[np.float64] = pipeline.named_steps["encode"].transform(derived_matrix(pipeline, frame))
    return encoded

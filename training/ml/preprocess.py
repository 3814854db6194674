"""From harmonised frames to the classifier's matrix: one Pipeline, the same in training and
prediction.

mask (training only) → derive → drop sparse columns → impute → scale → encode → balance (training
only) → LightGBM.

The mask comes before ``derive`` so that whatever is derived from a masked input is masked with it.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import Pipeline
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder, RobustScaler

from training.ml.answering.steps import (
    CIRCUMSTANCES,
    CIRCUMSTANCES_ENCODED,
    FULLNESS_ENCODED,
    MATRIX_NAMES,
    MISSIONS_ENCODED,
    ONE_SIDED,
    ONE_SIDED_ENCODED,
    SCALE_FREE,
    SCALE_FREE_ENCODED,
    SPLIT,
    DerivedColumns,
    EncodedColumns,
    KeptColumns,
)
from training.ml.boosting import (
    DOUBTED,
    FULL_ONLY,
    KNOWN_BEFORE,
    PLANET_ONLY,
    PlanetFirstClassifier,
)
from training.ml.evaluation.measures import CONFIRMED
from training.ml.fitting.masking import donate_gaps, few_views, spare_kepler, vetted
from training.ml.fitting.parameters import Balance, Parameters, booster_settings
from training.ml.given import Regime, reduce_to
from training.ml.libraries import pandas as pd
from training.ml.signal_rows import (
    CATEGORICAL_NAMES,
    CATEGORIES,
)

VIEWS: Final = 5
"""How many of them teach dispositions."""


class InputMasker(BaseEstimator):
    """Shows each training row several times, with ever fewer inputs, so that one classifier is
    right for all of them.

    A sampler: imbalanced-learn's Pipeline runs it while fitting and skips it while predicting.
    """

    def __init__(self, seed: int = 0, enabled: bool = True) -> None:
        self.seed = seed
        self.enabled = enabled

    def fit_resample(
        self, X: pd.DataFrame, y: npt.NDArray[Any]
    ) -> tuple[pd.DataFrame, npt.NDArray[Any]]:
        if not self.enabled:
            return X, y
        generator = np.random.default_rng(self.seed)
        one = spare_kepler(X, donate_gaps(X, generator))
        two = spare_kepler(X, donate_gaps(one, generator))
        default = reduce_to(donate_gaps(donate_gaps(X, generator), generator), Regime.DEFAULT)
        # What is a planet is not learnt from what a TESS or K2 signal itself lacks: donors' gaps
        # drown it. What is still open is: who was followed up is what the catalogue tells.
        planet = [one, two, default, *few_views(one, generator)]
        catalogue = [X, reduce_to(X, Regime.DEFAULT), *few_views(X, generator)]
        # As they are: what such a signal still lacks is what Kepler's pipeline could not measure.
        full = vetted(X)
        labels = [*[y + PLANET_ONLY] * len(planet), y[full] + FULL_ONLY, *[y] * len(catalogue)]
        views = [*planet, X[full], *catalogue]
        return pd.concat(views, ignore_index=True), np.concatenate(labels)


class FeatureDeriver(DerivedColumns, TransformerMixin, BaseEstimator):
    def fit(self, X: pd.DataFrame, y: Any = None) -> FeatureDeriver:
        self.n_features_in_ = X.shape[1]
        return self


class SparseColumnDropper(KeptColumns, TransformerMixin, BaseEstimator):
    """Leaves out columns given in less than ``least_share`` of the training rows, and identifiers
    by construction.

    ``ONE_SIDED``, ``SCALE_FREE`` and ``CIRCUMSTANCES`` always stay, so that the booster knows their
    place. The names of all columns are kept with it: a classifier outlives the order of the schema.

    Identifiers never get here: the harmonised frame is a whitelist of features.
    """

    def __init__(self, least_share: float = 0.005) -> None:
        self.least_share = least_share

    def fit(self, X: npt.NDArray[np.float64], y: Any = None) -> SparseColumnDropper:
        shares = (~np.isnan(X[:, :SPLIT])).mean(axis=0)
        shares[SPLIT - len((*ONE_SIDED, *SCALE_FREE, *CIRCUMSTANCES)) :] = 1
        self.kept_ = np.flatnonzero(shares >= self.least_share)
        self.names_ = MATRIX_NAMES[:SPLIT]
        self.tells_fullness_ = True
        return self


class Encoder(EncodedColumns, TransformerMixin, BaseEstimator):
    """Median imputation and RobustScaler for numbers, mode imputation and one-hot encoding for
    categories. How full a row is passes as it is.

    No missing-value indicators: they would learn how well a star was followed up (see
    ``docs/model-card.md``).
    """

    def fit(self, X: npt.NDArray[np.float64], y: Any = None) -> Encoder:
        self.passed_on_ = 1
        whole = X.shape[1] - self.passed_on_
        split = whole - len(CATEGORICAL_NAMES)
        codes = [list(range(len(CATEGORIES[name]))) for name in CATEGORICAL_NAMES]
        numbers = [
            ("impute", SimpleImputer(strategy="median", keep_empty_features=True)),
            ("scale", RobustScaler()),
        ]
        one_hot = OneHotEncoder(categories=codes, sparse_output=False, handle_unknown="ignore")
        categories = [
            ("impute", SimpleImputer(strategy="most_frequent", keep_empty_features=True)),
            ("encode", one_hot),
        ]
        self.columns_ = ColumnTransformer(
            [
                ("numbers", Pipeline(numbers), slice(0, split)),
                ("categories", Pipeline(categories), slice(split, whole)),
                ("fullness", "passthrough", slice(whole, X.shape[1])),
            ]
        ).fit(X)
        return self


class BalancedViews(BaseEstimator):
    """SMOTE within each of the masker's views: between a signal with all its inputs and one with
    three lies no signal. Rows that teach only what is a planet stay as they are: planets and false
    positives are about as many. So do those for full signals, whose booster is worse with it."""

    def __init__(self, views: int = 1, seed: int = 0) -> None:
        self.views = views
        self.seed = seed

    def fit_resample(
        self, X: npt.NDArray[np.float64], y: npt.NDArray[Any]
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[Any]]:
        spared = y >= PLANET_ONLY
        views = zip(np.split(X[~spared], self.views), np.split(y[~spared], self.views), strict=True)
        parts = [
            SMOTE(
                sampling_strategy=as_many, random_state=self.seed + k, k_neighbors=NEIGHBOURS
            ).fit_resample(rows, labels)
            for k, (rows, labels) in enumerate(views)
        ]
        return (
            np.concatenate([X[spared], *(rows for rows, _ in parts)]),
            np.concatenate([y[spared], *(labels for _, labels in parts)]),
        )


NEIGHBOURS: Final = 5
"""Among how many like signals SMOTE draws its lines."""


def as_many(labels: npt.NDArray[Any]) -> dict[int, int]:
    """How many rows SMOTE makes of each disposition: as many as the commonest has. Doubted
    candidates stay as few, and planets that were known before their share of the CONFIRMED."""
    numbers, counts = np.unique(labels, return_counts=True)
    found = dict(zip(numbers.tolist(), counts.tolist(), strict=True))
    found.pop(DOUBTED, None)
    known = found.pop(KNOWN_BEFORE, 0)
    confirmed = found.get(CONFIRMED, 0) + known
    wanted = dict.fromkeys(found, max([confirmed, *found.values()]))
    if known > NEIGHBOURS and CONFIRMED in found:
        wanted[KNOWN_BEFORE] = round(known * wanted[CONFIRMED] / confirmed)
        wanted[CONFIRMED] -= wanted[KNOWN_BEFORE]
    return wanted


def build_pipeline(parameters: Parameters, *, seed: int, threads: int) -> Pipeline:
    """The unfitted pipeline; samplers act only while it is fitted."""
    balance: list[tuple[str, Any]] = (
        [("balance", BalancedViews(VIEWS if parameters.masking else 1, seed))]
        if parameters.balance is Balance.SMOTE
        else []
    )
    booster = PlanetFirstClassifier(
        parameters.planet_rounds,
        parameters.rounds,
        weighted=parameters.balance is Balance.WEIGHTS,
        seed=seed,
        threads=threads,
        settings=booster_settings(parameters),
        circumstances=CIRCUMSTANCES_ENCODED,
        open_rounds=parameters.open_rounds,
        open_seeds=parameters.open_seeds,
        scale_free=SCALE_FREE_ENCODED,
        one_sided=ONE_SIDED_ENCODED,
        missions=MISSIONS_ENCODED,
        full_rounds=parameters.full_rounds,
        fullness=FULLNESS_ENCODED,
        foreign_rounds=parameters.foreign_rounds,
    )
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

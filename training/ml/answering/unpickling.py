"""A stored classifier as far as it takes to answer.

Its file names classes of scikit-learn, imbalanced-learn and LightGBM, whose imports cost three
seconds and 200 MB. What they have learnt is in their attributes: plain classes hold it as well.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Mapping
from typing import Any, Final

from training.ml.answering.boosters import Boosters
from training.ml.answering.lightgbm_library import Booster, library_path
from training.ml.answering.steps import DerivedColumns, EncodedColumns, KeptColumns


class Fitted:
    """What a fitted step has learnt."""


class Steps(Fitted):
    """A fitted pipeline."""

    steps: list[tuple[str, Any]]

    @property
    def named_steps(self) -> dict[str, Any]:
        return dict(self.steps)


class Columns(Fitted):
    """A fitted transformer of columns."""

    transformers_: list[tuple[str, Any, Any]]

    @property
    def named_transformers_(self) -> dict[str, Any]:
        return {name: fitted for name, fitted, _ in self.transformers_}


_OURS: Final[Mapping[str, type]] = {
    "PlanetFirstClassifier": Boosters,
    "FeatureDeriver": DerivedColumns,
    "SparseColumnDropper": KeptColumns,
    "Encoder": EncodedColumns,
    "InputMasker": Fitted,  # samplers, which play no part in answers
    "BalancedViews": Fitted,
}
_THEIRS: Final[Mapping[str, type]] = {
    "Pipeline": Steps,
    "ColumnTransformer": Columns,
    "FunctionTransformer": Fitted,  # what is passed on as it is
    "SimpleImputer": Fitted,
    "RobustScaler": Fitted,
    "OneHotEncoder": Fitted,
    "SMOTE": Fitted,
    "Bunch": dict,
}


def plain_class(module: str, name: str) -> type | None:
    """The plain class in place of one that only a training needs; None where it is needed as it
    is."""
    if module == "lightgbm.basic" and name == "Booster" and library_path():
        return Booster
    if module in ("training.ml.preprocess", "training.ml.boosting"):
        return _OURS.get(name)
    top = module.partition(".")[0]
    return _THEIRS.get(name) if top in ("sklearn", "imblearn") else None


def unpickle_to_answer(content: bytes) -> dict[str, Any]:
    """What ``classifier.joblib`` holds. The caller has verified the file."""
    from joblib.numpy_pickle import NumpyUnpickler

    class Unpickler(NumpyUnpickler):
        def find_class(self, module: str, name: str) -> Any:
            return plain_class(module, name) or super().find_class(module, name)

    state: dict[str, Any] = Unpickler("", io.BytesIO(_unpacked(content)), True).load()
    return state


def _unpacked(content: bytes) -> bytes:
    """joblib compresses with zlib, whose first byte says so."""
    return zlib.decompress(content) if content[:1] == b"\x78" else content

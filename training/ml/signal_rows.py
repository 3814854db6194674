"""Harmonised signals as plain arrays: what a frame says, without the milliseconds that pandas takes
for one signal."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from training.ml.libraries import pandas as pd
from training.ml.schema import FEATURE_NAMES, FEATURES, NUMERIC_NAMES, Mission

Floats = npt.NDArray[np.float64]

FRAME_COLUMNS: Final = ("mission", *FEATURE_NAMES)
"""The columns of a harmonised frame, in order."""

TEXT_NAMES: Final = tuple(name for name in FRAME_COLUMNS if name not in NUMERIC_NAMES)
CATEGORICAL_NAMES: Final = (
    "mission",
    *(feature.name for feature in FEATURES if feature.is_categorical),
)
CATEGORIES: Final[Mapping[str, tuple[str, ...]]] = {
    "mission": tuple(Mission),
    **{feature.name: feature.choices for feature in FEATURES if feature.is_categorical},
}
_NUMERIC: Final = list(NUMERIC_NAMES)
_POSITIONS: Final = {name: position for position, name in enumerate(NUMERIC_NAMES)}


@dataclass(frozen=True)
class SignalRows:
    """n harmonised signals. ``rows[name]`` is one quantity, shape (n,), as a frame's column would
    be."""

    numbers: Floats  # (n, len(NUMERIC_NAMES)) with each column contiguous; NaN where missing
    texts: Mapping[str, npt.NDArray[Any]]  # (n,) per name of TEXT_NAMES; no str where missing

    @classmethod
    def of_frame(cls, frame: pd.DataFrame) -> SignalRows:
        # The same memory layout for one row and for a million, so that numpy computes both alike to
        # the last bit.
        numbers = np.asfortranarray(frame[_NUMERIC].to_numpy(dtype=np.float64))
        return cls(numbers, {name: frame[name].to_numpy() for name in TEXT_NAMES})

    @classmethod
    def of_values(cls, values: Mapping[str, float | str]) -> SignalRows:
        """One row from inputs that are already checked; what is not given is missing."""
        numbers = np.array(
            [[values.get(name, math.nan) for name in NUMERIC_NAMES]], dtype=np.float64, order="F"
        )
        return cls(
            numbers, {name: np.array([values.get(name)], dtype=object) for name in TEXT_NAMES}
        )

    @classmethod
    def stack(cls, parts: Sequence[SignalRows]) -> SignalRows:
        numbers = np.asfortranarray(np.vstack([part.numbers for part in parts]))
        return cls(
            numbers,
            {name: np.concatenate([part.texts[name] for part in parts]) for name in TEXT_NAMES},
        )

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        return self.numbers[:, _POSITIONS[name]] if name in _POSITIONS else self.texts[name]

    def take(self, rows: slice | npt.NDArray[np.intp]) -> SignalRows:
        numbers = np.asfortranarray(self.numbers[rows])
        return SignalRows(numbers, {name: texts[rows] for name, texts in self.texts.items()})

    @property
    def columns(self) -> dict[str, Floats]:
        """One contiguous float array per numeric feature."""
        return dict(zip(NUMERIC_NAMES, self.numbers.T, strict=True))

    def frame(self) -> pd.DataFrame:
        texts = {name: pd.Series(values, dtype="str") for name, values in self.texts.items()}
        return pd.DataFrame(
            {name: texts[name] if name in texts else self[name] for name in FRAME_COLUMNS}
        )


Harmonised: TypeAlias = "pd.DataFrame | SignalRows"
"""Signals in our features and units: a frame where there are many, rows where one is answered at
once."""


def rows_of(signals: Harmonised) -> SignalRows:
    return signals if isinstance(signals, SignalRows) else SignalRows.of_frame(signals)


def category_numbers(
    values: npt.NDArray[Any], categories: tuple[str, ...]
) -> npt.NDArray[np.float64]:
    """The position of each value in ``categories``; NaN where it is none of them."""
    numbers = {category: number for number, category in enumerate(categories)}
    found = (numbers.get(value, math.nan) for value in values)
    return np.fromiter(found, dtype=np.float64, count=len(values))

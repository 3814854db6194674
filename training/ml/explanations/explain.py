"""Why the classifier says what it says: SHAP contributions in the user's own quantities, as
numbers, picture and words.

The contributions are LightGBM's own TreeSHAP (Lundberg et al. 2020, Nature Machine Intelligence 2,
56): the very values of ``shap.TreeExplainer`` without the import of shap, which costs seconds and
85 MB.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from training.ml.answers import Predictions
from training.ml.explanations.basis import Given, basis_sentences
from training.ml.explanations.explanation import Contribution, Explanation, top
from training.ml.explanations.sentences import sentences_for
from training.ml.explanations.waterfall import Bar, waterfall_bars, waterfall_png
from training.ml.features import DERIVED_BY_NAME, label_of
from training.ml.schema import DISPOSITIONS, FEATURE_BY_NAME, NUMERIC_NAMES
from training.ml.signal_rows import CATEGORICAL_NAMES, Floats, Harmonised, SignalRows, rows_of

if TYPE_CHECKING:
    from training.ml.model import ExoplanetClassifier

BATCH_ROWS: Final = 1_000


@dataclass(frozen=True)
class Plain:
    """How a derived quantity is shown: its logarithm undone, times ``factor``, in ``unit``."""

    unit: str
    factor: float = 1.0


_PLAIN_UNITS: Final[Mapping[str, Plain]] = {
    "dex": Plain("×"),
    "dex Earth radii": Plain("Earth radii"),
    "dex solar": Plain("× the Sun's"),
}
_PLAIN_NAMES: Final[Mapping[str, Plain]] = {
    "duty_cycle": Plain("%", 100),
    "timing_precision": Plain("%", 100),
    "signal_to_noise": Plain(""),
    "snr_per_transit": Plain(""),
    "depth_over_photon_noise": Plain("ppm at magnitude 12", 10 ** (0.2 * 12)),
    "transverse_motion": Plain("km/s", 4.74047e-3),  # mas/yr × pc → km/s
    **{name: Plain("%", 100) for name in DERIVED_BY_NAME if name.startswith("relative_")},
}
"""Logarithms that have a better name than "times"."""


def explain(
    classifier: ExoplanetClassifier, signal: Harmonised, answer: Predictions | None = None
) -> Explanation:
    """Why the classifier predicts what it predicts for one harmonised signal.

    ``answer`` is what ``predict`` said about it, where that is already known.
    """
    if len(signal) != 1:
        raise ValueError(f"explain wants one signal, not {len(signal)}")
    quantities = Quantities(classifier, rows_of(signal))
    answer = quantities.answer() if answer is None else answer
    return explain_quantities(quantities, answer)


def answer_and_explain(
    classifier: ExoplanetClassifier, signal: Harmonised
) -> tuple[Predictions, Explanation]:
    """What the classifier says about one harmonised signal, and why; its features are computed once
    for both."""
    quantities = Quantities(classifier, rows_of(signal))
    answer = quantities.answer()
    return answer, explain_quantities(quantities, answer)


def explain_quantities(quantities: Quantities, answer: Predictions) -> Explanation:
    """The explanation of the first row."""
    number = int(answer.numbers[0])
    bases, contributions = quantities.contributions(number, np.array([0]))
    base_value = float(bases[0])
    parts = sorted(quantities.named(contributions[0]), key=lambda part: -abs(part.contribution))
    disposition = DISPOSITIONS[number]
    raw_score = float(base_value + sum(part.contribution for part in parts))
    members = [
        d for d, member in zip(DISPOSITIONS, answer.prediction_sets[0], strict=True) if member
    ]
    sentences = [
        *sentences_for(disposition, parts),
        *basis_sentences(disposition, members, quantities.given()),
    ]
    return Explanation(disposition, base_value, raw_score, tuple(parts), sentences)


@dataclass(frozen=True)
class BatchExplanation:
    """The largest contributions to the predicted disposition of n signals, largest first: arrays of
    shape (n, top)."""

    features: npt.NDArray[Any]  # of str: schema or derived names
    values: Floats  # in the units of ``explain``; NaN where missing and for a mission or band
    contributions: Floats

    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """Columns of a result table: ``reason_1``, ``reason_1_value``, ``reason_1_contribution``,
        ``reason_2``, …"""
        found: dict[str, npt.NDArray[Any]] = {}
        for k in range(self.features.shape[1]):
            found[f"reason_{k + 1}"] = self.features[:, k]
            found[f"reason_{k + 1}_value"] = self.values[:, k]
            found[f"reason_{k + 1}_contribution"] = self.contributions[:, k]
        return found


def explain_batch(
    classifier: ExoplanetClassifier, signals: Harmonised, n: int, answer: Predictions | None = None
) -> BatchExplanation:
    """The ``n`` largest contributions of each of many harmonised signals; about 2 ms per row on one
    thread."""
    if n < 1:
        raise ValueError(f"explain_batch wants at least one contribution per row, not {n}")
    numbers = None if answer is None else answer.numbers
    table, parts = rows_of(signals), []
    for at in range(0, max(len(table), 1), BATCH_ROWS):
        rows = slice(at, at + BATCH_ROWS)
        parts.append(
            _explain_chunk(
                classifier, table.take(rows), n, None if numbers is None else numbers[rows]
            )
        )
    return BatchExplanation(
        np.concatenate([part.features for part in parts]),
        np.concatenate([part.values for part in parts]),
        np.concatenate([part.contributions for part in parts]),
    )


def _explain_chunk(
    classifier: ExoplanetClassifier, table: SignalRows, n: int, numbers: npt.NDArray[np.intp] | None
) -> BatchExplanation:
    names = quantity_names(classifier)
    n = min(n, len(names))
    if not len(table):
        return BatchExplanation(np.empty((0, n), dtype=object), np.empty((0, n)), np.empty((0, n)))
    quantities = Quantities(classifier, table)
    numbers = quantities.answer().numbers if numbers is None else numbers
    contributions = np.empty((len(table), len(names)))
    for number in np.unique(numbers):
        rows = np.flatnonzero(numbers == number)
        contributions[rows] = quantities.contributions(int(number), rows)[1]
    order = np.argsort(-np.abs(contributions), axis=1, kind="stable")[:, :n]
    return BatchExplanation(
        np.array(names, dtype=object)[order],
        np.take_along_axis(quantities.plain_values(), order, axis=1),
        np.take_along_axis(contributions, order, axis=1),
    )


def quantity_names(classifier: ExoplanetClassifier) -> list[str]:
    """What contributions are told about: each column of the booster once, one-hot columns as the
    one thing they are."""
    return list(_layout(classifier).names)


@dataclass(frozen=True)
class Layout:
    """Which quantities a classifier's columns stand for, and how each of them is shown."""

    names: tuple[str, ...]
    starts: list[int]
    """The first of the booster's columns that belongs to each quantity."""
    words: list[tuple[str, str, str]]
    """Name, label and unit of each."""

    @classmethod
    def of(cls, columns: list[str]) -> Layout:
        names = tuple(dict.fromkeys(columns))
        words = [(name, label_of(name), unit_of(name)) for name in names]
        return cls(names, [columns.index(name) for name in names], words)

    @cached_property
    def given(self) -> tuple[list[int], list[int]]:
        """Where inputs stand among the quantities, and among the schema's numbers."""
        at = [k for k, name in enumerate(self.names) if name in NUMERIC_NAMES]
        return at, [NUMERIC_NAMES.index(self.names[k]) for k in at]

    @cached_property
    def derived(self) -> list[int]:
        return [k for k, name in enumerate(self.names) if name in DERIVED_BY_NAME]

    @cached_property
    def logarithms(self) -> tuple[list[int], Floats]:
        """Where they stand, and what they are multiplied by when they are shown."""
        plain = {k: _plain(self.names[k]) for k in self.derived}
        factors = {k: shown.factor for k, shown in plain.items() if shown is not None}
        return list(factors), np.array(list(factors.values()))


_LAYOUTS: WeakKeyDictionary[ExoplanetClassifier, Layout] = WeakKeyDictionary()


def _layout(classifier: ExoplanetClassifier) -> Layout:
    if classifier not in _LAYOUTS:
        _LAYOUTS[classifier] = Layout.of(classifier.columns)
    return _LAYOUTS[classifier]


class Quantities:
    """n harmonised signals as the classifier sees them, and as people see them. Everything is
    computed once."""

    def __init__(self, classifier: ExoplanetClassifier, rows: SignalRows) -> None:
        self.classifier = classifier
        self.rows = rows
        self._layout = _layout(classifier)
        self.names = self._layout.names
        self._derived = classifier.derived(rows)
        self._matrix = classifier.encoded(self._derived)

    def answer(self) -> Predictions:
        return self.classifier.predict(self.rows, self._matrix)

    def contributions(self, number: int, rows: npt.NDArray[np.intp]) -> tuple[Floats, Floats]:
        """Base values of a disposition in ``rows``, shape (len(rows),), by what answers,
        and what each quantity adds: shape (len(rows), len(names))."""
        flat = self.classifier.contributions(self._matrix[rows], number)
        return flat[:, -1], np.add.reduceat(flat[:, :-1], self._layout.starts, axis=1)

    def plain_values(self) -> Floats:
        """Values as they are shown, shape (n, len(names)); NaN where missing and for a mission or
        band."""
        values = np.full((len(self.rows), len(self.names)), np.nan)
        at, positions = self._layout.given
        values[:, at] = self.rows.numbers[:, positions]
        values[:, self._layout.derived] = self._derived[:, self._layout.derived]
        at, factors = self._layout.logarithms
        values[:, at] = 10 ** values[:, at] * factors
        return values

    def given(self) -> Given:
        """What is known of the first row."""
        numbers = zip(NUMERIC_NAMES, self.rows.numbers[0].tolist(), strict=True)
        return Given(str(self.rows["mission"][0]), {name: n for name, n in numbers if n == n})

    def named(self, contributions: Floats) -> list[Contribution]:
        """The contributions of the first row with the row's own values."""
        values: list[float | str | None] = [
            value if value == value else None for value in self.plain_values()[0].tolist()
        ]
        for name in CATEGORICAL_NAMES:
            text = self.rows[name][0]
            values[self.names.index(name)] = text if isinstance(text, str) else None
        return [
            Contribution(*words, value, contribution)
            for words, value, contribution in zip(
                self._layout.words, values, contributions.tolist(), strict=True
            )
        ]


@cache
def unit_of(name: str) -> str:
    """The unit in which the value of an input or derived feature is shown."""
    if name in DERIVED_BY_NAME:
        plain = _plain(name)
        return plain.unit if plain else DERIVED_BY_NAME[name].unit
    return FEATURE_BY_NAME[name].unit if name in FEATURE_BY_NAME else ""


def _plain(name: str) -> Plain | None:
    """How a derived quantity is shown; None where it is not a logarithm."""
    return _PLAIN_NAMES.get(name) or _PLAIN_UNITS.get(DERIVED_BY_NAME[name].unit)


__all__ = [
    "Bar",
    "BatchExplanation",
    "Contribution",
    "Explanation",
    "answer_and_explain",
    "explain",
    "explain_batch",
    "top",
    "waterfall_bars",
    "waterfall_png",
]

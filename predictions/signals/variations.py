"""What an answer would be if inputs were different: within their uncertainties, and beyond.

All variations of a signal are answered in one pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from training.figures import figure_text, rounded_text
from training.ml.errors import join_words
from training.ml.explanations.draws import FIRM, drawn_within
from training.ml.schema import DISPOSITIONS, FEATURE_BY_NAME, NUMERIC_NAMES
from training.ml.signal_rows import TEXT_NAMES, SignalRows

if TYPE_CHECKING:
    from training.ml.answers import Predictions
    from training.ml.model import ExoplanetClassifier

DRAWS: Final = 200
SEED: Final = 0
NAMED: Final = 4  # uncertain inputs in the sentence
MOVABLE: Final = (
    "orbital_period",
    "transit_duration",
    "transit_depth",
    "planet_radius",
    "impact_parameter",
    "stellar_radius",
    "stellar_teff",
)
"""Inputs that can be moved beside a verdict."""
TURNING: Final = ("transit_depth", "orbital_period", "planet_radius")
STEPS: Final = np.concatenate([1 / np.geomspace(1.05, 30, 20), np.geomspace(1.05, 30, 20)])
"""Factors at which a turn is looked for, nearest first to either side."""

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Firmness:
    """How the answer holds while every uncertain input is drawn from its stated uncertainty."""

    disposition: str
    kept: int
    names: list[str]
    low: float
    high: float

    @property
    def is_fragile(self) -> bool:
        return self.kept < FIRM * DRAWS

    @property
    def sentence(self) -> str:
        labels = [FEATURE_BY_NAME[name].label.lower() for name in self.names[:NAMED]]
        more = len(self.names) - len(labels)
        labels += [f"{more} more"] if more else []
        return (
            f"{self.kept} of {DRAWS} draws within the stated uncertainties of {join_words(labels)}"
            f" are called {self.disposition} as well; in nine of ten the planet score lies between"
            f" {figure_text(self.low, 2)} and {figure_text(self.high, 2)}."
        )


@dataclass(frozen=True)
class Turn:
    """The nearest value of one input at which the answer becomes another one."""

    name: str
    value: float
    exceeds: bool
    becomes: str

    @property
    def sentence(self) -> str:
        feature = FEATURE_BY_NAME[self.name]
        way = "exceed" if self.exceeds else "fall below"
        value = rounded_text(float(f"{self.value:.2g}"), feature.unit)
        return (
            f"{feature.label} alone would have to {way} about {value} for it to be called"
            f" {self.becomes}."
        )


@dataclass(frozen=True)
class Variations:
    """``around``: what the version itself calls the signal with the very inputs, where that is not
    what it is called: the answer is then from when it had not seen the star."""

    firmness: Firmness | None
    turns: list[Turn]
    around: str = ""


def vary(classifier: ExoplanetClassifier, signal: SignalRows, disposition: str) -> Variations:
    """``signal`` is one row, and ``disposition`` what it is called. All is compared with what the
    version itself says of the row: one that has learnt from the star would else seem to change its
    mind with every draw."""
    drawn, names = drawn_within(signal.numbers[0], DRAWS, SEED)
    turned, moves = _turned(signal.numbers[0])
    rows = np.vstack([drawn, turned, signal.numbers[:1]])
    if len(rows) == 1:
        return Variations(None, [])
    answers = _answers(classifier, signal, rows)
    said = np.array([str(DISPOSITIONS[number]) for number in answers.numbers])
    own = str(said[-1])
    firmness = _firmness(own, names, said[: len(drawn)], answers) if names else None
    turns = _turns(own, moves, said[len(drawn) : -1])
    return Variations(firmness, turns, own if own != disposition else "")


def drawn_firmness(
    classifier: ExoplanetClassifier, signal: SignalRows, disposition: str
) -> Firmness | None:
    """How the answer holds within the stated uncertainties, alone; None where none is stated."""
    drawn, names = drawn_within(signal.numbers[0], DRAWS, SEED)
    if not names:
        return None
    answers = _answers(classifier, signal, drawn)
    said = np.array([str(DISPOSITIONS[number]) for number in answers.numbers])
    return _firmness(disposition, names, said, answers)


def _answers(classifier: ExoplanetClassifier, signal: SignalRows, numbers: Numbers) -> Predictions:
    """Without what is said of open signals, which takes a quarter of the time and is not asked
    for."""
    rows = _rows(signal, numbers)
    raw = classifier.scores(classifier.matrix(rows))
    return classifier.answering.answer(raw, np.zeros(len(raw)), rows)


def _rows(signal: SignalRows, numbers: Numbers) -> SignalRows:
    texts = {name: np.repeat(signal.texts[name], len(numbers)) for name in TEXT_NAMES}
    return SignalRows(np.asfortranarray(numbers), texts)


def _turned(values: Numbers) -> tuple[Numbers, list[tuple[str, float, float]]]:
    """One row per step of each input, and what it is: name, value, factor."""
    rows, moves = [], []
    for name in TURNING:
        at, feature = NUMERIC_NAMES.index(name), FEATURE_BY_NAME[name]
        for factor in STEPS if np.isfinite(values[at]) else ():
            value = float(values[at] * factor)
            if feature.low <= value <= feature.high:
                row = values.copy()
                row[at] = value
                rows.append(row)
                moves.append((name, value, float(factor)))
    return np.array(rows).reshape(-1, len(values)), moves


def _firmness(
    disposition: str, names: list[str], said: npt.NDArray[Any], answers: Predictions
) -> Firmness:
    scores = answers.planet_score[: len(said)]
    low, high = np.nanquantile(scores, (0.05, 0.95))
    kept = int((said == disposition).sum())
    return Firmness(disposition, kept, names, float(low), float(high))


def _turns(
    disposition: str, moves: Sequence[tuple[str, float, float]], said: npt.NDArray[Any]
) -> list[Turn]:
    """Of each input the smallest change that turns the answer."""
    found: dict[str, tuple[float, Turn]] = {}
    for (name, value, factor), becomes in zip(moves, said, strict=True):
        far = abs(float(np.log(factor)))
        if becomes != disposition and (name not in found or far < found[name][0]):
            found[name] = far, Turn(name, value, factor > 1, str(becomes))
    return [turn for _, turn in found.values()]

"""How the planet score of a well-known signal changes along one quantity, all others fixed.

A teacher's check: where physics is smooth the score is, too. The quantity walks through the
percentiles of the signal's mission, as far as a classifier keeps them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypedDict

import numpy as np

from training.ml.evaluation.measures import CONFIRMED
from training.ml.features import label_of
from training.ml.model import ExoplanetClassifier
from training.ml.schema import SIX_PARAMETERS
from training.ml.signal_rows import Floats, SignalRows

PERCENTS: Final = np.arange(1.0, 100.0)
SWEPT: Final = SIX_PARAMETERS
LARGEST_JUMP: Final = 0.1
"""Between neighbouring percentiles a score that jumps further needs a reason."""


@dataclass(frozen=True)
class Sweep:
    """The planet score of ``signal`` at each of ``values`` of ``feature``, in its unit."""

    signal: str
    feature: str
    given: float  # its own value
    values: tuple[float, ...]
    scores: tuple[float, ...]

    @property
    def jump(self) -> float:
        """The largest change between neighbouring percentiles."""
        return float(np.abs(np.diff(self.scores)).max())

    @property
    def jumps_at(self) -> float:
        """Where that is: the value before it."""
        return self.values[int(np.abs(np.diff(self.scores)).argmax())]


def percentiles(classifier: ExoplanetClassifier, mission: str, feature: str) -> Floats:
    """The feature's values at ``PERCENTS`` of a mission's training signals, drawn through the
    tenths and the usual range that the classifier keeps; empty where it keeps none."""
    ranges = classifier.familiarity.ranges.get(mission, {})
    tenths = classifier.metadata["profile"].get(mission, {}).get(feature, {}).get("edges", [])
    if feature not in ranges or len(tenths) != 9:
        return np.empty(0)
    low, high = ranges[feature]
    known = np.log(np.clip([low, *tenths, high], 1e-12, None))
    drawn: Floats = np.exp(np.interp(PERCENTS, [0, *range(10, 100, 10), 100], known))
    return drawn


def sweep(
    classifier: ExoplanetClassifier,
    name: str,
    signal: Mapping[str, float | str],
    feature: str,
    values: Floats,
) -> Sweep:
    """``signal``: its mission and inputs as the schema names them."""
    rows = SignalRows.stack(
        [SignalRows.of_values({**signal, feature: float(value)}) for value in values]
    )
    scores = classifier.predict(rows).planet_score
    return Sweep(name, feature, float(signal[feature]), tuple(values), tuple(scores.tolist()))


def sweeps(
    classifier: ExoplanetClassifier,
    signals: Mapping[str, Mapping[str, float | str]],
    features: Sequence[str] = SWEPT,
) -> list[Sweep]:
    """Every signal along every feature that it gives and whose percentiles are kept."""
    return [
        sweep(classifier, name, signal, feature, values)
        for name, signal in signals.items()
        for feature in features
        if feature in signal
        and len(values := percentiles(classifier, str(signal["mission"]), feature))
    ]


_CONSISTENCY: Final = "the catalogue's radius begins or ceases to agree with depth and star"
_DURATION: Final = "the duration passes the one that this star and this period allow"
_SIZE: Final = "the body's size passes that of planets"
REASONS: Final[Mapping[str, str]] = {
    "radius_consistency": _CONSISTENCY,
    "temperature_consistency": "the catalogue's temperature ceases to agree with star and period",
    "duration_ratio": _DURATION,
    "excess_duration": _DURATION,
    "duty_cycle": "the share of the orbit in transit passes that of close binaries",
    "excess_radius": _SIZE,
    "planet_radius": _SIZE,
    "radius_from_depth": _SIZE,
    "radius_deficit": "the body becomes smaller than any known planet",
    "evolution": "the star becomes a giant, or smaller than a dwarf of its temperature",
}
"""What physics says where the quantity that matters most at a jump changes."""


class Jump(TypedDict):
    """The largest step of a curve between neighbouring percentiles, and why it is there."""

    signal: str
    feature: str
    label: str
    at: float
    size: float
    quantity: str
    reason: str


class SweepFacts(TypedDict):
    sweeps: int
    jumps: list[Jump]


def sweep_facts(
    classifier: ExoplanetClassifier,
    signals: Mapping[str, Mapping[str, float | str]],
    found: Iterable[Sweep],
) -> SweepFacts:
    """How many curves ``found`` has, and those that jump further than ``LARGEST_JUMP``."""
    found = list(found)
    far = [one for one in found if one.jump > LARGEST_JUMP]
    return {
        "sweeps": len(found),
        "jumps": [_jump(classifier, signals[one.signal], one) for one in far],
    }


def _jump(classifier: ExoplanetClassifier, signal: Mapping[str, float | str], one: Sweep) -> Jump:
    quantity = _what_changed(classifier, signal, one)
    return {
        "signal": one.signal,
        "feature": one.feature,
        "label": label_of(one.feature),
        "at": one.jumps_at,
        "size": one.jump,
        "quantity": quantity,
        "reason": REASONS.get(quantity, ""),
    }


def _what_changed(
    classifier: ExoplanetClassifier, signal: Mapping[str, float | str], one: Sweep
) -> str:
    """The quantity whose SHAP contribution changes most across the largest jump."""
    before = one.values.index(one.jumps_at)
    ends = [
        SignalRows.of_values({**signal, one.feature: value})
        for value in one.values[before : before + 2]
    ]
    matrix = classifier.matrix(SignalRows.stack(ends))
    change = np.diff(classifier.contributions(matrix, CONFIRMED)[:, :-1], axis=0)[0]
    total: dict[str, float] = {}
    for name, value in zip(classifier.columns, change.tolist(), strict=True):
        total[name] = total.get(name, 0.0) + value
    return max(total, key=lambda name: abs(total[name]))

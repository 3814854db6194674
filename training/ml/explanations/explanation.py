"""An explanation: what each quantity adds to the raw score of the predicted disposition, as people
know it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from training.ml.features import DERIVED_BY_NAME
from training.ml.numbers import readable, short_unit
from training.ml.schema import NONE_WORDS, Disposition

OTHER: Final = "other inputs"
"""The name of the contribution that ``top`` folds the small ones into."""


@dataclass(frozen=True)
class Contribution:
    """What one quantity adds; ``value`` is in ``unit``, None where it is not given, text for a
    mission or band."""

    feature: str
    label: str
    unit: str
    value: float | str | None
    contribution: float

    @property
    def is_given(self) -> bool:
        return self.value is not None

    @property
    def value_text(self) -> str:
        """The value as people write it, unit included; "not given" where it is missing."""
        if self.feature == OTHER:
            return ""
        if self.value is None:
            return "not given"
        if words := NONE_WORDS.get((self.feature, self.value)):
            return words
        # A derived quantity is rarely worth a fourth digit.
        digits = 3 if self.feature in DERIVED_BY_NAME else 4
        text = self.value if isinstance(self.value, str) else readable(self.value, digits)
        unit = short_unit(self.unit)
        return f"{text}{unit}" if unit == "°" else f"{text} {unit}".rstrip()

    @property
    def label_text(self) -> str:
        """Label and value in one line: "Orbital period = 3.525 days"."""
        if self.feature == OTHER:
            return self.label
        return f"{self.label} = {self.value_text}" if self.is_given else f"{self.label} not given"


@dataclass(frozen=True)
class Explanation:
    """Why the classifier says ``disposition``: base_value + sum of the contributions = raw_score,
    before calibration.

    Contributions come with the largest absolute value first.
    """

    disposition: Disposition
    base_value: float
    raw_score: float
    contributions: tuple[Contribution, ...]
    sentences: list[str]

    def as_json(self) -> dict[str, Any]:
        """What the API answers and what a stored prediction keeps."""
        return {
            "base_value": self.base_value,
            "raw_score": self.raw_score,
            "contributions": [dict(vars(contribution)) for contribution in self.contributions],
            "sentences": list(self.sentences),
        }

    @classmethod
    def from_json(cls, disposition: str, stored: Mapping[str, Any]) -> Explanation:
        """The explanation of ``disposition`` that ``as_json`` wrote."""
        contributions = tuple(
            Contribution(**contribution) for contribution in stored["contributions"]
        )
        return cls(
            Disposition(disposition),
            stored["base_value"],
            stored["raw_score"],
            contributions,
            list(stored["sentences"]),
        )


def top(explanation: Explanation, n: int) -> tuple[Contribution, ...]:
    """The ``n`` largest contributions, then all the others as one, so that nothing is lost from the
    sum."""
    largest, rest = explanation.contributions[:n], explanation.contributions[n:]
    if len(rest) <= 1:
        return explanation.contributions
    total = sum(contribution.contribution for contribution in rest)
    return (*largest, Contribution(OTHER, f"{len(rest)} {OTHER}", "", None, total))

"""An answer as its page shows it: the verdict, then the reasons, then what it rests on. Templates only lay it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from predictions import words
from training import figures
from training.ml.errors import InvalidSignal
from training.ml.explanation import Contribution, Explanation
from training.ml.inputs import parse_signal
from training.ml.schema import FEATURE_BY_NAME, FEATURES, Disposition, Group
from training.ml.waterfall import Bar, waterfall_bars
from training.models import ModelVersion

DEFAULT_LEVEL: Final = 0.9
"""Of prediction sets, where a version does not say."""


@dataclass(frozen=True)
class InputGroup:
    title: str
    rows: list[tuple[str, str]]
    """Label, and value with unit or "not given"."""


@dataclass(frozen=True)
class ShownAnswer:
    """``answer`` is a verdict's JSON; ``inputs`` what was given, by schema name."""

    answer: Mapping[str, Any]
    inputs: Mapping[str, Any]
    mission: str
    version: ModelVersion

    @property
    def disposition(self) -> str:
        return str(self.answer["disposition"])

    @property
    def probabilities(self) -> Mapping[str, float]:
        probabilities: Mapping[str, float] = self.answer["probabilities"]
        return probabilities

    @property
    def sentence(self) -> str:
        return words.verdict_sentence(self.disposition, self.probabilities[self.disposition])

    @property
    def basis(self) -> str:
        return words.basis_sentence(self.inputs)

    @property
    def planet_score(self) -> str:
        score = self.answer["planet_score"]
        return "not defined" if score is None else figures.figure_text(score)

    @property
    def level(self) -> float:
        level: float = self.version.metrics.get("protocol", {}).get("set_level", DEFAULT_LEVEL)
        return level

    @property
    def prediction_set(self) -> str:
        return words.prediction_set_sentence(self.answer["prediction_set"], self.level)

    @property
    def warnings(self) -> list[str]:
        return list(self.answer["warnings"])

    @property
    def input_count(self) -> int:
        return len(FEATURES)

    # --- why --------------------------------------------------------------------------------------------------------

    @cached_property
    def explanation(self) -> Explanation | None:
        stored = self.answer.get("explanation")
        return None if stored is None else Explanation.from_json(self.disposition, stored)

    @property
    def bars(self) -> list[Bar]:
        return [] if self.explanation is None else waterfall_bars(self.explanation)

    @property
    def contributions(self) -> tuple[Contribution, ...]:
        return () if self.explanation is None else self.explanation.contributions

    # --- what it rests on -------------------------------------------------------------------------------------------

    @property
    def given(self) -> list[InputGroup]:
        """Every input that was given, by group; groups without any are left out."""
        groups = []
        for group in Group:
            names = [f.name for f in FEATURES if f.group is group and f.name in self.inputs]
            rows = [
                (FEATURE_BY_NAME[name].label, self._given_text(name)) for name in names if not self._is_beside(name)
            ]
            if rows:
                groups.append(InputGroup(str(group).capitalize(), rows))
        return groups

    def _is_beside(self, name: str) -> bool:
        """Whether this is an uncertainty that stands beside its quantity."""
        return name.removesuffix("_error") in self.inputs and name.endswith("_error")

    def _given_text(self, name: str) -> str:
        return figures.given_text(name, self.inputs[name], self.inputs.get(f"{name}_error"))

    @property
    def missing(self) -> list[InputGroup]:
        """The labels of what was not given, by group."""
        missing = set(self.answer["missing"])
        found = []
        for group in Group:
            rows = [(f.label, figures.NOT_GIVEN) for f in FEATURES if f.group is group and f.name in missing]
            if rows:
                found.append(InputGroup(str(group).capitalize(), rows))
        return found

    @property
    def absent_groups(self) -> list[words.AbsentGroup]:
        return words.absent_groups(self.answer["missing"], self.mission, self.version.metrics)

    @property
    def typical(self) -> str:
        """What the inputs that are missing here cost on average."""
        from training.ml.preprocess import Regime, regime_of  # loads the classifier's libraries

        try:
            rows = parse_signal({"mission": self.mission, **self.inputs})
        except InvalidSignal:  # the schema has become stricter since
            return ""
        regime = tuple(Regime)[int(regime_of(rows)[0])]
        return words.typical_accuracy(str(regime), self.mission, self.version.metrics)

    @property
    def helpful(self) -> list[str]:
        return words.most_helpful(self.answer["missing"], self.version.metrics)


@dataclass(frozen=True)
class Change:
    """One figure of two answers."""

    label: str
    before: str
    after: str
    difference: str


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """How the second answer differs from the first, disposition by disposition, then in the planet score."""
    found = []
    for disposition in Disposition:
        old, new = before["probabilities"][disposition], after["probabilities"][disposition]
        texts = figures.probability_text(old), figures.probability_text(new)
        difference = "none" if old == new else f"{figures.signed_text(100 * (new - old), 1)} points"
        found.append(Change(f"P({disposition})", *texts, difference))
    old, new = before["planet_score"], after["planet_score"]
    difference = "none" if old == new else "" if None in (old, new) else figures.signed_text(new - old, 3)
    found.append(Change("Planet score", figures.figure_text(old), figures.figure_text(new), difference))
    return found

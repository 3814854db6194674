"""An answer as its page shows it: the verdict, then the reasons, then what it rests on. Templates
only lay it out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from predictions.signals import words
from predictions.signals.drawing import Drawing, draw
from predictions.signals.forms import input_text
from predictions.signals.models import Prediction
from predictions.signals.services import prediction_rows
from predictions.signals.variations import MOVABLE, Variations, vary
from training import figures
from training.ml.errors import InvalidSignal
from training.ml.explanations.explanation import Contribution, Explanation
from training.ml.explanations.waterfall import AxisTick, Bar, waterfall_axis, waterfall_bars
from training.ml.inputs import parse_signal
from training.ml.schema import FEATURE_BY_NAME, FEATURES, Disposition, Group
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
    """``answer`` is a verdict's JSON; ``inputs`` what was given, by schema name; ``withheld`` what
    is known and not given, so that nobody is asked for it."""

    answer: Mapping[str, Any]
    inputs: Mapping[str, Any]
    mission: str
    version: ModelVersion
    withheld: frozenset[str] = frozenset()

    @property
    def disposition(self) -> str:
        return str(self.answer["disposition"])

    @property
    def probabilities(self) -> Mapping[str, float]:
        probabilities: Mapping[str, float] = self.answer["probabilities"]
        return probabilities

    @property
    def sentence(self) -> str:
        """Is it a planet?"""
        score = self.best_score
        if score is None:
            return words.verdict_sentence(self.disposition, self.probabilities[self.disposition])
        is_open = self.disposition == Disposition.CANDIDATE and "open_score" in self.answer
        if is_open and len(self.answer["planet_set"]) == len(words.PLANET_SET):
            return words.undecided_sentence(score)
        return words.planet_sentence(score, "open score" if is_open else "planet score")

    @property
    def best_score(self) -> float | None:
        """The score of open signals where the catalogue would leave it open, else that of decided
        ones."""
        score: float | None = self.answer["planet_score"]
        if self.disposition == Disposition.CANDIDATE:
            score = self.answer.get("open_score", score)
        return score

    @property
    def catalogue(self) -> str:
        """What would the catalogue say today?"""
        return words.catalogue_sentence(self.disposition, self.probabilities[self.disposition])

    @property
    def open(self) -> str:
        """What to expect where it is still open; empty for answers from before this was known."""
        score = self.answer.get("open_score")
        if score is None:
            return ""
        said = words.open_sentence(score, self.answer["planet_set"], self.level)
        apart = words.scores_apart_sentence(score, self.answer["planet_score"])
        return f"{said} {apart}".strip()

    @property
    def open_score(self) -> str:
        score = self.answer.get("open_score")
        return "" if score is None else figures.figure_text(score)

    @property
    def learnt(self) -> str:
        return words.learnt_sentence(
            self.answer.get("learnt_from", False), self.answer.get("out_of_fold", False)
        )

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

    @property
    def drawing(self) -> Drawing:
        return draw(self.inputs)

    # --- why --------------------------------------------------------------------------------------

    @cached_property
    def explanation(self) -> Explanation | None:
        stored = self.answer.get("explanation")
        return None if stored is None else Explanation.from_json(self.disposition, stored)

    @property
    def bars(self) -> list[Bar]:
        return [] if self.explanation is None else waterfall_bars(self.explanation)

    @property
    def axis(self) -> list[AxisTick]:
        return [] if self.explanation is None else waterfall_axis(self.explanation)

    @property
    def contributions(self) -> tuple[Contribution, ...]:
        return () if self.explanation is None else self.explanation.contributions

    # --- what it rests on -------------------------------------------------------------------------

    @property
    def given(self) -> list[InputGroup]:
        return given_groups(self.inputs)

    @property
    def missing(self) -> list[InputGroup]:
        """The labels of what was not given and could have been, by group."""
        names = [n for n in self.answer["missing"] if words.has_input(self.mission, n)]
        return _labels_by_group(names)

    @property
    def of_other_missions(self) -> list[InputGroup]:
        """The labels of what signals of this mission never come with."""
        names = [n for n in self.answer["missing"] if not words.has_input(self.mission, n)]
        return _labels_by_group(names)

    @property
    def absent_groups(self) -> list[words.AbsentGroup]:
        return words.absent_groups(self.answer["missing"], self.mission, self.version.metrics)

    @property
    def typical(self) -> str:
        """What the inputs that are missing here cost on average."""
        from training.ml.given import Regime, regime_of  # loads the classifier's libraries

        try:
            rows = parse_signal({"mission": self.mission, **self.inputs})
        except InvalidSignal:  # the schema has become stricter since
            return ""
        regime = tuple(Regime)[int(regime_of(rows)[0])]
        return words.typical_accuracy(str(regime), self.mission, self.version.metrics)

    @property
    def helpful(self) -> list[words.Help]:
        absent = set(self.answer["missing"]) - self.withheld
        return words.most_helpful(absent, self.mission, self.version.metrics)


def given_groups(inputs: Mapping[str, Any]) -> list[InputGroup]:
    """Every input that was given, by group; groups without any are left out."""
    groups = []
    for group in Group:
        names = [f.name for f in FEATURES if f.group is group and f.name in inputs]
        rows = [
            (FEATURE_BY_NAME[name].label, _given_text(inputs, name))
            for name in names
            if not _is_beside(inputs, name)
        ]
        if rows:
            groups.append(InputGroup(str(group).capitalize(), rows))
    return groups


def _is_beside(inputs: Mapping[str, Any], name: str) -> bool:
    """Whether this is an uncertainty that stands beside its quantity."""
    return name.removesuffix("_error") in inputs and name.endswith("_error")


def _given_text(inputs: Mapping[str, Any], name: str) -> str:
    return figures.given_text(name, inputs[name], inputs.get(f"{name}_error"))


def _labels_by_group(names: Collection[str]) -> list[InputGroup]:
    found = []
    for group in Group:
        members = [f for f in FEATURES if f.group is group and f.name in names]
        if members:
            rows = [(feature.label, figures.NOT_GIVEN) for feature in members]
            found.append(InputGroup(str(group).capitalize(), rows))
    return found


@dataclass(frozen=True)
class Movable:
    """An input that can be moved beside the verdict, and its value as it is typed."""

    name: str
    label: str
    unit: str
    value: str


def movable(inputs: Mapping[str, Any]) -> list[Movable]:
    features = [FEATURE_BY_NAME[name] for name in MOVABLE]
    values = {name: input_text(value) for name, value in inputs.items()}
    return [Movable(f.name, f.label, f.unit, values.get(f.name, "")) for f in features]


def varied(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Label, value before and value after of each input that was moved."""
    texts = {
        name: (
            figures.given_text(name, before.get(name)),
            figures.given_text(name, after.get(name)),
        )
        for name in MOVABLE
        if before.get(name) != after.get(name)
    }
    return [(FEATURE_BY_NAME[name].label.lower(), *pair) for name, pair in texts.items()]


def variations(prediction: Prediction) -> Variations | None:
    """How firm an answer of the version in service is; another one is not loaded for it."""
    if not prediction.version.is_active:
        return None
    try:
        rows = prediction_rows(prediction)
    except InvalidSignal:  # the schema has become stricter since
        return None
    return vary(prediction.version.classifier, rows, prediction.disposition)


@dataclass(frozen=True)
class Change:
    """One figure of two answers."""

    label: str
    before: str
    after: str
    difference: str


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """How the second answer differs from the first, disposition by disposition, then in the planet
    score."""
    found = []
    for disposition in Disposition:
        old, new = before["probabilities"][disposition], after["probabilities"][disposition]
        texts = figures.probability_text(old), figures.probability_text(new)
        difference = "none" if old == new else f"{figures.signed_text(100 * (new - old), 1)} points"
        found.append(Change(f"P({disposition})", *texts, difference))
    old, new = before["planet_score"], after["planet_score"]
    difference = (
        "none" if old == new else "" if None in (old, new) else figures.signed_text(new - old, 3)
    )
    found.append(
        Change("Planet score", figures.figure_text(old), figures.figure_text(new), difference)
    )
    if before.get("open_score") is not None and after.get("open_score") is not None:
        old, new = before["open_score"], after["open_score"]
        texts = figures.figure_text(old), figures.figure_text(new)
        found.append(Change("Open score", *texts, figures.signed_text(new - old, 3)))
    return found

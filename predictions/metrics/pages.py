"""What the metrics page shows beside the scorecard: looking back in time, and the procedure over
several seeds.

A version that was trained without these studies lacks them, and its page leaves them out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from predictions.catalogue.foresight.pages import Since
from predictions.metrics.plots import wilson
from training.figures import counted, figure_text, share_text
from training.ml.evaluation.subsets import (
    SubsetRow,
    band_rows,
    open_sentences,
    shortfalls,
    subset_rows,
)
from training.ml.numbers import number_text
from training.versions.scorecard import POOLED, REGIMES, Block, MissionCard, Scorecard, in_order

LOW_RECALL: Final = 0.7
SEED_FIGURES: Final = ("accuracy", "macro_f1", "roc_auc", "calibration_error")


@dataclass(frozen=True)
class Prospective:
    """One mission, judged in time and by cross-validation."""

    mission: str
    test: Block
    validated: Block
    is_stored: bool
    """Whether somebody ran it on this site, rather than whoever trained the version."""

    @property
    def interval(self) -> str:
        bounds = self.test.get("roc_auc_interval") or []
        return "–".join(figure_text(bound) for bound in bounds) or "not known"

    @property
    def rows(self) -> list[tuple[str, float | None, float | None]]:
        """Figure, cross-validated, prospective."""
        test, validated = self.test, self.validated
        return [
            ("ROC-AUC", validated.get("roc_auc"), test.get("roc_auc")),
            ("PR-AUC", validated.get("pr_auc"), test.get("pr_auc")),
            ("Coverage", _coverage(validated), _coverage(test)),
        ]

    @property
    def sentence(self) -> str:
        """The finding, in words."""
        then, now = (self.test.get(name, {}) for name in ("then", "now"))
        decided = (
            f"{self.test['decided']:,} signals that were open in {_state(then)} had been decided by"
            f" {_state(now)}"
        )
        kinds = [f"{self.test[key]:,} {words}" for key, words in _KINDS if key in self.test]
        return f"{decided}{': ' + ', '.join(kinds) if kinds else ''}."


_KINDS: Final = (("confirmed", "CONFIRMED"), ("false_positive", "FALSE POSITIVE"))


def _coverage(block: Block) -> float | None:
    found: float | None = block.get("prediction_sets", {}).get("coverage")
    return found


def _state(table: Block) -> str:
    return str(table.get("date") or table.get("file") or "the table")


@dataclass(frozen=True)
class SeedRow:
    """The procedure on one mission with one set of inputs:
    mean and standard deviation over seeds."""

    mission: str
    words: str
    block: Block
    specialist: float | None
    """ROC-AUC of a classifier trained on just these inputs."""

    @property
    def figures(self) -> list[tuple[float | None, float | None]]:
        found = [self.block.get(name, {}) for name in SEED_FIGURES]
        return [(figure.get("mean"), figure.get("std")) for figure in found]


@dataclass(frozen=True)
class FirmnessRow:
    words: str
    block: Block

    @property
    def width(self) -> str:
        """Of the bar, in percent."""
        return f"{100 * (self.block['accuracy'] or 0):.1f}"

    @property
    def interval(self) -> str:
        low, high = wilson(self.block["accuracy"], self.block["signals"])
        return f"{figure_text(low, 2)} to {figure_text(high, 2)}"


@dataclass(frozen=True)
class Firmness:
    """Accuracy by how many draws within the stated uncertainties keep a verdict."""

    figures: Block

    @property
    def title(self) -> str:
        """The finding."""
        fragile, firm = self.figures["fragile"], self.figures["firm"]
        if fragile["accuracy"] is None or firm["accuracy"] is None:
            return "No verdict was fragile" if fragile["accuracy"] is None else "All were fragile"
        low, high = share_text(fragile["accuracy"]), share_text(firm["accuracy"])
        return f"Of firm verdicts {high} are right, of fragile ones {low}"

    @property
    def sentence(self) -> str:
        fragile, whole = self.figures["fragile"]["signals"], self.figures["signals"]
        return (
            f"{counted(whole, 'signal')} with stated uncertainties, each answered without its star"
            f" having been seen, were drawn anew {self.figures['draws']} times within these; a"
            " verdict that fewer than nine of ten draws keep is fragile, and"
            f" {number_text(fragile)} are."
        )

    @property
    def rows(self) -> list[FirmnessRow]:
        filled = [block for block in self.figures["bins"] if block["signals"]]
        return [FirmnessRow(_kept_words(block), block) for block in filled]


def _kept_words(block: Block) -> str:
    low, high = round(100 * block["lower"]), round(100 * block["upper"])
    if low == high:
        return "all"
    return f"{low} to {high} %" if low else f"fewer than {high} %"


@dataclass(frozen=True)
class MetricsPage:
    """``metadata`` of a version; ``stored`` are scorecards of backtests that were run on this site,
    by mission; ``since`` is what has been decided since the version's tables."""

    metadata: Mapping[str, Any]
    stored: Mapping[str, Block]
    since: Since = field(default_factory=lambda: Since({}))

    @cached_property
    def card(self) -> Scorecard:
        return Scorecard(self.metadata.get("metrics", {}))

    @property
    def hurts(self) -> list[str]:
        """What hurts most, in words: dispositions of which much is missed."""
        missed = [
            (figures["recall"], card.title, name)
            for card in self.missions
            for name, figures in card.dispositions
            if figures["recall"] < LOW_RECALL
        ]
        return [
            f"Of 100 {mission} signals that are {name}, it finds {round(100 * recall)} and misses"
            f" {100 - round(100 * recall)}."
            for recall, mission, name in sorted(missed)
        ]

    @property
    def firmness(self) -> Firmness | None:
        found = self.card.metrics.get("firmness")
        return Firmness(found) if found and found["signals"] else None

    @property
    def contents(self) -> list[tuple[str, str]]:
        """Anchor and title of each part that this version has."""
        parts = (
            (self.card.pooled, "pooled", "All missions"),
            (self.hurts or self.shortfalls, "falls-short", "Where it falls short"),
            (self.card.regimes, "figures", "By mission, and by how much is given"),
            (self.firmness, "firmness", "Fragile verdicts"),
            (True, "since", "Decided since"),
            (self.prospective, "prospective", "Looking back"),
            *((True, card.key, card.title) for card in self.missions),
            (self.card.pooled and self.card.pooled.sets, "sets", "Prediction sets"),
            (self.subsets, "subsets", "By how much is given"),
            (self.card.main_importance, "importance", "What it looks at"),
            (self.seed_rows, "seeds", "How firm these figures are"),
            (True, "data", "What it has learnt from"),
        )
        return [(anchor, title) for there, anchor, title in parts if there]

    @property
    def prospective(self) -> list[Prospective]:
        """The newest backtest of each mission beside what cross-validation says."""
        tests = self._backtests
        return [
            Prospective(
                mission,
                tests[mission],
                self.card.validated.get(mission, {}),
                mission in self.stored,
            )
            for mission in in_order(tests)
        ]

    @property
    def evaluation(self) -> Block:
        found: Block = self.metadata.get("evaluation") or {}
        return found

    @cached_property
    def subsets(self) -> list[SubsetRow]:
        """Figures by how much is given."""
        return subset_rows(self.metadata.get("metrics", {}), self.metadata.get("evaluation"))

    @property
    def shortfalls(self) -> list[str]:
        return shortfalls(self.subsets)

    @property
    def open_sentences(self) -> list[str]:
        return open_sentences(self._backtests)

    @property
    def bands(self) -> list[tuple[str, str, int, float, float]]:
        return band_rows(self._backtests)

    @property
    def _backtests(self) -> Mapping[str, Block]:
        own: Mapping[str, Block] = self.metadata.get("backtests") or {}
        return {**own, **self.stored}

    @property
    def seeds(self) -> str:
        return ", ".join(map(str, self.evaluation.get("seeds", [])))

    @property
    def seed_rows(self) -> list[SeedRow]:
        figures, specialists = (
            self.evaluation.get("figures", {}),
            self.evaluation.get("specialists", {}),
        )
        return [
            SeedRow(
                _title(mission),
                REGIMES.get(regime, regime),
                figures[regime][mission],
                specialists.get(regime, {}).get(mission),
            )
            for mission in in_order(_missions_of(figures))
            for regime in figures
            if mission in figures[regime]
        ]

    @property
    def transfer(self) -> list[tuple[str, float | None]]:
        """ "Kepler → TESS" and the ROC-AUC there."""
        return list(self.evaluation.get("transfer", {}).items())

    @property
    def regime_sentences(self) -> list[str]:
        """Per mission, what is left of the accuracy where six numbers are given."""
        by_key = {(row.card.name, row.key): row.card.block for row in self.card.regimes}
        return [
            f"{mission.name} {figure_text(by_key[mission.name, 'all']['accuracy'])} with every"
            f" column and {figure_text(by_key[mission.name, 'six']['accuracy'])} with six numbers"
            for mission in self.missions
            if {(mission.name, "all"), (mission.name, "six")} <= set(by_key)
        ]

    @property
    def missions(self) -> list[MissionCard]:
        """Each by itself."""
        return [card for card in self.card.missions if card.name != POOLED]

    @property
    def set_level(self) -> float | None:
        level: float | None = self.card.protocol.get("set_level")
        return level


def _title(mission: str) -> str:
    return MissionCard(mission, {}).title


def _missions_of(figures: Mapping[str, Mapping[str, Any]]) -> set[str]:
    return {mission for blocks in figures.values() for mission in blocks}

"""What the metrics page shows beside the scorecard: looking back in time, and the procedure over several seeds.

A version that was trained without these studies lacks them, and its page leaves them out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from training.figures import figure_text
from training.scorecard import POOLED, REGIMES, Block, MissionCard, Scorecard, in_order

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
        decided = f"{self.test['decided']:,} signals that were open in {_state(then)} had been decided by {_state(now)}"
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
    """The procedure on one mission with one set of inputs: mean and standard deviation over seeds."""

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
class MetricsPage:
    """``metadata`` of a version; ``stored`` are scorecards of backtests that were run on this site, by mission."""

    metadata: Mapping[str, Any]
    stored: Mapping[str, Block]

    @cached_property
    def card(self) -> Scorecard:
        return Scorecard(self.metadata.get("metrics", {}))

    @property
    def prospective(self) -> list[Prospective]:
        """The newest backtest of each mission beside what cross-validation says."""
        own: Mapping[str, Block] = self.metadata.get("backtests") or {}
        tests = {**own, **self.stored}
        return [
            Prospective(mission, tests[mission], self.card.validated.get(mission, {}), mission in self.stored)
            for mission in in_order(tests)
        ]

    @property
    def evaluation(self) -> Block:
        found: Block = self.metadata.get("evaluation") or {}
        return found

    @property
    def seeds(self) -> str:
        return ", ".join(map(str, self.evaluation.get("seeds", [])))

    @property
    def seed_rows(self) -> list[SeedRow]:
        figures, specialists = self.evaluation.get("figures", {}), self.evaluation.get("specialists", {})
        return [
            SeedRow(_title(mission), REGIMES.get(regime, regime), figures[regime][mission],
                    specialists.get(regime, {}).get(mission))
            for mission in in_order(_missions_of(figures)) for regime in figures if mission in figures[regime]
        ]  # fmt: skip

    @property
    def transfer(self) -> list[tuple[str, float | None]]:
        """ "Kepler → TESS" and the ROC-AUC there."""
        return list(self.evaluation.get("transfer", {}).items())

    @property
    def regime_sentences(self) -> list[str]:
        """Per mission, what is left of the accuracy where six numbers are given."""
        by_key = {(row.card.name, row.key): row.card.block for row in self.card.regimes}
        return [
            f"{mission.name} {figure_text(by_key[mission.name, 'all']['accuracy'])} with every column and "
            f"{figure_text(by_key[mission.name, 'six']['accuracy'])} with six numbers"
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

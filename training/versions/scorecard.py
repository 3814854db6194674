"""A version's figures as pages draw them: tables, and the geometry of plots.

Figures that an older version lacks are left out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from training.figures import NARROW_SPACE, share_text
from training.ml.errors import join_words
from training.ml.numbers import number_text
from training.ml.schema import DISPOSITIONS, Disposition, Group, Mission

Block = Mapping[str, Any]

POOLED: Final = "pooled"
REGIMES: Final[Mapping[str, str]] = {
    "all": "every column that its table has",
    "default": "the archive's default columns",
    "six": "six numbers: period, duration, depth, planet radius, stellar temperature and radius",
}
WITHOUT: Final[Mapping[str, str]] = {
    Group.TRANSIT: "more about the transit than is needed",
    Group.PLANET: "anything about the planet",
    Group.STAR: "anything about the star",
    Group.UNCERTAINTY: "any uncertainties",
    Group.VETTING: "any vetting measurements",
}
SHOWN_IMPORTANCE: Final = 15

MIN_SIGNALS: Final = 30
"""In a bin that a sentence is about."""
SHADES: Final = 5


def in_order(missions: Collection[str]) -> list[str]:
    """All missions together first, then each in the order of the schema."""
    return [name for name in (POOLED, *map(str, Mission)) if name in missions]


@dataclass(frozen=True)
class ConfusionCell:
    said: str
    signals: int
    share: float
    """Of the row."""
    is_right: bool

    @property
    def shade(self) -> int:
        """From 0 to ``SHADES``, how dark the cell is."""
        return round(SHADES * self.share)


@dataclass(frozen=True)
class ConfusionRow:
    truth: str
    cells: list[ConfusionCell]
    signals: int


@dataclass(frozen=True)
class MissionCard:
    """Everything that was measured on one mission's signals."""

    name: str
    block: Block

    @property
    def key(self) -> str:
        return self.name.lower()

    @property
    def title(self) -> str:
        return "All missions" if self.name == POOLED else self.name

    @property
    def dispositions(self) -> list[tuple[str, Block]]:
        found: Block = self.block.get("dispositions", {})
        return [(str(d), found[d]) for d in DISPOSITIONS if d in found]

    @property
    def confusion(self) -> list[ConfusionRow]:
        rows = []
        for disposition, counts in zip(DISPOSITIONS, self.block.get("confusion", []), strict=False):
            total = sum(counts)
            cells = [
                ConfusionCell(
                    str(said), count, count / total if total else 0.0, said == disposition
                )
                for said, count in zip(DISPOSITIONS, counts, strict=True)
            ]
            rows.append(ConfusionRow(str(disposition), cells, total))
        return rows

    @property
    def confusion_sentence(self) -> str:
        """What is taken for what most often."""
        if not self._confused:
            return "Nothing is taken for anything else" if self.confusion else ""
        cell, row = max(self._confused, key=lambda pair: pair[0].signals)
        return f"Most often a {row.truth} is taken for a {cell.said}: {_of(cell, row)}"

    @property
    def mixed_up_sentence(self) -> str:
        """How often planets are taken for false positives and the other way round."""
        mixed = [
            f"{_of(cell, row)} {row.truth} signals for a {cell.said}"
            for cell, row in self._confused
            if str(Disposition.CANDIDATE) not in (cell.said, row.truth)
        ]
        return f"It takes {join_words(mixed)}." if mixed else ""

    @property
    def _confused(self) -> list[tuple[ConfusionCell, ConfusionRow]]:
        return [
            (cell, row)
            for row in self.confusion
            for cell in row.cells
            if not cell.is_right and cell.signals
        ]

    @property
    def reliability(self) -> list[Block]:
        rows: list[Block] = self.block.get("reliability", [])
        return rows

    @property
    def reliability_sentence(self) -> str:
        """The plot's title: what it shows, from the surest bin that is well filled."""
        rows = [row for row in self.reliability if row["signals"] >= MIN_SIGNALS]
        if not rows:
            return "How often an answer is right, by how sure it was"
        row = max(rows, key=lambda row: row["said"])
        return (
            f"Of 100 signals given {share_text(row['said'])}, "
            f"{100 * row['observed']:.0f} are what was said"
        )

    @property
    def calibration_sentence(self) -> str:
        """How far probabilities are off on average, and where most."""
        error = self.block.get("calibration_error")
        if error is None:
            return ""
        rows = [row for row in self.reliability if row["signals"] >= MIN_SIGNALS]
        average = f"On average a probability is off by {100 * error:.1f} points."
        if not rows:
            return average
        worst = max(rows, key=lambda row: abs(row["said"] - row["observed"]))
        return (
            f"{average} Farthest off are the {number_text(worst['signals'])} signals given about "
            f"{share_text(worst['said'])}: {share_text(worst['observed'])} of them are what was "
            "said."
        )

    @property
    def sets(self) -> Block:
        sets: Block = self.block.get("prediction_sets", {})
        return sets

    @property
    def coverages(self) -> list[tuple[str, float | None]]:
        found = self.sets.get("dispositions", {})
        return [(str(d), found.get(d)) for d in DISPOSITIONS]


def _of(cell: ConfusionCell, row: ConfusionRow) -> str:
    return f"{number_text(cell.signals)} of {number_text(row.signals)} ({share_text(cell.share)})"


@dataclass(frozen=True)
class ImportanceBar:
    label: str
    value: float
    width: float
    """Percent of the longest."""


@dataclass(frozen=True)
class RegimeRow:
    """One mission's headline figures where only part of the inputs is given."""

    key: str
    words: str
    card: MissionCard
    spread: Mapping[str, float]
    """Standard deviation over the folds, by figure; known where everything is given."""


@dataclass(frozen=True)
class Scorecard:
    """``metrics`` as ``training.ml.train`` writes them."""

    metrics: Block

    @property
    def protocol(self) -> Block:
        protocol: Block = self.metrics.get("protocol", {})
        return protocol

    @property
    def validated(self) -> Block:
        """Cross-validated figures per mission, every column given; those on the test stars where
        there are none."""
        for source in ("cross_validation", "test"):
            if blocks := self.metrics.get(source, {}).get("all"):
                found: Block = blocks
                return found
        return {}

    @property
    def is_cross_validated(self) -> bool:
        return bool(self.metrics.get("cross_validation", {}).get("all"))

    @cached_property
    def missions(self) -> list[MissionCard]:
        """All missions first, then each."""
        return [MissionCard(name, self.validated[name]) for name in in_order(self.validated)]

    @property
    def pooled(self) -> MissionCard | None:
        return self.missions[0] if self.missions else None

    @property
    def test(self) -> list[MissionCard]:
        blocks = self.metrics.get("test", {}).get("all", {})
        return [MissionCard(name, blocks[name]) for name in in_order(blocks)]

    @property
    def regimes(self) -> list[RegimeRow]:
        """What is left when less is given, mission by mission."""
        blocks = self.metrics.get("cross_validation") or self.metrics.get("test", {})
        missions = [card.name for card in self.missions]
        return [
            RegimeRow(
                regime,
                words,
                MissionCard(mission, blocks[regime][mission]),
                self._spreads(mission, regime),
            )
            for mission in missions
            for regime, words in REGIMES.items()
            if mission in blocks.get(regime, {})
        ]

    def _spreads(self, mission: str, regime: str) -> dict[str, float]:
        figures = self.metrics.get("fold_spread", {}).get(mission, {}) if regime == "all" else {}
        return {name: float(found["std"]) for name, found in figures.items()}

    @property
    def importance(self) -> list[ImportanceBar]:
        rows = self.metrics.get("importance", [])
        most = max((row["value"] for row in rows), default=1.0) or 1.0
        return [
            ImportanceBar(row["label"], row["value"], round(100 * row["value"] / most, 2))
            for row in rows
        ]

    @property
    def main_importance(self) -> list[ImportanceBar]:
        return self.importance[:SHOWN_IMPORTANCE]

    @property
    def absent_cost(self) -> list[dict[str, Any]]:
        """Per group of inputs: what its absence costs in accuracy, mission by mission."""
        rows = self.metrics.get("absent_cost", [])
        groups = dict.fromkeys(row["group"] for row in rows)
        by_key = {(row["group"], row["mission"]): row for row in rows}
        missions = self.cost_missions
        return [
            {
                "group": group,
                "costs": [(mission, by_key.get((group, mission), {})) for mission in missions],
            }
            for group in groups
        ]

    @property
    def cost_missions(self) -> list[str]:
        return in_order({row["mission"] for row in self.metrics.get("absent_cost", [])})

    @property
    def absent_sentences(self) -> list[str]:
        """Per mission, the group of inputs that is missed most."""
        rows = self.metrics.get("absent_cost", [])
        found = []
        for mission in self.cost_missions:
            worst = max(
                (row for row in rows if row["mission"] == mission),
                key=lambda row: row["accuracy_loss"],
            )
            if mission != POOLED and worst["accuracy_loss"] > 0:
                without = WITHOUT.get(worst["group"], worst["group"])
                loss = f"{100 * worst['accuracy_loss']:.1f} points of accuracy"
                found.append(f"{mission}: most is lost without {without}, {loss}.")
        return found

    @property
    def summary(self) -> str:
        """How good it is, in one sentence."""
        if self.pooled is None:
            return "This version has no figures of its own."
        block = self.pooled.block
        right = (
            "On stars that it had not seen it names the right one of three dispositions for "
            f"{share_text(block['accuracy'])} of signals"
        )
        if block.get("roc_auc") is None:
            return f"{right}."
        pairs = f"{100 * block['roc_auc']:.1f}{NARROW_SPACE}%"
        return f"{right}, and ranks a planet above a false positive in {pairs} of pairs."

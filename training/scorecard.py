"""A version's figures as pages draw them: tables, and the geometry of plots.

Figures that an older version lacks are left out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from training.figures import NARROW_SPACE
from training.ml.schema import DISPOSITIONS, Mission

Block = Mapping[str, Any]

POOLED: Final = "pooled"
REGIMES: Final[Mapping[str, str]] = {
    "all": "every column that its table has",
    "default": "the archive's default columns",
    "six": "six numbers: period, duration, depth, planet radius, stellar temperature and radius",
}
SHOWN_IMPORTANCE: Final = 15

# A square plot of 0 to 1 on both sides, in pixels.
PLOT_LEFT, PLOT_TOP, PLOT_SIZE = 44, 12, 280


def in_order(missions: Collection[str]) -> list[str]:
    """All missions together first, then each in the order of the schema."""
    return [name for name in (POOLED, *map(str, Mission)) if name in missions]


@dataclass(frozen=True)
class Point:
    """One bin of a reliability diagram."""

    x: float
    y: float
    radius: float
    said: float
    observed: float
    signals: int


@dataclass(frozen=True)
class ConfusionRow:
    truth: str
    cells: list[tuple[str, int, float, bool]]
    """Said, signals, share of the row, whether it is right."""
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
                (str(said), count, count / total if total else 0.0, said == disposition)
                for said, count in zip(DISPOSITIONS, counts, strict=True)
            ]
            rows.append(ConfusionRow(str(disposition), cells, total))
        return rows

    @property
    def points(self) -> list[Point]:
        rows = self.block.get("reliability", [])
        most = max((row["signals"] for row in rows), default=1)
        return [
            Point(
                round(PLOT_LEFT + PLOT_SIZE * row["said"], 1),
                round(PLOT_TOP + PLOT_SIZE * (1 - row["observed"]), 1),
                round(2.5 + 6.5 * (row["signals"] / most) ** 0.5, 1),
                row["said"], row["observed"], row["signals"],
            )
            for row in rows
        ]  # fmt: skip

    @property
    def line(self) -> str:
        return " ".join(f"{point.x},{point.y}" for point in self.points)

    @property
    def reliability_sentence(self) -> str:
        """The plot's title: what it shows, from the surest bin that is well filled."""
        rows = [row for row in self.block.get("reliability", []) if row["signals"] >= 30]
        if not rows:
            return "How often an answer is right, by how sure it was"
        row = max(rows, key=lambda row: row["said"])
        return (
            f"Of 100 signals given {100 * row['said']:.0f}{NARROW_SPACE}%, "
            f"{100 * row['observed']:.0f} are what was said"
        )


@dataclass(frozen=True)
class ImportanceBar:
    label: str
    value: float
    width: float
    """Percent of the longest."""


@dataclass(frozen=True)
class RegimeRow:
    """One mission's headline figures where only part of the inputs is given."""

    words: str
    mission: str
    block: Block


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
        """Cross-validated figures per mission, every column given; those on the test stars where there are none."""
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

    def spread(self, mission: str, figure: str) -> float | None:
        """Standard deviation over the folds."""
        found = self.metrics.get("fold_spread", {}).get(mission, {}).get(figure)
        return None if found is None else float(found["std"])

    @property
    def headlines(self) -> list[dict[str, Any]]:
        """One row per mission: each figure with its spread."""
        names = ("accuracy", "macro_f1", "roc_auc", "calibration_error")
        return [
            {
                "card": card,
                "figures": [(card.block.get(name), self.spread(card.name, name)) for name in names],
                "pr_auc": card.block.get("pr_auc"),
                "sets": card.block.get("prediction_sets", {}),
            }
            for card in self.missions
        ]

    @property
    def regimes(self) -> list[RegimeRow]:
        """What is left when less is given, mission by mission."""
        blocks = self.metrics.get("cross_validation") or self.metrics.get("test", {})
        missions = [card.name for card in self.missions]
        return [
            RegimeRow(words, "All missions" if mission == POOLED else mission, blocks[regime][mission])
            for mission in missions
            for regime, words in REGIMES.items()
            if mission in blocks.get(regime, {})
        ]

    @property
    def importance(self) -> list[ImportanceBar]:
        rows = self.metrics.get("importance", [])
        most = max((row["value"] for row in rows), default=1.0) or 1.0
        return [ImportanceBar(row["label"], row["value"], round(100 * row["value"] / most, 2)) for row in rows]

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
            {"group": group, "costs": [(mission, by_key.get((group, mission), {})) for mission in missions]}
            for group in groups
        ]

    @property
    def cost_missions(self) -> list[str]:
        return in_order({row["mission"] for row in self.metrics.get("absent_cost", [])})

    @property
    def summary(self) -> str:
        """How good it is, in one sentence."""
        if self.pooled is None:
            return "This version has no figures of its own."
        block = self.pooled.block
        right = (
            "On stars that it had not seen it names the right one of three dispositions for "
            f"{100 * block['accuracy']:.0f}{NARROW_SPACE}% of signals"
        )
        if block.get("roc_auc") is None:
            return f"{right}."
        pairs = f"{100 * block['roc_auc']:.1f}{NARROW_SPACE}%"
        return f"{right}, and ranks a planet above a false positive in {pairs} of pairs."


def scale_marks() -> list[dict[str, Any]]:
    """Ticks of the square plot, for both axes."""
    return [
        {
            "text": f"{100 * share:.0f}",
            "x": round(PLOT_LEFT + PLOT_SIZE * share, 1),
            "y": round(PLOT_TOP + PLOT_SIZE * (1 - share), 1),
        }
        for share in (0, 0.25, 0.5, 0.75, 1)
    ]

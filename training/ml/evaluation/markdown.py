"""Pieces of Markdown that the sections of a model card share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from training.ml.schema import Mission


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    # A bar within a cell would begin another one.
    escaped = ([cell.replace("|", "\\|") for cell in line] for line in lines)
    return "\n".join("| " + " | ".join(line) + " |" for line in escaped)


def pooled_first(by_mission: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """One order, whatever the one in the file that the metadata come from."""
    order = ["pooled", *Mission]
    return sorted(by_mission.items(), key=lambda item: order.index(item[0]))


def number(value: float | None, digits: int = 3) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def spread(block: Mapping[str, Any], name: str) -> str:
    if name not in block:
        return "–"
    return f"{block[name]['mean']:.4f} ± {block[name]['std']:.4f}"

"""Shifts of inputs, as pages draw them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from training.figures import significant_text

SHIFTS_DRAWN = 6


_PLOT_WIDTH, _PLOT_HEIGHT, _PLOT_BASE = 300, 96, 78


@dataclass(frozen=True)
class ShiftPlot:
    """Shares per tenth of the training values: before as a line, now as bars."""

    shift: Mapping[str, Any]
    bars: list[dict[str, float]]
    line: str
    low: str
    high: str
    shares: list[dict[str, str]]


def shift_plots(shifts: Iterable[Mapping[str, Any]]) -> list[ShiftPlot]:
    """The largest shifts that are worth a look."""
    return [_shift_plot(shift) for shift in shifts if shift["size"] != "none"][:SHIFTS_DRAWN]


def _shift_plot(shift: Mapping[str, Any]) -> ShiftPlot:
    found, expected, edges = shift["found"], shift["expected"], shift["edges"]
    scale, width = _PLOT_BASE / max(*found, *expected), _PLOT_WIDTH / len(found)
    bars = [
        {
            "x": round(k * width + 2, 1),
            "y": round(_PLOT_BASE - share * scale, 1),
            "width": round(width - 4, 1),
            "height": round(share * scale, 1),
        }
        for k, share in enumerate(found)
    ]
    line = " ".join(
        f"{k * width:.1f},{_PLOT_BASE - share * scale:.1f}"
        f" {(k + 1) * width:.1f},{_PLOT_BASE - share * scale:.1f}"
        for k, share in enumerate(expected)
    )
    return ShiftPlot(
        shift, bars, line, significant_text(edges[0]), significant_text(edges[-1]), _shares(shift)
    )


def _shares(shift: Mapping[str, Any]) -> list[dict[str, str]]:
    edges = [significant_text(edge) for edge in shift["edges"]]
    bounds = [
        f"up to {edges[0]}",
        *(f"{a} to {b}" for a, b in pairwise(edges)),
        f"over {edges[-1]}",
    ]
    return [
        {"range": bound, "expected": f"{100 * before:.0f} %", "found": f"{100 * now:.0f} %"}
        for bound, before, now in zip(bounds, shift["expected"], shift["found"], strict=True)
    ]

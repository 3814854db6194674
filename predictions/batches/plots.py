"""The plots of a finished batch, worked out: templates draw them on the page and as files of their
own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from math import log10
from typing import Any, Final

import numpy as np

from predictions.batches.outcome import PERIOD_EDGES, RADIUS_EDGES, SCORE_BINS
from training import figures
from training.ml.schema import DISPOSITIONS

KINDS: Final = tuple(str(disposition).lower().replace(" ", "-") for disposition in DISPOSITIONS)
_EXTREME_BINS: Final = SCORE_BINS // 10  # a tenth of the scores at either end
_SMALL: Final = RADIUS_EDGES.index(4.0) + 1  # bins of radii below 4 Earth radii


def histogram(counts: list[list[int]]) -> dict[str, Any]:
    """Stacked bars of a 600 × 220 picture, and the same numbers for the table below it."""
    heights = np.array(counts)
    highest = max(1, int(heights.sum(axis=0).max()))
    left, width, bottom, height = 10.0, 29.0, 180.0, 165.0
    bars: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for place in range(SCORE_BINS):
        x, base = left + width * place + 1, bottom
        for number, kind in enumerate(KINDS):
            tall = height * counts[number][place] / highest
            if tall:
                bars[kind].append(f"M{x:g} {base:.1f}h{width - 2:g}v-{tall:.1f}h-{width - 2:g}z")
            base -= tall
    rows = [
        {
            "from": f"{place / SCORE_BINS:.2f}",
            "to": f"{(place + 1) / SCORE_BINS:.2f}",
            "counts": list(column),
        }
        for place, column in enumerate(zip(*counts, strict=True))
        if any(column)
    ]
    ticks = [
        {"x": f"{left + width * SCORE_BINS * t / 4:.0f}", "text": f"{t / 4:g}"} for t in range(5)
    ]
    ends = {"low": 0, "high": 1, "start": left, "end": left + width * SCORE_BINS}
    brush = [{"field": "score", "log": False, **ends}]
    return {
        "bars": {kind: "".join(paths) for kind, paths in bars.items()},
        "rows": rows,
        "ticks": ticks,
        "brush": brush,
        **_score_words(heights.sum(axis=0)),
    }


def _score_words(totals: Any) -> dict[str, str]:
    high, low, total = (
        int(part.sum()) for part in (totals[-_EXTREME_BINS:], totals[:_EXTREME_BINS], totals)
    )
    return {
        "title": likely_words(high, total, "signal"),
        "sentence": (
            f"Their planet score is above 0.9. {low:,} score below 0.1, {total - high - low:,} in"
            " between."
        ),
    }


def likely_words(likely: int, total: int, what: str) -> str:
    """A finding in one sentence."""
    if total == 1:
        return f"The {what} {'looks' if likely else 'does not look'} very much like a planet"
    if likely < 2:
        return f"{likely or 'None'} of {total:,} {what}s looks very much like a planet"
    return f"{likely:,} of {total:,} {what}s look very much like planets"


def period_radius(plot: dict[str, Any]) -> dict[str, Any] | None:
    """Points of a log–log diagram, 600 × 400; each disposition is one polyline whose corners carry
    its mark."""
    points = [pair for group in plot["points"] for pair in group]
    if not points:
        return None
    x_axis = _LogAxis([x for x, _ in points], 50, 590)
    y_axis = _LogAxis([y for _, y in points], 355, 15)
    lines = [
        {
            "kind": kind,
            "count": len(group),
            "points": " ".join(f"{x_axis(x):.0f},{y_axis(y):.0f}" for x, y in group),
        }
        for kind, group in zip(KINDS, plot["points"], strict=True)
        if group
    ]
    order = {"false-positive": 0, "candidate": 1, "confirmed": 2}  # planets on top
    lines.sort(key=lambda line: order[str(line["kind"])])
    return {
        "lines": lines,
        "brush": [x_axis.brush("period"), y_axis.brush("radius")],
        "x_ticks": x_axis.ticks(),
        "y_ticks": y_axis.ticks(),
        **plot,
        **_binned(plot.get("bins")),
    }


def _binned(bins: list[list[list[int]]] | None) -> dict[str, Any]:
    """The same signals counted by size and period, for those who do not see the plot. Older batches
    have no counts."""
    if bins is None:
        return {"title": "Radius against period", "sentence": "", "rows": []}
    counts = np.array(bins)
    small = [
        (kind, _share(counts[number]))
        for number, kind in enumerate(DISPOSITIONS)
        if counts[number].any()
    ]
    parts = [f"{share} of the {disposition} signals" for disposition, share in small]
    return {
        "title": "How large the planets would be, and how near to their stars",
        "sentence": f"Smaller than 4 Earth radii: {', '.join(parts)}." if parts else "",
        "rows": list(_bin_rows(counts)),
    }


def _share(counts: Any) -> str:
    return figures.probability_text(float(counts[:_SMALL].sum() / counts.sum()))


def _bin_rows(counts: Any) -> Iterator[Mapping[str, Any]]:
    for radius, of_radius in enumerate(_ranges(RADIUS_EDGES)):
        for period, of_period in enumerate(_ranges(PERIOD_EDGES)):
            if counts[:, radius, period].any():
                cells = [int(count) for count in counts[:, radius, period]]
                yield {"radius": of_radius, "period": of_period, "counts": cells}


def _ranges(edges: tuple[float, ...]) -> list[str]:
    between = [f"{low:g} to {high:g}" for low, high in pairwise(edges)]
    return [f"below {edges[0]:g}", *between, f"{edges[-1]:g} and more"]


def plot_context(key: str, summary: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the file of one plot is drawn from; None where there is no such plot."""
    if key == "scores":
        histogram_facts = histogram(summary["planet_scores"])
        return {
            "title": histogram_facts["title"],
            "width": 600,
            "height": 220,
            "histogram": histogram_facts,
        }
    plot = period_radius(summary["plot"]) if key == "period-radius" else None
    return {"title": plot["title"], "width": 600, "height": 400, "plot": plot} if plot else None


class _LogAxis:
    """Spans all but the outermost values, which are drawn at its ends: one absurd radius would
    squeeze the rest."""

    def __init__(self, values: list[float], start: float, end: float) -> None:
        low, high = np.quantile(values, (0.005, 0.995))
        self.low, self.high = log10(low / 1.1), log10(high * 1.1)
        self.start, self.end = start, end

    def __call__(self, value: float) -> float:
        share = (log10(value) - self.low) / (self.high - self.low)
        return self.start + (self.end - self.start) * min(1.0, max(0.0, share))

    def brush(self, field: str) -> dict[str, Any]:
        """Where the values of a filter's two fields stand in the picture."""
        ends = {"low": self.low, "high": self.high, "start": self.start, "end": self.end}
        return {"field": field, "log": True, **ends}

    def ticks(self) -> list[dict[str, Any]]:
        powers = range(int(np.ceil(self.low)), int(np.floor(self.high)) + 1)
        return [{"at": f"{self(10.0**power):.0f}", "text": f"{10.0**power:,g}"} for power in powers]

"""Sweeps as one SVG file: a panel per quantity, a line per signal, readable on light and dark
pages."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import log10
from typing import Final, Protocol

from training.ml.numbers import number
from training.ml.schema import FEATURE_BY_NAME


class Swept(Protocol):
    """A signal's planet scores along one quantity; ``given`` is its own value."""

    @property
    def signal(self) -> str: ...
    @property
    def feature(self) -> str: ...
    @property
    def given(self) -> float: ...
    @property
    def values(self) -> tuple[float, ...]: ...
    @property
    def scores(self) -> tuple[float, ...]: ...


WIDTH: Final = 960
_COLUMNS: Final = 2
_PANEL_WIDTH: Final = 460
_PANEL_HEIGHT: Final = 250
_LEFT: Final = 40
_TOP: Final = 30
_PLOT_WIDTH: Final = 400
_PLOT_HEIGHT: Final = 170
_COLOURS: Final = (
    # Told apart by hue and by dash, on white and on dark blue.
    "#3b82c4",
    "#c2702a",
    "#4b9c6a",
    "#b0578d",
    "#8a7ad1",
    "#a08a2c",
    "#4aa3a8",
    "#c75b5b",
    "#7d8b99",
    "#6f9e3a",
)
_DASHES: Final = ("", "6 3", "2 3")
_STYLE: Final = (
    "text{font:12px system-ui,sans-serif;fill:#333}.title{font-weight:600}.axis{stroke:#888}"
    ".grid{stroke:#ddd}.paper{fill:#fff}"
    "@media(prefers-color-scheme:dark){text{fill:#dde3ea}.axis{stroke:#8894a3}.grid{stroke:#2c3642}"
    ".paper{fill:#12181f}}"
)


def sweep_svg(sweeps: Sequence[Swept]) -> str:
    """The file's text. Each panel's horizontal axis is logarithmic."""
    features = list(dict.fromkeys(sweep.feature for sweep in sweeps))
    signals = list(dict.fromkeys(sweep.signal for sweep in sweeps))
    rows = -(-len(features) // _COLUMNS)
    legend = 24 * (-(-len(signals) // 4)) + 16
    height = rows * _PANEL_HEIGHT + legend
    panels = [
        _panel(
            [sweep for sweep in sweeps if sweep.feature == feature],
            signals,
            20 + (place % _COLUMNS) * _PANEL_WIDTH,
            (place // _COLUMNS) * _PANEL_HEIGHT,
        )
        for place, feature in enumerate(features)
    ]
    title = "Planet scores of well-known signals along single quantities"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"'
            f' aria-label="{title}">',
            f"<title>{title}</title><style>{_STYLE}</style>",
            f'<rect class="paper" width="{WIDTH}" height="{height}"/>',
            *panels,
            *_legend(signals, rows * _PANEL_HEIGHT),
            "</svg>\n",
        ]
    )


def _panel(sweeps: Sequence[Swept], signals: Sequence[str], x: float, y: float) -> str:
    feature = FEATURE_BY_NAME[sweeps[0].feature]
    every = [value for sweep in sweeps for value in (*sweep.values, sweep.given) if value > 0]
    low, high = log10(min(every)), log10(max(every))
    span = (high - low) or 1.0

    def place(value: float, score: float) -> tuple[float, float]:
        across = (log10(max(value, 10**low)) - low) / span * _PLOT_WIDTH
        return x + _LEFT + across, y + _TOP + (1 - score) * _PLOT_HEIGHT

    parts = [f'<text class="title" x="{x + _LEFT}" y="{y + 18}">{escape(_title(feature))}</text>']
    for score in (0.0, 0.5, 1.0):
        at = y + _TOP + (1 - score) * _PLOT_HEIGHT
        parts.append(
            f'<line class="grid" x1="{x + _LEFT}" x2="{x + _LEFT + _PLOT_WIDTH}" y1="{at:.1f}"'
            f' y2="{at:.1f}"/><text x="{x + 12}" y="{at + 4:.1f}">{score:.1f}</text>'
        )
    parts += [_tick(*place(value, 0.0), value) for value in _ticks(low, high)]
    for sweep in sweeps:
        line = " ".join(
            "{:.1f},{:.1f}".format(*place(value, score))
            for value, score in zip(sweep.values, sweep.scores, strict=True)
        )
        parts.append(
            f'<polyline fill="none" {_stroke(signals.index(sweep.signal))} points="{line}"/>'
        )
        across, down = place(sweep.given, sweep.scores[_nearest(sweep)])
        colour = _COLOURS[signals.index(sweep.signal) % len(_COLOURS)]
        parts.append(f'<circle cx="{across:.1f}" cy="{down:.1f}" r="3.5" fill="{colour}"/>')
    return "\n".join(parts)


def _title(feature: object) -> str:
    label, unit = getattr(feature, "label", ""), getattr(feature, "unit", "")
    return f"{label} ({unit})" if unit else label


def _ticks(low: float, high: float) -> list[float]:
    """Powers of ten within the range; steps of about a third of one where there are fewer than
    two."""
    powers = [10.0**power for power in range(-12, 13) if low <= power <= high]
    if len(powers) >= 2:
        return powers
    steps = [step * 10.0**power for power in range(-12, 13) for step in (1, 2, 5)]
    return [step for step in steps if low <= log10(step) <= high]


def _tick(across: float, down: float, value: float) -> str:
    return (
        f'<line class="axis" x1="{across:.1f}" x2="{across:.1f}" '
        f'y1="{down:.1f}" y2="{down + 4:.1f}"/>'
        f'<text x="{across:.1f}" y="{down + 18:.1f}" text-anchor="middle">'
        f"{number(float(f'{value:.2g}'))}</text>"
    )


def _nearest(sweep: Swept) -> int:
    """The point of the curve that the given value stands at; distances are those of a log axis."""
    if sweep.given <= 0:
        return 0
    distances = [abs(log10(value) - log10(sweep.given)) for value in sweep.values]
    return distances.index(min(distances))


def _stroke(number: int) -> str:
    dash = _DASHES[number % len(_DASHES)]
    colour = _COLOURS[number % len(_COLOURS)]
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'stroke="{colour}" stroke-width="1.8"{dashed}'


def _legend(signals: Sequence[str], top: float) -> list[str]:
    parts = []
    for place, signal in enumerate(signals):
        x, y = 60 + (place % 4) * 220, top + 20 + (place // 4) * 24
        parts.append(
            f'<line x1="{x}" x2="{x + 28}" y1="{y}" y2="{y}" {_stroke(place)}/>'
            f'<text x="{x + 36}" y="{y + 4}">{escape(signal)}</text>'
        )
    return parts

"""The waterfall of an explanation: its geometry for the page's inline SVG, and a PNG image with the
same bars."""

from __future__ import annotations

import io
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, log10
from typing import TYPE_CHECKING, Any, Final, Literal

from training.ml.explanations.explanation import Contribution, Explanation, top
from training.ml.numbers import fixed, signed, with_minus

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Direction = Literal["start", "for", "against", "end"]

SHOWN: Final = 10
MARGIN: Final = (
    2.0  # percent of the width left free on both sides, so that nothing sits on the edge
)


@dataclass(frozen=True)
class Bar:
    """One row of a waterfall. ``start`` and ``end`` are raw scores; ``x0`` ≤ ``x1`` are percent of
    the width.

    The first row is the average signal and the last one this signal: they have no width.
    """

    feature: str
    label: str
    value: str
    contribution: str
    direction: Direction
    start: float
    end: float
    x0: float
    x1: float

    @property
    def text(self) -> str:
        """Label and value in one line."""
        if not self.value:
            return self.label
        return (
            f"{self.label} {self.value}"
            if self.value == "not given"
            else f"{self.label} = {self.value}"
        )

    @property
    def width(self) -> float:
        return self.x1 - self.x0


def waterfall_bars(explanation: Explanation, n: int = SHOWN) -> list[Bar]:
    """Rows from the average signal to this one: the ``n`` largest contributions, or as many more as
    it takes until the others, folded into one, are less than the largest."""
    parts, scores, scale = _steps(explanation, n)
    base, score = explanation.base_value, explanation.raw_score
    return [
        Bar(
            "", "Average signal", "", _unsigned(base), "start", base, base, scale(base), scale(base)
        ),
        *(
            Bar(
                part.feature,
                part.label,
                part.value_text,
                signed(part.contribution),
                "against" if part.contribution < 0 else "for",
                start,
                end,
                scale(min(start, end)),
                scale(max(start, end)),
            )
            for part, (start, end) in zip(parts, pairwise(scores), strict=True)
        ),
        Bar(
            "", "This signal", "", _unsigned(score), "end", score, score, scale(score), scale(score)
        ),
    ]


def _steps(
    explanation: Explanation, n: int
) -> tuple[tuple[Contribution, ...], list[float], _Scale]:
    """What is drawn, the raw scores between, and where these stand."""
    parts = top(explanation, _enough(explanation, n))
    scores = [explanation.base_value]
    for part in parts:
        scores.append(scores[-1] + part.contribution)
    return parts, scores, _Scale(min(scores), max(scores))


def _enough(explanation: Explanation, n: int) -> int:
    """How many bars, ``n`` at least, leave no more to the others than the largest one has: a reason
    without a name is no reason."""
    sizes = [part.contribution for part in explanation.contributions]
    largest = max(map(abs, sizes), default=0.0)
    enough = (shown for shown in range(n, len(sizes)) if abs(sum(sizes[shown:])) < largest)
    return next(enough, len(sizes))


@dataclass(frozen=True)
class AxisTick:
    """``x`` in percent of the width."""

    x: float
    text: str


AXIS_TICKS: Final = 4
"""About so many; as many as round numbers allow."""


def waterfall_axis(explanation: Explanation, n: int = SHOWN) -> list[AxisTick]:
    """Round raw scores along the bars of ``waterfall_bars``."""
    scale = _steps(explanation, n)[2]
    step = _round_step((scale.high - scale.low) / AXIS_TICKS)
    if not step:
        return [AxisTick(scale(scale.low), _unsigned(scale.low))]
    decimals = max(0, -floor(log10(step)))
    first, last = ceil(scale.low / step), floor(scale.high / step)
    return [
        AxisTick(scale(number * step), with_minus(fixed(number * step, decimals)))
        for number in range(first, last + 1)
    ]


def _round_step(width: float) -> float:
    """The nearest of 1, 2 and 5 times a power of ten."""
    if width <= 0:
        return 0.0
    power = 10.0 ** floor(log10(width))
    return power * min((1, 2, 5, 10), key=lambda digit: abs(log10(width / power / digit)))


@dataclass(frozen=True)
class _Scale:
    low: float
    high: float

    def __call__(self, score: float) -> float:
        """Percent of the width."""
        span = self.high - self.low
        share = (score - self.low) / span if span else 0.5
        return round(MARGIN + share * (100 - 2 * MARGIN), 3)


def _unsigned(score: float) -> str:
    return with_minus(fixed(score, 2))


# --- the image ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Colours:
    """Those of ``static/site.css``.
    Blue and orange stay apart with every common colour blindness."""

    surface: str
    text: str
    muted: str
    rule: str
    towards: str
    against: str


LIGHT: Final = Colours("#ffffff", "#19212c", "#55606f", "#d8dee6", "#1f6fb2", "#bd5318")
DARK: Final = Colours("#0e1420", "#e5eaf2", "#a2aec0", "#2c384b", "#6db3ee", "#f09a5e")

WIDTH: Final = 9.0  # inches, as everything below
ROW: Final = 0.38
LABELS: Final = 4.1
HEAD: Final = 0.95
FOOT: Final = 0.25
LABEL_CHARACTERS: Final = 54
NUMBERS: Final = 0.62  # room for a number beside a bar


def waterfall_png(explanation: Explanation, dark: bool = False) -> bytes:
    """The waterfall as a PNG image, 1,350 pixels wide, on a light or dark surface."""
    image = io.BytesIO()
    figure = waterfall_figure(explanation, dark)
    figure.savefig(
        image, format="png", dpi=150, metadata={"Title": title(explanation), "Software": None}
    )
    return image.getvalue()


def waterfall_figure(explanation: Explanation, dark: bool = False) -> Figure:
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # costs half a second to import
    from matplotlib.figure import Figure

    bars = waterfall_bars(explanation)
    colours = DARK if dark else LIGHT
    # pyplot would be global and is not safe in threads; a Figure of its own is.
    figure = Figure(figsize=(WIDTH, HEAD + ROW * len(bars) + FOOT), facecolor=colours.surface)
    FigureCanvasAgg(figure)
    _draw_title(figure, explanation, colours)
    _draw_bars(_axes(figure, bars, colours), bars, colours)
    return figure


def title(explanation: Explanation) -> str:
    return f"Why {explanation.disposition}: from the average signal to this one"


def _draw_title(figure: Figure, explanation: Explanation, colours: Colours) -> None:
    height = figure.get_figheight()
    figure.text(
        0.025, 1 - 0.34 / height, title(explanation), size=13, weight="bold", color=colours.text
    )
    figure.text(
        0.025,
        1 - 0.63 / height,
        f"To the right speaks for {explanation.disposition}, to the left against it. "
        "Unit: raw score (log-odds), before calibration.",
        size=9,
        color=colours.muted,
    )


def _axes(figure: Figure, bars: list[Bar], colours: Colours) -> Axes:
    """One unit of height per bar, downwards; scores to the right, with room for the numbers on both
    sides."""
    height = figure.get_figheight()
    axes = figure.add_axes(
        (LABELS / WIDTH, FOOT / height, 1 - (LABELS + 0.15) / WIDTH, ROW * len(bars) / height)
    )
    scores = [score for bar in bars for score in (bar.start, bar.end)]
    low, high = min(scores), max(scores)
    per_inch = (high - low or 1.0) / (WIDTH - LABELS - 0.15 - 2 * NUMBERS)
    axes.set_xlim(low - NUMBERS * per_inch, high + NUMBERS * per_inch)
    axes.set_ylim(len(bars) - 0.5, -0.5)
    axes.set_axis_off()
    axes.axvline(bars[0].start, color=colours.rule, linewidth=1, zorder=0)
    return axes


def _draw_bars(axes: Axes, bars: list[Bar], colours: Colours) -> None:
    for row, bar in enumerate(bars):
        _draw_label(axes, row, bar, colours)
        if bar.direction in ("start", "end"):
            _draw_mark(axes, row, bar, colours)
        else:
            _draw_bar(axes, row, bar, colours)
    for row, (above, below) in enumerate(pairwise(bars)):
        axes.plot(
            [above.end, below.start], [row + 0.32, row + 0.68], color=colours.muted, linewidth=0.8
        )


def _draw_label(axes: Axes, row: int, bar: Bar, colours: Colours) -> None:
    is_sum = bar.direction in ("start", "end")
    absent = bar.value == "not given" or not bar.value
    axes.annotate(
        (
            bar.text
            if len(bar.text) <= LABEL_CHARACTERS
            else f"{bar.label}\n{bar.text.removeprefix(bar.label).strip()}"
        ),
        xy=(0, row),
        xycoords=("axes fraction", "data"),
        xytext=(-8, 0),
        textcoords="offset points",
        ha="right",
        va="center",
        size=9,
        linespacing=1.1,
        annotation_clip=False,
        weight="bold" if is_sum else "normal",
        color=colours.muted if absent and not is_sum else colours.text,
    )


def _draw_mark(axes: Axes, row: int, bar: Bar, colours: Colours) -> None:
    axes.plot(
        [bar.end] * 2,
        [row - 0.32, row + 0.32],
        color=colours.text,
        linewidth=2.5,
        solid_capstyle="butt",
    )
    _draw_number(axes, row, bar.end, bar.contribution, "right", weight="bold", color=colours.text)


def _draw_bar(axes: Axes, row: int, bar: Bar, colours: Colours) -> None:
    towards = bar.direction == "for"
    colour = colours.towards if towards else colours.against
    axes.barh(row, bar.end - bar.start, left=bar.start, height=0.64, color=colour, linewidth=0)
    _draw_number(axes, row, bar.end, bar.contribution, "right" if towards else "left", color=colour)


def _draw_number(
    axes: Axes, row: int, score: float, text: str, side: Literal["left", "right"], **style: Any
) -> None:
    """A number beside the end of a bar."""
    right = side == "right"
    axes.annotate(
        text,
        xy=(score, row),
        xytext=(5 if right else -5, 0),
        textcoords="offset points",
        ha="left" if right else "right",
        va="center",
        size=9,
        annotation_clip=False,
        **style,
    )

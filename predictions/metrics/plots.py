"""Plots of the metrics page as SVG files: on a see-through surface for the page, titled and on
white to take away."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from training.ml.explanations.waterfall import DARK, LIGHT, Colours
from training.versions.scorecard import ImportanceBar

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LOWEST: Final = 30  # percent: the most probable of three dispositions has at least a third
TICKS: Final = (40, 60, 80, 100)
SIDE: Final = 4.4  # inches, as everything below
TITLE: Final = 0.45
BAR: Final = 0.28
LARGEST_DOT: Final = 130.0
NORMAL: Final = 1.96  # standard errors of a 95 % interval


def reliability_svg(
    rows: Sequence[Mapping[str, Any]], *, dark: bool = False, title: str = ""
) -> bytes:
    """What was said against what came true. ``rows`` as
    ``training.ml.evaluation.measures.reliability`` makes them."""
    colours = DARK if dark else LIGHT
    figure = _figure((SIDE, SIDE + (TITLE if title else 0)), colours, title)
    axes = figure.add_axes((0.12, 0.12, 0.84, 0.84 * SIDE / figure.get_figheight()))
    _style(axes, colours)
    axes.plot([LOWEST, 100], [LOWEST, 100], color=colours.muted, linewidth=1, dashes=(4, 4))
    axes.annotate(
        "as promised",
        (70, 70),
        xytext=(19, -19),
        textcoords="offset points",
        ha="center",
        va="top",
        rotation=45,
        rotation_mode="anchor",
        size=10,
        color=colours.muted,
    )
    _draw_bins(axes, rows, colours)
    axes.set_xlim(LOWEST, 101)
    axes.set_ylim(LOWEST, 101)
    axes.set_xticks(TICKS)
    axes.set_yticks(TICKS)
    axes.set_xlabel("probability given, %")
    axes.set_ylabel("came true, %")
    return _svg(figure, title)


def _draw_bins(axes: Axes, rows: Sequence[Mapping[str, Any]], colours: Colours) -> None:
    most = max((row["signals"] for row in rows), default=1)
    said = [100 * row["said"] for row in rows]
    for x, row in zip(said, rows, strict=True):
        low, high = wilson(row["observed"], row["signals"])
        axes.plot([x, x], [100 * low, 100 * high], color=colours.towards, linewidth=1.2, alpha=0.6)
    sizes = [12 + LARGEST_DOT * row["signals"] / most for row in rows]
    axes.scatter(
        said,
        [100 * row["observed"] for row in rows],
        s=sizes,
        color=colours.towards,
        linewidths=0,
        zorder=3,
    )


def wilson(share: float, count: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927, JASA 22, 209); it never has width 0, unlike the usual
    one."""
    square = NORMAL**2 / count
    middle = (share + square / 2) / (1 + square)
    half = NORMAL / (1 + square) * (share * (1 - share) / count + square / (4 * count)) ** 0.5
    return max(0.0, middle - half), min(1.0, middle + half)


def importance_svg(bars: Sequence[ImportanceBar], *, dark: bool = False, title: str = "") -> bytes:
    """Mean size of contributions, the largest on top."""
    colours = DARK if dark else LIGHT
    figure = _figure((2 * SIDE, BAR * len(bars) + 0.7 + (TITLE if title else 0)), colours, title)
    height = figure.get_figheight()
    axes = figure.add_axes((0.38, 0.55 / height, 0.54, BAR * len(bars) / height))
    _style(axes, colours)
    rows = range(len(bars))
    axes.barh(rows, [bar.value for bar in bars], height=0.7, color=colours.towards)
    axes.set_yticks(rows, [bar.label for bar in bars])
    axes.set_ylim(len(bars) - 0.4, -0.6)
    for row, bar in zip(rows, bars, strict=True):
        axes.annotate(
            f"{bar.value:.3f}",
            (bar.value, row),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            size=10,
            color=colours.text,
            annotation_clip=False,
        )
    axes.grid(visible=False)
    axes.set_xlabel("mean contribution to the raw score")
    return _svg(figure, title)


def _figure(size: tuple[float, float], colours: Colours, title: str) -> Figure:
    import matplotlib as mpl  # costs half a second to import
    from matplotlib.figure import Figure

    # Letters stay letters, to be read and searched, and equal figures give equal files. Nobody else
    # here draws SVG.
    mpl.rcParams["svg.fonttype"], mpl.rcParams["svg.hashsalt"] = "none", "exoplanet-site"
    # pyplot would be global and is not safe in threads; a Figure of its own is.
    figure = Figure(figsize=size, facecolor=colours.surface if title else "none")
    if title:
        top = 1 - 0.28 / size[1]
        figure.text(0.03, top, title, size=12, weight="bold", color=colours.text, va="center")
    return figure


def _style(axes: Axes, colours: Colours) -> None:
    axes.set_facecolor("none")
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, labelsize=11, labelcolor=colours.muted)
    axes.grid(color=colours.rule, linewidth=0.8)
    axes.set_axisbelow(True)
    for label in (axes.xaxis.label, axes.yaxis.label):
        label.set(size=11, color=colours.text)


def _svg(figure: Figure, title: str) -> bytes:
    image = io.BytesIO()
    figure.savefig(
        image,
        format="svg",
        metadata={"Date": None, "Creator": None} | ({"Title": title} if title else {}),
    )
    return image.getvalue()

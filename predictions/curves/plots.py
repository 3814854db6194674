"""The plots of a searched light curve, worked out: templates draw them on the page and as files of
their own. Everything comes from the numbers that the search stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import ceil
from typing import Any, Final

from predictions.curves.frames import LEFT, RIGHT, Drawn, Frame, nice_steps
from predictions.curves.plots_whole import curve_plot, periodogram_plot, signal_of
from training.ml.numbers import with_minus

_BRIGHTER: Final = 0.35  # of the depth above the level, shown in a frame
SHADES: Final = 6


def plots_of(plots: Mapping[str, Any] | None, result: Mapping[str, Any], order: int) -> list[Drawn]:
    """All plots of one signal, or those of a search that found none (``order`` 0)."""
    if not plots:
        return []
    drawn = [PLOTS[key](plots, result, order) for key in PLOTS]
    return [one for one in drawn if one is not None]


def plot_named(
    key: str, plots: Mapping[str, Any] | None, result: Mapping[str, Any], order: int
) -> Drawn | None:
    return PLOTS[key](plots, result, order) if plots and key in PLOTS else None


# --- folded ---------------------------------------------------------------------------------------


def _level(signal: Mapping[str, Any], *bins: Mapping[str, Any]) -> tuple[float, float]:
    """The lowest and the highest ppm of a frame that shows the dip and the noise around it."""
    depth = 1e6 * signal["depth"]
    values = [y for one in bins for y in one["y"]] or [0]
    low = min(-1.25 * depth, *(max(y, -2.5 * depth) for y in values))
    high = max(_BRIGHTER * depth, *(min(y, depth) for y in values))
    return low, 1.1 * high


def _folded(plots: Mapping[str, Any], result: Mapping[str, Any], order: int) -> Drawn | None:
    if not (signal := signal_of(plots, order)):
        return None
    drawn = Drawn(
        "folded",
        f"All transits on top of each other, every {signal['ephemeris'][0]:.6g} d",
        "Small: points; large: their means with uncertainty; line: the transit that was fitted.",
        262,
    )
    half, bins = signal["half"], signal["folded"]
    low, high = _level(signal, bins)
    cloud = sorted(y for _, y in signal["cloud"])
    if cloud:  # the noise of single points, as long as it does not hide the dip
        low = min(low, max(cloud[len(cloud) // 50], 2.5 * low))
        high = max(high, min(cloud[-1 - len(cloud) // 50], -1.5 * low))
    frame = Frame(LEFT, RIGHT, 12, 216, -half, half, low, high)
    drawn.frame(frame, "hours from mid-transit")
    drawn.path("curve-cloud", _dots(signal["cloud"], frame))
    drawn.path("curve-model", _line(signal["model"], frame))
    _means(drawn, bins, frame)
    return drawn


def _dots(points: Sequence[Sequence[float]], frame: Frame) -> str:
    return "".join(
        f"M{frame.x(x):.0f} {frame.y(y):.0f}h0" for x, y in points if frame.low <= y <= frame.high
    )


def _line(points: Sequence[Sequence[float]], frame: Frame) -> str:
    return "M" + "L".join(f"{frame.x(x):.0f} {frame.y(y):.0f}" for x, y in points)


def _means(drawn: Drawn, bins: Mapping[str, Any], frame: Frame) -> None:
    triples = list(zip(bins["x"], bins["y"], bins["error"], strict=True))
    bars = (f"M{frame.x(x):.0f} {frame.y(y + e):.0f}V{frame.y(y - e):.0f}" for x, y, e in triples)
    drawn.path("curve-bar", "".join(bars))
    drawn.path("curve-dot", "".join(f"M{frame.x(x):.0f} {frame.y(y):.0f}h0" for x, y, _ in triples))


def _odd_even(plots: Mapping[str, Any], result: Mapping[str, Any], order: int) -> Drawn | None:
    if not (signal := signal_of(plots, order)):
        return None
    facts = result["signals"][order - 1]["odd_even"]
    sigma = facts["sigma"] or 0.0
    said = (
        f"{facts['odd_depth_ppm'] or 0:,.0f} and {facts['even_depth_ppm'] or 0:,.0f} ppm,"
        f" {sigma:.1f} σ apart. Dashed: the depth of all transits together."
    )
    drawn = Drawn("odd-even", "Odd transits and even ones, each folded by themselves", said, 222)
    panels = ((signal["odd"], "odd"), (signal["even"], "even"))
    _two_panels(drawn, signal, panels)
    return drawn


def _two_panels(
    drawn: Drawn,
    signal: Mapping[str, Any],
    panels: Sequence[tuple[Mapping[str, Any], str]],
    top: float = 24,
    shared: tuple[float, float] | None = None,
) -> None:
    low, high = shared or _level(signal, *(bins for bins, _ in panels))
    half = signal["half"]
    for number, (bins, words) in enumerate(panels):
        left = LEFT + number * 275
        frame = Frame(left, left + 245, top, top + 152, -half, half, low, high, 5)
        drawn.frame(frame, "hours" if number else "", 4 if not number else 0)
        depth = -1e6 * signal["depth"]
        if low <= depth <= high:
            drawn.path("guide", f"M{left:.0f} {frame.y(depth):.1f}H{left + 245:.0f}")
        drawn.text(left + 4, top - 8, words, "start", "plot-strong")
        _means(drawn, bins, frame)


def _secondary(plots: Mapping[str, Any], result: Mapping[str, Any], order: int) -> Drawn | None:
    if not (signal := signal_of(plots, order)):
        return None
    facts = result["signals"][order - 1]["secondary"]
    phase, sigma = facts["phase"] or 0.0, facts["sigma"] or 0.0
    said = (
        f"The strongest dip besides the transit is {facts['depth_ppm'] or 0:,.0f} ppm deep, at"
        f" phase {phase:.2f} ({sigma:.1f} σ). Dashed above: where the two lower parts are taken;"
        " the transit itself lies below the frame."
    )
    drawn = Drawn("secondary", "Is there a second dip in the orbit?", said, 388)
    bins = signal["orbit"]
    low, high = _noise_level(signal, bins)
    frame = Frame(LEFT, RIGHT, 14, 136, -0.25, 0.75, low, high)
    drawn.frame(frame, "phase")
    for mark in {phase - (phase > 0.75), 0.5}:
        drawn.path("guide", f"M{frame.x(mark):.1f} 14V136")
    drawn.path("curve-dot", _clipped(bins, frame))
    panels = (
        (signal["secondary"], f"phase {phase:.2f}, the strongest"),
        (signal["half_orbit"], "phase 0.50"),
    )
    _two_panels(drawn, signal, panels, 190, _noise_level(signal, *(one for one, _ in panels)))
    return drawn


def _noise_level(signal: Mapping[str, Any], *bins: Mapping[str, Any]) -> tuple[float, float]:
    """As the noise is, not as the transit: a shallow second dip would not be seen otherwise."""
    values = sorted(y for one in bins for y in one["y"]) or [0]
    low, high = values[len(values) // 10], values[-1 - len(values) // 10]
    room = 2.5 * max(high - low, 1)
    return max(low - room, 1.2 * values[0]), high + 0.5 * room


def _clipped(bins: Mapping[str, Any], frame: Frame) -> str:
    """What lies outside is drawn at the frame's end."""
    return "".join(
        f"M{frame.x(x):.0f} {frame.y(y):.0f}h0" for x, y in zip(bins["x"], bins["y"], strict=True)
    )


# --- one by one -----------------------------------------------------------------------------------


def _transits(plots: Mapping[str, Any], result: Mapping[str, Any], order: int) -> Drawn | None:
    signal = signal_of(plots, order)
    if not signal or not signal["transits"]:
        return None
    shown, seen = signal["transits"], signal["seen"]
    rows = ceil(len(shown) / 4)
    zero = result["curve"].get("time_zero") or 0.0
    drawn = Drawn(
        "transits",
        "Each transit by itself" if len(shown) == seen else f"{len(shown)} of {seen} transits",
        "Numbered from the one that the mid-transit time names; below each its depth in ppm."
        " Dashed: the depth of all together.",
        rows * 124.0,
    )
    low, high = _level(signal, *(one["bins"] for one in shown))
    for place, one in enumerate(shown):
        left, top = 6 + 149.0 * (place % 4), 124.0 * (place // 4) + 20
        half = signal["half"]
        frame = Frame(left, left + 138, top, top + 78, -half, half, low, high, 0)
        depth = frame.y(-1e6 * signal["depth"])
        drawn.path("gridline", f"M{left:.0f} {frame.y(0):.1f}h138")
        drawn.path("guide", f"M{left:.0f} {depth:.1f}h138")
        drawn.path("curve-dot", _clipped(one["bins"], frame))
        drawn.text(left, top - 6, with_minus(f"{one['number']}: {zero + one['time']:.2f}"), "start")
        error = with_minus(f"{one['depth']:,} ± {one['error']:,}")
        drawn.text(left, top + 94, error, "start", "plot-strong")
    return drawn


def _river(plots: Mapping[str, Any], result: Mapping[str, Any], order: int) -> Drawn | None:
    signal = signal_of(plots, order)
    if not signal or not signal["river"]["rows"]:
        return None
    rows, numbers = signal["river"]["rows"], signal["river"]["numbers"]
    tall = max(7.0, min(20.0, 280 / len(rows)))
    drawn = Drawn(
        "river",
        "Transit after transit, from the first at the top",
        "The fuller the colour, the fainter the star. A transit that comes early or late bends the"
        " band; one that is not there breaks it. Empty: no data.",
        len(rows) * tall + 44,
    )
    half = signal["half"]
    width = (RIGHT - LEFT) / len(rows[0])
    shades: dict[int, list[str]] = {}
    for row, values in enumerate(rows):
        for at, length, shade in _runs(values, 1e6 * signal["depth"]):
            shades.setdefault(shade, []).append(f"M{at} {row}h{length}v1h-{length}z")
    drawn.grid = f"translate({LEFT:.0f} 0) scale({width:.3f} {tall:.3f})"
    drawn.cells = [(f"river-{shade}", "".join(shades[shade])) for shade in sorted(shades)]
    bottom = len(rows) * tall
    frame = Frame(LEFT, RIGHT, 0, bottom, -half, half, 0, 1)
    for value in nice_steps(-half, half, 7):
        drawn.text(frame.x(value), bottom + 16, with_minus(f"{value:g}"))
    drawn.text(RIGHT, bottom + 34, "hours from mid-transit", "end")
    for row in (0, len(rows) - 1):
        drawn.text(LEFT - 5, row * tall + tall / 2 + 4, with_minus(str(numbers[row][0])), "end")
    return drawn


def _runs(values: Sequence[int | None], depth: float) -> list[tuple[int, int, int]]:
    """Neighbouring cells of one shade: first, how many, and the shade from 0 (bright)."""
    runs: list[tuple[int, int, int]] = []
    for at, value in enumerate(values):
        if value is None:
            continue
        share = (-value / max(depth, 1.0) + 0.4) / 1.6
        shade = min(SHADES - 1, max(0, int(share * SHADES)))
        if runs and runs[-1][2] == shade and runs[-1][0] + runs[-1][1] == at:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1, shade)
        else:
            runs.append((at, 1, shade))
    return runs


Draw = Callable[[Mapping[str, Any], Mapping[str, Any], int], Drawn | None]
PLOTS: Final[Mapping[str, Draw]] = {
    "curve": curve_plot,
    "periodogram": periodogram_plot,
    "folded": _folded,
    "odd-even": _odd_even,
    "secondary": _secondary,
    "transits": _transits,
    "river": _river,
}

"""The plots of the whole light: as it came and without trend, and its periodogram."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, floor, log10
from typing import Any, Final

from predictions.curves.frames import LEFT, RIGHT, Drawn, Frame, nice_steps

MOST_TICKS_OF_TRANSITS: Final = 150


def signal_of(plots: Mapping[str, Any], order: int) -> Mapping[str, Any] | None:
    signals = plots["signals"]
    return signals[order - 1] if 1 <= order <= len(signals) else None


# --- the whole curve ------------------------------------------------------------------------------


def curve_plot(plots: Mapping[str, Any], result: Mapping[str, Any], order: int) -> Drawn:
    pieces = plots["pieces"]
    zero = result["curve"].get("time_zero")
    drawn = Drawn(
        "curve",
        "The light as it came, and without the star's own variation",
        "Each column spans the lowest to the highest point in it."
        + (" Ticks mark the transits of this signal." if signal_of(plots, order) else "")
        + (" Stretches without data over five days are left out." if len(pieces) > 1 else ""),
        300,
    )
    places = _places(pieces)
    for top, names, words in (
        (24.0, ("low", "high"), "as it came, ppm"),
        (156.0, ("flat_low", "flat_high"), "without trend, ppm"),
    ):
        values = [value for piece in pieces for name in names for value in piece[name]]
        frame = _frame_of(values, top, top + 96)
        drawn.frame(_bare(frame))
        drawn.text(LEFT, top - 8, words, "start")
        for piece, place in zip(pieces, places, strict=True):
            drawn.path("curve-span", _columns(piece, names, place, frame))
    if signal := signal_of(plots, order):
        drawn.path("curve-mark", _transit_marks(signal, pieces, places))
    _time_axis(drawn, pieces, places, zero)
    return drawn


def _bare(frame: Frame) -> Frame:
    """Without ticks along x."""
    return Frame(
        frame.left,
        frame.right,
        frame.top,
        frame.bottom,
        frame.start,
        frame.end,
        frame.low,
        frame.high,
        0,
    )


def _frame_of(values: Sequence[int], top: float, bottom: float) -> Frame:
    """Spans all but the outermost hundredth, which is drawn at its ends."""
    ordered = sorted(values)
    low, high = ordered[len(ordered) // 500], ordered[-1 - len(ordered) // 200]
    room = 0.06 * max(high - low, 1)
    return Frame(LEFT, RIGHT, top, bottom, 0, 1, low - room, high + room)


Place = tuple[float, float]
"""Where a piece begins in the picture, and pixels per day."""


def _places(pieces: Sequence[Mapping[str, Any]]) -> list[Place]:
    gap = 8.0
    days = sum(piece["end"] - piece["start"] for piece in pieces)
    scale = (RIGHT - LEFT - gap * (len(pieces) - 1)) / max(days, 1e-9)
    places, at = [], LEFT
    for piece in pieces:
        places.append((at, scale))
        at += scale * (piece["end"] - piece["start"]) + gap
    return places


def _columns(piece: Mapping[str, Any], names: tuple[str, str], place: Place, frame: Frame) -> str:
    low, high = piece[names[0]], piece[names[1]]
    parts = []
    for time, a, b in zip(piece["time"], low, high, strict=True):
        x = place[0] + place[1] * (time - piece["start"])
        top, bottom = frame.y(b), frame.y(a)
        parts.append(f"M{x:.0f} {top:.0f}v{max(bottom - top, 1):.0f}")
    return "".join(parts)


def _transit_marks(
    signal: Mapping[str, Any], pieces: Sequence[Mapping[str, Any]], places: Sequence[Place]
) -> str:
    period, epoch, _ = signal["ephemeris"]
    parts = []
    for piece, (at, scale) in zip(pieces, places, strict=True):
        first = ceil((piece["start"] - epoch) / period)
        last = floor((piece["end"] - epoch) / period)
        for number in range(first, last + 1):
            x = at + scale * (epoch + number * period - piece["start"])
            parts.append(f"M{x:.1f} 254v6")
    return "".join(parts) if len(parts) <= MOST_TICKS_OF_TRANSITS else ""


def _time_axis(
    drawn: Drawn, pieces: Sequence[Mapping[str, Any]], places: Sequence[Place], zero: Any
) -> None:
    last = -99.0
    for piece, (at, scale) in zip(pieces, places, strict=True):
        width = scale * (piece["end"] - piece["start"])
        for value in nice_steps(piece["start"], piece["end"], max(1, int(width // 90))):
            x = at + scale * (value - piece["start"])
            if x - last > 48:
                drawn.text(x, 274, f"{value:g}")
                drawn.path("axis", f"M{x:.1f} 260v4")
                last = x
    unit = "days in the file's time" if zero is None else f"BJD − {zero:,.10g}, days"
    drawn.text(RIGHT, 292, unit, "end")


# --- the periodogram ------------------------------------------------------------------------------


def periodogram_plot(
    plots: Mapping[str, Any], result: Mapping[str, Any], order: int
) -> Drawn | None:
    numbers = plots["periodograms"]
    at = max(order, 1) - 1
    found = numbers[at] if at < len(numbers) else None
    if not found:
        return None
    signal = signal_of(plots, order)
    drawn = Drawn(
        "periodogram",
        "How strong the best box is at each period",
        "S/N with white noise, of what was left when the signals before were taken out."
        + (" Marked: the period given; dashed: its half and its double." if signal else ""),
        208,
    )
    periods, strengths = found["period"], found["strength"]
    frame = Frame(
        LEFT, RIGHT, 14, 166, log10(periods[0]), log10(periods[-1]), 0, 1.08 * max(strengths), 0
    )
    for value in nice_steps(0, frame.high, 4):
        drawn.path("gridline", f"M{LEFT:.0f} {frame.y(value):.1f}H{RIGHT:.0f}")
        drawn.text(LEFT - 5, frame.y(value) + 4, f"{value:g}", "end")
    for value in (0.3, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000):
        if periods[0] <= value <= periods[-1]:
            drawn.text(frame.x(log10(value)), 182, f"{value:g}")
    if signal:
        period = signal["ephemeris"][0]
        for times, css in ((1, "curve-mark"), (0.5, "guide"), (2, "guide")):
            if periods[0] <= times * period <= periods[-1]:
                drawn.path(css, f"M{frame.x(log10(times * period)):.1f} 14V166")
    points = (
        f"{frame.x(log10(p)):.1f} {frame.y(s):.1f}" for p, s in zip(periods, strengths, strict=True)
    )
    drawn.path("curve-line", "M" + "L".join(points))
    drawn.path("axis", f"M{LEFT:.0f} 166H{RIGHT:.0f}")
    drawn.text(RIGHT, 200, "period, days", "end")
    return drawn

"""Where values stand in a picture, which of them are written at its edge, and what is drawn."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil, floor, log10
from typing import Final

from training.ml.numbers import with_minus

WIDTH: Final = 600.0
LEFT: Final = 62.0
RIGHT: Final = 592.0


@dataclass(frozen=True)
class Frame:
    """A rectangle of the picture, and what its edges mean."""

    left: float
    right: float
    top: float
    bottom: float
    start: float
    end: float
    low: float
    high: float
    x_ticks: int = 7

    def x(self, value: float) -> float:
        share = (value - self.start) / max(self.end - self.start, 1e-12)
        return self.left + (self.right - self.left) * share

    def y(self, value: float) -> float:
        """Clipped to the frame."""
        share = (value - self.low) / max(self.high - self.low, 1e-12)
        return self.bottom - (self.bottom - self.top) * min(1.0, max(0.0, share))


def nice_steps(low: float, high: float, about: int) -> list[float]:
    """Round values between ``low`` and ``high``, about so many of them."""
    if about < 1 or not high > low:
        return []
    rough = (high - low) / about
    power = 10.0 ** floor(log10(rough))
    step = next((m * power for m in (1, 2, 5, 10) if m * power >= rough), 10 * power)
    first, last = ceil(low / step), floor(high / step)
    digits = max(0, -floor(log10(step)))
    return [round(number * step, digits) + 0.0 for number in range(first, last + 1)]


def ppm_text(value: float) -> str:
    """With a real minus sign."""
    return with_minus(f"{value:,.0f}")


@dataclass
class Drawn:
    """``paths``: class and outline; ``texts``: class, x, y, anchor and words."""

    key: str
    title: str
    sentence: str
    height: float
    paths: list[tuple[str, str]] = field(default_factory=list)
    texts: list[tuple[str, str, str, str, str]] = field(default_factory=list)
    cells: list[tuple[str, str]] = field(default_factory=list)
    grid: str = ""
    """How ``cells``, whose unit is a cell, are placed."""

    @property
    def width(self) -> int:
        return int(WIDTH)

    def path(self, css: str, outline: str) -> None:
        if outline:
            self.paths.append((css, outline))

    def text(
        self, x: float, y: float, words: str, anchor: str = "middle", css: str = "plot-muted"
    ) -> None:
        self.texts.append((css, f"{x:.0f}", f"{y:.0f}", anchor, words))

    def frame(self, frame: Frame, x_unit: str = "", y_ticks: int = 4) -> None:
        """Axes with their ticks; what stands at the y axis is in ppm."""
        for value in nice_steps(frame.low, frame.high, y_ticks):
            y = frame.y(value)
            self.path("gridline", f"M{frame.left:.0f} {y:.1f}H{frame.right:.0f}")
            self.text(frame.left - 5, y + 4, ppm_text(value), "end")
        for value in nice_steps(frame.start, frame.end, frame.x_ticks):
            self.text(frame.x(value), frame.bottom + 16, with_minus(f"{value:g}"))
        self.path("axis", f"M{frame.left:.0f} {frame.bottom:.0f}H{frame.right:.0f}")
        if x_unit:
            self.text(frame.right, frame.bottom + 31, x_unit, "end")

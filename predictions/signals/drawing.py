"""A signal drawn from its numbers: star and body to scale, and the light curve that they imply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any, Final

import numpy as np

from training.figures import significant_text
from training.ml.features import EARTH_RADII_PER_SOLAR_RADIUS
from training.ml.transit_shape import LIMB_DARKENING, intensity, light_curve

POINTS: Final = 121
WINDOW: Final = 1.5  # half durations to either side of the middle
STAR: Final = 100.0  # pixels of the star's radius
CURVE_LEFT, CURVE_RIGHT, CURVE_TOP, CURVE_BOTTOM = 62.0, 408.0, 22.0, 178.0
SMALLEST_SEEN: Final = 3.0  # pixels: below that a ring shows where the body is


@dataclass(frozen=True)
class Shade:
    """One stop of the star's gradient."""

    offset: str
    brightness: str


@dataclass(frozen=True)
class Drawing:
    """Coordinates in pixels of two pictures: 240 × 240 and 420 × 220."""

    ratio: float
    impact: float
    impact_given: bool
    hours: float
    depth: float  # ppm, as given
    implied: float  # ppm, hidden at most
    size: float | None  # of the body in Earth radii, where the star's is known

    @property
    def body(self) -> dict[str, str]:
        radius = STAR * self.ratio
        return {
            "x": "120",
            "y": f"{120 - STAR * self.impact:.1f}",
            "radius": f"{radius:.2f}",
            "ring": "8" if radius < SMALLEST_SEEN else "",
        }

    @property
    def box(self) -> str:
        """Of the first picture: large enough for a body that is larger than its star."""
        reach = max(STAR, STAR * (self.impact + self.ratio), STAR * self.ratio) + 20
        return f"{120 - reach:.0f} {120 - reach:.0f} {2 * reach:.0f} {2 * reach:.0f}"

    @property
    def shades(self) -> list[Shade]:
        radii = np.array([0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0])
        return [
            Shade(f"{radius:.2f}", f"{light:.3f}")
            for radius, light in zip(radii, intensity(radii), strict=True)
        ]

    @property
    def curve(self) -> str:
        times = np.linspace(-WINDOW, WINDOW, POINTS)
        hidden = light_curve(times, self.ratio, self.impact) * 1e6
        xs = CURVE_LEFT + (times + WINDOW) / (2 * WINDOW) * (CURVE_RIGHT - CURVE_LEFT)
        return " ".join(f"{x:.1f},{self._y(y):.1f}" for x, y in zip(xs, hidden, strict=True))

    def _y(self, ppm: float) -> float:
        deepest = max(self.depth, self.implied, 1e-9) * 1.1
        return CURVE_TOP + ppm / deepest * (CURVE_BOTTOM - CURVE_TOP)

    @property
    def given_depth(self) -> str:
        return f"{self._y(self.depth):.1f}"

    @property
    def y_ticks(self) -> list[dict[str, str]]:
        texts = {0.0: "0", self.implied: f"−{significant_text(self.implied, 3)}"}
        return [{"y": f"{self._y(at):.1f}", "text": text} for at, text in texts.items()]

    @property
    def x_ticks(self) -> list[dict[str, str]]:
        middle, width = (CURVE_LEFT + CURVE_RIGHT) / 2, (CURVE_RIGHT - CURVE_LEFT) / (2 * WINDOW)
        half = significant_text(self.hours / 2, 3)
        texts = {-1: f"−{half} h", 0: "middle", 1: f"+{half} h"}
        return [{"x": f"{middle + at * width:.1f}", "text": text} for at, text in texts.items()]

    @property
    def title(self) -> str:
        size = (
            f"a radius of {significant_text(self.size, 3)} R⊕"
            if self.size
            else f"{significant_text(self.ratio, 2)} of the star's radius"
        )
        return f"What would cross the star, to scale: {size}"

    @property
    def sentence(self) -> str:
        """Whether the numbers that are given fit together."""
        deep, given = significant_text(self.implied, 3), significant_text(self.depth, 3)
        where = "" if self.impact_given else ", if it crosses the middle of the star"
        if self.implied <= 0:
            return "On this chord the body would miss the star: the numbers contradict each other."
        covered = significant_text(1e6 * min(self.ratio, 1) ** 2, 3)
        return (
            f"A body of this size covers {covered} ppm of the disc and hides {deep} ppm of the"
            f" light at mid-transit{where}; {given} ppm are given."
        )

    @property
    def law(self) -> str:
        u1, u2 = LIMB_DARKENING
        return (
            f"The star darkens to its limb by a quadratic law (u₁ = {u1:g}, u₂ = {u2:g}, a star"
            " like the Sun); the curve follows from duration, size and chord, not from a fit."
        )


def draw(inputs: Mapping[str, Any]) -> Drawing:
    """``inputs`` by schema name, the three needed ones among them; an unknown impact is 0."""
    depth, star = float(inputs["transit_depth"]), inputs.get("stellar_radius")
    ratio = _ratio(inputs, depth)
    given = inputs.get("impact_parameter")
    impact = min(float(given or 0.0), 1 + ratio)
    middle = light_curve(np.zeros(1), ratio, impact)
    return Drawing(
        ratio=ratio,
        impact=impact,
        impact_given=given is not None,
        hours=float(inputs["transit_duration"]),
        depth=depth,
        implied=float(middle[0]) * 1e6,
        size=ratio * float(star) * EARTH_RADII_PER_SOLAR_RADIUS if star else None,
    )


def _ratio(inputs: Mapping[str, Any], depth: float) -> float:
    """Of the radii: as fitted, or from the published radii, or from the depth alone."""
    if ratio := inputs.get("radius_ratio"):
        return float(ratio)
    if (planet := inputs.get("planet_radius")) and (star := inputs.get("stellar_radius")):
        return float(planet) / (float(star) * EARTH_RADII_PER_SOLAR_RADIUS)
    return sqrt(depth / 1e6)

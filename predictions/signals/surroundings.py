"""A signal among all that the version in service has learnt from, by period and radius."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from predictions.signals.drawing import draw
from predictions.signals.words import Link, identifier_links
from training.figures import along_logarithm, rounded_text, significant_text
from training.ml.errors import ArtifactError, join_words
from training.ml.numbers import number_text
from training.ml.schema import DISPOSITIONS
from training.models import ModelVersion

if TYPE_CHECKING:
    from training.ml.sky.period_radius import KnownPoints, Neighbour

WIDTH, HEIGHT = 600, 400
LEFT, RIGHT, TOP, BOTTOM = 52.0, 590.0, 15.0, 350.0
PERIODS: Final = (0.2, 2000.0)  # days
RADII: Final = (0.2, 200.0)  # Earth radii
X_TICKS: Final = (1.0, 10.0, 100.0, 1000.0)
Y_TICKS: Final = (1.0, 4.0, 10.0, 100.0)
"""4 Earth radii, Neptune's, is where gas begins."""
KINDS: Final = tuple(str(disposition).lower().replace(" ", "-") for disposition in DISPOSITIONS)
DRAWN: Final = (2, 1, 0)
"""Positions in DISPOSITIONS, what is drawn on top last."""
FAR: Final = (
    (0.02, "practically in the same place"),
    (0.06, "very near"),
    (0.15, "near"),
    (0.3, "at some distance"),
)
"""Dex, and what a smaller distance is called."""


def across(period: float) -> float:
    """Pixels from the left; what lies beyond the map stands on its edge."""
    return along_logarithm(period, PERIODS, LEFT, RIGHT)


def up(radius: float) -> float:
    return along_logarithm(radius, RADII, BOTTOM, TOP)


# --- the picture of all, one for everybody --------------------------------------------------------


def known_lines(points: KnownPoints) -> list[dict[str, str]]:
    """Of each disposition a polyline, whose corners carry its mark: points that would stand on each
    other are drawn once, and those beyond the map not at all."""
    inside = (points.period > PERIODS[0]) & (points.period < PERIODS[1])
    inside &= (points.radius > RADII[0]) & (points.radius < RADII[1])
    xs = np.array([round(across(float(period))) for period in points.period])
    ys = np.array([round(up(float(radius))) for radius in points.radius])
    lines = []
    for number in DRAWN:
        own = inside & (points.disposition == number)
        corners = np.unique(np.column_stack([xs[own], ys[own]]), axis=0)
        text = " ".join(f"{x},{y}" for x, y in corners.tolist())
        lines.append({"kind": KINDS[number], "points": text})
    return lines


# --- one signal in it -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Tick:
    at: str
    text: str


@dataclass(frozen=True)
class Near:
    """One row of the list of neighbours."""

    neighbour: Neighbour
    ratios: tuple[float, float]  # of periods and of radii, the neighbour's over the signal's

    @property
    def name(self) -> str:
        return self.neighbour.name or "a signal without a public name"

    @property
    def links(self) -> list[Link]:
        return identifier_links(self.neighbour.name)[:1]

    @property
    def disposition(self) -> str:
        return str(self.neighbour.disposition)

    @property
    def period(self) -> str:
        return rounded_text(self.neighbour.period, "days")

    @property
    def radius(self) -> str:
        return rounded_text(float(f"{self.neighbour.radius:.3g}"), "Earth radii")

    @property
    def distance(self) -> str:
        return f"{self.neighbour.distance:.2f} dex"

    @property
    def far(self) -> str:
        """In words: how far, and in which direction."""
        close = (words for most, words in FAR if self.neighbour.distance < most)
        period, radius = self.ratios
        directions = [
            *_more("period", period, "longer", "shorter"),
            *_more("radius", radius, "larger", "smaller"),
        ]
        return f"{next(close, 'far away')}: {join_words(directions) or 'the same numbers'}"


def _more(name: str, ratio: float, more: str, less: str) -> list[str]:
    word, ratio = (more, ratio) if ratio >= 1 else (less, 1 / ratio)
    percent = round(100 * (ratio - 1))
    if ratio >= 2:
        return [f"{name} {significant_text(ratio, 2)} times {word}"]
    return [f"{name} {percent} % {word}"] if percent else []


@dataclass(frozen=True)
class Surroundings:
    """Where a signal stands on the map, and what is next to it; or ``missing``, a sentence why it
    has no place on it."""

    version: str = ""
    period: float = 1.0
    radius: float = 1.0
    known: int = 0
    near: tuple[Near, ...] = ()
    own: Near | None = None
    missing: str = ""

    @property
    def at(self) -> dict[str, str]:
        return {"x": f"{across(self.period):.1f}", "y": f"{up(self.radius):.1f}"}

    @property
    def anchor(self) -> str:
        """To which side of its mark the signal's label fits."""
        return "end" if across(self.period) > (LEFT + RIGHT) / 2 else "start"

    @property
    def label_x(self) -> str:
        return f"{across(self.period) + (-13 if self.anchor == 'end' else 13):.1f}"

    @property
    def x_ticks(self) -> list[Tick]:
        return [Tick(f"{across(value):.1f}", number_text(value)) for value in X_TICKS]

    @property
    def y_ticks(self) -> list[Tick]:
        return [Tick(f"{up(value):.1f}", number_text(value)) for value in Y_TICKS]

    @property
    def title(self) -> str:
        """The finding."""
        counts = Counter(near.disposition for near in self.near)
        parts = [f"{n} {'is' if n == 1 else 'are'} {name}" for name, n in counts.most_common()]
        return f"Of its {len(self.near)} nearest neighbours {join_words(parts)}"

    @property
    def place(self) -> str:
        period, radius = rounded_text(self.period, "days"), significant_text(self.radius, 3)
        beyond = not (
            PERIODS[0] <= self.period <= PERIODS[1] and RADII[0] <= self.radius <= RADII[1]
        )
        edge = " It lies beyond the map and is drawn at its edge." if beyond else ""
        return (
            f"The ring is this signal, at {period} and {radius} R⊕, among the"
            f" {number_text(self.known)} signals with a known radius that the version in service"
            f" has learnt from.{edge}"
        )

    @property
    def own_entry(self) -> str:
        """What the tables hold of the signal itself; "" where it is not among them."""
        if self.own is None:
            return ""
        name = f", {self.own.neighbour.name}," if self.own.neighbour.name else ""
        return (
            f"Its own entry{name} is among them as {self.own.disposition} and does not count as a"
            " neighbour."
        )


NO_RADIUS: Final = (
    "This signal has no place on the map of periods and radii: neither its radius is given, nor"
    " that of its star, from which it would follow."
)
NO_POINTS: Final = (
    "The version in service keeps no map of the signals that it has learnt from: it was trained"
    " before the site drew one."
)
NO_VERSION: Final = "No model version can be asked what it has learnt from."


def surroundings(inputs: Mapping[str, Any], identifier: str = "") -> Surroundings:
    """Of a signal with these ``inputs``, by schema name, among what the version in service has
    learnt from."""
    radius = inputs.get("planet_radius") or draw(inputs).size
    if not radius:
        return Surroundings(missing=NO_RADIUS)
    try:
        version = ModelVersion.objects.serving()
        points = version.classifier.points
    except (ModelVersion.DoesNotExist, ArtifactError):
        return Surroundings(missing=NO_VERSION)
    if points is None or not len(points):
        return Surroundings(missing=NO_POINTS)
    period = float(inputs["orbital_period"])
    near, own = points.nearest(period, float(radius), identifier)
    rows = [_near(neighbour, period, float(radius)) for neighbour in near]
    itself = None if own is None else _near(own, period, float(radius))
    return Surroundings(version.name, period, float(radius), len(points), tuple(rows), itself)


def _near(neighbour: Neighbour, period: float, radius: float) -> Near:
    return Near(neighbour, (neighbour.period / period, neighbour.radius / radius))

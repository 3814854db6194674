"""The orbits of a star's signals, to scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10
from typing import Final

from predictions.catalogue.models import Signal
from predictions.catalogue.others.models import OtherSignal
from training.ml.features import SUN_LOGG

STAR_X: Final = 30.0
MIDDLE: Final = 90.0
REACH: Final = 590.0
WIDTH: Final = 640.0
LABEL_ROWS: Final = (-30, 38, -54, 62)
"""From the middle, one after the other: names of near orbits do not cover each other."""
_LABEL_ROOM: Final = 150.0
_DAYS_PER_YEAR: Final = 365.25


@dataclass(frozen=True)
class Orbit:
    """An arc of a 640 × 180 picture, centred at the star; ``distance`` in AU."""

    signal: Signal | OtherSignal
    distance: float
    radius: float
    dot: float
    label_y: float

    @property
    def x(self) -> float:
        return STAR_X + self.radius

    @property
    def label_end(self) -> float | None:
        """Where its name ends that would not fit into the picture with its middle at the orbit."""
        return WIDTH - 2 if self.x > WIDTH - _LABEL_ROOM else None


@dataclass(frozen=True)
class Orbits:
    orbits: list[Orbit]
    mass: float
    mass_source: str

    @property
    def title(self) -> str:
        count = len(self.orbits)
        return f"{count} orbit{'s' if count > 1 else ''} to scale"


def orbits_of(signals: Sequence[Signal | OtherSignal]) -> Orbits:
    """Distances by Kepler's third law, a³ = M P² in AU, solar masses and years; a circle is taken
    for each orbit, and one solar mass where the star's is not given."""
    mass, source = _mass(signals)
    known = sorted((one for one in signals if one.period), key=lambda one: one.period or 0)
    distances = [(mass * ((one.period or 0) / _DAYS_PER_YEAR) ** 2) ** (1 / 3) for one in known]
    longest = max(distances, default=1.0)
    drawn = [
        Orbit(
            one,
            distance,
            (REACH - STAR_X) * distance / longest,
            3 + 3 * max(0.0, log10(one.radius or 1)),
            MIDDLE + LABEL_ROWS[number % len(LABEL_ROWS)],
        )
        for number, (one, distance) in enumerate(zip(known, distances, strict=True))
    ]
    return Orbits(drawn, mass, source)


def _mass(signals: Sequence[Signal | OtherSignal]) -> tuple[float, str]:
    """In solar masses, and where it is from; from surface gravity and radius, M = g R² / G."""
    for one in signals:
        if mass := one.inputs.get("stellar_mass"):
            return float(mass), "as listed"
    for one in signals:
        gravity, radius = one.inputs.get("stellar_logg"), one.inputs.get("stellar_radius")
        if gravity and radius:
            return 10 ** (gravity - SUN_LOGG) * radius**2, "from its surface gravity and radius"
    return 1.0, "taken because none is given"

"""A night as it is drawn: altitude over time for each transit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from predictions.observing.services import NightPlan, Visit, curve, share_of_night

WIDTH, HEIGHT = 150.0, 44.0
ROWS: Final = 25


@dataclass(frozen=True)
class Sketch:
    """A picture of WIDTH × HEIGHT: the altitude from the horizon to the zenith, the dark hours, and
    the transit with its uncertainty; all in its units."""

    points: str
    dark: tuple[float, float]
    transit: tuple[float, float]
    window: tuple[float, float]
    lowest_y: float


@dataclass(frozen=True)
class ShownVisit:
    visit: Visit
    sketch: Sketch
    is_whole: bool


def shown(plan: NightPlan, visits: list[Visit], lowest: float) -> list[ShownVisit]:
    return [ShownVisit(one, sketch(plan, one, lowest), one.observable >= 1) for one in visits]


def sketch(plan: NightPlan, visit: Visit, lowest: float) -> Sketch:
    points = [(x * WIDTH, _y(max(high, 0))) for x, high in curve(plan.night, visit)]
    dark = plan.darkness or (visit.ingress, visit.egress)
    return Sketch(
        points=" ".join(f"{x:.0f},{y:.1f}" for x, y in points),
        dark=_span(plan, *dark),
        transit=_span(plan, visit.ingress, visit.egress),
        window=_span(plan, *visit.window),
        lowest_y=round(_y(lowest), 1),
    )


def _y(altitude: float) -> float:
    return HEIGHT * (1 - altitude / 90)


def _span(plan: NightPlan, *times: datetime) -> tuple[float, float]:
    """Left edge and width, within the picture."""
    first, last = (min(max(share_of_night(plan.night, time), 0), 1) * WIDTH for time in times)
    return round(first, 1), round(max(last - first, 1), 1)

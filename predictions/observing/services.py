"""Which open candidates transit over a place in a night."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import numpy as np
from django.urls import reverse

from predictions.catalogue.models import Signal
from training.ml.sky.night import (
    UNIX_EPOCH,
    Night,
    NightTransits,
    Place,
    altitudes,
    moon_lit,
    night_of,
    of_date,
    transits_in,
)

_COLUMNS: Final = (
    "name",
    "slug",
    "ra",
    "dec",
    "epoch",
    "epoch_error",
    "period",
    "inputs__orbital_period_error",
    "duration",
    "depth",
    "radius",
    "magnitude",
    "open_score",
)


@dataclass(frozen=True)
class Visit:
    """One transit of one signal: times in UTC, ``error`` (one sigma) in hours, ``altitudes`` at
    ingress, middle and egress in degrees, ``observable`` the share of it in the dark and high."""

    name: str
    slug: str
    ra: float
    dec: float
    ingress: datetime
    mid: datetime
    egress: datetime
    error: float
    altitudes: tuple[float, float, float]
    observable: float
    moon: float
    open_score: float | None
    magnitude: float | None
    depth: float | None
    radius: float | None
    hours: float

    @property
    def altitude(self) -> float:
        return self.altitudes[1]

    @property
    def airmass(self) -> float:
        """At mid-transit (Kasten & Young 1989)."""
        high = self.altitude
        if high <= 0:
            return float("inf")
        return float(1 / (np.sin(np.radians(high)) + 0.50572 * (high + 6.07995) ** -1.6364))

    @property
    def window(self) -> tuple[datetime, datetime]:
        """From ingress to egress, one sigma of the ephemeris wider on both sides."""
        wider = timedelta(hours=self.error)
        return self.ingress - wider, self.egress + wider

    def get_absolute_url(self) -> str:
        return reverse("catalogue_signal", args=[self.slug])


@dataclass(frozen=True)
class NightPlan:
    """``unknown`` counts candidates that no time can be told for: no epoch, period, duration or
    position."""

    night: Night
    visits: list[Visit]
    unknown: int
    moon_lit: float

    @property
    def darkness(self) -> tuple[datetime, datetime] | None:
        dark = self.night.dark
        return (moment(dark[0]), moment(dark[1])) if dark else None


def night_plan(
    place: Place,
    day: date,
    *,
    twilight: float,
    lowest: float,
    share: float = 0.0,
    magnitude: float | None = None,
    score: float | None = None,
    error: float | None = None,
    sort: str = "-open_score",
) -> NightPlan:
    """The transits of open candidates in the night that begins on the evening of ``day``.

    ``share`` of a transit must be in the dark and above ``lowest`` degrees; ``magnitude``,
    ``score`` and ``error`` (hours) leave out what is fainter, lower, less certain.
    """
    found = Signal.objects.open_candidates()
    if magnitude is not None:
        found = found.filter(magnitude__lte=magnitude)
    if score:
        found = found.filter(open_score__gte=score)
    rows = list(found.order_by("pk").values_list(*_COLUMNS))
    night = night_of(place, day, twilight)
    columns = {name: _floats(rows, at) for at, name in enumerate(_COLUMNS) if at > 1}
    transits = transits_in(
        night,
        ra=columns["ra"],
        dec=columns["dec"],
        epoch=columns["epoch"],
        epoch_error=columns["epoch_error"],
        period=columns["period"],
        period_error=columns["inputs__orbital_period_error"],
        duration=columns["duration"],
        lowest=lowest,
    )
    needed = [columns[name] for name in ("ra", "dec", "epoch", "period", "duration")]
    unknown = int(np.isnan(np.sum(needed, axis=0)).sum()) if rows else 0
    most = np.inf if error is None else error
    keep = (transits.observable > 0) & (transits.observable >= share) & (transits.error <= most)
    visits = [_visit(rows, transits, int(at)) for at in np.flatnonzero(keep)]
    return NightPlan(night, _sorted(visits, sort), unknown, moon_lit(float(np.mean(night.times))))


def curve(night: Night, visit: Visit) -> list[tuple[float, float]]:
    """(share of the night from noon to noon, altitude) of a visit's star."""
    ra, dec = of_date(np.array([visit.ra]), np.array([visit.dec]), float(night.times[0]))
    high = altitudes(night.place, night.times, ra, dec)
    return [(at / (len(high) - 1), float(value)) for at, value in enumerate(high)]


def share_of_night(night: Night, time: datetime) -> float:
    """Where a time stands between the two noons, from 0 to 1."""
    days = time.timestamp() / 86_400 + UNIX_EPOCH - float(night.times[0])
    return days / float(night.times[-1] - night.times[0])


def moment(day: float) -> datetime:
    """Of a Julian day of UTC, to the second."""
    return datetime.fromtimestamp(round((day - UNIX_EPOCH) * 86_400), tz=UTC)


def _floats(rows: Sequence[tuple[Any, ...]], at: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array([np.nan if row[at] is None else row[at] for row in rows], dtype=np.float64)


def _visit(rows: Sequence[tuple[Any, ...]], transits: NightTransits, at: int) -> Visit:
    row = dict(zip(_COLUMNS, rows[transits.signals[at]], strict=True))
    first, middle, last = (float(value) for value in transits.altitudes[at])
    return Visit(
        name=row["name"],
        slug=row["slug"],
        ra=row["ra"],
        dec=row["dec"],
        ingress=moment(transits.ingress[at]),
        mid=moment(transits.mid[at]),
        egress=moment(transits.egress[at]),
        error=float(transits.error[at]),
        altitudes=(first, middle, last),
        observable=float(transits.observable[at]),
        moon=float(transits.moon[at]),
        open_score=row["open_score"],
        magnitude=row["magnitude"],
        depth=row["depth"],
        radius=row["radius"],
        hours=row["duration"],
    )


def _sorted(visits: list[Visit], sort: str) -> list[Visit]:
    """What has no value comes last, whichever way round."""
    name, sign = sort.removeprefix("-"), -1 if sort.startswith("-") else 1

    def key(visit: Visit) -> tuple[bool, float, datetime]:
        value = getattr(visit, name)
        number = value.timestamp() if isinstance(value, datetime) else value
        return (number is None, sign * (number or 0), visit.mid)

    return sorted(visits, key=key)

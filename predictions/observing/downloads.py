"""A night's transits for a spreadsheet and for a calendar."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from predictions.observing.services import Visit
from predictions.spreadsheets import neutral

COLUMNS: Final = (
    "signal",
    "ra_deg",
    "dec_deg",
    "ingress_utc",
    "mid_utc",
    "egress_utc",
    "uncertainty_hours",
    "altitude_ingress_deg",
    "altitude_mid_deg",
    "altitude_egress_deg",
    "airmass_mid",
    "observable_share",
    "moon_distance_deg",
    "open_score",
    "magnitude",
    "depth_ppm",
    "radius_earth",
)
CALENDAR_ROWS: Final = 500
"""More events than that no calendar is meant for."""


def as_csv(visits: Sequence[Visit]) -> str:
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(COLUMNS)
    for visit in visits:
        rows.writerow(
            (
                neutral(visit.name),
                f"{visit.ra:.5f}",
                f"{visit.dec:.5f}",
                *(_utc(time) for time in (visit.ingress, visit.mid, visit.egress)),
                f"{visit.error:.3f}",
                *(f"{altitude:.1f}" for altitude in visit.altitudes),
                f"{visit.airmass:.2f}",
                f"{visit.observable:.2f}",
                f"{visit.moon:.0f}",
                *(
                    _plain(v)
                    for v in (visit.open_score, visit.magnitude, visit.depth, visit.radius)
                ),
            )
        )
    return text.getvalue()


def as_calendar(visits: Sequence[Visit], place: str, address: str, now: datetime) -> bytes:
    """One event per transit, from ingress to egress; ``address`` is that of the site."""
    from icalendar import Calendar, Event  # only who asks for a calendar pays for it

    calendar = Calendar()
    calendar.add("prodid", "-//Exoplanet Site//Transits//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"Transits over {place}")
    for visit in visits[:CALENDAR_ROWS]:
        event = Event()
        event.add("uid", f"{visit.slug}-{visit.mid:%Y%m%dT%H%M}@exoplanet-site")
        event.add("dtstamp", now)
        event.add("dtstart", visit.ingress)
        event.add("dtend", visit.egress)
        event.add("summary", f"{visit.name} transits")
        event.add("location", place)
        event.add("url", f"{address}{visit.get_absolute_url()}")
        event.add("description", _described(visit))
        calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content


def _described(visit: Visit) -> str:
    depth = "" if visit.depth is None else f", {visit.depth:,.0f} ppm deep"
    magnitude = "" if visit.magnitude is None else f", magnitude {visit.magnitude:.1f}"
    return (
        f"Mid-transit {_utc(visit.mid)} ± {visit.error:.2f} h (1 sigma) at {visit.altitude:.0f}"
        f" degrees, {visit.observable:.0%} observable{depth}{magnitude}."
    )


def _utc(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"

"""Signals within a cone."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import cos, radians
from typing import Final

import numpy as np
import numpy.typing as npt
from django.db.models import Q

from predictions.catalogue.lists import signals_of
from predictions.catalogue.models import Signal, SignalQuerySet
from predictions.virtual_observatory.asking import ConeQuery
from training.ml.sky.stars import sky_vectors

Floats = npt.NDArray[np.float64]

_ROUNDING: Final = 1e-9
"""Degrees; a box is a little larger than its cone."""


@dataclass(frozen=True)
class Cone:
    """The nearest first; ``apart``: arcsec from the middle, by key."""

    signals: list[Signal] = field(default_factory=list)
    apart: dict[int, float] = field(default_factory=dict)
    overflows: bool = False


def cone_search(query: ConeQuery) -> Cone:
    """Of what the tables in charge list, and nothing simulated: programs join here what many sites
    tell."""
    if not query.wants_rows:
        return Cone()
    places = list(_in_box(query).order_by("pk").values_list("pk", "ra", "dec"))
    if not places:
        return Cone()
    keys, ra, dec = zip(*places, strict=True)
    apart = _separations(query, np.array(ra, dtype=float), np.array(dec, dtype=float))
    order = np.argsort(apart, kind="stable")
    within = order[apart[order] <= query.radius * 3600]
    nearest = {keys[row]: float(apart[row]) for row in within[: query.most].tolist()}
    return Cone(signals_of(nearest), nearest, len(within) > query.most)


def _separations(query: ConeQuery, ra: Floats, dec: Floats) -> Floats:
    """Arcsec, by the chord: exact for small angles, where a cosine is not."""
    centre = sky_vectors(np.array([query.ra]), np.array([query.dec]))
    chords = np.linalg.norm(sky_vectors(ra, dec) - centre, axis=1)
    separations: Floats = np.degrees(2 * np.arcsin(np.minimum(chords / 2, 1))) * 3600
    return separations


def _in_box(query: ConeQuery) -> SignalQuerySet:
    """The strip of declination, by its index; a part of it where no pole is near."""
    reach = query.radius + _ROUNDING
    low, high = query.dec - reach, query.dec + reach
    strip = Signal.objects.listed().filter(
        is_simulated=False, dec__range=(low, high), ra__isnull=False
    )
    farthest = max(abs(low), abs(high))
    if farthest >= 90:
        return strip
    # sin(width / 2) = sin(radius / 2) / cos(declination) is exact; this is a little wider.
    width = reach / cos(radians(farthest))
    return strip if width >= 180 else strip.filter(_right_ascensions(query.ra, width))


def _right_ascensions(ra: float, width: float) -> Q:
    low, high = ra - width, ra + width
    if low < 0:
        return Q(ra__gte=low + 360) | Q(ra__lte=high)
    if high > 360:
        return Q(ra__gte=low) | Q(ra__lte=high - 360)
    return Q(ra__range=(low, high))

"""One planet that two missions list, and whether they say the same of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from django.db.models import Count

from predictions.catalogue.models import CatalogueTable, Signal, Star
from training.ml.sky.twins import MissionSignals, disagree, find_twins


@dataclass(frozen=True)
class TwinPair:
    """``ratio``: the other's period over the first one's: a half, one, or two."""

    one: Signal
    other: Signal
    ratio: float

    @property
    def disagrees(self) -> bool:
        return disagree(self.one.disposition, self.other.disposition)

    @property
    def ratio_words(self) -> str:
        return {0.5: "half the period", 2.0: "twice the period"}.get(self.ratio, "the same period")


def twins_among(signals: Sequence[Signal]) -> list[TwinPair]:
    """All pairs of two missions; who has no place or no period has no twin."""
    still = np.full(len(signals), np.nan)  # tables of two missions give no common proper motion
    found = find_twins(
        MissionSignals(
            ra=_column(signals, "ra"),
            dec=_column(signals, "dec"),
            pm_ra=still,
            pm_dec=still,
            period=_column(signals, "period"),
            period_error=_errors(signals),
            mission=np.array([signal.mission for signal in signals], dtype=object),
        )
    )
    rows = zip(found.one.tolist(), found.other.tolist(), found.ratio.tolist(), strict=True)
    return [TwinPair(signals[a], signals[b], ratio) for a, b, ratio in rows]


def twins_of(signal: Signal, siblings: Sequence[Signal]) -> list[TwinPair]:
    """Those of one signal among the signals of its star, each seen from it."""
    pairs = twins_among([signal, *siblings])
    own = [pair for pair in pairs if signal.pk in (pair.one.pk, pair.other.pk)]
    return [
        pair if pair.one.pk == signal.pk else TwinPair(pair.other, pair.one, 1 / pair.ratio)
        for pair in own
    ]


def all_twins() -> list[TwinPair]:
    """Of the whole catalogue; only stars that two missions list are looked at."""
    tables = CatalogueTable.objects.current().order_by("pk").values_list("pk", flat=True)
    stars = _shared_stars(tuple(tables))
    heavy = ("scored_by__metadata", "scored_by__notes")
    signals = Signal.objects.listed().filter(star__in=stars).select_related("star", "scored_by")
    return twins_among(list(signals.defer(*heavy).order_by("name")))


@lru_cache(maxsize=1)
def _shared_stars(tables: tuple[int, ...]) -> list[int]:
    """Stars that two missions list: which they are changes with the ``tables`` in charge alone."""
    missions = Count("signals__mission", distinct=True)
    shared = Star.objects.annotate(missions=missions).filter(missions__gt=1)
    return list(shared.order_by("pk").values_list("pk", flat=True))


def _column(signals: Sequence[Signal], name: str) -> npt.NDArray[np.float64]:
    return np.array([getattr(signal, name) for signal in signals], dtype=np.float64)


def _errors(signals: Sequence[Signal]) -> npt.NDArray[np.float64]:
    given = [signal.inputs.get("orbital_period_error") for signal in signals]
    return np.array(given, dtype=np.float64)

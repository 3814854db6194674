"""Which signals of two missions are one planet, and whether the archive says the same of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from django.db import transaction
from django.db.models import Count

from predictions.catalogue.models import CatalogueTable, Signal, Star
from predictions.catalogue.twins.models import Twin, TwinQuerySet
from training.ml.sky.twins import MissionSignals, disagree, find_twins

RULES: Final = 1
"""One more when other signals become twins: all pairs are then made anew."""


def twins_make() -> None:
    """All pairs of the tables in charge, unless they are made."""
    stamp = _stamp()
    if _are_made(stamp):
        return
    found = _twins_found()
    with transaction.atomic():
        Twin.objects.all().delete()
        Twin.objects.bulk_create(found)
        CatalogueTable.objects.current().update(twins_made=stamp)


def twins_listed(*, conflicts_only: bool = False) -> TwinQuerySet | list[Twin]:
    """All pairs, or those of which the archive says different things. Found on the spot where an
    earlier release has put a table in charge and nobody has made its pairs yet."""
    if not _are_made(_stamp()):
        return [one for one in _twins_found() if one.is_conflict or not conflicts_only]
    kept = {"is_conflict": True} if conflicts_only else {}
    return Twin.objects.filter(**kept).in_lists()


def _stamp() -> str:
    """The rules and the tables that pairs follow from."""
    tables = CatalogueTable.objects.current().order_by("pk").values_list("pk", flat=True)
    return f"{RULES}:{','.join(map(str, tables))}"


def _are_made(stamp: str) -> bool:
    return not CatalogueTable.objects.current().exclude(twins_made=stamp).exists()


def _twins_found() -> list[Twin]:
    """Of the whole catalogue; only stars that two missions list are looked at."""
    missions = Count("signals__mission", distinct=True)
    shared = Star.objects.order_by().annotate(missions=missions).filter(missions__gt=1)
    listed = Signal.objects.listed().filter(star__in=shared.values("pk"))
    related = listed.select_related("star", "scored_by")
    return twins_among(
        list(related.defer("scored_by__metadata", "scored_by__notes").order_by("name"))
    )


def twins_among(signals: Sequence[Signal]) -> list[Twin]:
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
    return [_twin(signals[a], signals[b], ratio) for a, b, ratio in rows]


def _twin(one: Signal, other: Signal, ratio: float) -> Twin:
    is_conflict = disagree(one.disposition, other.disposition)
    return Twin(one=one, other=other, ratio=ratio, is_conflict=is_conflict)


def twins_of(signal: Signal, siblings: Sequence[Signal]) -> list[Twin]:
    """Those of one signal among the signals of its star, each seen from it."""
    pairs = twins_among([signal, *siblings])
    own = [pair for pair in pairs if signal.pk in (pair.one.pk, pair.other.pk)]
    return [
        pair if pair.one.pk == signal.pk else _twin(pair.other, pair.one, 1 / pair.ratio)
        for pair in own
    ]


def _column(signals: Sequence[Signal], name: str) -> npt.NDArray[np.float64]:
    return np.array([getattr(signal, name) for signal in signals], dtype=np.float64)


def _errors(signals: Sequence[Signal]) -> npt.NDArray[np.float64]:
    given = [signal.inputs.get("orbital_period_error") for signal in signals]
    return np.array(given, dtype=np.float64)

"""What somebody who wants to observe a signal should know: whose light it may be, when it comes
next, and how much a spectrograph in space would see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np

from predictions.catalogue.derived.deriving import rows_of_signals
from predictions.catalogue.models import Signal, Star
from predictions.catalogue.others.models import OtherSignal
from predictions.observing.services import moment
from training.ml.numbers import finite_or_none
from training.ml.sky.ephemerides import Ephemerides
from training.ml.sky.follow_up import follow_up
from training.ml.sky.next_transits import lost_sentence, next_transits
from training.ml.sky.night import UNIX_EPOCH, utc_of
from training.ml.sky.same_period import WITHIN_ARCSEC, SamePeriodIndex, contamination_sentence

_REACH: Final = WITHIN_ARCSEC / 3600  # degrees


@dataclass(frozen=True)
class NearSignal:
    """A signal of another star with this one's period."""

    signal: Signal
    sentence: str


@dataclass(frozen=True)
class NextTransit:
    """``mid`` in UTC, ``error`` one sigma in hours; ``sentence`` where it is as good as lost."""

    mid: datetime
    error: float | None
    sentence: str


@dataclass(frozen=True)
class FollowUpValue:
    """Transmission and emission metrics, and which of their inputs had to be estimated."""

    tsm: float | None
    esm: float | None
    estimates: tuple[str, ...]


def _stars_in_strip(dec: float) -> Iterable[int]:
    strip = Star.objects.filter(dec__range=(dec - _REACH, dec + _REACH))
    return strip.order_by().values_list("pk", flat=True)


def near_signals(signal: Signal | OtherSignal) -> list[NearSignal]:
    """Listed signals within ``WITHIN_ARCSEC`` whose period matches, the nearest first."""
    if signal.ra is None or signal.dec is None or not signal.period:
        return []
    others = list(
        # Stars first, by their index of declinations: signals have none.
        Signal.objects.filter(star__in=list(_stars_in_strip(signal.dec)), is_listed=True)
        .exclude(star=signal.star_id)
        .exclude(ra=None)
    )
    found = SamePeriodIndex(_ephemerides(others)).matches(_ephemerides([signal]))
    return [
        NearSignal(
            others[known],
            contamination_sentence(
                others[known].name, separation, ratio, timing, others[known].disposition
            ),
        )
        for known, separation, ratio, timing in zip(
            found.known, found.separation, found.ratio, found.timing, strict=True
        )
    ]


def next_transit(signal: Signal | OtherSignal, now: datetime) -> NextTransit | None:
    """The first one after ``now``; None where epoch, period or position is unknown."""
    if None in (signal.epoch, signal.period, signal.ra, signal.dec):
        return None
    error = signal.inputs.get("orbital_period_error")
    found = next_transits(
        _one(signal.epoch),
        _one(signal.epoch_error),
        _one(signal.period),
        _one(error),
        now.timestamp() / 86_400 + UNIX_EPOCH,
    )
    mid = utc_of(found.mid_transit, _one(signal.ra), _one(signal.dec))
    sentence = lost_sentence(float(found.error[0])) if found.lost[0] else ""
    return NextTransit(moment(float(mid[0])), finite_or_none(found.error[0]), sentence)


def follow_up_value(signal: Signal | OtherSignal) -> FollowUpValue | None:
    """None where neither metric can be told."""
    found = follow_up(rows_of_signals([signal]))
    tsm, esm = finite_or_none(found.tsm[0]), finite_or_none(found.esm[0])
    if tsm is None and esm is None:
        return None
    return FollowUpValue(tsm, esm, found.estimates(0))


def _ephemerides(signals: Sequence[Signal | OtherSignal]) -> Ephemerides:
    columns = {
        name: np.array([_nan(getattr(one, name)) for one in signals], dtype=np.float64)
        for name in ("ra", "dec", "period", "epoch", "duration", "depth")
    }
    stars = np.array([one.star_id for one in signals], dtype=np.uint64)
    return Ephemerides.of(**columns, star=stars)


def _nan(value: float | None) -> float:
    return np.nan if value is None else value


def _one(value: float | None) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([_nan(value)])

"""Signals measured at periods that a person states, without a search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from training.ml.curves.curve import LightCurve
from training.ml.curves.detrend import flatten
from training.ml.curves.errors import CurveError
from training.ml.curves.find import WINDOWS, Found, Seen
from training.ml.curves.judging import is_alarm, other_eclipse, unknown_because, vetoes_of
from training.ml.curves.measure import Signal, measure
from training.ml.curves.search import SHORTEST_PERIOD, Peak, periodogram

if TYPE_CHECKING:
    from training.ml.curves.curve import Ephemeris, Flags, FlatCurve

MEASURED: Final = "Nothing was searched for: the periods were stated."
_MASKED: Final = 1.5  # durations around a transit that no longer count
_UNTRENDED: Final = 2.0  # durations
_LONG: Final = 0.3  # of the shorter window, from which a transit asks for the longer one
_ACROSS: Final = 41  # trial periods within a stated period's uncertainty


@dataclass(frozen=True)
class Stated:
    """A signal of which the period is stated, in days; its last ``ephemeris`` and ``depth`` (in
    the time of the curve) where it was measured before at that period."""

    period: float
    ephemeris: Ephemeris | None = None
    depth: float = 0.0
    sde: float = float("nan")


def measure_stated(curve: LightCurve, stated: Sequence[Stated]) -> Found:
    """Each of ``stated`` in turn, the ones before masked; what is not significant stays, with no
    verdict. ``CurveError`` where a period cannot be measured on this curve."""
    signals: list[Signal] = []
    evidence: list[Seen] = []
    masked = np.zeros(len(curve), dtype=bool)
    for order, one in enumerate(stated, 1):
        seen = _measured(curve, masked, one, order)
        signal = seen.signal
        alarm = is_alarm(signal, "The dip at this period")
        unknown = [alarm] if alarm else other_eclipse(signal, signals) or unknown_because(signal)
        signal = replace(signal, unknown=unknown, vetoes=vetoes_of(signal))
        signals.append(signal)
        evidence.append(replace(seen, signal=signal))
        masked |= signal.shape.ephemeris.during(curve.time, _MASKED)
    return Found(signals, MEASURED, evidence)


def _measured(curve: LightCurve, masked: Flags, stated: Stated, order: int) -> Seen:
    _check(stated.period, curve.span)
    peak = _peak(_flat(curve, masked, masked, WINDOWS[0]), stated)
    window = WINDOWS[1] if peak.ephemeris.duration > _LONG * WINDOWS[0] else WINDOWS[0]
    own = peak.ephemeris.during(curve.time, _UNTRENDED)
    flat = _flat(curve, masked, masked | own, window)
    signal = measure(flat, peak, order, decide=False)
    if signal is None:
        raise CurveError(f"No dip can be fitted at a period of {stated.period:g} d.")
    return Seen(signal, flat, peak)


def _check(period: float, span: float) -> None:
    if not SHORTEST_PERIOD <= period <= span:
        raise CurveError(
            f"A period of {period:g} d cannot be measured here: it must lie between"
            f" {SHORTEST_PERIOD:g} d and the {span:.4g} d that the curve spans."
        )


def _peak(flat: FlatCurve, stated: Stated) -> Peak:
    """Where in the period the dip is, unless it was measured before."""
    if stated.ephemeris:
        return Peak(stated.ephemeris, stated.depth, 0.0, stated.sde)
    drift = 0.02 * stated.period * min(1.0, stated.period / flat.span)
    found = periodogram(flat, np.linspace(stated.period - drift, stated.period + drift, _ACROSS))
    return found.peak(int(np.argmax(found.strength)), stated.sde)


def _flat(curve: LightCurve, gone: Flags, untrended: Flags, window: float) -> FlatCurve:
    flat = flatten(curve, untrended, window)
    return flat.where(~gone[np.searchsorted(curve.time, flat.time)])

"""Signals measured at periods that a person states, without a search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from training.ml.curves.calibration import calibrated
from training.ml.curves.centroid import centroid_shift
from training.ml.curves.curve import Ephemeris, LightCurve
from training.ml.curves.detrend import flatten
from training.ml.curves.errors import CurveError
from training.ml.curves.find import WINDOWS, Found, Seen
from training.ml.curves.judging import is_alarm, other_eclipse, unknown_because, vetoes_of
from training.ml.curves.measure import Signal, measure
from training.ml.curves.search import SHORTEST_PERIOD, SUN_DURATION, Peak, periodogram

if TYPE_CHECKING:
    from training.ml.curves.curve import Flags, FlatCurve

MEASURED: Final = "Nothing was searched for: the periods were stated."
_MASKED: Final = 1.5  # durations around a transit that no longer count
_UNTRENDED: Final = 2.0  # durations
_LONG: Final = 0.3  # of the shorter window, from which a transit asks for the longer one
_ACROSS: Final = 41  # trial periods within a stated period's uncertainty
_DURATIONS: Final = 15  # that are tried around a stated mid-transit
_FARTHEST: Final = 20 * 365.25  # days between a stated mid-transit and the light


@dataclass(frozen=True)
class Stated:
    """A signal of which the period is stated, in days, and maybe the ``epoch`` of a mid-transit;
    its last ``ephemeris`` and ``depth`` where it was measured before at that period. Both are in
    the time of the curve."""

    period: float
    ephemeris: Ephemeris | None = None
    depth: float = 0.0
    sde: float = float("nan")
    epoch: float | None = None


def measure_stated(curve: LightCurve, stated: Sequence[Stated]) -> Found:
    """Each of ``stated`` in turn, the ones before masked; what is not significant stays, with no
    verdict. ``CurveError`` where a period cannot be measured on this curve."""
    signals: list[Signal] = []
    evidence: list[Seen] = []
    masked = np.zeros(len(curve), dtype=bool)
    for order, one in enumerate(stated, 1):
        seen = _measured(curve, masked, one, order)
        signal = calibrated(seen.signal, curve)
        alarm = is_alarm(signal, "The dip at this period")
        unknown = [alarm] if alarm else other_eclipse(signal, signals) or unknown_because(signal)
        centroid = centroid_shift(curve, signal.shape)
        signal = replace(signal, unknown=unknown, vetoes=vetoes_of(signal), centroid=centroid)
        signals.append(signal)
        evidence.append(replace(seen, signal=signal))
        masked |= signal.shape.ephemeris.during(curve.time, _MASKED)
    return Found(signals, MEASURED, evidence)


def _measured(curve: LightCurve, masked: Flags, stated: Stated, order: int) -> Seen:
    _check(stated, curve)
    peak = _peak(_flat(curve, masked, masked, WINDOWS[0]), stated)
    window = WINDOWS[1] if peak.ephemeris.duration > _LONG * WINDOWS[0] else WINDOWS[0]
    own = peak.ephemeris.during(curve.time, _UNTRENDED)
    flat = _flat(curve, masked, masked | own, window)
    signal = measure(flat, peak, order, decide=False)
    if signal is None:
        raise CurveError(f"No dip can be fitted at a period of {stated.period:g} d.")
    return Seen(signal, flat, peak)


def _check(stated: Stated, curve: LightCurve) -> None:
    period, span = stated.period, curve.span
    if not SHORTEST_PERIOD <= period <= span:
        raise CurveError(
            f"A period of {period:g} d cannot be measured here: it must lie between"
            f" {SHORTEST_PERIOD:g} d and the {span:.4g} d that the curve spans."
        )
    start, zero = float(curve.time[0]), curve.zero or 0.0
    if stated.epoch is not None and abs(stated.epoch - start) > _FARTHEST:
        what = "in the file's own time" if curve.zero is None else "as BJD"
        raise CurveError(
            f"A mid-transit at {zero + stated.epoch:.8g} is more than 20 years from this light,"
            f" which begins at {zero + start:,.1f}; give it {what}."
        )


def _peak(flat: FlatCurve, stated: Stated) -> Peak:
    """Where in the period the dip is, unless it was measured before."""
    if stated.ephemeris:
        return Peak(stated.ephemeris, stated.depth, 0.0, stated.sde)
    if stated.epoch is not None:
        return _peak_at(flat, stated.period, stated.epoch, stated.sde)
    drift = 0.02 * stated.period * min(1.0, stated.period / flat.span)
    found = periodogram(flat, np.linspace(stated.period - drift, stated.period + drift, _ACROSS))
    return found.peak(int(np.argmax(found.strength)), stated.sde)


def _peak_at(flat: FlatCurve, period: float, epoch: float, sde: float) -> Peak:
    """The strongest box around a stated mid-transit."""
    middle = epoch + period * round((float(flat.time.mean()) - epoch) / period)
    usual = SUN_DURATION * period ** (1 / 3)
    longest = min(4 * usual, period / 4)
    shortest = min(max(1.5 * flat.exposure, usual / 4), longest)
    tried = np.geomspace(shortest, longest, _DURATIONS).tolist()
    boxes = [_box(flat, Ephemeris(period, middle, duration), sde) for duration in tried]
    best = max(boxes, key=lambda box: box.strength)
    if best.depth <= 0:
        raise CurveError(
            f"At a period of {period:g} d with a mid-transit at this time there is no dip: the"
            " light is no lower there than elsewhere, or has no point there."
        )
    return best


def _box(flat: FlatCurve, ephemeris: Ephemeris, sde: float) -> Peak:
    inside = ephemeris.during(flat.time)
    weight = float(np.sum(flat.sigma[inside] ** -2))
    lost = float(np.sum((1 - flat.flux[inside]) / flat.sigma[inside] ** 2))
    if weight == 0:
        return Peak(ephemeris, 0.0, -np.inf, sde)
    return Peak(ephemeris, lost / weight, lost / weight**0.5, sde)


def _flat(curve: LightCurve, gone: Flags, untrended: Flags, window: float) -> FlatCurve:
    flat = flatten(curve, untrended, window)
    return flat.where(~gone[np.searchsorted(curve.time, flat.time)])

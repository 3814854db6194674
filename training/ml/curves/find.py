"""Up to five signals of one star, the strongest first; and what is no signal, with its reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from training.ml.curves.calibration import calibrated
from training.ml.curves.centroid import centroid_shift
from training.ml.curves.curve import FlatCurve, LightCurve
from training.ml.curves.detrend import flatten
from training.ml.curves.judging import (
    LEAST_SNR,
    LEAST_TRANSITS,
    is_alarm,
    is_wave,
    other_eclipse,
    snr_needed,
    unknown_because,
    vetoes_of,
)
from training.ml.curves.measure import Signal, measure, snr_of
from training.ml.curves.noise import red_noise
from training.ml.curves.search import Peak, peaks, related

if TYPE_CHECKING:
    from collections.abc import Iterator

    from training.ml.curves.curve import Flags

MOST_SIGNALS: Final = 5
WINDOWS: Final = (1.0, 2.0)  # days: the longer one keeps transits of half a day
_LONG: Final = 200.0  # days; a longer span is searched with the longer window alone, in
_LONG_ROUNDS: Final = 2  # rounds at most, and against white noise: each takes a minute
_ROUNDS: Final = 5  # searches for one signal, each without the lone dips of the one before
_PEAKS: Final = 4  # of each periodogram that are measured
_HOPELESS: Final = 5.5  # S/N of a peak that no measurement will lift to significance
_OVER_WAVES: Final = 15.0  # S/N of a dip that may have a period of the star's own waves
_HOLDS: Final = 0.75  # of the S/N needed must be there with the other trend, too
_MADE: Final = 2.5  # times the S/N with its transits in the trend: the trend makes the dip
_FITS: Final = 0.5  # of a trend's window; longer transits leave it no points on either side
_MOST_UNTRENDED: Final = 0.6  # of the points
_MASKED: Final = 1.5  # durations around a transit that no longer count
_UNTRENDED: Final = 2.0  # of the box's durations: a box is shorter than the transit


Report = Callable[[int], None]
"""Called with the number of each signal before it is looked for."""


@dataclass(frozen=True, eq=False)
class Seen:
    """A signal with what it was measured on: the light without trend and without earlier signals,
    and the peak that led to it."""

    signal: Signal
    flat: FlatCurve
    peak: Peak


@dataclass(frozen=True)
class Found:
    """``signals``: significant ones, each with what is unknown or speaks against it; ``ended``: why
    the search looked no further, in words; ``evidence``: for each signal what it was measured on,
    and last what was found to be none, if anything was."""

    signals: list[Signal]
    ended: str
    evidence: list[Seen] = field(default_factory=list, compare=False)

    @property
    def accepted(self) -> list[Signal]:
        """Those whose period is known: only they are siblings of one another."""
        return [signal for signal in self.signals if not signal.unknown]


def find_signals(
    curve: LightCurve, most: int = MOST_SIGNALS, report: Report | None = None
) -> Found:
    """Search, mask what was found, search again, until what is left is not significant."""
    signals: list[Signal] = []
    evidence: list[Seen] = []
    search = _Search(curve, np.zeros(len(curve), dtype=bool))
    for order in range(1, most + 1):
        if report:
            report(order)
        seen, ended = search.next(order)
        evidence += [seen] if seen else []
        if ended or not seen:
            return Found(signals, ended or "Nothing else stands out of the noise.", evidence)
        signal = calibrated(seen.signal, curve)
        unknown = other_eclipse(signal, signals) or unknown_because(signal)
        centroid = centroid_shift(curve, signal.shape)
        vetoes = vetoes_of(signal)
        signals.append(replace(signal, unknown=unknown, vetoes=vetoes, centroid=centroid))
        search.gone |= signal.shape.ephemeris.during(curve.time, _MASKED)
    return Found(signals, f"The search ended at {most} signals.", evidence)


@dataclass(eq=False)
class _Search:
    """``gone``: (n,) points that no longer count; ``waves``: periods of the star's own
    variation."""

    curve: LightCurve
    gone: Flags
    waves: list[float] = field(default_factory=list)

    def next(self, order: int) -> tuple[Seen | None, str]:
        """The strongest significant signal that is left; or the strongest dip, and why it is none.

        Lone dips that are none (ends of stretches, jumps) fold to a peak at every period: they are
        taken out, and the search is repeated. The star's waves are passed over, for the next peak.
        """
        first: tuple[Seen | None, str] = (None, "")
        for _ in range(_LONG_ROUNDS if self._is_long else _ROUNDS):
            seen, alarm, lone = self._round(order)
            if seen and not alarm:
                return seen, ""
            first = first if first[0] else (seen, alarm)
            if not lone.any() or (self.gone | lone).mean() > _MOST_UNTRENDED:
                break
            self.gone |= lone
        return first

    def _round(self, order: int) -> tuple[Seen | None, str, Flags]:
        """A significant signal of this periodogram; or its strongest dip, why it is none, and
        which points fake dips."""
        first: tuple[Seen | None, str] = (None, "")
        lone = np.zeros(len(self.curve), dtype=bool)
        for window, peak in self._candidates():
            if peak.strength < _OVER_WAVES and self._is_of_a_wave(peak):
                continue
            seen = self._measured(window, peak, order)
            alarm = self._alarm(seen.signal, window) if seen else ""
            if seen and not alarm:
                return seen, "", lone
            first = first if first[0] else (seen, alarm)
            if seen and is_wave(seen.signal):
                self.waves.append(seen.signal.period)
            elif _is_lone(seen) and peak.strength > LEAST_SNR:
                lone = peak.ephemeris.during(self.curve.time, _UNTRENDED)
                break
        return *first, lone

    def _is_of_a_wave(self, peak: Peak) -> bool:
        return bool(related(np.array(self.waves), peak.ephemeris.period).any())

    def _candidates(self) -> Iterator[tuple[float, Peak]]:
        """Peaks with the window of their trend, the strongest first."""
        found: list[tuple[float, Peak]] = []
        for window in self._windows:
            flat = self._flat(self.gone, window)
            noise = None if self._is_long else red_noise(flat)
            found += [(window, peak) for peak in peaks(flat, _PEAKS, noise)]
        found.sort(key=lambda one: -one[1].strength)
        yield from found[:1]
        yield from (one for one in found[1:] if one[1].strength > _HOPELESS)

    @property
    def _windows(self) -> tuple[float, ...]:
        return WINDOWS[-1:] if self._is_long else WINDOWS

    @property
    def _is_long(self) -> bool:
        return self.curve.span > _LONG

    def _measured(self, window: float, peak: Peak, order: int) -> Seen | None:
        """The signal of a peak, measured with its own transits kept out of the trend."""
        own = peak.ephemeris.during(self.curve.time, _UNTRENDED)
        # A trend needs points between the transits.
        if (own & ~self.gone).sum() < _MOST_UNTRENDED * (~self.gone).sum():
            flat = self._flat(self.gone | own, window)
            peak = _once_more(flat, peak)
        else:
            flat = self._flat(self.gone, window)
        signal = measure(flat, peak, order)
        return Seen(signal, flat, peak) if signal else None

    def _alarm(self, signal: Signal, window: float) -> str:
        """Why a dip is no significant signal. It must be there with either trend; and a trend that
        its transits did shape must not take nearly all of it, as it does with a part of a wave that
        only the gaps left for the transits make a dip; one or two dips must stand out of it."""
        if alarm := is_alarm(signal):
            return alarm
        what = f"The strongest dip left (P = {signal.period:.4g} d)"
        own = self.gone | signal.shape.ephemeris.during(self.curve.time, _MASKED)
        for other in WINDOWS:
            if other != window and signal.shape.ephemeris.duration < _FITS * other:
                held = snr_of(self._flat(own, other), signal.shape)
                if held < _HOLDS * snr_needed(signal):
                    return f"{what} is not there with a trend of {other:g} d."
        shaped = [snr_of(self._flat(self.gone, one), signal.shape) for one in self._windows]
        lone = signal.transits < LEAST_TRANSITS and max(shaped) < LEAST_SNR
        if lone or signal.snr > _MADE * max(shaped):
            return f"{what} is what the star's own waves leave between the points of its trend."
        return ""

    def _flat(self, untrended: Flags, window: float) -> FlatCurve:
        flat = flatten(self.curve, untrended, window)
        return flat.where(~self.gone[np.searchsorted(self.curve.time, flat.time)])


def _is_lone(seen: Seen | None) -> bool:
    return seen is None or seen.signal.transits < LEAST_TRANSITS


def _once_more(flat: FlatCurve, peak: Peak) -> Peak:
    """The same peak; its depth as the second trend leaves it."""
    inside = peak.ephemeris.during(flat.time)
    depth = 1 - float(np.median(flat.flux[inside])) if inside.any() else peak.depth
    return replace(peak, depth=max(depth, peak.depth))

"""Up to five signals of one star, the strongest first; and what is no signal, with its reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from training.ml.curves.curve import FlatCurve, LightCurve
from training.ml.curves.detrend import flatten
from training.ml.curves.judging import is_alarm, other_eclipse, unknown_because, vetoes_of
from training.ml.curves.measure import Signal, measure
from training.ml.curves.noise import red_factor
from training.ml.curves.search import Peak, strongest

if TYPE_CHECKING:
    from training.ml.curves.curve import Flags

MOST_SIGNALS: Final = 5
WINDOWS: Final = (1.0, 2.0)  # days: the longer one keeps transits of half a day
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
    masked = np.zeros(len(curve), dtype=bool)
    for order in range(1, most + 1):
        if report:
            report(order)
        seen = _next(curve, masked, order)
        if seen is None:
            return Found(signals, "Nothing else stands out of the noise.", evidence)
        evidence.append(seen)
        signal = seen.signal
        if alarm := is_alarm(signal):
            return Found(signals, alarm, evidence)
        unknown = other_eclipse(signal, signals) or unknown_because(signal)
        signals.append(replace(signal, unknown=unknown, vetoes=vetoes_of(signal)))
        masked |= signal.shape.ephemeris.during(curve.time, _MASKED)
    return Found(signals, f"The search ended at {most} signals.", evidence)


def _next(curve: LightCurve, masked: Flags, order: int) -> Seen | None:
    """The strongest signal outside of ``masked``, measured with its own transits kept out of the
    trend."""
    tried = [(window, _searched(curve, masked, window)) for window in WINDOWS]
    known = [(rank, window, peak) for window, (rank, peak) in tried if peak is not None]
    if not known:
        return None
    _, window, peak = max(known, key=lambda one: one[0])
    own = peak.ephemeris.during(curve.time, _UNTRENDED)
    # A trend needs points between the transits.
    if (own & ~masked).sum() < _MOST_UNTRENDED * (~masked).sum():
        flat = _unmasked(curve, masked, masked | own, window)
        peak = _once_more(flat, peak)
    else:
        flat = _unmasked(curve, masked, masked, window)
    signal = measure(flat, peak, order)
    return Seen(signal, flat, peak) if signal else None


def _searched(curve: LightCurve, masked: Flags, window: float) -> tuple[float, Peak | None]:
    """The strongest peak with a trend of this window, and its S/N with the noise as it is."""
    flat = _unmasked(curve, masked, masked, window)
    peak = strongest(flat)
    if peak is None:
        return 0.0, None
    free = ~peak.ephemeris.during(flat.time, _MASKED)
    red = red_factor(flat.where(free), peak.ephemeris.duration) if free.any() else 1.0
    return peak.strength / red, peak


def _once_more(flat: FlatCurve, peak: Peak) -> Peak:
    """The same peak; its depth as the second trend leaves it."""
    inside = peak.ephemeris.during(flat.time)
    depth = 1 - float(np.median(flat.flux[inside])) if inside.any() else peak.depth
    return replace(peak, depth=max(depth, peak.depth))


def _unmasked(curve: LightCurve, gone: Flags, untrended: Flags, window: float) -> FlatCurve:
    flat = flatten(curve, untrended, window)
    kept = ~gone[np.searchsorted(curve.time, flat.time)]
    return flat.where(kept)

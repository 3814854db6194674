"""The best box at each trial period: light folded into bins of phase, summed over every length.

All lengths are read off one folding, each against the noise of its own. And one folding serves
neighbouring periods: each piece of the curve is folded once, and moved by what it drifts (as in the
fast folding of Staelin 1969, Proc. IEEE 57, 724), so that years of light take seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from training.ml.curves.curve import FlatCurve, Floats, Whole

_AT_ONCE: Final = 60_000  # values that are summed together: they stay in the cache
_FOLDING: Final = 2.0  # what a point costs to fold over what a bin costs to move
_MOST_PIECES: Final = 128
_LEAST_SHARE: Final = 1e-5  # of all weight: what holds less is no box


def best_boxes(
    curve: FlatCurve, periods: Floats, durations: Floats, factors: Floats, phases: int
) -> tuple[Floats, Floats, Floats, Floats]:
    """(m,) strength, depth, duration and epoch (mid-box) at each of ``periods``, which rise and
    differ little. ``durations`` (k,) of the middle one, rising, with what each one's noise is over
    white noise; ``phases``: bins in the shortest."""
    middle = float(np.sqrt(periods[0] * periods[-1]))
    bins = int(np.ceil(phases * middle / durations[0]))
    lengths = np.maximum(np.rint(durations / middle * bins), 1).astype(np.intp)
    lengths, first = np.unique(lengths, return_index=True)
    found = [
        _best(weights, losses, lengths, factors[first])
        for weights, losses in _batches(_foldings(curve, periods, bins), max(1, _AT_ONCE // bins))
    ]
    strength, depth, start, length = (np.concatenate(one) for one in zip(*found, strict=True))
    epoch = curve.time[0] + (start + length / 2) * periods / bins
    return strength, depth, length * periods / bins, epoch


def _batches(
    foldings: Iterator[tuple[Floats, Floats]], most: int
) -> Iterator[tuple[Floats, Floats]]:
    """The same, ``most`` periods and some more together: calls on few values cost more than the
    values."""
    held: list[tuple[Floats, Floats]] = []
    rows = 0
    for folding in foldings:
        held.append(folding)
        rows += len(folding[0])
        if rows >= most:
            yield _joined(held)
            held, rows = [], 0
    if held:
        yield _joined(held)


def _joined(foldings: list[tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
    weights, losses = (np.concatenate(parts) for parts in zip(*foldings, strict=True))
    return weights, losses


def _foldings(curve: FlatCurve, periods: Floats, bins: int) -> Iterator[tuple[Floats, Floats]]:
    """(some periods, bins) sums of weights, and of weighted losses, for all ``periods``."""
    time = curve.time - curve.time[0]
    weight = 1 / curve.sigma**2
    lost = weight * (1 - curve.flux)
    frequency = 1 / periods
    pieces = _pieces(time, frequency)
    width = float(time[-1]) / pieces * (1 + 1e-9)
    piece = (time / width).astype(np.intp)
    centres = width * (np.arange(pieces) + 0.5)
    # Within a piece nothing may drift by more than half a bin.
    reach = 2 / (width * bins) if pieces > 1 else 0.0
    most = max(1, _AT_ONCE // bins)
    at = 0
    while at < len(periods):
        end = int(np.searchsorted(-frequency, reach - frequency[at], side="right"))
        group = frequency[at : max(at + 1, min(end, at + most))]
        usual = (group[0] + group[-1]) / 2
        turns = time * usual
        place = ((turns - np.floor(turns)) * bins).astype(np.intp)
        place = piece * bins + np.minimum(place, bins - 1)
        drift = np.rint((group - usual)[:, None] * centres * bins).astype(np.intp)
        starts = (-drift) % bins
        folded = [np.bincount(place, values, pieces * bins) for values in (weight, lost)]
        weights, losses = _moved(np.array(folded, float).reshape(2, pieces, bins), starts)
        yield weights, losses
        at += len(group)


def _pieces(time: Floats, frequency: Floats) -> int:
    """Into how many the curve is cut so that folding and moving together cost least."""
    if len(frequency) < 2:
        return 1
    step = float(frequency[0] - frequency[-1]) / (len(frequency) - 1)
    best = np.sqrt(_FOLDING * len(time) * float(time[-1]) * step / 2)
    return int(np.clip(best, 1, min(_MOST_PIECES, len(time) // 20)))


def _moved(folded: Floats, starts: Whole) -> tuple[Floats, Floats]:
    """(m, bins) twice: the pieces of ``folded`` (2, p, bins) added up, each from its own of
    ``starts`` (m, p) on."""
    kinds, pieces, bins = folded.shape
    twice = np.concatenate([folded, folded], axis=2)
    kind, piece, one = twice.strides
    windows: Floats = np.ndarray(  # sliding_window_view, which costs more than what it shows here
        (pieces, bins, kinds, bins), twice.dtype, twice, strides=(piece, one, kind, one)
    )
    total = windows[0][starts[:, 0]]
    for number in range(1, pieces):
        total += windows[number][starts[:, number]]
    return total[:, 0], total[:, 1]


def _best(
    weights: Floats, losses: Floats, lengths: Whole, factors: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Strength, depth, first bin and length of each row's best box."""
    rows, bins = weights.shape
    total = weights.sum(axis=1)[:, None]
    longest = int(lengths[-1])
    shares = weights / total
    mean = losses.sum(axis=1)[:, None] / total
    shares, above = _summed(shares, longest), _summed(losses / total - mean * shares, longest)
    along = np.arange(rows)
    strength, depth, start = np.zeros(rows), np.zeros(rows), np.zeros(rows)
    chosen = np.full(rows, lengths[0])
    for length, factor in zip(lengths, factors, strict=True):
        inside = shares[:, length : length + bins] - shares[:, :bins]
        lost = above[:, length : length + bins] - above[:, :bins]
        # The box's mean against that of all else: its square over its variance, with its sign.
        inside *= 1 - inside
        np.maximum(inside, _LEAST_SHARE, out=inside)
        power = np.abs(lost)
        power *= lost
        power /= inside
        at = np.argmax(power, axis=1)
        found = np.sqrt(np.maximum(power[along, at], 0) * total[:, 0]) / factor
        better = found > strength
        strength[better], start[better], chosen[better] = found[better], at[better], length
        depth[better] = (lost[along, at] / inside[along, at])[better]
    return strength, depth, start, chosen


def _summed(binned: Floats, longest: int) -> Floats:
    """(m, 1 + bins + longest) sums up to each bin, the orbit's beginning once more at its end."""
    rows, bins = binned.shape
    sums = np.zeros((rows, 1 + bins + longest), dtype=np.float32)  # of shares: exact to 1e-7
    sums[:, 1 : bins + 1] = np.cumsum(binned, axis=1)
    sums[:, bins + 1 :] = sums[:, bins : bins + 1] + sums[:, 1 : longest + 1]
    return sums

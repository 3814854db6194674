"""One signal in several rows of a table: it is no sibling of itself.

Two rows are one signal where they have one name on one star, or one star and one period within its
error. The makers of a catalogue may give two numbers to one period, a planet and what they think is
something else: where both rows have such names and they differ, they are two signals.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.ml.libraries import csgraph, sparse

WITHOUT_ERROR: Final = 1e-4
"""Relative difference up to which two periods without an uncertainty are one: between searches of
one light curve, periods differ by less."""

MOST: Final = 5e-3
"""No uncertainty makes one signal of two periods that differ by more than this."""

_SIGMAS: Final = 3.0


def first_rows(
    stars: NDArray[np.uint64],
    names: NDArray[np.uint64],
    catalogued: NDArray[np.bool_],
    periods: NDArray[np.float64],
    errors: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Per row the first row of the same signal; its own number where it is the first or only one.

    All of shape (n,): ``stars`` and ``names`` are hashes, 0 = unknown; ``catalogued`` says which
    names a catalogue gave; ``periods`` and their one-sigma ``errors`` in days, NaN = unknown.
    """
    left, right = _same_name(stars, names)
    more_left, more_right = _same_period(stars, names, catalogued, periods, errors)
    left, right = np.append(left, more_left), np.append(right, more_right)
    own = np.arange(len(stars), dtype=np.int64)
    if not len(left):
        return own
    size = len(stars)
    links = sparse.coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(size, size))
    labels = csgraph.connected_components(links, directed=False)[1]
    _, first, signal = np.unique(labels, return_index=True, return_inverse=True)
    rows: NDArray[np.int64] = first[signal].astype(np.int64)
    return rows


def _same_name(
    stars: NDArray[np.uint64], names: NDArray[np.uint64]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    order = np.lexsort((names, stars))
    order = order[names[order] != 0]
    star, name = stars[order], names[order]
    same = (star[1:] == star[:-1]) & (name[1:] == name[:-1])
    return order[:-1][same], order[1:][same]


def _same_period(
    stars: NDArray[np.uint64],
    names: NDArray[np.uint64],
    catalogued: NDArray[np.bool_],
    periods: NDArray[np.float64],
    errors: NDArray[np.float64],
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    order = np.lexsort((periods, stars))
    order = order[(stars[order] != 0) & (periods[order] > 0)]
    here, there = order[:-1], order[1:]
    with np.errstate(invalid="ignore"):
        both = np.hypot(errors[here], errors[there]) * _SIGMAS / periods[here]
    allowed = np.where(np.isnan(both), WITHOUT_ERROR, np.clip(both, WITHOUT_ERROR / 10, MOST))
    same = (stars[here] == stars[there]) & (periods[there] / periods[here] - 1 <= allowed)
    same &= ~(catalogued[here] & catalogued[there] & (names[here] != names[there]))
    return here[same], there[same]

"""What a finished batch shows: counts, distributions, agreement with the table's own dispositions,
pages of rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from predictions.batches.results import ResultIndex
from training.ml.schema import DISPOSITIONS, Disposition

SCORE_BINS: Final = 20
LIKELY: Final = 0.9  # a score from which a signal is said to look very much like a planet
PERIOD_EDGES: Final = (1.0, 10.0, 100.0)  # days
RADIUS_EDGES: Final = (
    1.5,
    4.0,
    10.0,
)  # Earth radii: rocky, up to Neptune's, up to Jupiter's, beyond
PLOTTED: Final = 350  # signals in the period–radius diagram; the page stays below 100 kB

Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.intp]


def summary_of(index: ResultIndex) -> dict[str, Any]:
    """Everything that the outcome page draws, made once; its size does not depend on the number of
    rows."""
    lead = index.lead
    return {
        "signals": int(lead.sum()),
        "unusable": int((index.disposition < 0).sum()),
        "warned": int((lead & index.warned).sum()),
        "dispositions": [
            int((lead & (index.disposition == number)).sum()) for number in range(len(DISPOSITIONS))
        ],
        "set_sizes": [
            int((lead & (index.set_size == size)).sum()) for size in range(len(DISPOSITIONS) + 1)
        ],
        "planet_scores": _histograms(index),
        "plot": _plot(index),
        "agreement": _agreement(index),
        "learnt": int((lead & index.learnt).sum()),
        "open": _open(index),
    }


def _open(index: ResultIndex) -> dict[str, int] | None:
    """How many signals the table itself leaves open, and how many of them look very much like
    planets; None where it leaves none open."""
    left_open = index.lead & (index.given == DISPOSITIONS.index(Disposition.CANDIDATE))
    if not left_open.any():
        return None
    likely = left_open & (index.open_score >= LIKELY)
    return {"signals": int(left_open.sum()), "likely": int(likely.sum())}


def _histograms(index: ResultIndex) -> list[list[int]]:
    """Per disposition, how many signals have a planet score in each of ``SCORE_BINS`` equal bins
    from 0 to 1."""
    counts = []
    for number in range(len(DISPOSITIONS)):
        scores = index.planet_score[index.lead & (index.disposition == number)]
        found, _ = np.histogram(scores[~np.isnan(scores)], bins=SCORE_BINS, range=(0, 1))
        counts.append([int(count) for count in found])
    return counts


def _plot(index: ResultIndex) -> dict[str, Any]:
    """(period in days, radius in Earth radii) per disposition; every n-th signal where there are
    too many to draw."""
    drawable = np.flatnonzero(index.lead & (index.period > 0) & (index.radius > 0))
    step = max(1, -(-len(drawable) // PLOTTED))
    shown = drawable[::step]
    points = [
        [
            [_short(index.period[row]), _short(index.radius[row])]
            for row in shown[index.disposition[shown] == number]
        ]
        for number in range(len(DISPOSITIONS))
    ]
    return {
        "drawable": len(drawable),
        "shown": len(shown),
        "points": points,
        "bins": _bins(index, drawable),
    }


def _bins(index: ResultIndex, rows: Rows) -> list[list[list[int]]]:
    """How many of ``rows``, per disposition, range of radius and range of period."""
    shape = (len(DISPOSITIONS), len(RADIUS_EDGES) + 1, len(PERIOD_EDGES) + 1)
    counts = np.zeros(shape, dtype=int)
    places = (
        np.digitize(index.radius[rows], RADIUS_EDGES),
        np.digitize(index.period[rows], PERIOD_EDGES),
    )
    np.add.at(counts, (index.disposition[rows], *places), 1)
    found: list[list[list[int]]] = counts.tolist()
    return found


def _short(value: float) -> float:
    return float(f"{value:.4g}")


def _agreement(index: ResultIndex) -> dict[str, Any] | None:
    """Confusion matrix (rows: the table's disposition, columns: ours); None where the table gives
    no dispositions.

    Signals on stars that the version has learnt from are counted apart: on them it only repeats
    what it was told.
    """
    compared = index.lead & (index.given >= 0)
    if not compared.any():
        return None
    unseen = compared & ~index.trained_on
    return {
        "compared": int(compared.sum()),
        "trained_on": int((compared & index.trained_on).sum()),
        "unseen": int(unseen.sum()),
        "matrix": _matrix(index, unseen),
        "matrix_trained_on": _matrix(index, compared & index.trained_on),
        "disagreements": int((unseen & (index.given != index.disposition)).sum()),
    }


def _matrix(index: ResultIndex, chosen: Mask) -> list[list[int]]:
    size = len(DISPOSITIONS)
    cells = np.bincount(
        index.given[chosen].astype(int) * size + index.disposition[chosen], minlength=size * size
    )
    return [[int(count) for count in row] for row in cells.reshape(size, size)]


# --- rows -----------------------------------------------------------------------------------------

SORTED_BY: Final = (
    *("row", "identifier", "disposition", "confidence", "planet_score", "open_score"),
    *("given", "period", "radius"),
)
SORTS: Final = (*SORTED_BY, *(f"-{name}" for name in SORTED_BY))


@dataclass(frozen=True)
class RowFilter:
    """Which rows a person wants to see, and in what order."""

    disposition: int | None = None
    given: int | None = None
    set_size: int | None = None
    warned: bool | None = None
    unusable: bool = False
    disagreements: bool = False
    with_trained_on: bool = False  # among the disagreements
    decision: str = ""  # of the person: kept, rejected, undecided, noted
    ranges: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)
    sort: str = "-planet_score"


def rows_chosen(
    index: ResultIndex,
    wanted: RowFilter,
    named: Mask | None = None,
    ranks: Rows | None = None,
) -> Rows:
    """Positions of the rows that ``wanted`` describes, in its order. ``named``: rows that are
    wanted for what the index does not hold; ``ranks``: the order of the identifiers."""
    chosen = _chosen(index, wanted)
    if named is not None:
        chosen &= named
    return _sorted(index, np.flatnonzero(chosen), wanted, ranks)


def _chosen(index: ResultIndex, wanted: RowFilter) -> Mask:
    if wanted.unusable:
        return index.disposition < 0
    chosen = index.lead.copy()
    for array, value in (
        (index.disposition, wanted.disposition),
        (index.given, wanted.given),
        (index.set_size, wanted.set_size),
        (index.warned, wanted.warned),
    ):
        if value is not None:
            chosen &= array == value
    for name, (low, high) in wanted.ranges.items():
        values = getattr(index, name)
        # In the precision of the index, or a bound that is a row's own value would leave it out.
        chosen &= True if low is None else values >= values.dtype.type(low)
        chosen &= True if high is None else values <= values.dtype.type(high)
    if wanted.disagreements:
        chosen &= (index.given >= 0) & (index.given != index.disposition)
        if not wanted.with_trained_on:
            chosen &= ~index.trained_on
    return chosen


def _sorted(index: ResultIndex, rows: Rows, wanted: RowFilter, ranks: Rows | None) -> Rows:
    name, falling = wanted.sort.removeprefix("-"), wanted.sort.startswith("-")
    if name == "row":
        return rows[::-1] if falling else rows
    by = ranks if name == "identifier" and ranks is not None else getattr(index, name)
    keys = by[rows]
    # Missing values come last in both directions, equal ones in the order of the table.
    return rows[np.argsort(-keys if falling else keys, kind="stable")]


def row_nearest(index: ResultIndex, *, period: float, radius: float) -> int | None:
    """The number of the signal, counted from 1, that stands nearest to this period [days] and
    radius [Earth radii] where both are logarithmic; None where no signal has both."""
    rows = np.flatnonzero(index.lead & (index.period > 0) & (index.radius > 0))
    if not len(rows):
        return None
    away = np.hypot(np.log(index.period[rows] / period), np.log(index.radius[rows] / radius))
    return int(rows[away.argmin()]) + 1

"""What two batches say of the signals that both of them name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from predictions.batches.models import Batch
from predictions.batches.results import ResultIndex, answers_read, index_kept
from training.ml.libraries import pandas as pd
from training.ml.schema import DISPOSITIONS
from training.ml.sky.names import signal_name

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class NamedRows:
    """The rows of a batch that stand for a signal with a name; of rows with one name the first."""

    batch: Batch
    index: ResultIndex
    rows: Rows
    names: pd.Index
    unnamed: int


@dataclass(frozen=True, eq=False)
class BatchComparison:
    """``first`` and ``second``: the rows of the signals in both, the nth of each the same signal,
    counted from 0."""

    before: NamedRows
    after: NamedRows
    first: Rows
    second: Rows

    @property
    def matrix(self) -> list[list[int]]:
        """Rows: what the first batch says; columns: the second."""
        size = len(DISPOSITIONS)
        cells = self._said_before.astype(int) * size + self._said_after
        counts = np.bincount(cells, minlength=size * size).reshape(size, size)
        return [[int(count) for count in row] for row in counts]

    @property
    def changes(self) -> Rows:
        """Places of the signals whose disposition changes, the largest change of the planet score
        first."""
        changed = np.flatnonzero(self._said_before != self._said_after)
        size = np.abs(self.score_after[changed] - self.score_before[changed])
        found: Rows = changed[np.argsort(-size, kind="stable")]  # what is not known comes last
        return found

    @property
    def _said_before(self) -> npt.NDArray[np.int8]:
        return self.before.index.disposition[self.first]

    @property
    def _said_after(self) -> npt.NDArray[np.int8]:
        return self.after.index.disposition[self.second]

    @property
    def score_before(self) -> npt.NDArray[np.float64]:
        return self.before.index.planet_score[self.first]

    @property
    def score_after(self) -> npt.NDArray[np.float64]:
        return self.after.index.planet_score[self.second]

    def shown(self, places: Sequence[int]) -> list[dict[str, Any]]:
        """For a page of changes."""
        return [self._change(int(place)) for place in places]

    def _change(self, place: int) -> dict[str, Any]:
        row = self.first[place]
        scores = (self.score_before[place], self.score_after[place])
        return {
            "name": self.before.names[np.searchsorted(self.before.rows, row)],
            "before": str(DISPOSITIONS[self._said_before[place]]),
            "after": str(DISPOSITIONS[self._said_after[place]]),
            "row_before": int(row) + 1,
            "row_after": int(self.second[place]) + 1,
            "scores": [None if np.isnan(score) else float(score) for score in scores],
        }


def batches_compare(before: Batch, after: Batch) -> BatchComparison:
    """Joined by the names of the signals, each in its one spelling: KOI-752.01 is K00752.01."""
    left, right = _named(before), _named(after)
    place = right.names.get_indexer(left.names)
    shared = place >= 0
    return BatchComparison(left, right, left.rows[shared], right.rows[place[shared]])


def _named(batch: Batch) -> NamedRows:
    index = index_kept(batch.index_file)
    names = answers_read(batch.index_file, ["identifier"])["identifier"].to_pandas()
    classified = names[index.lead].map(signal_name)
    named = classified[classified != ""].drop_duplicates()
    unnamed = int((classified == "").sum())
    return NamedRows(batch, index, named.index.to_numpy(), pd.Index(named), unnamed)

"""The dispositioned signals of all tables, gathered, and split by star."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold

from training.ml.answers import hash_keys
from training.ml.boosting import DOUBTED, KNOWN_BEFORE
from training.ml.calibrate import Integers
from training.ml.errors import UserError
from training.ml.evaluation.measures import CANDIDATE, CONFIRMED
from training.ml.fitting.lineage import TableFacts
from training.ml.model import (
    mission_numbers,
)
from training.ml.schema import DISPOSITIONS
from training.ml.sky.ephemerides import Ephemerides, join_ephemerides, with_neighbours
from training.ml.sky.stars import sky_vectors
from training.ml.tables.data_loader import ephemerides_of, star_groups
from training.ml.tables.signal_table import SignalTable

Indices = npt.NDArray[np.intp]

MIN_PER_DISPOSITION: Final = 20


class TooFewSignals(UserError):
    code = "too_few_signals"

    def __init__(self, disposition: str, found: int) -> None:
        super().__init__(
            f"Training needs at least {MIN_PER_DISPOSITION} signals of each disposition on"
            f" different stars, but the tables hold {found} {disposition}. Add a table that holds"
            " more of them."
        )


@dataclass(frozen=True)
class TrainingSet:
    """The dispositioned signals of all tables: n rows, with one star group namespace."""

    frame: pd.DataFrame
    truth: Integers  # (n,) positions in DISPOSITIONS
    doubted: npt.NDArray[np.bool_]  # (n,) candidates that their own table marks as doubtful
    known_before: npt.NDArray[np.bool_]  # (n,) planets that others had found before
    groups: Indices  # (n,) one number per star, across missions
    signals: npt.NDArray[np.uint64]  # (n,) hashed
    stars: npt.NDArray[np.uint64]  # (n,) hashed
    sky: npt.NDArray[np.float32]  # (n, 3) unit vectors, NaN = unknown
    tables: tuple[TableFacts, ...] = ()
    ephemerides: Ephemerides | None = None  # of all signals of the tables, whatever their number

    def __len__(self) -> int:
        return len(self.truth)

    @property
    def missions(self) -> Integers:
        return mission_numbers(self.frame)

    @property
    def labels(self) -> Integers:
        """What the booster is fitted on: ``truth``, with doubted candidates and planets that were
        known before told apart."""
        labels = np.where(self.doubted & (self.truth == CANDIDATE), DOUBTED, self.truth)
        known = self.known_before & (self.truth == CONFIRMED)
        return np.where(known, KNOWN_BEFORE, labels).astype(np.int8)

    @property
    def strata(self) -> Integers:
        """Mission and disposition together: each fold gets its share of both."""
        strata: Integers = (self.missions * len(DISPOSITIONS) + self.truth).astype(np.int8)
        return strata

    def take(self, rows: Indices) -> TrainingSet:
        frame = self.frame.iloc[rows].reset_index(drop=True)
        return replace(
            self,
            frame=frame,
            truth=self.truth[rows],
            doubted=self.doubted[rows],
            known_before=self.known_before[rows],
            groups=self.groups[rows],
            signals=self.signals[rows],
            stars=self.stars[rows],
            sky=self.sky[rows],
        )


def gather(tables: Sequence[SignalTable], facts: Sequence[TableFacts] = ()) -> TrainingSet:
    """One training set from harmonised tables; signals without a disposition are left out.

    Raises ``TooFewSignals`` where a disposition is too rare to be learnt and judged.
    """
    groups = np.concatenate(star_groups(tables))
    where_and_when = join_ephemerides([ephemerides_of(table) for table in tables])
    known_ones = where_and_when.compact()
    # While signals without a disposition are still there: they are neighbours, too.
    frame = with_neighbours(
        pd.concat([table.frame for table in tables], ignore_index=True), where_and_when, known_ones
    )
    words = pd.concat([table.dispositions for table in tables], ignore_index=True)
    number = {str(disposition): k for k, disposition in enumerate(DISPOSITIONS)}
    known = np.flatnonzero(words.notna().to_numpy())
    # Hashes are enough to tell later what was learnt from; no name is kept.
    signals = hash_keys(pd.concat([_signal_keys(table) for table in tables], ignore_index=True))
    stars = hash_keys(pd.concat([table.stars.astype(str) for table in tables], ignore_index=True))
    truth: Integers = words.map(number).fillna(-1).to_numpy().astype(np.int8)
    doubted = np.concatenate([table.doubted for table in tables])
    known_before = np.concatenate([table.known_before for table in tables])
    sky = np.concatenate([_sky(table) for table in tables])
    whole = TrainingSet(
        frame, truth, doubted, known_before, groups, signals, stars, sky, tuple(facts), known_ones
    )
    chosen = whole.take(known)
    _check_enough(chosen)
    return chosen


def _signal_keys(table: SignalTable) -> pd.Series[str]:
    return table.frame["mission"].astype(str) + " " + table.signals.astype(str)


def _sky(table: SignalTable) -> npt.NDArray[np.float32]:
    ra, dec = (table.positions[name].to_numpy(dtype=np.float64) for name in ("ra", "dec"))
    return sky_vectors(ra, dec).astype(np.float32)


def _check_enough(signals: TrainingSet) -> None:
    for number, disposition in enumerate(DISPOSITIONS):
        stars = len(np.unique(signals.groups[signals.truth == number]))
        if stars < MIN_PER_DISPOSITION:
            raise TooFewSignals(disposition, stars)


def folds_by_star(signals: TrainingSet, folds: int, seed: int) -> list[tuple[Indices, Indices]]:
    """(training rows, held-out rows) per fold; no star stands on both sides."""
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    return list(splitter.split(np.zeros(len(signals)), signals.strata, signals.groups))

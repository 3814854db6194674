"""Several tables, each signal once: what is newer counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from training.ml.evaluation.dataset_report import SignalIndex
from training.ml.tables.signal_table import SignalTable


def each_signal_once(tables: Sequence[SignalTable]) -> list[SignalTable]:
    """``tables`` from the oldest to the newest, without the signals that a newer table, or a later
    row, has too.

    A signal without an identifier is kept: nothing tells whether it is another one.
    """
    seen = np.empty(0, dtype=np.uint64)
    kept: list[SignalTable] = []
    for table in reversed(tables):
        keys = SignalIndex.of(table).signals
        _, last = np.unique(keys[::-1], return_index=True)
        is_last = np.zeros(len(keys), dtype=bool)
        is_last[len(keys) - 1 - last] = True
        kept.append(_rows_of(table, np.flatnonzero((is_last & ~np.isin(keys, seen)) | (keys == 0))))
        seen = np.union1d(seen, keys[keys != 0])
    return kept[::-1]


def _rows_of(table: SignalTable, rows: npt.NDArray[np.intp]) -> SignalTable:
    if len(rows) == len(table):
        return table
    new_number = np.full(len(table) + 1, -1, dtype=np.int64)
    new_number[rows] = np.arange(len(rows))
    return replace(
        table,
        frame=table.frame.iloc[rows].reset_index(drop=True),
        signals=table.signals.iloc[rows].reset_index(drop=True),
        stars=table.stars.iloc[rows].reset_index(drop=True),
        positions=table.positions.iloc[rows].reset_index(drop=True),
        dispositions=table.dispositions.iloc[rows].reset_index(drop=True),
        epochs=table.epochs[rows],
        doubted=table.doubted[rows],
        known_before=table.known_before[rows],
        notes=[table.notes[row] for row in rows],
        row_signal=new_number[table.row_signal],
    )

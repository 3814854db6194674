"""A table of signals, harmonised: what every later step works on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from training.ml.libraries import pandas as pd
from training.ml.schema import Layout, Mission
from training.ml.tables.harmonise import COLUMN_OF, Problem, Rows, frame_of
from training.ml.tables.values import UNCHECKED


@dataclass(frozen=True, eq=False)
class SignalTable:
    """Signals of one table, or of one chunk of it.

    ``frame``: harmonised, RangeIndex. ``signals``, ``stars``, ``dispositions``: dtype str, missing
    = NaN. ``doubted``: candidates that the table itself marks as doubtful. ``known_before``:
    planets that it says others had found before. ``positions``: ra and dec in degrees, ``epochs``:
    mid-transit times as BJD − 2,454,833, NaN = unknown. ``notes``: per signal, sentences about its
    row. ``row_signal``: for each input row (counted from 0) the index of its signal in ``frame``,
    or −1; ``row_reasons``: for each of the latter, why it cannot be used. ``unchecked``: some
    features before their ranges were looked at. ``Problem.rows`` count from 1, over the whole
    table.
    """

    layout: Layout
    frame: pd.DataFrame
    signals: pd.Series[str]
    stars: pd.Series[str]
    positions: pd.DataFrame
    epochs: NDArray[np.float64]
    dispositions: pd.Series[str]
    doubted: NDArray[np.bool_]
    known_before: NDArray[np.bool_]
    notes: list[list[str]]
    row_signal: NDArray[np.int64]
    row_reasons: dict[int, str]
    problems: list[Problem] = field(default_factory=list)
    unchecked: dict[str, NDArray[np.float64]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def mission(self) -> Mission | None:
        """The mission of all signals; None where they are of several, or there are none."""
        if self.layout.mission:
            return self.layout.mission
        missions = self.frame["mission"].unique()
        return Mission(missions[0]) if len(missions) == 1 else None


def table_of(
    layout: Layout,
    rows: Rows,
    row_signal: NDArray[np.int64],
    reasons: dict[int, str],
    problems: list[Problem],
) -> SignalTable:
    """The table of all ``rows``, each of which must be usable."""
    return SignalTable(
        layout=layout,
        frame=frame_of(rows.values, rows.missions, rows.bands),
        signals=_texts([signal or None for signal in rows.signals]),
        stars=_texts(rows.stars),
        positions=pd.DataFrame({"ra": rows.ra, "dec": rows.dec}, dtype=np.float64),
        epochs=rows.epoch,
        dispositions=_texts(rows.dispositions),
        doubted=rows.doubted,
        known_before=rows.known_before,
        notes=[rows.notes.get(row, []) for row in range(len(rows))],
        row_signal=row_signal,
        row_reasons=reasons,
        problems=problems,
        unchecked=dict(zip(UNCHECKED, rows.unchecked.T, strict=True)),
    )


def usable_table(layout: Layout, rows: Rows, problems: list[Problem]) -> SignalTable:
    """The table of those ``rows`` that can be used, one signal per row."""
    usable = np.ones(len(rows), dtype=bool)
    usable[list(rows.reasons)] = False
    row_signal = np.where(usable, np.cumsum(usable) - 1, -1)
    return table_of(layout, take(rows, np.flatnonzero(usable)), row_signal, rows.reasons, problems)


def take(rows: Rows, picked: NDArray[np.int64]) -> Rows:
    """Only the ``picked`` rows, in that order."""
    index = picked.tolist()
    return Rows(
        values=rows.values[picked],
        signals=[rows.signals[i] for i in index],
        stars=[rows.stars[i] for i in index],
        ra=rows.ra[picked],
        dec=rows.dec[picked],
        missions=[rows.missions[i] for i in index],
        bands=[rows.bands[i] for i in index],
        dispositions=[rows.dispositions[i] for i in index],
        doubted=rows.doubted[picked],
        known_before=rows.known_before[picked],
        epoch=rows.epoch[picked],
        notes={new: rows.notes[old] for new, old in enumerate(index) if old in rows.notes},
        reasons={new: rows.reasons[old] for new, old in enumerate(index) if old in rows.reasons},
        default=rows.default[picked],
        dates=[rows.dates[i] for i in index],
        unchecked=rows.unchecked[picked],
    )


def stack(parts: Sequence[Rows]) -> Rows:
    """All ``parts`` one after the other, as if they had been read at once."""
    numbered = list(zip(np.cumsum([0, *(len(part) for part in parts)]), parts, strict=False))
    return Rows(
        values=np.concatenate([np.empty((0, len(COLUMN_OF))), *(part.values for part in parts)]),
        signals=[signal for part in parts for signal in part.signals],
        stars=[star for part in parts for star in part.stars],
        ra=np.concatenate([np.empty(0), *(part.ra for part in parts)]),
        dec=np.concatenate([np.empty(0), *(part.dec for part in parts)]),
        missions=[mission for part in parts for mission in part.missions],
        bands=[band for part in parts for band in part.bands],
        dispositions=[disposition for part in parts for disposition in part.dispositions],
        doubted=np.concatenate([np.empty(0, dtype=bool), *(part.doubted for part in parts)]),
        known_before=np.concatenate(
            [np.empty(0, dtype=bool), *(part.known_before for part in parts)]
        ),
        epoch=np.concatenate([np.empty(0), *(part.epoch for part in parts)]),
        notes={
            int(start) + row: said for start, part in numbered for row, said in part.notes.items()
        },
        reasons={
            int(start) + row: why for start, part in numbered for row, why in part.reasons.items()
        },
        default=np.concatenate([np.empty(0, dtype=bool), *(part.default for part in parts)]),
        dates=[date for part in parts for date in part.dates],
        unchecked=np.concatenate(
            [np.empty((0, len(UNCHECKED))), *(part.unchecked for part in parts)]
        ),
    )


def _texts(texts: Sequence[str | None]) -> pd.Series[str]:
    return pd.Series(list(texts), dtype="str")

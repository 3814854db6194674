"""Signals as VOTable, a slice at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

from predictions.batches.typed_columns import Kind, TypedColumn
from predictions.batches.votables import votable_frame, votable_rows
from predictions.catalogue.columns import COLUMNS, Column
from predictions.catalogue.models import Signal
from training.ml.libraries import pandas as pd

DESCRIPTION: Final = "Transit signals of the missions' tables with the scores of the version in use"
ROWS: Final = 2_000
"""So many are written at a time."""


def signals_frame(signals: Iterable[Signal], columns: Sequence[Column] = COLUMNS) -> pd.DataFrame:
    rows = [[column.value(signal) for column in columns] for signal in signals]
    frame = pd.DataFrame(rows, columns=[column.name for column in columns])
    return frame.astype({c.name: "float64" if c.is_number else "str" for c in columns})


def signals_votable(
    signals: Iterable[Signal],
    about: Mapping[str, str],
    columns: Sequence[Column] = COLUMNS,
    *,
    ends_with: bytes = b"",
) -> Iterator[bytes]:
    """``about``: an INFO each. ``ends_with``: what stands after the table, within its resource."""
    typed = [_typed(column) for column in columns]
    before, after = votable_frame(typed, about=about, description=DESCRIPTION, of_the_sky=True)
    yield before
    left = iter(signals)
    while some := list(islice(left, ROWS)):
        yield votable_rows(signals_frame(some, columns), typed)
    yield after.replace(b"</RESOURCE>", ends_with + b"</RESOURCE>")


def _typed(column: Column) -> TypedColumn:
    kind = Kind.NUMBER if column.is_number else Kind.TEXT
    return TypedColumn(column.name, kind, column.unit, column.ucd, column.description)

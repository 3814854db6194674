"""A list of signals as a file: CSV, VOTable or Parquet, with units where the format has them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from predictions.catalogue.columns import COLUMNS
from predictions.catalogue.models import CatalogueTable, Signal, SignalQuerySet
from predictions.catalogue.votables import signals_frame, signals_votable
from predictions.spreadsheets import neutral
from training.ml.archive.download import table_of
from training.ml.libraries import pandas as pd
from training.ml.libraries import pyarrow as pa
from training.ml.libraries import pyarrow_parquet as pq
from training.ml.schema import Mission
from training.models import ModelVersion

_ROWS: Final = 2_000
_HEAVY: Final = ("scored_by__metadata", "scored_by__notes")


@dataclass(frozen=True)
class ListFormat:
    key: str
    title: str
    extension: str
    content_type: str
    write: Callable[[SignalQuerySet], Iterator[bytes]]


def _signals(found: SignalQuerySet) -> Iterable[Signal]:
    # A version's metadata are megabytes: once per row they took half a minute.
    signals = found.select_related("star", "scored_by").defer("inputs", *_HEAVY)
    return signals.iterator(chunk_size=_ROWS)


class _Line:
    """A file whose ``write`` gives back what it got, for csv."""

    def write(self, text: str) -> str:
        return text


def csv_bytes(found: SignalQuerySet) -> Iterator[bytes]:
    writer = csv.writer(_Line(), lineterminator="\n")
    yield writer.writerow([column.name for column in COLUMNS]).encode()
    for signal in _signals(found):
        cells = (column.value(signal) for column in COLUMNS)
        yield writer.writerow(
            [neutral(cell) if isinstance(cell, str) else cell for cell in cells]
        ).encode()


def _frame(found: SignalQuerySet) -> pd.DataFrame:
    return signals_frame(_signals(found))


def about(tables: Iterable[CatalogueTable]) -> dict[str, str]:
    """Where the rows are from, for a file's header."""
    told = {"source": "Exoplanet Site, catalogue of the NASA Exoplanet Archive's tables"}
    for table in tables:
        told[f"table_{table.mission}"] = f"{table.dataset.name}, state of {table.as_of}"
        told[f"citation_{table.mission}"] = f"doi:{table_of(Mission(table.mission)).doi}"
    return told


def about_now() -> dict[str, str]:
    """Of this moment: the tables in charge, and the version in service if there is one."""
    tables = CatalogueTable.objects.current().select_related("dataset").order_by("mission")
    serving = ModelVersion.objects.filter(is_active=True).values_list("name", flat=True).first()
    return about(tables) | ({"model_version": serving} if serving else {})


def votable_bytes(found: SignalQuerySet) -> Iterator[bytes]:
    return signals_votable(_signals(found), about_now())


def parquet_bytes(found: SignalQuerySet) -> Iterator[bytes]:
    table = pa.Table.from_pandas(_frame(found), preserve_index=False)
    fields = [
        field.with_metadata({"unit": column.unit, "description": column.description})
        for field, column in zip(table.schema, COLUMNS, strict=True)
    ]
    kept = {**(table.schema.metadata or {}), **{k: v for k, v in about_now().items()}}
    buffer = io.BytesIO()
    pq.write_table(table.cast(pa.schema(fields, metadata=kept)), buffer)
    yield buffer.getvalue()


FORMATS: Final = {
    wanted.key: wanted
    for wanted in (
        ListFormat("csv", "CSV", "csv", "text/csv; charset=utf-8", csv_bytes),
        ListFormat("votable", "VOTable", "vot", "application/x-votable+xml", votable_bytes),
        ListFormat(
            "parquet", "Parquet", "parquet", "application/vnd.apache.parquet", parquet_bytes
        ),
    )
}

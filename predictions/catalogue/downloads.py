"""A list of signals as a file: CSV, VOTable or Parquet, with units where the format has them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from predictions.batches.votables import quiet_units
from predictions.catalogue.columns import COLUMNS, Column
from predictions.catalogue.models import CatalogueTable, Signal, SignalQuerySet
from predictions.spreadsheets import neutral
from training.ml.libraries import pandas as pd
from training.ml.libraries import pyarrow as pa
from training.ml.libraries import pyarrow_parquet as pq

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
    rows = [[column.value(signal) for column in COLUMNS] for signal in _signals(found)]
    frame = pd.DataFrame(rows, columns=[column.name for column in COLUMNS])
    types = {c.name: "float64" if c.is_number else "str" for c in COLUMNS}
    return frame.astype(types)


def about(tables: Iterable[CatalogueTable]) -> dict[str, str]:
    """Where the rows are from, for a file's header."""
    told = {"source": "Exoplanet Site, catalogue of the NASA Exoplanet Archive's tables"}
    for table in tables:
        doi = table.dataset.provenance.get("doi")
        told[f"table_{table.mission}"] = f"{table.dataset.name}, state of {table.as_of}" + (
            f", doi:{doi}" if doi else ""
        )
    return told


def _about_now() -> dict[str, str]:
    return about(CatalogueTable.objects.current().select_related("dataset").order_by("mission"))


def votable_bytes(found: SignalQuerySet) -> Iterator[bytes]:
    from astropy.io.votable import from_table
    from astropy.io.votable.tree import Info
    from astropy.table import Table

    table = Table()
    for column, (_, values) in zip(COLUMNS, _frame(found).items(), strict=True):
        table[column.name] = values.to_numpy() if column.is_number else values.to_list()
        _describe(table[column.name], column)
    buffer = io.BytesIO()
    with quiet_units():
        document = from_table(table)
        for name, value in _about_now().items():
            document.resources[0].infos.append(Info(name=name, value=value))
        document.to_xml(buffer, tabledata_format="tabledata")
    yield buffer.getvalue()


def _describe(cells: Any, column: Column) -> None:
    from astropy import units

    cells.description = column.description
    if column.ucd:
        cells.meta["ucd"] = column.ucd
    if column.unit:
        cells.unit = units.Unit(column.unit)


def parquet_bytes(found: SignalQuerySet) -> Iterator[bytes]:
    table = pa.Table.from_pandas(_frame(found), preserve_index=False)
    fields = [
        field.with_metadata({"unit": column.unit, "description": column.description})
        for field, column in zip(table.schema, COLUMNS, strict=True)
    ]
    kept = {**(table.schema.metadata or {}), **{k: v for k, v in _about_now().items()}}
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

"""A list of signals as a file: CSV, ECSV, VOTable or Parquet, with units where the format has them,
a slice at a time."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from predictions.batches.downloads import Outbox
from predictions.catalogue.columns import COLUMNS
from predictions.catalogue.ecsv import ecsv_header
from predictions.catalogue.models import CatalogueTable, Signal, SignalQuerySet
from predictions.catalogue.votables import signals_frame, signals_votable
from predictions.spreadsheets import neutral
from training.ml.archive.download import table_of
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


def ecsv_bytes(found: SignalQuerySet) -> Iterator[bytes]:
    """Astropy writes the header. Cells stay as they are: what reads this is no spreadsheet."""
    yield ecsv_header(about_now())
    writer = csv.writer(_Line(), lineterminator="\n")
    for signal in _signals(found):
        yield writer.writerow([column.value(signal) for column in COLUMNS]).encode()


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
    serving = ModelVersion.objects.filter(is_active=True).only("name", "sha256").first()
    named = {"model_version": serving.name, "model_sha256": serving.sha256} if serving else {}
    return about(tables) | named


def votable_bytes(found: SignalQuerySet) -> Iterator[bytes]:
    return signals_votable(_signals(found), about_now())


def parquet_bytes(found: SignalQuerySet) -> Iterator[bytes]:
    """One row group per slice."""
    schema = pa.schema(
        [
            pa.field(
                column.name,
                pa.float64() if column.is_number else pa.string(),
                metadata={
                    "unit": column.unit,
                    "ucd": column.ucd,
                    "description": column.description,
                },
            )
            for column in COLUMNS
        ],
        metadata=about_now(),
    )
    outbox = Outbox()
    left = iter(_signals(found))
    with pq.ParquetWriter(outbox, schema) as writer:
        while some := list(islice(left, _ROWS)):
            frame = signals_frame(some)
            writer.write_table(pa.Table.from_pandas(frame, schema=schema, preserve_index=False))
            yield outbox.take()
    yield outbox.take()


FORMATS: Final = {
    wanted.key: wanted
    for wanted in (
        ListFormat("csv", "CSV", "csv", "text/csv; charset=utf-8", csv_bytes),
        ListFormat("ecsv", "ECSV", "ecsv", "text/plain; charset=utf-8", ecsv_bytes),
        ListFormat("votable", "VOTable", "vot", "application/x-votable+xml", votable_bytes),
        ListFormat(
            "parquet", "Parquet", "parquet", "application/vnd.apache.parquet", parquet_bytes
        ),
    )
}

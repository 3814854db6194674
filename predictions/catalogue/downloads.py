"""A list of signals as a file: CSV, ECSV, VOTable or Parquet, with units where the format has them,
a slice at a time."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from predictions.batches.downloads import Outbox
from predictions.catalogue.columns import columns_of
from predictions.catalogue.derived.models import RowsQuerySet
from predictions.catalogue.ecsv import ecsv_header
from predictions.catalogue.models import CatalogueTable
from predictions.catalogue.others.models import OtherList, OtherSignal
from predictions.catalogue.votables import signals_frame, signals_votable
from predictions.spreadsheets import neutral
from training.ml.archive.download import table_of
from training.ml.libraries import pyarrow as pa
from training.ml.libraries import pyarrow_parquet as pq
from training.ml.schema import Mission
from training.models import ModelVersion

Found = RowsQuerySet[Any]
About = Mapping[str, str]

_ROWS: Final = 2_000
_SOURCE: Final = "Exoplanet Site, catalogue of the NASA Exoplanet Archive's tables"
_MADE_UP: Final = "Exoplanet Site, a simulated example: none of these signals exists"
_HEAVY: Final = ("scored_by__metadata", "scored_by__notes")


@dataclass(frozen=True)
class ListFormat:
    key: str
    title: str
    extension: str
    content_type: str
    write: Callable[[Found, About], Iterator[bytes]]
    """Of the signals of a mission's or another list, and where they are from."""


def _signals(found: Found) -> Iterable[Any]:
    beside = ("list", "same_as") if found.model is OtherSignal else ()
    # A version's metadata are megabytes: once per row they took half a minute.
    signals = found.select_related("star", "scored_by", *beside).defer("inputs", *_HEAVY)
    return signals.iterator(chunk_size=_ROWS)


class _Line:
    """A file whose ``write`` gives back what it got, for csv."""

    def write(self, text: str) -> str:
        return text


def csv_bytes(found: Found, told: About) -> Iterator[bytes]:
    columns = columns_of(found.model)
    writer = csv.writer(_Line(), lineterminator="\n")
    yield writer.writerow([column.name for column in columns]).encode()
    for signal in _signals(found):
        cells = (column.value(signal) for column in columns)
        yield writer.writerow(
            [neutral(cell) if isinstance(cell, str) else cell for cell in cells]
        ).encode()


def ecsv_bytes(found: Found, told: About) -> Iterator[bytes]:
    """Astropy writes the header. Cells stay as they are: what reads this is no spreadsheet."""
    columns = columns_of(found.model)
    yield ecsv_header(told, columns)
    writer = csv.writer(_Line(), lineterminator="\n")
    for signal in _signals(found):
        yield writer.writerow([column.value(signal) for column in columns]).encode()


def about(tables: Iterable[CatalogueTable]) -> dict[str, str]:
    """Where the rows are from, for a file's header; made-up ones cite nobody."""
    told = {"source": _SOURCE}
    for table in tables:
        told[f"table_{table.mission}"] = f"{table.dataset.name}, state of {table.as_of}"
        if table.dataset.is_simulated:
            told["source"], told["simulated"] = _MADE_UP, "yes"
        else:
            told[f"citation_{table.mission}"] = f"doi:{table_of(Mission(table.mission)).doi}"
    return told


def about_list(whole: OtherList) -> dict[str, str]:
    """Where the rows of another list are from; what a mission says of the same signals is cited
    beside it."""
    told = {
        "source": f"Exoplanet Site, list {whole.name}, no mission's",
        "list": whole.name,
        "list_source": whole.source,
        "list_citation": whole.citation,
    }
    table = whole.tables.filter(is_current=True).with_dataset().first()
    if table:
        told["list_table"] = f"{table.dataset.name}, state of {table.as_of}"
    return told


def about_now(whole: OtherList | None = None) -> dict[str, str]:
    """Of this moment: the list or the tables in charge, and the version in service if there is
    one."""
    tables = CatalogueTable.objects.current().with_dataset().order_by("mission")
    serving = ModelVersion.objects.filter(is_active=True).only("name", "sha256").first()
    named = {"model_version": serving.name, "model_sha256": serving.sha256} if serving else {}
    of_list = about_list(whole) if whole else {}
    return about(tables) | of_list | named


def votable_bytes(found: Found, told: About) -> Iterator[bytes]:
    return signals_votable(_signals(found), told, columns_of(found.model))


def parquet_bytes(found: Found, told: About) -> Iterator[bytes]:
    """One row group per slice."""
    columns = columns_of(found.model)
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
            for column in columns
        ],
        metadata=dict(told),
    )
    outbox = Outbox()
    left = iter(_signals(found))
    with pq.ParquetWriter(outbox, schema) as writer:
        while some := list(islice(left, _ROWS)):
            frame = signals_frame(some, columns)
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

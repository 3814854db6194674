"""The answers of a batch as files: CSV, Parquet and VOTable streamed for any size, FITS up to a
stated one.

All input columns stand first, untouched and in order; the answers follow. In CSV, a cell that a
spreadsheet would run as a formula gets an apostrophe in front; the other formats are not opened by
spreadsheets and keep every cell.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from django.conf import settings
from django.core.files.storage import default_storage

from predictions.answers import (
    ANSWER_COLUMNS,
    csv_text,
    free_names,
    header_csv,
    joined_lists,
    lines_with_answers,
)
from predictions.batches.models import Batch
from predictions.batches.results import STORED_ANSWERS, answers_read
from predictions.batches.services import mapping_of, mission_of, table_limits
from predictions.batches.typed_columns import (
    Kind,
    TypedColumn,
    ascii_text,
    astropy_unit,
    column_units,
    free_name,
    joined,
    kind_of,
    printable,
)
from predictions.batches.votables import DESCRIPTION, quiet_units, votable_frame, votable_rows
from predictions.signals.contributions import reason_columns
from predictions.spreadsheets import is_suspicious, neutral
from predictions.vo_terms import answer_ucd, column_ucds
from training.ml.errors import TooLarge, UserError
from training.ml.libraries import pandas as pd
from training.ml.libraries import pyarrow as pa
from training.ml.libraries import pyarrow_parquet as pq
from training.ml.tables.columns import Plan
from training.ml.tables.reading.read_table import Block, read_table
from training.ml.tables.reading.stated_units import with_stated_units
from training.ml.tables.recognition import recognise, recognised_names

Mask = npt.NDArray[np.bool_]


class UnknownFormat(UserError):
    code = "unknown_format"


class NoRows(UserError):
    code = "no_rows"

    def __init__(self) -> None:
        super().__init__("No row fits this view, so there is nothing to take away. Widen it first.")


@dataclass(frozen=True)
class SomeRows:
    """Some rows of a block, as what writes an outcome reads them: cell by cell."""

    raw: pd.DataFrame
    delimiter: str = ""
    lines: Sequence[str] = ()
    bad: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DownloadFormat:
    key: str
    title: str
    extension: str
    content_type: str
    write: Callable[[Batch, Mask | None], Iterator[bytes]]
    limited: bool = False


class BatchTable:
    """The input of a batch beside its answers, block by block."""

    def __init__(self, batch: Batch, chosen: Mask | None = None) -> None:
        self.batch = batch
        self.chosen = chosen
        self.reasons = reason_columns(batch.top_contributions)
        self._file = default_storage.open(batch.file)
        source: Any = self._file.file
        self._text = read_table(source, limits=table_limits(), known=recognised_names())
        self.columns: list[str] = list(self._text.columns)
        self.names = free_names([*ANSWER_COLUMNS, *self.reasons], self.columns)

    @property
    def plan(self) -> Plan:
        mapping = mapping_of(self.batch)
        return (
            mapping.plan(self.columns)
            if mapping
            else with_stated_units(
                recognise(self.columns, mission_of(self.batch)), self._text.stated
            )
        )

    def blocks(self) -> Iterator[Block]:
        """The input alone."""
        return self._text.blocks(self.batch.chunk_rows())

    def parts(self) -> Iterator[tuple[Block | SomeRows, pd.DataFrame]]:
        """Block by block; of the rows that were chosen, where some were."""
        paths, first = self.batch.chunks.values_list("result", flat=True), 0
        # One result a block: a batch keeps the size of chunks that it was divided by.
        for block, path in zip(self.blocks(), paths, strict=True):
            if self.chosen is None:
                yield block, self._answers(path)
                continue
            rows = np.flatnonzero(self.chosen[first : first + len(block)])
            first += len(block)
            if len(rows):
                raw, answers = (frame.iloc[rows] for frame in (block.raw, self._answers(path)))
                yield SomeRows(raw.reset_index(drop=True)), answers.reset_index(drop=True)

    def answer_kinds(self) -> list[Kind]:
        """Our own columns are numbers or texts in every chunk alike."""
        path = self.batch.chunks.values_list("result", flat=True).first()
        if path is None:
            return [Kind.TEXT] * len(self.names)
        return [
            Kind.NUMBER if pd.api.types.is_numeric_dtype(cells) else Kind.TEXT
            for _, cells in self._answers(path, most=1).items()
        ]

    def _answers(self, path: str, most: int | None = None) -> pd.DataFrame:
        stored = answers_read(path, [*STORED_ANSWERS, *self.reasons]).slice(0, most)
        answers = joined_lists(stored.to_pandas())
        version = "" if self.batch.model_version is None else self.batch.model_version.name
        # A row that could not be used was answered by no version.
        answers["model_version"] = answers["predicted_disposition"].map(
            lambda d, v=version: v if d else ""
        )
        return answers[[*ANSWER_COLUMNS, *self.reasons]].rename(columns=self.names)

    def close(self) -> None:
        self._file.close()


def download_named(key: str, batch: Batch) -> DownloadFormat:
    """The format that a person asked for; refused where the batch is too large for it."""
    if key not in FORMATS:
        raise UnknownFormat(f"There is no format “{key[:20]}”; choose one of {', '.join(FORMATS)}.")
    wanted = FORMATS[key]
    if wanted.limited and (batch.rows or 0) > settings.BATCH_TABLE_ROWS:
        raise TooLarge(
            f"This batch has {batch.rows:,} rows, too many for {wanted.title}, which is made in"
            " memory.",
            settings.BATCH_TABLE_ROWS,
            "rows",
            "Take Parquet or CSV instead; astropy and TOPCAT read both.",
        )
    return wanted


def download_name(batch: Batch, wanted: DownloadFormat) -> str:
    return f"{download_stem(batch)}-classified.{wanted.extension}"


def download_stem(batch: Batch) -> str:
    stem = PurePath(batch.name)
    while stem.suffix.lower() in (".gz", ".csv", ".tsv", ".txt"):
        stem = stem.with_suffix("")
    return str(stem)


# --- CSV ------------------------------------------------------------------------------------------


def csv_bytes(batch: Batch, chosen: Mask | None = None) -> Iterator[bytes]:
    table = BatchTable(batch, chosen)
    try:
        yield header_bytes(table.columns, list(table.names.values()))
        for block, answers in table.parts():
            yield csv_rows(block, answers).encode()
    finally:
        table.close()


def csv_rows(block: Block | SomeRows, answers: pd.DataFrame) -> str:
    """Input cells and answers; the file's own text
    is kept where no cell in it has to be changed."""
    if block.delimiter != "," or block.bad or is_suspicious("\n".join(block.lines)):
        return rewritten_rows(block.raw, answers)
    return lines_with_answers(block.lines, answers)


def header_bytes(columns: Sequence[str], answer_names: Sequence[str]) -> bytes:
    return header_csv([neutral(name) for name in columns], answer_names).encode()


def rewritten_rows(raw: pd.DataFrame, answers: pd.DataFrame) -> str:
    return csv_text(raw.map(neutral), answers)


# --- Parquet --------------------------------------------------------------------------------------


class Outbox(io.RawIOBase):
    """A file to write into, from which what has been written can be taken while more follows."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._position = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        self._position += len(data)
        return len(data)

    def tell(self) -> int:
        return self._position

    def take(self) -> bytes:
        taken, self._parts = b"".join(self._parts), []
        return taken


def parquet_bytes(batch: Batch, chosen: Mask | None = None) -> Iterator[bytes]:
    """Input columns as text, exactly as they came; answers as numbers and text. One row group per
    chunk."""
    table, outbox, writer = BatchTable(batch, chosen), Outbox(), None
    try:
        for block, answers in table.parts():
            rows = pa.Table.from_pandas(
                pd.concat([block.raw, answers], axis=1), preserve_index=False
            )
            writer = writer or pq.ParquetWriter(outbox, rows.schema, compression="snappy")
            # A column without any value has no type of its own; that of the first chunk stands.
            writer.write_table(rows.cast(writer.schema))
            yield outbox.take()
        if writer:
            writer.close()
        yield outbox.take()
    finally:
        table.close()


# --- VOTable and FITS -----------------------------------------------------------------------------

_MAX_FITS_COLUMNS: Final = 999
_MAX_FITS_NAME: Final = 60


class TooManyColumns(UserError):
    code = "too_many_columns"


def votable_bytes(batch: Batch, chosen: Mask | None = None) -> Iterator[bytes]:
    """Read twice, for what the columns hold and for the rows: in memory is one chunk at a time."""
    table = BatchTable(batch)
    try:
        columns = typed_columns(table)
    finally:
        table.close()
    before, after = votable_frame(columns)
    yield before
    table = BatchTable(batch, chosen)
    try:
        for block, answers in table.parts():
            yield votable_rows(pd.concat([block.raw, answers], axis=1), columns)
    finally:
        table.close()
    yield after


def typed_columns(source: BatchTable) -> list[TypedColumn]:
    """Every column with a name that VOTable and FITS can tell from the others, what it holds and,
    where the reading of the table knows it, its unit."""
    kinds = [Kind.EMPTY] * len(source.columns)
    for number, block in enumerate(source.blocks()):
        found = [kind_of(cells) for _, cells in block.raw.items()]
        kinds = [joined(*pair) for pair in zip(kinds, found, strict=True)] if number else found
    kinds += source.answer_kinds()
    names: list[str] = [*source.columns, *source.names.values()]
    plan, taken = source.plan, list[str]()
    units, ucds = column_units(plan), column_ucds(plan)
    columns, ours = [], [*source.names]
    for place, (name, kind) in enumerate(zip(names, kinds, strict=True)):
        # An empty name cannot be written, and both formats hold names that differ only in case to
        # be one.
        free = free_name(printable(name) or "column", taken)
        own = place - len(source.columns)
        unit, ucd = (
            (units.get(name, ""), ucds.get(name, "")) if own < 0 else ("", answer_ucd(ours[own]))
        )
        columns.append(TypedColumn(free, kind, unit, ucd))
        taken.append(free)
    return columns


def fits_bytes(batch: Batch, chosen: Mask | None = None) -> Iterator[bytes]:
    table = _astropy_table(batch, chosen)
    if len(table.columns) > _MAX_FITS_COLUMNS:
        raise TooManyColumns(
            f"This batch has {len(table.columns):,} columns, and a FITS table holds at most"
            f" {_MAX_FITS_COLUMNS}; take Parquet or VOTable instead."
        )
    _make_ascii(table)
    buffer = io.BytesIO()
    with quiet_units():
        table.write(buffer, format="fits")
    yield buffer.getvalue()


def _astropy_table(batch: Batch, chosen: Mask | None) -> Any:
    from astropy.table import Table  # 0.3 s; only this format needs it

    source = BatchTable(batch)
    try:
        rows = (batch.rows or 0) if chosen is None else int(chosen.sum())
        _check_size(rows * (len(source.columns) + len(source.names)))
        columns = typed_columns(source)
    finally:
        source.close()
    source = BatchTable(batch, chosen)
    try:
        parts = [pd.concat([block.raw, answers], axis=1) for block, answers in source.parts()]
    finally:
        source.close()
    whole = pd.concat(parts, ignore_index=True)
    table = Table()
    for place, column in enumerate(columns):
        table[column.name] = column.values(whole.iloc[:, place])
        if column.unit:
            table.columns[place].unit = astropy_unit(column.unit)
    table.meta["DESCRIPT"] = DESCRIPTION
    return table


def _check_size(cells: int) -> None:
    if cells > settings.BATCH_TABLE_CELLS:
        raise TooLarge(
            f"This batch and its answers have {cells:,} cells, too many for FITS, which is made in"
            " memory.",
            settings.BATCH_TABLE_CELLS,
            "cells",
            "Take VOTable, Parquet or CSV instead; astropy and TOPCAT read them all.",
        )


def _make_ascii(table: Any) -> None:
    """FITS holds ASCII only, and a column's name must fit into one line of its header."""
    for name in list(table.colnames):
        if table[name].dtype.kind == "U":
            table[name] = [ascii_text(text) for text in table[name]]
    for name in list(table.colnames):
        plain = ascii_text(name).replace("'", " ")[:_MAX_FITS_NAME].strip() or "column"
        if plain != name:
            others = [other for other in table.colnames if other != name]
            table.rename_column(name, free_name(plain, others))


FORMATS: Final = {
    wanted.key: wanted
    for wanted in (
        DownloadFormat("csv", "CSV", "csv", "text/csv; charset=utf-8", csv_bytes),
        DownloadFormat(
            "parquet", "Parquet", "parquet", "application/vnd.apache.parquet", parquet_bytes
        ),
        DownloadFormat("votable", "VOTable", "vot", "application/x-votable+xml", votable_bytes),
        DownloadFormat("fits", "FITS", "fits", "application/fits", fits_bytes, limited=True),
    )
}

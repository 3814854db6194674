"""Parquet, read by pyarrow batch by batch and only the columns that are asked for."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from training.ml.errors import DamagedFile, EmptyTable, TooLarge, join_words, shorten
from training.ml.tables.reading import content
from training.ml.tables.reading.column_block import Cells, TypedTable, text_array
from training.ml.tables.reading.limits import Limits
from training.ml.tables.reading.stated import Stated
from training.ml.tables.reading.unpacking import unpacked_file

_BATCH_ROWS: Final = 5_000
_PAGE_BUFFER: Final = 1 << 16
_COLUMN_CHUNK: Final = 128 * 1024**2  # bytes; pyarrow may hold one of a row group as a whole
_ADVICE: Final = "Write it with smaller row groups, or leave out the columns with long texts."


class ParquetTable(TypedTable):
    format = content.PARQUET

    def __init__(self, source: Path | BinaryIO, limits: Limits, known: frozenset[str]) -> None:
        super().__init__(source, limits)
        self._content = unpacked_file(source, limits)
        file = self._opened()
        self._check_sizes(file.metadata)
        schema = file.schema_arrow
        usable = [field.name for field in schema if _is_usable(field.type)]
        left = [field.name for field in schema if not _is_usable(field.type)]
        if left:
            names = join_words([shorten(name, 40) for name in left[:5]])
            self.notes.append(f"Columns that hold lists or bytes are left out ({names}).")
        self._texts = [f.name for f in schema if _is_text(f.type)]
        if not usable:
            raise EmptyTable("The Parquet file has no columns of single values.")
        self._describe(usable, _stated(schema, limits))

    def _opened(self, texts: Sequence[str] | None = None) -> Any:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._content.seek(0)
        try:
            # Texts stay in their dictionary: one long text in every row is one text in memory.
            return pq.ParquetFile(
                _file(self._content),
                read_dictionary=list(texts or ()),
                buffer_size=_PAGE_BUFFER,
                pre_buffer=False,
            )
        except (pa.ArrowException, OSError, ValueError) as error:
            raise DamagedFile("The Parquet file is damaged or incomplete.") from error

    def _check_sizes(self, metadata: Any) -> None:
        whole = 0
        for group in range(metadata.num_row_groups):
            sizes = metadata.row_group(group)
            for column in range(sizes.num_columns):
                size = sizes.column(column).total_uncompressed_size
                whole += size
                if size > _COLUMN_CHUNK or whole > self.limits.bytes:
                    most = min(_COLUMN_CHUNK, self.limits.bytes)
                    raise TooLarge(
                        "A part of this Parquet file, unpacked, is too large.",
                        most,
                        "bytes",
                        _ADVICE,
                    )

    def _pieces(self, columns: Sequence[str], start_row: int) -> Iterator[dict[str, Cells]]:
        import pyarrow as pa

        file = self._opened([name for name in self._texts if name in columns])
        groups, skip = _groups_from(file.metadata, start_row)
        if not groups:
            return
        try:
            for batch in file.iter_batches(
                _BATCH_ROWS, row_groups=groups, columns=list(columns), use_threads=False
            ):
                part = batch.slice(min(skip, batch.num_rows))
                skip -= batch.num_rows - part.num_rows
                if part.num_rows:
                    yield {name: self._cells(part.column(name)) for name in columns}
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise DamagedFile("The Parquet file is damaged or incomplete.") from error

    def _cells(self, array: Any) -> Cells:
        import pyarrow as pa
        import pyarrow.compute as pc

        kind = array.type
        if pa.types.is_dictionary(kind) or _is_text(kind):
            return Cells(self._texts_of(array))
        if pa.types.is_boolean(kind):
            array = array.cast(pa.int8())
        elif pa.types.is_decimal(kind):
            array = array.cast(pa.float64())
        elif pa.types.is_null(kind):
            return Cells(np.full(len(array), np.nan))
        elif not (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
            texts = pc.fill_null(array.cast(pa.string()), "")
            return Cells(text_array(texts.to_pylist()))
        if not array.null_count:
            return Cells(array.to_numpy(zero_copy_only=False))
        missing = array.is_null().to_numpy(zero_copy_only=False)
        zero = (
            pa.scalar(0, array.type)
            if pa.types.is_integer(array.type)
            else (pa.scalar(float("nan"), pa.float64()).cast(array.type))
        )
        return Cells(pc.fill_null(array, zero).to_numpy(zero_copy_only=False), missing)

    def _texts_of(self, array: Any) -> NDArray[Any]:
        """The texts, checked to fit into memory before they are made; equal ones are one text."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if not pa.types.is_dictionary(array.type):
            array = array.dictionary_encode()
        known, places = array.dictionary, array.indices
        lengths = pc.take(pc.binary_length(known), places)
        if (pc.sum(lengths).as_py() or 0) > self.limits.block:
            raise TooLarge(
                "Some rows of this Parquet file hold too much text.",
                self.limits.block,
                "bytes",
                _ADVICE,
            )
        if len(known) > len(array):  # that of a whole row group, whose texts hardly repeat
            return text_array(known.take(places).fill_null("").to_pylist())
        texts = text_array([*known.fill_null("").to_pylist(), ""])
        # A missing text is the last of all, which is empty.
        picked: NDArray[Any] = texts[pc.fill_null(places, -1).to_numpy(zero_copy_only=False)]
        return picked


def _file(content: BinaryIO) -> Any:
    """The content as Arrow reads it; a file of the disk without a call to Python for each read."""
    import pyarrow as pa

    if isinstance(content, io.BufferedReader) and isinstance(content.name, (str, Path)):
        return pa.OSFile(str(content.name), "r")
    return pa.PythonFile(content, mode="r")


def _groups_from(metadata: Any, start_row: int) -> tuple[list[int], int]:
    """(row groups from the one with this row on, rows to leave out at their beginning)."""
    skip = start_row - 1
    for group in range(metadata.num_row_groups):
        rows = metadata.row_group(group).num_rows
        if skip < rows:
            return list(range(group, metadata.num_row_groups)), skip
        skip -= rows
    return [], 0


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _is_usable(kind: Any) -> bool:
    import pyarrow as pa

    return not (
        pa.types.is_nested(kind)
        or pa.types.is_binary(kind)
        or (pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind))
    )


def _stated(schema: Any, limits: Limits) -> dict[str, Stated]:
    """Units beside the fields, or in the header that astropy keeps in a Parquet file."""
    from training.ml.tables.formats.ecsv_tables import described_columns, stated_in_yaml

    metadata = schema.metadata or {}
    yaml = metadata.get(b"table_meta_yaml")
    stated = (
        stated_in_yaml(
            described_columns(yaml.decode("utf-8", "replace").split("\n"), limits),
            "the file's header",
        )
        if yaml
        else {}
    )
    for field in schema:
        beside = field.metadata or {}
        unit = beside.get(b"unit") or beside.get(b"units")
        if unit:
            stated[field.name] = Stated(unit.decode("utf-8", "replace"), "the file's header")
    return stated

"""One reader for each format of a table, each loaded only where it is needed."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from training.ml.tables.reading import content
from training.ml.tables.reading.limits import Limits

if TYPE_CHECKING:
    from training.ml.tables.reading.read_table import Table

_Reader = Callable[[Path | BinaryIO, Limits, frozenset[str]], "Table"]

_READERS: Final = {
    content.FITS: ("fits_tables", "FitsTable"),
    content.PARQUET: ("parquet_tables", "ParquetTable"),
    content.VOTABLE: ("votables", "VoTable"),
    content.XLSX: ("workbooks", "SheetTable"),
    content.JSON: ("json_records", "JsonTable"),
    content.ECSV: ("ecsv_tables", "EcsvTable"),
    content.IPAC: ("described_text", "IpacTable"),
    content.MRT: ("described_text", "MrtTable"),
    content.CSV: ("aligned_text", "text_table"),
}


def reader_of(name: str) -> _Reader:
    """What opens a table of this format."""
    module, reader = _READERS[name]
    found: _Reader = getattr(import_module(f"training.ml.tables.formats.{module}"), reader)
    return found

"""The answers of a batch as files: CSV and Parquet streamed for any size, VOTable and FITS up to a stated size.

All input columns stand first, untouched and in order; the answers follow. In CSV, a cell that a spreadsheet would run
as a formula gets an apostrophe in front; the other formats are not opened by spreadsheets and keep every cell.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.core.files.storage import default_storage

from predictions.batch_models import Batch
from predictions.batch_results import CHUNK_ROWS, STORED_ANSWERS, answers_read
from predictions.batch_services import mapping_of, mission_of, table_limits
from predictions.contributions import reason_columns
from predictions.tables import ANSWER_COLUMNS, csv_text, free_names, header_csv
from training.ml.columns import Plan, recognise, recognised_names
from training.ml.errors import TooLarge, UserError
from training.ml.read_table import NULL_WORDS, TextBlock, TextTable
from training.ml.schema import FEATURE_BY_NAME

_NUMBER: Final = r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf(?:inity)?|nan"
# Declinations as the archive and ExoFOP write them: -12d41m45.46s, -12:41:45.46, -12 41 45.46.
_ANGLE: Final = r"\d{1,3}[:d ]\d{1,2}[:m ]\d{1,2}(?:\.\d*)?s?"
_HARMLESS: Final = rf"{_NUMBER}|{_ANGLE}"
# What spreadsheets take for a formula: these first, also in their wide forms, unless just a number or angle follows.
_FORMULA: Final = re.compile(rf"\s*(?:[=@\t\r＝＠＋－]|[+-](?!(?:{_HARMLESS})?\s*\Z)(?!-\Z))", re.IGNORECASE)
# The same anywhere in rows of plain comma-separated text; may find too much, and then every cell is looked at.
_SUSPICIOUS: Final = re.compile(
    rf'(?:^|,)\s*"?\s*(?:[=@\t\r＝＠＋－]|[+-](?!(?:{_HARMLESS})?\s*"?(?:,|$)))', re.IGNORECASE | re.MULTILINE
)
# Faster than that, and true wherever that is: nearly every block of a real table stops here.
_SIGNS: Final = re.compile(rf'[+-](?<![^,\s"][+-])(?!(?:{_HARMLESS})?\s*"?(?:,|$))', re.IGNORECASE | re.MULTILINE)
_MARKS: Final = "=@\t\r＝＠＋－"


def is_suspicious(text: str) -> bool:
    """Whether rows of plain comma-separated text may hold a cell that a spreadsheet would run."""
    if not any(mark in text for mark in _MARKS) and not _SIGNS.search(text):
        return False
    return _SUSPICIOUS.search(text) is not None


class UnknownFormat(UserError):
    code = "unknown_format"


@dataclass(frozen=True)
class DownloadFormat:
    key: str
    title: str
    extension: str
    content_type: str
    write: Callable[[Batch], Iterator[bytes]]
    limited: bool = False


class BatchTable:
    """The input of a batch beside its answers, block by block."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.reasons = reason_columns(batch.top_contributions)
        self._file = default_storage.open(batch.file)
        source: Any = self._file.file
        self._text = TextTable(source, limits=table_limits(), known=recognised_names())
        self.columns: list[str] = list(self._text.columns)
        self.names = free_names([*ANSWER_COLUMNS, *self.reasons], self.columns)

    @property
    def plan(self) -> Plan:
        mapping = mapping_of(self.batch)
        return mapping.plan(self.columns) if mapping else recognise(self.columns, mission_of(self.batch))

    def parts(self) -> Iterator[tuple[TextBlock, pd.DataFrame]]:
        paths = self.batch.chunks.values_list("result", flat=True)
        for block, path in zip(self._text.blocks(CHUNK_ROWS), paths, strict=True):
            answers = answers_read(path, [*STORED_ANSWERS, *self.reasons]).to_pandas()
            version = "" if self.batch.model_version is None else self.batch.model_version.name
            answers["model_version"] = answers["predicted_disposition"].map(lambda d, v=version: v if d else "")
            yield block, answers[[*ANSWER_COLUMNS, *self.reasons]].rename(columns=self.names)

    def close(self) -> None:
        self._file.close()


def download_named(key: str, batch: Batch) -> DownloadFormat:
    """The format that a person asked for; refused where the batch is too large for it."""
    if key not in FORMATS:
        raise UnknownFormat(f"There is no format “{key[:20]}”; choose one of {', '.join(FORMATS)}.")
    wanted = FORMATS[key]
    if wanted.limited and (batch.rows or 0) > settings.BATCH_TABLE_ROWS:
        raise TooLarge(
            f"This batch has {batch.rows:,} rows, too many for {wanted.title}, which is made in memory.",
            settings.BATCH_TABLE_ROWS, "rows", "Take Parquet or CSV instead; astropy and TOPCAT read both.",
        )  # fmt: skip
    return wanted


def download_name(batch: Batch, wanted: DownloadFormat) -> str:
    return f"{download_stem(batch)}-classified.{wanted.extension}"


def download_stem(batch: Batch) -> str:
    stem = PurePath(batch.name)
    while stem.suffix.lower() in (".gz", ".csv", ".tsv", ".txt"):
        stem = stem.with_suffix("")
    return str(stem)


# --- CSV -------------------------------------------------------------------------------------------------------------


def csv_bytes(batch: Batch) -> Iterator[bytes]:
    table = BatchTable(batch)
    try:
        yield header_bytes(table.columns, list(table.names.values()))
        for block, answers in table.parts():
            yield csv_rows(block, answers).encode()
    finally:
        table.close()


def csv_rows(block: TextBlock, answers: pd.DataFrame) -> str:
    """Input cells and answers; the file's own text is kept where no cell in it has to be changed."""
    if block.delimiter != "," or block.bad or is_suspicious("\n".join(block.lines)):
        return rewritten_rows(block.raw, answers)
    behind = answers.to_csv(header=False, index=False, lineterminator="\n").split("\n")
    return "".join([f"{line},{answer}\n" for line, answer in zip(block.lines, behind[:-1], strict=True)])


def header_bytes(columns: Sequence[str], answer_names: Sequence[str]) -> bytes:
    return header_csv([neutral(name) for name in columns], answer_names).encode()


def rewritten_rows(raw: pd.DataFrame, answers: pd.DataFrame) -> str:
    return csv_text(raw.map(neutral), answers)


def neutral(cell: str) -> str:
    """``cell`` such that no spreadsheet runs it; numbers, negative ones too, stay as they are."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


# --- Parquet ---------------------------------------------------------------------------------------------------------


class _Outbox(io.RawIOBase):
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


def parquet_bytes(batch: Batch) -> Iterator[bytes]:
    """Input columns as text, exactly as they came; answers as numbers and text. One row group per chunk."""
    table, outbox, writer = BatchTable(batch), _Outbox(), None
    try:
        for block, answers in table.parts():
            rows = pa.Table.from_pandas(pd.concat([block.raw, answers], axis=1), preserve_index=False)
            writer = writer or pq.ParquetWriter(outbox, rows.schema, compression="snappy")
            writer.write_table(rows.cast(writer.schema))
            yield outbox.take()
        if writer:
            writer.close()
        yield outbox.take()
    finally:
        table.close()


# --- VOTable and FITS ------------------------------------------------------------------------------------------------

_UNITS: Final = {
    "days": "d", "hours": "h", "minutes": "min", "seconds": "s", "years": "yr", "AU": "AU", "K": "K", "mag": "mag",
    "pc": "pc", "mas/yr": "mas/yr", "arcsec": "arcsec", "degrees": "deg", "g/cm³": "g/cm3", "kg/m³": "kg/m3",
    "solar radii": "solRad", "solar masses": "solMass", "W/m²": "W/m2", "km": "km",
}  # fmt: skip
_UNITS_OUTSIDE_THE_STANDARDS: Final = {
    # Neither FITS nor VOUnit has a sign for these; the names are those that catalogues use.
    "Earth radii": "earthRad", "Jupiter radii": "jupiterRad", "Earth flux": "earthFlux", "percent": "%",
    "log10(cm/s²)": "log10(cm/s2)",
}  # fmt: skip
_MAX_FITS_COLUMNS: Final = 999
_MAX_FITS_NAME: Final = 60
_ASCII: Final = str.maketrans({"“": '"', "”": '"', "’": "'", "–": "-", "—": "-", "−": "-", "×": "x", "…": "..."})


class TooManyColumns(UserError):
    code = "too_many_columns"


def votable_bytes(batch: Batch) -> Iterator[bytes]:
    table = _astropy_table(batch)
    buffer = io.BytesIO()
    with _quiet():
        table.write(buffer, format="votable")
    yield buffer.getvalue()


def fits_bytes(batch: Batch) -> Iterator[bytes]:
    table = _astropy_table(batch)
    if len(table.columns) > _MAX_FITS_COLUMNS:
        raise TooManyColumns(
            f"This batch has {len(table.columns):,} columns, and a FITS table holds at most {_MAX_FITS_COLUMNS}; "
            "take Parquet or VOTable instead."
        )
    _make_ascii(table)
    buffer = io.BytesIO()
    with _quiet():
        table.write(buffer, format="fits")
    yield buffer.getvalue()


def _astropy_table(batch: Batch) -> Any:
    """All columns with numbers as numbers and, where the reading of the table knows it, their units."""
    from astropy.table import Table  # 0.3 s; only these two formats need it

    source = BatchTable(batch)
    try:
        parts = [pd.concat([block.raw, answers], axis=1) for block, answers in source.parts()]
        whole = pd.concat(parts, ignore_index=True)
        units = column_units(source.plan)
        table = Table()
        for place, name in enumerate(whole.columns):
            # An empty name cannot be written, and both formats hold names that differ only in case to be one.
            table[_free_name(_printable(name) or "column", table.colnames)] = _column(whole.iloc[:, place])
            unit = units.get(name) if place < len(source.columns) else None
            if unit:
                table.columns[place].unit = _unit(unit)
        table.meta["DESCRIPT"] = "Transit signals with their predicted dispositions"
        return table
    finally:
        source.close()


def _free_name(name: str, taken: list[str]) -> str:
    used = {other.lower() for other in taken}
    free, number = name, 2
    while free.lower() in used:
        free, number = f"{name}_{number}", number + 1
    return free


def _column(cells: pd.Series[Any]) -> Any:
    """Numbers where every cell is a number or missing, and text otherwise; "0042" is a name, not a number."""
    if pd.api.types.is_numeric_dtype(cells):
        return cells.to_numpy(dtype=float)
    texts = cells.fillna("").astype(str).str.strip()
    given = texts[~texts.isin(NULL_WORDS)]
    if given.empty or given.str.match(r"[+-]?0\d").any() or not given.str.fullmatch(rf"[+-]?(?:{_NUMBER})").all():
        return cells.fillna("").astype(str).map(_printable).to_numpy(dtype=str)
    whole = len(given) == len(texts) and given.str.fullmatch(r"[+-]?\d{1,18}").all()
    return (
        texts.astype("int64").to_numpy() if whole else pd.to_numeric(given).reindex(texts.index).to_numpy(dtype=float)
    )


def column_units(plan: Plan) -> dict[str, str]:
    """The unit of each input column that feeds a feature, by the factor with which it was read."""
    from training.ml.units import UNITS

    units = {}
    for source in plan.features:
        feature = FEATURE_BY_NAME[source.feature]
        known = {unit.factor: unit.name for unit in UNITS.get(source.feature, ()) if not unit.is_magnitude}
        unit = source.unit or (feature.unit if source.factor == 1 else known.get(source.factor, ""))
        units.update(dict.fromkeys(source.columns, unit))
    positions = {
        column: "degrees" for column in (plan.ra, plan.dec) if column and plan.layout.key in ("koi", "toi", "k2")
    }
    return units | positions


def _unit(name: str) -> Any:
    from astropy import units

    if name in _UNITS:
        return units.Unit(_UNITS[name])
    return units.UnrecognizedUnit(_UNITS_OUTSIDE_THE_STANDARDS.get(name, _ascii(name)))


@contextmanager
def _quiet() -> Iterator[None]:
    """Astropy warns of each unit outside the standards; we chose them knowing that."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _make_ascii(table: Any) -> None:
    """FITS holds ASCII only, and a column's name must fit into one line of its header."""
    for name in list(table.colnames):
        if table[name].dtype.kind == "U":
            table[name] = [_ascii(text) for text in table[name]]
    for name in list(table.colnames):
        plain = _ascii(name).replace("'", " ")[:_MAX_FITS_NAME].strip() or "column"
        if plain != name:
            others = [other for other in table.colnames if other != name]
            table.rename_column(name, _free_name(plain, others))


def _ascii(text: str) -> str:
    plain = str(text).translate(_ASCII).encode("ascii", "replace").decode()
    return _printable(plain)


def _printable(text: str) -> str:
    """Neither XML nor FITS can hold control characters."""
    return text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)


FORMATS: Final = {
    wanted.key: wanted
    for wanted in (
        DownloadFormat("csv", "CSV", "csv", "text/csv; charset=utf-8", csv_bytes),
        DownloadFormat("parquet", "Parquet", "parquet", "application/vnd.apache.parquet", parquet_bytes),
        DownloadFormat("votable", "VOTable", "vot", "application/x-votable+xml", votable_bytes, limited=True),
        DownloadFormat("fits", "FITS", "fits", "application/fits", fits_bytes, limited=True),
    )
}

"""How the answers of a batch are stored: one Parquet file per chunk, and one index of the key columns of all rows.

A page of the outcome asks the index which rows it shows, a few bytes per row, and reads only those rows' chunks. The
inputs stand beside the answers exactly as they were classified, so that an explanation needs no second reading.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage

from predictions.contributions import MAX_CONTRIBUTIONS, reason_texts, with_reasons
from predictions.tables import ANSWER_COLUMNS, JOINT, PROBABILITY_COLUMNS, classify_chunk
from training.ml.schema import DISPOSITIONS
from training.ml.signal_rows import FRAME_COLUMNS

if TYPE_CHECKING:
    from training.ml.data_loader import SignalTable, TableChunk
    from training.ml.model import ExoplanetClassifier

CHUNK_ROWS: Final = 5_000
STORED_ANSWERS: Final = tuple(name for name in ANSWER_COLUMNS if name != "model_version")
"""The version is the batch's own: it is written beside each row when the answers leave the site."""
_TEXTS: Final = (
    "identifier", "star", "given", "predicted_disposition", "prediction_set", "missing_inputs", "warnings",
    "mission", "magnitude_band", *reason_texts(MAX_CONTRIBUTIONS),
)  # fmt: skip
_NONE: Final = -1

Rows = npt.NDArray[np.intp]


# --- one chunk -------------------------------------------------------------------------------------------------------


def chunk_answers(chunk: TableChunk, classifier: ExoplanetClassifier, version_name: str, top: int = 0) -> pd.DataFrame:
    """Names, answers and inputs of each input row, in order; a row that cannot be used has neither names nor inputs."""
    table = chunk.table
    signals = pd.DataFrame(
        {
            "identifier": table.signals,
            "star": table.stars,
            "given": table.dispositions,
            "trained_on": trained_on(table, classifier),
            **{name: table.frame[name] for name in FRAME_COLUMNS},
        }
    )
    rows = signals.reindex(table.row_signal).reset_index(drop=True)  # −1 is nobody's index: a row of missing values
    rows["trained_on"] = rows["trained_on"].eq(True)
    answers = classify_chunk(chunk, classifier, version_name)[list(STORED_ANSWERS)]
    return with_reasons(pd.concat([answers, rows], axis=1), table, classifier, top)


def trained_on(table: SignalTable, classifier: ExoplanetClassifier) -> npt.NDArray[np.bool_]:
    """Per signal, whether the version has learnt from its star; then its answer says little about its skill."""
    ra, dec = (table.positions[name].to_numpy(dtype=np.float64) for name in ("ra", "dec"))
    return classifier.held_out.has_star(table.stars, ra, dec)


def answers_write(path: str, answers: pd.DataFrame) -> str:
    """Store the answers of a chunk; the name that the storage gave them."""
    buffer = io.BytesIO()
    texts = [name for name in _TEXTS if name in answers.columns]
    arrow = pa.Table.from_pandas(answers, preserve_index=False)
    pq.write_table(arrow, buffer, compression="lz4", use_dictionary=texts, write_statistics=False)
    return str(default_storage.save(path, ContentFile(buffer.getvalue())))


def answers_read(path: str, columns: Sequence[str] | None = None) -> pa.Table:
    with default_storage.open(path) as file:
        return pq.read_table(_reader(file), columns=list(columns) if columns else None)


def _reader(file: File[bytes]) -> pa.NativeFile:
    return pa.PythonFile(file.file or file, mode="r")


# --- the index of all rows -------------------------------------------------------------------------------------------

_INDEX_SCHEMA: Final = pa.schema(
    [
        ("disposition", pa.int8()),  # position in DISPOSITIONS; −1: the row could not be used
        ("given", pa.int8()),  # the disposition in the table itself; −1: none
        ("planet_score", pa.float64()),
        ("confidence", pa.float64()),  # of the predicted disposition
        ("set_size", pa.int8()),
        ("warned", pa.bool_()),
        ("trained_on", pa.bool_()),
        ("lead", pa.bool_()),  # the first row of its signal: K2 lists a signal once per publication
        ("period", pa.float32()),  # days; to draw and to count, as is the radius in Earth radii
        ("radius", pa.float32()),
        ("identifier", pa.string()),
    ]
)


@dataclass(frozen=True, eq=False)
class ResultIndex:
    """The key columns of every row of a batch, as arrays; the position in them is the row's number less one."""

    disposition: npt.NDArray[np.int8]
    given: npt.NDArray[np.int8]
    planet_score: npt.NDArray[np.float64]
    confidence: npt.NDArray[np.float64]
    set_size: npt.NDArray[np.int8]
    warned: npt.NDArray[np.bool_]
    trained_on: npt.NDArray[np.bool_]
    lead: npt.NDArray[np.bool_]
    period: npt.NDArray[np.float32]
    radius: npt.NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.disposition)


ARRAYS: Final = tuple(name for name in _INDEX_SCHEMA.names if name != "identifier")


def index_write(path: str, chunk_paths: Iterable[str], *, rows_share_signals: bool) -> str:
    """Gather the key columns of all chunks into one file; one chunk at a time is in memory."""
    seen: set[str] = set()
    with tempfile.TemporaryFile() as file:
        with pq.ParquetWriter(file, _INDEX_SCHEMA, compression="lz4", use_dictionary=False) as writer:
            for chunk_path in chunk_paths:
                part = _key_columns(chunk_path)
                if rows_share_signals:
                    part["lead"] = _first_of_signal(part["identifier"].to_pylist(), part["disposition"], seen)
                writer.write_table(pa.table(part, schema=_INDEX_SCHEMA))
        return str(default_storage.save(path, File(file)))


def _key_columns(chunk_path: str) -> dict[str, Any]:
    columns = ("identifier", "given", "trained_on", "orbital_period", "planet_radius", *STORED_ANSWERS)
    table = answers_read(chunk_path, columns)
    disposition = _codes(table["predicted_disposition"])
    probabilities = np.stack([_floats(table[name]) for name in PROBABILITY_COLUMNS])
    return {
        "disposition": disposition,
        "given": _codes(table["given"]),
        "planet_score": _floats(table["planet_score"]),
        "confidence": probabilities.max(axis=0),
        "set_size": _set_sizes(table["prediction_set"]),
        "warned": pc.not_equal(_texts(table["warnings"]), "").combine_chunks(),
        "trained_on": table["trained_on"].combine_chunks(),
        "lead": disposition >= 0,
        "period": _floats(table["orbital_period"]).astype(np.float32),
        "radius": _floats(table["planet_radius"]).astype(np.float32),
        "identifier": _texts(table["identifier"]).cast(pa.string()).combine_chunks(),
    }


def _codes(texts: pa.ChunkedArray) -> npt.NDArray[np.int8]:
    found = pc.index_in(texts.cast(pa.string()), value_set=pa.array([str(d) for d in DISPOSITIONS]))
    codes: npt.NDArray[np.int8] = pc.fill_null(found, _NONE).to_numpy().astype(np.int8)
    return codes


def _floats(values: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    floats: npt.NDArray[np.float64] = values.cast(pa.float64()).to_numpy()
    return floats


def _texts(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.fill_null(texts.cast(pa.string()), "")


def _set_sizes(sets: pa.ChunkedArray) -> npt.NDArray[np.int8]:
    texts = _texts(sets)
    sizes = pc.if_else(pc.equal(texts, ""), 0, pc.add(pc.count_substring(texts, JOINT), 1))
    counted: npt.NDArray[np.int8] = sizes.to_numpy().astype(np.int8)
    return counted


def _first_of_signal(
    identifiers: Sequence[str], disposition: npt.NDArray[np.int8], seen: set[str]
) -> npt.NDArray[np.bool_]:
    first = np.zeros(len(identifiers), dtype=np.bool_)
    for row, identifier in enumerate(identifiers):
        if disposition[row] >= 0 and identifier not in seen:
            first[row] = True
            seen.add(identifier)
    return first


def index_read(path: str) -> ResultIndex:
    with default_storage.open(path) as file:
        stored = pq.ParquetFile(_reader(file))
        return ResultIndex(**{name: stored.read([name])[name].to_numpy() for name in ARRAYS})  # not all of them twice


index_kept = lru_cache(maxsize=4)(index_read)  # at most about 120 MB per process, for four batches of a million rows
"""For pages: an index is written once and never changed, so a process may keep it."""


def rows_named(path: str, text: str) -> npt.NDArray[np.bool_]:
    """Per row, whether its identifier contains ``text``, in any case of letters."""
    identifiers = answers_read(path, ["identifier"])["identifier"]
    found: npt.NDArray[np.bool_] = pc.match_substring(identifiers, text, ignore_case=True).to_numpy()
    return found


# --- some rows -------------------------------------------------------------------------------------------------------


def rows_read(chunk_paths: Sequence[str], rows: Rows, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """The ``rows``, counted from 0, in that order, with their number in the column ``row``, counted from 1."""
    parts = [
        answers_read(chunk_paths[chunk], columns).take(rows[rows // CHUNK_ROWS == chunk] % CHUNK_ROWS).to_pandas()
        for chunk in np.unique(rows // CHUNK_ROWS)
    ]
    if not parts:
        return pd.DataFrame(columns=["row", *(columns or ())])
    places = np.concatenate([np.flatnonzero(rows // CHUNK_ROWS == chunk) for chunk in np.unique(rows // CHUNK_ROWS)])
    found: pd.DataFrame = pd.concat(parts, ignore_index=True).set_axis(places).sort_index()
    found.insert(0, "row", rows + 1)
    return found


def frame_of_row(answers: pd.DataFrame) -> pd.DataFrame:
    """The harmonised frame of one row, exactly as it was classified."""
    frame: pd.DataFrame = answers[list(FRAME_COLUMNS)].reset_index(drop=True)
    return frame


def parts_read(chunk_paths: Iterable[str], columns: Sequence[str]) -> Iterator[pd.DataFrame]:
    """The ``columns`` of all rows, chunk by chunk."""
    for path in chunk_paths:
        yield answers_read(path, columns).to_pandas()

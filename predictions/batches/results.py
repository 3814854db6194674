"""How the answers of a batch are stored: one Parquet file per chunk, and one index of the key
columns of all rows.

A page of the outcome asks the index which rows it shows, a few bytes per row, and reads only those
rows' chunks. The inputs stand beside the answers exactly as they were classified, so that an
explanation needs no second reading.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage

from predictions.answers import (
    ANSWER_COLUMNS,
    JOINT,
    LIST_COLUMNS,
    NUMBER_COLUMNS,
    PROBABILITY_COLUMNS,
    classify_chunk,
    with_known_neighbours,
)
from predictions.signals.contributions import MAX_CONTRIBUTIONS, reason_texts, with_reasons
from training.ml.libraries import pandas as pd
from training.ml.libraries import pyarrow as pa
from training.ml.libraries import pyarrow_compute as pc
from training.ml.libraries import pyarrow_parquet as pq
from training.ml.schema import DISPOSITIONS
from training.ml.signal_rows import FRAME_COLUMNS

if TYPE_CHECKING:
    from training.ml.model import ExoplanetClassifier
    from training.ml.tables.data_loader import TableChunk

CHUNK_ROWS: Final = 5_000
STORED_ANSWERS: Final = tuple(name for name in ANSWER_COLUMNS if name != "model_version")
"""The version is the batch's own: it is written beside each row when the answers leave the site."""
_TEXTS: Final = (
    "identifier",
    "star",
    "given",
    "predicted_disposition",
    "learnt_from",
    "out_of_fold",
    *(f"{name}.list.element" for name in LIST_COLUMNS),
    "mission",
    "magnitude_band",
    *reason_texts(MAX_CONTRIBUTIONS),
)
_NONE: Final = -1

Rows = npt.NDArray[np.intp]


# --- one chunk ------------------------------------------------------------------------------------


def chunk_answers(
    chunk: TableChunk, classifier: ExoplanetClassifier, version_name: str, top: int = 0
) -> pd.DataFrame:
    """Names, answers and inputs of each input row, in order; a row that cannot be used has neither
    names nor inputs."""
    chunk = with_known_neighbours(chunk, classifier)
    table = chunk.table
    signals = pd.DataFrame(
        {
            "identifier": table.signals,
            "star": table.stars,
            "given": table.dispositions,
            **{name: table.frame[name] for name in FRAME_COLUMNS},
        }
    )
    rows = signals.reindex(table.row_signal).reset_index(
        drop=True
    )  # −1 is nobody's index: a row of missing values
    answers = classify_chunk(chunk, classifier, version_name)[list(STORED_ANSWERS)]
    rows["trained_on"] = answers["learnt_from"].eq("true") & answers["out_of_fold"].ne("true")
    return with_reasons(pd.concat([answers, rows], axis=1), table, classifier, top)


def answers_write(path: str, answers: pd.DataFrame) -> str:
    """Store the answers of a chunk; the name that the storage gave them."""
    buffer = io.BytesIO()
    lists = [name for name in LIST_COLUMNS if name in answers.columns]
    arrow = pa.Table.from_pandas(answers.drop(columns=lists), preserve_index=False)
    for name in lists:
        arrow = arrow.append_column(name, pa.array(answers[name], _texts_list()))
    texts = [name for name in _TEXTS if name.split(".")[0] in answers.columns]
    pq.write_table(arrow, buffer, compression="lz4", use_dictionary=texts, write_statistics=False)
    return str(default_storage.save(path, ContentFile(buffer.getvalue())))


def answers_read(path: str, columns: Sequence[str] | None = None) -> pa.Table:
    """The ``columns``, or all; what was not answered yet when the batch was made is empty."""
    with default_storage.open(path) as file:
        stored = pq.ParquetFile(_reader(file))
        names = stored.schema_arrow.names
        table = stored.read([n for n in columns if n in names] if columns else None)
    for name in columns or ():
        if name not in names:
            table = table.append_column(name, pa.nulls(len(table), _type_of(name)))
    table = table.select(list(columns)) if columns else table
    for place, name in enumerate(table.column_names):
        if name in LIST_COLUMNS and table.schema.field(place).type != _texts_list():
            # Its note for pandas says that the column is text.
            table = table.replace_schema_metadata().set_column(place, name, _split(table[name]))
    return table


def _texts_list() -> pa.DataType:
    return pa.list_(pa.string())


def _type_of(name: str) -> pa.DataType:
    return pa.float64() if name in NUMBER_COLUMNS else pa.string()


def _split(texts: pa.ChunkedArray) -> pa.Array:
    """Answers stored before lists were stored as lists: one text, joined."""
    cells = texts.cast(pa.string()).to_pylist()
    return pa.array([text.split(JOINT) if text else [] for text in cells], _texts_list())


def _reader(file: File[bytes]) -> pa.NativeFile:
    return pa.PythonFile(file.file or file, mode="r")


# --- what the first reading counted --------------------------------------------------------------


def counts_read(path: str) -> npt.NDArray[Any]:
    with default_storage.open(path) as file:
        counted: npt.NDArray[Any] = np.load(file, allow_pickle=False)
    return counted


def counts_write(path: str, counted: npt.NDArray[Any] | None) -> str:
    """Keep what the first reading counted, so that it is done once per batch and not by every
    worker at every turn; the name that the storage gave it, or none."""
    if counted is None:
        return ""
    with tempfile.TemporaryFile() as file:  # in memory it would be there three times
        np.save(file, counted, allow_pickle=False)
        return str(default_storage.save(path, File(file)))


# --- the index of all rows ------------------------------------------------------------------------

_INDEX: Final = {
    "disposition": "int8",  # position in DISPOSITIONS; −1: the row could not be used
    "given": "int8",  # the disposition in the table itself; −1: none
    "planet_score": "float64",
    "confidence": "float64",  # of the predicted disposition
    "set_size": "int8",
    "warned": "bool",
    "trained_on": "bool",
    "lead": "bool",  # the first row of its signal: K2 lists a signal once per publication
    "period": "float32",  # days; to draw and to count, as is the radius in Earth radii
    "radius": "float32",
    "open_score": "float64",
    "learnt": "bool",  # the version has learnt from this very signal, or from its star
    "identifier": "string",
}
"""Its columns and their types."""


def _index_schema() -> pa.Schema:
    return pa.schema([(name, pa.type_for_alias(kind)) for name, kind in _INDEX.items()])


@dataclass(frozen=True, eq=False)
class ResultIndex:
    """The key columns of every row of a batch, as arrays; the position in them is the row's number
    less one."""

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
    open_score: npt.NDArray[np.float64]
    learnt: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.disposition)


ARRAYS: Final = tuple(name for name in _INDEX if name != "identifier")


def index_write(path: str, chunk_paths: Iterable[str], *, rows_share_signals: bool) -> str:
    """Gather the key columns of all chunks into one file; one chunk at a time is in memory."""
    seen: set[str] = set()
    with tempfile.TemporaryFile() as file:
        with pq.ParquetWriter(
            file, _index_schema(), compression="lz4", use_dictionary=False
        ) as writer:
            for chunk_path in chunk_paths:
                part = _key_columns(chunk_path)
                if rows_share_signals:
                    part["lead"] = _first_of_signal(
                        part["identifier"].to_pylist(), part["disposition"], seen
                    )
                writer.write_table(pa.table(part, schema=_index_schema()))
        return str(default_storage.save(path, File(file)))


def _key_columns(chunk_path: str) -> dict[str, Any]:
    columns = (
        "identifier",
        "given",
        "trained_on",
        "orbital_period",
        "planet_radius",
        *STORED_ANSWERS,
    )
    table = answers_read(chunk_path, columns)
    disposition = _codes(table["predicted_disposition"])
    probabilities = np.stack([_floats(table[name]) for name in PROBABILITY_COLUMNS])
    return {
        "disposition": disposition,
        "given": _codes(table["given"]),
        "planet_score": _floats(table["planet_score"]),
        "confidence": probabilities.max(axis=0),
        "set_size": pc.list_value_length(table["prediction_set"]).to_numpy().astype(np.int8),
        "warned": pc.greater(pc.list_value_length(table["warnings"]), 0).combine_chunks(),
        "trained_on": table["trained_on"].combine_chunks(),
        "lead": disposition >= 0,
        "period": _floats(table["orbital_period"]).astype(np.float32),
        "radius": _floats(table["planet_radius"]).astype(np.float32),
        "open_score": _floats(table["open_score"]),
        "learnt": pc.fill_null(pc.equal(table["learnt_from"], "true"), False).combine_chunks(),
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
        names = stored.schema_arrow.names
        # One by one: not all of them twice. What an older index lacks is missing in it.
        return ResultIndex(
            **{
                name: stored.read([name])[name].to_numpy()
                if name in names
                else _absent(name, stored.metadata.num_rows)
                for name in ARRAYS
            }
        )


def _absent(name: str, rows: int) -> npt.NDArray[Any]:
    return np.full(rows, False if _INDEX[name] == "bool" else np.nan)


index_kept = lru_cache(maxsize=4)(
    index_read
)  # at most about 120 MB per process, for four batches of a million rows
"""For pages: an index is written once and never changed, so a process may keep it."""


def identifiers_ranked(path: str) -> Rows:
    """Per row, the place of its identifier among all in the order of the alphabet."""
    identifiers = answers_read(path, ["identifier"])["identifier"]
    ranks = pc.rank(identifiers.combine_chunks(), tiebreaker="dense").to_numpy()
    places: Rows = ranks.astype(np.intp)
    return places


def rows_named(path: str, text: str) -> npt.NDArray[np.bool_]:
    """Per row, whether its identifier contains ``text``, in any case of letters."""
    identifiers = answers_read(path, ["identifier"])["identifier"]
    found: npt.NDArray[np.bool_] = pc.match_substring(
        identifiers, text, ignore_case=True
    ).to_numpy()
    return found


# --- some rows ------------------------------------------------------------------------------------


def rows_read(
    chunks: Sequence[tuple[int, str]], rows: Rows, columns: Sequence[str] | None = None
) -> pd.DataFrame:
    """The ``rows``, counted from 0, in that order, with their number in the column ``row``, counted
    from 1.

    ``chunks``: the first row of each, counted from 1, and its file, in order.
    """
    first_rows = np.array([first_row - 1 for first_row, _ in chunks], dtype=np.intp)
    chunk_of_row = np.searchsorted(first_rows, rows, side="right") - 1
    needed = np.unique(chunk_of_row)
    parts = [
        answers_read(chunks[chunk][1], columns)
        .take(rows[chunk_of_row == chunk] - first_rows[chunk])
        .to_pandas()
        for chunk in needed
    ]
    if not parts:
        return pd.DataFrame(columns=["row", *(columns or ())])
    places = np.concatenate([np.flatnonzero(chunk_of_row == chunk) for chunk in needed])
    found: pd.DataFrame = pd.concat(parts, ignore_index=True).set_axis(places).sort_index()
    found.insert(0, "row", rows + 1)
    return found


def frame_of_row(answers: pd.DataFrame) -> pd.DataFrame:
    """The harmonised frame of one row, exactly as it was classified.

    An input that the site did not know then was not given.
    """
    frame: pd.DataFrame = answers.reindex(columns=list(FRAME_COLUMNS)).reset_index(drop=True)
    return frame

"""Answers for Parquet files of any size: row group by row group, here or on the workers of a Dask
cluster.

The files hold harmonised signals: columns are named as in the batch template, in the site's units,
and ``mission`` names the mission. Every other column is kept as it is. Nothing here needs Django,
so a worker needs no database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from predictions.answers import (
    ANSWER_COLUMNS,
    NUMBER_COLUMNS,
    classify_signals,
    free_names,
    joined_lists,
)
from training.ml.errors import TableError, join_words
from training.ml.schema import (
    BAND_OF_MISSION,
    FEATURE_BY_NAME,
    LAYOUTS,
    NUMERIC_NAMES,
    REQUIRED_NAMES,
    Mission,
    band_of_magnitude,
    parse_mission,
)
from training.ml.tables.doubting.doubt_rules import NEEDED
from training.ml.tables.doubting.doubts import Doubts
from training.ml.tables.harmonise import frame_of, impossible, impossible_note
from training.ml.tables.signal_table import SignalTable

if TYPE_CHECKING:
    from distributed import Client

    from training.ml.model import ExoplanetClassifier

CHUNK_ROWS: Final = 20_000
"""Rows in memory at once, whatever the row groups hold."""
TRIES: Final = 3
"""How often Dask hands out a row group whose worker has died."""


class ParquetUnusable(TableError):
    code = "parquet_unusable"


@dataclass(frozen=True)
class Part:
    """One row group on its way to one file of answers. Both paths must mean the same on every
    worker."""

    source: str
    row_group: int
    target: str


def parts_of(source: Path, target: Path) -> list[Part]:
    """The row groups of a Parquet file, or of all in a folder. Raises ``ParquetUnusable`` before
    any work."""
    found: list[Part] = []
    for path in sorted(source.glob("*.parquet")) if source.is_dir() else [source]:
        for row_group in range(_checked(path).num_row_groups):
            name = f"part-{len(found):06}.parquet"
            found.append(Part(str(path.resolve()), row_group, str(target.resolve() / name)))
    if not found:
        raise ParquetUnusable(f"There is no row in {source}.")
    return found


def has_template_columns(path: Path) -> bool:
    """Whether a file is Parquet that holds harmonised signals."""
    try:
        names = pq.read_schema(path).names
    except (pa.ArrowInvalid, OSError):
        return False
    return {"mission", *REQUIRED_NAMES} <= set(names)


def parts_doubts(parts: Sequence[Part]) -> Doubts:
    """What looks mistaken in the units of all row groups, from the few columns that tell."""
    doubts, first_row = Doubts(), 1
    for part in parts:
        file = pq.ParquetFile(part.source)
        columns = [name for name in ("mission", *NEEDED) if name in file.schema_arrow.names]
        for rows in file.iter_batches(
            batch_size=CHUNK_ROWS, row_groups=[part.row_group], columns=columns
        ):
            doubts.look(_signals(rows), first_row)
            first_row += rows.num_rows
    return doubts


def _checked(path: Path) -> pq.ParquetFile:
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise ParquetUnusable(f"{path.name} is not a Parquet file: {error}") from error
    wanted = ("mission", *REQUIRED_NAMES)
    if absent := [name for name in wanted if name not in file.schema_arrow.names]:
        raise ParquetUnusable(
            f"{path.name} has no column {join_words(absent, 'or')}. Name the columns as in the"
            " batch template and give values in its units; a table of the archive is read as CSV."
        )
    return file


def score_part(part: Part, classifier: ExoplanetClassifier, version_name: str) -> Counter[str]:
    """Write one row group with its answers; how many rows got each disposition. Whole or not at
    all."""
    draft, counts = Path(f"{part.target}.part"), Counter[str]()
    file = pq.ParquetFile(part.source)
    names = list(free_names(ANSWER_COLUMNS, file.schema_arrow.names).values())
    added = [pa.field(new, _kind(old)) for old, new in zip(ANSWER_COLUMNS, names, strict=True)]
    schema = pa.schema([*file.schema_arrow, *added])
    draft.parent.mkdir(exist_ok=True)
    with pq.ParquetWriter(draft, schema) as writer:
        for rows in file.iter_batches(batch_size=CHUNK_ROWS, row_groups=[part.row_group]):
            answers = answers_of(rows, classifier, version_name)
            counts.update(answers["predicted_disposition"])
            columns = [pa.array(answers[old], _kind(old)) for old in ANSWER_COLUMNS]
            writer.write_table(pa.Table.from_arrays([*rows.columns, *columns], schema=schema))
    draft.replace(part.target)
    return counts


def _kind(name: str) -> pa.DataType:
    return pa.float64() if name in NUMBER_COLUMNS else pa.string()


def answers_of(
    rows: pa.RecordBatch, classifier: ExoplanetClassifier, version_name: str
) -> pd.DataFrame:
    """``ANSWER_COLUMNS`` for each row, by the code that answers a chunk of a batch."""
    answers = classify_signals(_signals(rows), classifier, version_name)
    return joined_lists(answers.iloc[: rows.num_rows])


def _signals(rows: pa.RecordBatch) -> SignalTable:
    count = rows.num_rows
    values, notes = _values(rows)
    missions = [str(parse_mission(text or "") or Mission.OTHER) for text in _texts(rows, "mission")]
    magnitudes = values[:, NUMERIC_NAMES.index("stellar_magnitude")]
    bands = _bands(_texts(rows, "magnitude_band"), missions, magnitudes)
    # Harmonised before it came: what names, places and the whole table tell stands in its columns.
    nothing = pd.Series([None] * count, dtype="str")
    return SignalTable(
        layout=LAYOUTS["own"],
        frame=frame_of(values, missions, bands),
        signals=nothing,
        stars=nothing,
        positions=pd.DataFrame(np.full((count, 2), np.nan), columns=["ra", "dec"]),
        epochs=np.full(count, np.nan),
        dispositions=nothing,
        doubted=np.zeros(count, dtype=bool),
        known_before=np.zeros(count, dtype=bool),
        notes=notes,
        row_signal=np.arange(count),
        row_reasons={},
    )


def _values(rows: pa.RecordBatch) -> tuple[np.ndarray[Any, Any], list[list[str]]]:
    """Numbers in schema order, and a sentence per value that cannot be and so is treated as
    missing."""
    values = np.full((rows.num_rows, len(NUMERIC_NAMES)), np.nan)
    notes: list[list[str]] = [[] for _ in range(rows.num_rows)]
    for position, name in enumerate(NUMERIC_NAMES):
        if name not in rows.schema.names:
            continue
        feature = FEATURE_BY_NAME[name]
        cells = pd.to_numeric(rows.column(name).to_pandas(), errors="coerce")
        given = cells.to_numpy(dtype=np.float64, na_value=np.nan)
        wrong = np.logical_or(*impossible(feature, given))
        for row in np.flatnonzero(wrong):
            notes[row].append(impossible_note(feature, given[row]))
        values[:, position] = np.where(wrong, np.nan, given)
    return values, notes


def _texts(rows: pa.RecordBatch, name: str) -> list[str | None]:
    if name not in rows.schema.names:
        return [None] * rows.num_rows
    texts: list[str | None] = rows.column(name).cast(pa.string()).to_pylist()
    return texts


def _bands(
    given: list[str | None], missions: list[str], magnitudes: np.ndarray[Any, Any]
) -> list[str | None]:
    own = {str(mission): band for mission, band in BAND_OF_MISSION.items()}
    return [
        None if np.isnan(magnitude) else band_of_magnitude(band or "", own.get(mission))
        for band, mission, magnitude in zip(given, missions, magnitudes, strict=True)
    ]


# --- here, or on a cluster ------------------------------------------------------------------------


def score_here(
    parts: list[Part], classifier: ExoplanetClassifier, version_name: str
) -> Iterator[Counter[str]]:
    for part in parts:
        yield score_part(part, classifier, version_name)


def score_on(
    client: Client, parts: list[Part], classifier: ExoplanetClassifier, version_name: str
) -> Iterator[Counter[str]]:
    """Each row group on any worker, in any order. The classifier is verified here and sent to each
    worker once."""
    from distributed import as_completed

    shared = client.scatter(classifier, broadcast=True)  # type: ignore[no-untyped-call]
    futures = client.map(
        score_part, parts, classifier=shared, version_name=version_name, retries=TRIES, pure=False
    )
    for future in as_completed(futures):  # type: ignore[no-untyped-call]
        yield future.result()
        future.release()

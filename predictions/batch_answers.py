"""Small tables and lists of signals, answered at once by the code that classifies a chunk."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import numpy as np
import pandas as pd

from predictions.batch_downloads import csv_rows, header_bytes, rewritten_rows
from predictions.batch_results import CHUNK_ROWS
from predictions.batch_serializers import problem_json
from predictions.batch_services import table_limits
from predictions.batch_work import row_problems
from predictions.serializers import SubmittedSignal
from predictions.tables import ANSWER_COLUMNS, JOINT, PROBABILITY_COLUMNS, classify_chunk, free_names
from predictions.words import absent_groups
from training.ml.columns import recognised_names
from training.ml.data_loader import TableChunk, TableReader
from training.ml.harmonise import Problem, merge_problems
from training.ml.read_table import TextBlock, TextTable
from training.ml.schema import DISPOSITIONS, FEATURE_NAMES, LAYOUTS
from training.ml.signal_rows import FRAME_COLUMNS, SignalRows
from training.ml.signal_table import SignalTable
from training.models import ModelVersion

_NAMED: Final = ("identifier", "note")


@dataclass(frozen=True)
class AnsweredTable:
    """Rows in the order in which they came, each beside its answer."""

    version: ModelVersion
    columns: Sequence[str]
    blocks: Sequence[TextBlock | None]
    raw: Sequence[pd.DataFrame]
    answers: Sequence[pd.DataFrame]
    echoes: Sequence[dict[str, str]]
    missions: Sequence[str]
    problems: Sequence[Problem]

    def as_json(self) -> dict[str, Any]:
        rows = [row for part in self.answers for row in part.to_dict("records")]
        metrics = self.version.metrics
        results = [
            {"row": n, **echo, **_row_json(row, mission, metrics)}
            for n, (row, echo, mission) in enumerate(zip(rows, self.echoes, self.missions, strict=True), 1)
        ]
        return {
            "model_version": self.version.name,
            "rows": len(results),
            "unusable": sum("error" in result for result in results),
            "problems": [problem_json(problem) for problem in self.problems],
            "results": results,
        }

    def csv_rows(self) -> Iterator[bytes]:
        names = free_names(ANSWER_COLUMNS, self.columns)
        yield header_bytes(self.columns, list(names.values()))
        for block, raw, answers in zip(self.blocks, self.raw, self.answers, strict=True):
            yield (csv_rows(block, answers) if block else rewritten_rows(raw, answers)).encode()


def first_rows(source: BinaryIO, most: int) -> int:
    """How many rows a table has, counted up to ``most``."""
    block = next(TextTable(source, limits=table_limits(), known=recognised_names()).blocks(most), None)
    return len(block) if block else 0


def answer_table(reader: TableReader) -> AnsweredTable:
    """Every row of a small table beside its answer by the version in service."""
    version = ModelVersion.objects.active()
    chunks = list(reader.chunks(CHUNK_ROWS))
    found = [problem for chunk in chunks for problem in (*chunk.table.problems, *row_problems(chunk))]
    identifiers = [_identifiers(chunk) for chunk in chunks]
    return AnsweredTable(
        version,
        reader.columns,
        [chunk.block for chunk in chunks],
        [chunk.raw for chunk in chunks],
        [classify_chunk(chunk, version.classifier, version.name) for chunk in chunks],
        [{"identifier": name} if name else {} for names in identifiers for name in names],
        [mission for chunk in chunks for mission in chunk.table.frame["mission"].reindex(chunk.table.row_signal)],
        merge_problems([*reader.problems, *found]),
    )


def _identifiers(chunk: TableChunk) -> list[str]:
    return list(chunk.table.signals.reindex(chunk.table.row_signal).fillna(""))


def answer_signals(signals: Sequence[SubmittedSignal]) -> AnsweredTable:
    """Signals that have been read one by one; each counts as a row of its own, with the inputs that it gives."""
    version = ModelVersion.objects.active()
    table = _signal_table(signals)
    block = TextBlock(_NAMED[:1], ",", 1, [""] * len(signals))
    answers = classify_chunk(TableChunk(table, 1, block), version.classifier, version.name)
    raw = pd.DataFrame({name: [getattr(signal, name) or "" for signal in signals] for name in _NAMED}, dtype="str")
    echoes = [signal.echo for signal in signals]
    return AnsweredTable(version, _NAMED, [None], [raw], [answers], echoes, list(table.frame["mission"]), [])


def _signal_table(signals: Sequence[SubmittedSignal]) -> SignalTable:
    frame = SignalRows.stack([signal.rows for signal in signals]).frame()
    count = len(frame)
    return SignalTable(
        layout=LAYOUTS["own"],
        frame=frame[list(FRAME_COLUMNS)],
        signals=pd.Series([signal.identifier for signal in signals], dtype="str"),
        stars=pd.Series([None] * count, dtype="str"),
        positions=pd.DataFrame({"ra": np.full(count, np.nan), "dec": np.full(count, np.nan)}),
        dispositions=pd.Series([None] * count, dtype="str"),
        doubted=np.zeros(count, dtype=bool),
        notes=[[] for _ in range(count)],
        row_signal=np.arange(count),
        row_reasons={},
    )


def signals_table(signals: Sequence[SubmittedSignal]) -> io.BytesIO:
    """The same signals as a table in the layout of our template, for a batch."""
    frame = SignalRows.stack([signal.rows for signal in signals]).frame()
    names = ["mission", *(name for name in FEATURE_NAMES if frame[name].notna().any())]
    table = frame[names].copy()
    table.insert(0, "identifier", [signal.identifier or "" for signal in signals])
    return io.BytesIO(table.to_csv(index=False, lineterminator="\n").encode())


def _row_json(row: dict[Any, Any], mission: str, metrics: Mapping[str, Any]) -> dict[str, Any]:
    warnings = row["warnings"].split(JOINT) if row["warnings"] else []
    if not row["predicted_disposition"]:
        return {"error": " ".join(warnings)}
    score = row["planet_score"]
    missing = [name for name in row["missing_inputs"].split(JOINT) if name]
    return {
        "disposition": row["predicted_disposition"],
        "probabilities": {str(d): row[p] for d, p in zip(DISPOSITIONS, PROBABILITY_COLUMNS, strict=True)},
        "planet_score": None if score != score else score,
        "prediction_set": [member for member in row["prediction_set"].split(JOINT) if member],
        "missing": missing,
        "absent_groups": [absent.as_json() for absent in absent_groups(missing, mission, metrics)],
        "warnings": warnings,
        "model_version": row["model_version"],
    }

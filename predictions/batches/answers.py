"""Small tables and lists of signals, answered at once by the code that classifies a chunk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from predictions.answers import (
    ANSWER_COLUMNS,
    PROBABILITY_COLUMNS,
    classify_chunk,
    free_names,
    joined_lists,
)
from predictions.batches.downloads import csv_rows, header_bytes
from predictions.batches.results import CHUNK_ROWS
from predictions.batches.serializers import problem_json
from predictions.batches.services import table_limits
from predictions.batches.work import row_problems
from predictions.signals.words import absent_groups, most_helpful
from training.ml.libraries import pandas as pd
from training.ml.numbers import finite_or_none
from training.ml.schema import DISPOSITIONS
from training.ml.tables.data_loader import TableChunk, TableReader
from training.ml.tables.doubting.doubts import Doubts
from training.ml.tables.harmonise import Problem, merge_problems
from training.ml.tables.reading.read_table import Block, read_table
from training.ml.tables.recognition import recognised_names
from training.models import ModelVersion


@dataclass(frozen=True)
class AnsweredTable:
    """Rows in the order in which they came, each beside its answer."""

    version: ModelVersion
    columns: Sequence[str]
    blocks: Sequence[Block]
    answers: Sequence[pd.DataFrame]
    echoes: Sequence[dict[str, str]]
    missions: Sequence[str]
    problems: Sequence[Problem]

    def as_json(self) -> dict[str, Any]:
        rows = [row for part in self.answers for row in part.to_dict("records")]
        metrics = self.version.metrics
        results = [
            {"row": n, **echo, **_row_json(row, mission, metrics)}
            for n, (row, echo, mission) in enumerate(
                zip(rows, self.echoes, self.missions, strict=True), 1
            )
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
        for block, answers in zip(self.blocks, map(joined_lists, self.answers), strict=True):
            yield csv_rows(block, answers).encode()


def first_rows(source: BinaryIO, most: int) -> int:
    """How many rows a table has, counted up to ``most``."""
    block = next(
        read_table(source, limits=table_limits(), known=recognised_names()).blocks(most), None
    )
    return len(block) if block else 0


def answer_table(reader: TableReader, echoes: Sequence[dict[str, str]] = ()) -> AnsweredTable:
    """Every row of a small table beside its answer by the version in service.

    ``echoes``: what a sender calls each row, where that is not simply the table's identifier.
    """
    version = ModelVersion.objects.active()
    chunks = list(reader.chunks(CHUNK_ROWS))
    found = [
        problem for chunk in chunks for problem in (*chunk.table.problems, *row_problems(chunk))
    ]
    identifiers = [_identifiers(chunk) for chunk in chunks]
    return AnsweredTable(
        version,
        reader.columns,
        [chunk.block for chunk in chunks],
        [classify_chunk(chunk, version.classifier, version.name) for chunk in chunks],
        echoes or [{"identifier": name} if name else {} for names in identifiers for name in names],
        [
            mission
            for chunk in chunks
            for mission in chunk.table.frame["mission"].reindex(chunk.table.row_signal)
        ],
        [*_doubts(chunks), *merge_problems([*reader.problems, *found])],
    )


def _doubts(chunks: Sequence[TableChunk]) -> list[Problem]:
    doubts = Doubts()
    for chunk in chunks:
        doubts.look(chunk.table, chunk.first_row, chunk.plan)
    return [doubt.problem for doubt in doubts.found()]


def _identifiers(chunk: TableChunk) -> list[str]:
    return list(chunk.table.signals.reindex(chunk.table.row_signal).fillna(""))


def _row_json(row: dict[Any, Any], mission: str, metrics: Mapping[str, Any]) -> dict[str, Any]:
    if not row["predicted_disposition"]:
        return {"error": " ".join(row["warnings"])}
    missing = list(row["missing_inputs"])
    return {
        "disposition": row["predicted_disposition"],
        "probabilities": {
            str(d): row[p] for d, p in zip(DISPOSITIONS, PROBABILITY_COLUMNS, strict=True)
        },
        "planet_score": finite_or_none(row["planet_score"]),
        "prediction_set": list(row["prediction_set"]),
        "missing": missing,
        "absent_groups": [absent.as_json() for absent in absent_groups(missing, mission, metrics)],
        "warnings": list(row["warnings"]),
        "model_version": row["model_version"],
        "open_score": finite_or_none(row["open_score"]),
        "planet_set": list(row["planet_set"]),
        "learnt_from": row["learnt_from"] == "true",
        "out_of_fold": row["out_of_fold"] == "true",
        "helpful": [help_.as_json() for help_ in most_helpful(missing, mission, metrics)],
    }

"""The answers beside the rows of a table: the same columns for the command line and for batches.

Everything is computed for a whole chunk at once: texts that stand for sets are made once per pattern, not once per row.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Sequence
from itertools import chain, count
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from training.ml.schema import DISPOSITIONS, FEATURE_NAMES

if TYPE_CHECKING:
    from training.ml.data_loader import SignalTable, TableChunk
    from training.ml.model import ExoplanetClassifier

PROBABILITY_COLUMNS: Final = ("p_confirmed", "p_candidate", "p_false_positive")  # in the order of DISPOSITIONS
ANSWER_COLUMNS: Final = (
    "predicted_disposition", *PROBABILITY_COLUMNS, "planet_score", "prediction_set", "missing_inputs", "warnings",
    "model_version",
)  # fmt: skip
JOINT: Final = "|"
"""Between the members of a list in one cell."""

Texts = npt.NDArray[Any]  # of str
Mask = npt.NDArray[np.bool_]


def classify_chunk(chunk: TableChunk, classifier: ExoplanetClassifier, version_name: str) -> pd.DataFrame:
    """``ANSWER_COLUMNS`` for each input row of ``chunk``, in order.

    A row that cannot be used has empty texts, missing numbers, and its reason in ``warnings``.
    """
    table = chunk.table
    answers = classify_signals(table, classifier, version_name).take(_signal_of_row(table))
    warnings = answers["warnings"].to_numpy(dtype=object, copy=True)
    for row in np.flatnonzero(table.row_signal < 0).tolist():
        warnings[row] = _cell(table.row_reasons.get(row, "This row cannot be used."))
    return answers.assign(warnings=warnings).reset_index(drop=True)


def classify_signals(table: SignalTable, classifier: ExoplanetClassifier, version_name: str) -> pd.DataFrame:
    """``ANSWER_COLUMNS`` for each signal of ``table``, and one row more at the end for rows without a signal."""
    frame = table.frame
    if not len(frame):
        return pd.DataFrame([_EMPTY])
    answered = classifier.predict(frame)
    warnings = classifier.warnings(frame)
    columns: dict[str, Any] = {
        "predicted_disposition": _DISPOSITION_TEXTS[answered.numbers],
        **dict(zip(PROBABILITY_COLUMNS, answered.probabilities.T, strict=True)),
        "planet_score": answered.planet_score,
        "prediction_set": pattern_texts(answered.prediction_sets, DISPOSITIONS),
        "missing_inputs": pattern_texts(frame[list(FEATURE_NAMES)].isna().to_numpy(), FEATURE_NAMES),
        "warnings": np.array([_joined(row) for row in zip(table.notes, warnings, strict=True)], dtype=object),
        "model_version": np.full(len(frame), version_name, dtype=object),
    }
    return pd.DataFrame({name: np.append(columns[name], _EMPTY[name]) for name in ANSWER_COLUMNS})


def pattern_texts(mask: Mask, names: Sequence[str]) -> Texts:
    """For each row of ``mask``, shape (n, len(names)), the names where it is true, joined; shape (n,)."""
    packed = np.packbits(mask, axis=1)
    # One opaque value per row: numpy then sorts rows as it sorts numbers.
    keys = np.ascontiguousarray(packed).view(np.dtype((np.void, packed.shape[1]))).ravel()
    _, first, pattern = np.unique(keys, return_index=True, return_inverse=True)
    texts = [JOINT.join(name for name, holds in zip(names, mask[row], strict=True) if holds) for row in first]
    return np.array(texts, dtype=object)[pattern]


def header_csv(columns: Sequence[str], answer_names: Sequence[str]) -> str:
    """The header line of a result: the table's own columns, then the answers."""
    return csv_text(pd.DataFrame([[*columns, *answer_names]], dtype="str"))


def chunk_csv(chunk: TableChunk, answers: pd.DataFrame) -> str:
    """The rows of ``chunk`` as CSV with their answers behind them; no input cell is rewritten where that can be."""
    lines = chunk.lines
    if lines is None:
        return csv_text(chunk.raw, answers)
    behind = answers.to_csv(header=False, index=False, lineterminator="\n").split("\n")
    return "".join([f"{line},{answer}\n" for line, answer in zip(lines, behind[:-1], strict=True)])


def csv_text(cells: pd.DataFrame, answers: pd.DataFrame | None = None) -> str:
    """Rows of CSV without a header. ``cells`` are texts that came from outside."""
    # Python's writer leaves a lone carriage return unquoted, and readers then take it for the end of a row.
    has_return = any(cells[name].str.contains("\r", regex=False).any() for name in cells.columns)
    rows = cells if answers is None else pd.concat([cells, answers], axis=1)
    quoting: Literal[0, 1] = csv.QUOTE_ALL if has_return else csv.QUOTE_MINIMAL
    return rows.to_csv(header=False, index=False, lineterminator="\n", quoting=quoting)


def free_names(wanted: Sequence[str], taken: Collection[str]) -> dict[str, str]:
    """A name for each wanted column that the table does not have: itself, or itself with the first free number."""
    used, names = {*taken, *wanted}, {}
    for name in wanted:
        candidates = chain([name] if name not in taken else [], (f"{name}_{n}" for n in count(2)))
        names[name] = next(free for free in candidates if free == name or free not in used)
        used.add(names[name])
    return names


def _signal_of_row(table: SignalTable) -> npt.NDArray[np.intp]:
    """Each row's position among the answers; the last position is the empty answer."""
    return np.where(table.row_signal < 0, len(table.frame), table.row_signal)


def _joined(sentences: tuple[Sequence[str], Sequence[str]]) -> str:
    notes, warnings = sentences
    return JOINT.join(map(_cell, (*notes, *warnings))) if notes or warnings else ""


def _cell(sentence: str) -> str:
    """A sentence for a list in one cell on one line, whatever it quotes."""
    return " ".join(sentence.split()).replace(JOINT, "/")


_DISPOSITION_TEXTS: Final = np.array([str(disposition) for disposition in DISPOSITIONS], dtype=object)
_EMPTY: Final = {name: np.nan if name in (*PROBABILITY_COLUMNS, "planet_score") else "" for name in ANSWER_COLUMNS}

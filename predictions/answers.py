"""The answers beside the rows of a table: the same columns for the command line and for batches.

Everything is computed for a whole chunk at once: texts that stand for sets are made once per
pattern, not once per row.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain, count
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import numpy.typing as npt

from predictions.signals.known import CATALOGUED, learnt_from
from predictions.signals.words import PLANET_SET
from training.ml.libraries import pandas as pd
from training.ml.schema import DISPOSITIONS, FEATURE_NAMES

if TYPE_CHECKING:
    from training.ml.model import ExoplanetClassifier
    from training.ml.tables.data_loader import SignalTable, TableChunk

PROBABILITY_COLUMNS: Final = (
    "p_confirmed",
    "p_candidate",
    "p_false_positive",
)  # in the order of DISPOSITIONS
ANSWER_COLUMNS: Final = (
    "predicted_disposition",
    *PROBABILITY_COLUMNS,
    "planet_score",
    "prediction_set",
    "open_score",
    "planet_set",
    "learnt_from",
    "out_of_fold",
    "missing_inputs",
    "warnings",
    "model_version",
)
NUMBER_COLUMNS: Final = (*PROBABILITY_COLUMNS, "planet_score", "open_score")
LIST_COLUMNS: Final = ("prediction_set", "planet_set", "missing_inputs", "warnings")
"""Each cell a tuple of texts, until the answers are written as text: `joined_lists`."""
JOINT: Final = "|"
"""Between the members of a list in one cell of text; within a member it is written ``\\|``."""

Lists = npt.NDArray[Any]  # of tuples of str
Mask = npt.NDArray[np.bool_]


def with_known_neighbours(chunk: TableChunk, classifier: ExoplanetClassifier) -> TableChunk:
    """``chunk`` with what the signals that the version learnt from say about its surroundings:
    a short list has no neighbours of its own."""
    from training.ml.tables.data_loader import ephemerides_of

    table = chunk.table
    if classifier.ephemerides is None or not len(table):
        return chunk
    frame = classifier.with_neighbours(table.frame, ephemerides_of(table))
    return replace(chunk, table=replace(table, frame=frame))


def classify_chunk(
    chunk: TableChunk, classifier: ExoplanetClassifier, version_name: str
) -> pd.DataFrame:
    """``ANSWER_COLUMNS`` for each input row of ``chunk``, in order.

    A row that cannot be used has empty texts and lists, missing numbers, and its reason in
    ``warnings``.
    """
    table = chunk.table
    answers = classify_signals(table, classifier, version_name).take(_signal_of_row(table))
    warnings = answers["warnings"].to_numpy(dtype=object, copy=True)
    for row in np.flatnonzero(table.row_signal < 0).tolist():
        warnings[row] = (table.row_reasons.get(row, "This row cannot be used."),)
    return answers.assign(warnings=warnings).reset_index(drop=True)


def classify_signals(
    table: SignalTable, classifier: ExoplanetClassifier, version_name: str
) -> pd.DataFrame:
    """``ANSWER_COLUMNS`` for each signal of ``table``, and one row more at the end for rows without
    a signal."""
    frame = table.frame
    if not len(frame):
        return _nothing()
    answered = classifier.predict(frame)
    warnings = classifier.warnings(frame)
    columns: dict[str, Any] = {
        "predicted_disposition": _DISPOSITION_TEXTS[answered.numbers],
        **dict(zip(PROBABILITY_COLUMNS, answered.probabilities.T, strict=True)),
        "planet_score": answered.planet_score,
        "prediction_set": pattern_names(answered.prediction_sets, DISPOSITIONS),
        "open_score": answered.open_score,
        "planet_set": pattern_names(answered.planet_sets, PLANET_SET),
        "learnt_from": _YES_OR_NO[
            (answered.out_of_fold | star_known(table, classifier)).astype(int)
        ],
        "out_of_fold": _YES_OR_NO[answered.out_of_fold.astype(int)],
        "missing_inputs": pattern_names(
            frame[list(FEATURE_NAMES)].isna().to_numpy(), FEATURE_NAMES
        ),
        "warnings": _lists((*row[0], *row[1]) for row in zip(table.notes, warnings, strict=True)),
        "model_version": np.full(len(frame), version_name, dtype=object),
    }
    # Rows of a frame, since numpy would take the tuples for a second dimension.
    return pd.concat([pd.DataFrame(columns), _nothing()], ignore_index=True)


def _nothing() -> pd.DataFrame:
    """The answers of a row that has no signal."""
    return pd.DataFrame(
        {
            name: [np.nan]
            if name in NUMBER_COLUMNS
            else _lists([()])
            if name in LIST_COLUMNS
            else np.array([""], dtype=object)
            for name in ANSWER_COLUMNS
        }
    )


def star_known(table: SignalTable, classifier: ExoplanetClassifier) -> Mask:
    """Per signal, whether the version has learnt from its star, as its star, its position or its
    name tell; then its answer says little about its skill."""
    ra, dec = (table.positions[name].to_numpy(dtype=np.float64) for name in ("ra", "dec"))
    found: Mask = classifier.held_out.has_star(table.stars, ra, dec)
    if table.layout.key == "own":  # the archive's own tables name every star
        named = table.signals.str.contains(CATALOGUED, regex=True, na=False).to_numpy(dtype=bool)
        for row in np.flatnonzero(named & ~found):
            found[row] = learnt_from(classifier.held_out, str(table.signals.iloc[row]))
    return found


def pattern_names(mask: Mask, names: Sequence[str]) -> Lists:
    """For each row of ``mask``, shape (n, len(names)), the names where it is true; shape (n,)."""
    packed = np.packbits(mask, axis=1)
    # One opaque value per row: numpy then sorts rows as it sorts numbers.
    keys = np.ascontiguousarray(packed).view(np.dtype((np.void, packed.shape[1]))).ravel()
    _, first, pattern = np.unique(keys, return_index=True, return_inverse=True)
    found = _lists(
        tuple(str(name) for name, holds in zip(names, mask[row], strict=True) if holds)
        for row in first
    )
    return found[pattern]


def _lists(rows: Iterable[tuple[str, ...]]) -> Lists:
    return np.fromiter(rows, dtype=object)


def joined_lists(answers: pd.DataFrame) -> pd.DataFrame:
    """The same answers with each list as one text, for files that hold texts and numbers only."""
    lists = [name for name in LIST_COLUMNS if name in answers.columns]
    return answers.assign(**{name: [joined(cell) for cell in answers[name]] for name in lists})


def joined(members: Iterable[str]) -> str:
    """A list in one cell on one line, whatever its members quote."""
    return JOINT.join(map(_on_one_line, members))


@lru_cache(4096)
def _on_one_line(member: str) -> str:
    """Names of inputs come again with every row."""
    return " ".join(member.split()).replace(JOINT, f"\\{JOINT}")


def header_csv(columns: Sequence[str], answer_names: Sequence[str]) -> str:
    """The header line of a result: the table's own columns, then the answers."""
    return csv_text(pd.DataFrame([[*columns, *answer_names]], dtype="str"))


def chunk_csv(chunk: TableChunk, answers: pd.DataFrame) -> str:
    """The rows of ``chunk`` as CSV with their answers behind them; no input cell is rewritten where
    that can be."""
    lines, answers = chunk.lines, joined_lists(answers)
    if lines is None:
        return csv_text(chunk.raw, answers)
    return lines_with_answers(lines, answers)


def lines_with_answers(lines: Sequence[str], answers: pd.DataFrame) -> str:
    """Lines of CSV as they are, with the answers behind them."""
    # After the last line break stands nothing: one part more than rows.
    behind = answers.to_csv(header=False, index=False, lineterminator="\n").split("\n")
    return "".join([f"{line},{answer}\n" for line, answer in zip(lines, behind[:-1], strict=True)])


def csv_text(cells: pd.DataFrame, answers: pd.DataFrame | None = None) -> str:
    """Rows of CSV without a header. ``cells`` are texts that came from outside."""
    # Python's writer leaves a lone carriage return unquoted, and readers then take it for the end
    # of a row.
    has_return = any(cells[name].str.contains("\r", regex=False).any() for name in cells.columns)
    rows = cells if answers is None else pd.concat([cells, answers], axis=1)
    quoting: Literal[0, 1] = csv.QUOTE_ALL if has_return else csv.QUOTE_MINIMAL
    return rows.to_csv(header=False, index=False, lineterminator="\n", quoting=quoting)


def free_names(wanted: Sequence[str], taken: Collection[str]) -> dict[str, str]:
    """A name for each wanted column that the table does not have: itself, or itself with the first
    free number."""
    used, names = {*taken, *wanted}, {}
    for name in wanted:
        candidates = chain([name] if name not in taken else [], (f"{name}_{n}" for n in count(2)))
        names[name] = next(free for free in candidates if free == name or free not in used)
        used.add(names[name])
    return names


def _signal_of_row(table: SignalTable) -> npt.NDArray[np.intp]:
    """Each row's position among the answers; the last position is the empty answer."""
    return np.where(table.row_signal < 0, len(table.frame), table.row_signal)


_DISPOSITION_TEXTS: Final = np.array(
    [str(disposition) for disposition in DISPOSITIONS], dtype=object
)
_YES_OR_NO: Final = np.array(["false", "true"], dtype=object)

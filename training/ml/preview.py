"""The first rows of a table, before it is read whole: what it is, how it would be read, what looks wrong."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import pandas as pd

from training.ml.columns import Plan, recognise, recognised_names
from training.ml.errors import EmptyTable, TableError
from training.ml.harmonise import Findings, Problem, harmonise
from training.ml.k2_objects import combine_objects
from training.ml.mapping import ColumnMapping, guess_mapping, mapping_of_plan
from training.ml.read_table import Limits, TextBlock, TextTable
from training.ml.schema import Mission
from training.ml.signal_table import SignalTable, table_of, usable_table
from training.ml.suspicions import suspicions

PREVIEW_ROWS: Final = 200


@dataclass(frozen=True, eq=False)
class Preview:
    """``raw``: the first rows as text. Either ``plan`` and ``table`` say how they are read, or ``refusal`` why not.

    ``mapping`` is what they are read by, or a guess for a person to confirm where the table is not recognised.
    What only the whole table can tell (signals on the star) is missing in ``table``.
    """

    columns: tuple[str, ...]
    raw: pd.DataFrame
    mapping: ColumnMapping
    plan: Plan | None
    table: SignalTable | None
    refusal: TableError | None
    problems: list[Problem]

    @property
    def recognised(self) -> bool:
        return self.plan is not None


def preview_table(
    source: Path | BinaryIO,
    *,
    mission: Mission | None = None,
    mapping: ColumnMapping | None = None,
    rows: int = PREVIEW_ROWS,
    limits: Limits | None = None,
) -> Preview:
    """How the first ``rows`` rows would be read. ``TableError``: the file is no table, or the mapping does not fit."""
    text = TextTable(source, limits=limits, known=recognised_names())
    block = next(text.blocks(rows), None)
    if block is None:
        raise EmptyTable("The table has a header but no rows.")
    columns = tuple(text.columns)
    if mapping:
        return _read(columns, block, mapping.plan(columns), mapping)
    try:
        plan = recognise(columns, mission)
    except TableError as refusal:
        guess = guess_mapping(columns, block.raw, mission)
        return Preview(columns, block.raw, guess, None, None, refusal, [])
    return _read(columns, block, plan, mapping_of_plan(plan))


def _read(columns: tuple[str, ...], block: TextBlock, plan: Plan, mapping: ColumnMapping) -> Preview:
    findings = Findings()
    rows = harmonise(block, plan, findings)
    if plan.combines_rows:
        found, row_signal = combine_objects(rows, 1, findings)
        table = table_of(plan.layout, found, row_signal, rows.reasons, findings.problems())
    else:
        table = usable_table(plan.layout, rows, findings.problems())
    return Preview(columns, block.raw, mapping, plan, table, None, [*table.problems, *suspicions(table)])

"""The first rows of a table, before it is read whole: what it is, how it would be read, what looks
wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from training.ml.errors import TableError
from training.ml.libraries import pandas as pd
from training.ml.schema import Mission
from training.ml.tables.columns import Plan
from training.ml.tables.doubting.doubts import Doubt, find_doubts
from training.ml.tables.doubting.questions import Question, questions_about
from training.ml.tables.fillers import fillers_of
from training.ml.tables.guessing.guesses import Guess, guess_columns, guess_mapping
from training.ml.tables.harmonise import Findings, Problem, harmonise
from training.ml.tables.head import HEAD_ROWS, TableHead, read_head
from training.ml.tables.k2_objects import combine_objects
from training.ml.tables.mapping import ColumnMapping, mapping_of_plan
from training.ml.tables.reading.read_table import Block, Limits
from training.ml.tables.reading.stated import Stated
from training.ml.tables.reading.stated_units import with_stated_units
from training.ml.tables.recognition import MissionNeeded, recognise
from training.ml.tables.signal_table import SignalTable, table_of, usable_table


@dataclass(frozen=True, eq=False)
class Preview:
    """``raw``: the first rows as text. Either ``plan`` and ``table`` say how they are read, or
    ``refusal`` why not.

    ``mapping`` is what they are read by, or a guess for a person to confirm where the table is not
    recognised. What only the whole table can tell (signals on the star) is missing in ``table``.
    ``guesses``: what else the columns may be, and why; empty where the table is recognised.
    ``doubts``, ``problems``: also of a guessed mapping, as if it were confirmed.
    ``questions``: what only a person can answer. ``format``, ``encoding``: of the file.
    """

    columns: tuple[str, ...]
    raw: pd.DataFrame
    mapping: ColumnMapping
    plan: Plan | None
    table: SignalTable | None
    refusal: TableError | None
    problems: list[Problem]
    guesses: list[Guess] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    format: str = ""
    encoding: str = ""

    @property
    def recognised(self) -> bool:
        return self.plan is not None


def preview_table(
    source: Path | BinaryIO,
    *,
    mission: Mission | None = None,
    mapping: ColumnMapping | None = None,
    rows: int = HEAD_ROWS,
    limits: Limits | None = None,
) -> Preview:
    """How the first ``rows`` rows would be read. ``TableError``: the file is no table, or the
    mapping does not fit."""
    head = read_head(source, rows=rows, limits=limits)
    return preview_head(head, mission=mission, mapping=mapping)


def preview_head(
    head: TableHead, *, mission: Mission | None = None, mapping: ColumnMapping | None = None
) -> Preview:
    """``preview_table`` of a table whose head is known."""
    found = _understood(head.columns, head.block, head.stated, mission, mapping)
    return replace(found, format=head.format, encoding=head.encoding)


def _understood(
    columns: tuple[str, ...],
    block: Block,
    stated: Mapping[str, Stated],
    mission: Mission | None,
    mapping: ColumnMapping | None,
) -> Preview:
    if mapping:
        return _read(columns, block, mapping.plan(columns), mapping)
    try:
        plan = with_stated_units(recognise(columns, mission), stated)
    except MissionNeeded as refusal:
        return _without_mission(columns, block, stated, refusal)
    except TableError as refusal:
        return _guessed(columns, block, stated, mission, refusal)
    return _read(columns, block, plan, mapping_of_plan(plan, stated))


def _without_mission(
    columns: tuple[str, ...], block: Block, stated: Mapping[str, Stated], refusal: MissionNeeded
) -> Preview:
    """Everything is understood but the mission."""
    try:
        plan = with_stated_units(refusal.plan, stated)
    except TableError as mismatch:
        return _guessed(columns, block, stated, None, mismatch)
    return _refused(columns, block, mapping_of_plan(plan, stated), [], refusal)


def _guessed(
    columns: tuple[str, ...],
    block: Block,
    stated: Mapping[str, Stated],
    mission: Mission | None,
    refusal: TableError,
) -> Preview:
    guesses = guess_columns(columns, block.raw, stated)
    mapping = guess_mapping(columns, block.raw, mission, stated)
    return _refused(columns, block, mapping, guesses, refusal)


def _refused(
    columns: tuple[str, ...],
    block: Block,
    mapping: ColumnMapping,
    guesses: list[Guess],
    refusal: TableError,
) -> Preview:
    questions = questions_about(mapping, block.raw)
    doubts, problems = _if_confirmed(columns, block, mapping)
    return Preview(
        columns, block.raw, mapping, None, None, refusal, problems, guesses, doubts, questions
    )


def _if_confirmed(
    columns: tuple[str, ...], block: Block, mapping: ColumnMapping
) -> tuple[list[Doubt], list[Problem]]:
    """What would look wrong in the first rows if the guess were right."""
    # The mission is asked for on its own; units can be looked at before it is known.
    if mapping.mission is None and mapping.mission_column is None:
        mapping = replace(mapping, mission=Mission.OTHER)
    if mapping.faults(columns):
        return [], []
    read = _read(columns, block, mapping.plan(columns), mapping)
    return read.doubts, read.problems


def _read(columns: tuple[str, ...], block: Block, plan: Plan, mapping: ColumnMapping) -> Preview:
    findings = Findings()
    rows = harmonise(block, plan, findings, fillers_of(block))
    if plan.combines_rows:
        found, row_signal = combine_objects(rows, 1, findings)
        table = table_of(plan.layout, found, row_signal, rows.reasons, findings.problems())
    else:
        table = usable_table(plan.layout, rows, findings.problems())
    doubts = find_doubts(table, plan)
    problems = [*(doubt.problem for doubt in doubts), *table.problems]
    questions = questions_about(mapping, block.raw)
    return Preview(columns, block.raw, mapping, plan, table, None, problems, [], doubts, questions)

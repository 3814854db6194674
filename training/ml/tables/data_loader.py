"""From a table of signals, in any of the layouts that the schema knows, to a harmonised frame.

A table is read twice: the first pass finds its layout, counts its rows and the signals on each
star; the second gives its rows in chunks. What a row becomes does not depend on the size of the
chunks. The archive's K2 table has several rows per signal, which the first pass gathers, so its
rows are limited more strictly (``Limits.combined_rows``); every other table takes the memory of one
chunk and about 40 bytes per row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from training.ml.errors import EmptyTable, TooLarge
from training.ml.libraries import pandas as pd
from training.ml.schema import CONTEXT_NAMES, FEATURE_BY_NAME, Mission
from training.ml.sky.ephemerides import Ephemerides, neighbours_within
from training.ml.sky.stars import count_siblings, group_stars, hash_stars
from training.ml.tables.columns import Plan
from training.ml.tables.derived import derivable
from training.ml.tables.fillers import ColumnFillers
from training.ml.tables.first_pass import context_of, count_signals, repeats_problem
from training.ml.tables.harmonise import (
    COLUMN_OF,
    Findings,
    Problem,
    Rows,
    harmonise,
)
from training.ml.tables.k2_objects import combine_objects
from training.ml.tables.mapping import ColumnMapping
from training.ml.tables.reading.read_table import Block, Limits, Table, read_table
from training.ml.tables.reading.stated_units import with_stated_units
from training.ml.tables.recognition import recognise, recognised_names
from training.ml.tables.signal_table import SignalTable, stack, table_of, take, usable_table

CHUNK_ROWS: Final = 5_000

__all__ = [
    "CHUNK_ROWS",
    "ColumnMapping",
    "Limits",
    "Problem",
    "SignalTable",
    "TableChunk",
    "TableReader",
    "open_table",
    "read_signals",
    "star_groups",
]


@dataclass(frozen=True, eq=False)
class TableChunk:
    """Some consecutive rows of a table. ``first_row`` is the number of the first, counted from 1
    over the table."""

    table: SignalTable
    first_row: int
    block: Block
    plan: Plan

    def __len__(self) -> int:
        return len(self.block)

    @property
    def raw(self) -> pd.DataFrame:
        """Every input cell exactly as it stands in the file, dtype str; made when asked for."""
        return self.block.raw

    @property
    def lines(self) -> list[str] | None:
        """The rows as the very CSV text of the file, without line ends, to which cells can be
        appended.

        Much faster than writing ``raw``. None where rows must be rewritten: they have the wrong
        shape, or no commas.
        """
        return None if self.block.bad or self.block.delimiter != "," else self.block.lines


class TableReader:
    """A table after its first pass. Errors: subclasses of ``TableError``."""

    def __init__(self, text: Table, plan: Plan, counted: NDArray[np.float64] | None = None) -> None:
        self.plan = plan
        self.layout = plan.layout
        self.columns: tuple[str, ...] = tuple(text.columns)
        self.delimiter = text.delimiter
        self.format, self.encoding = text.format, text.encoding
        self.stated = text.stated
        self._text = text
        self._fillers = ColumnFillers(text)
        self._counted: NDArray[np.float64]
        self._objects: Rows | None = None
        self._row_object = np.empty(0, dtype=np.int64)
        self._row_reasons: dict[int, str] = {}
        self._findings = Findings()
        if plan.combines_rows:
            self._gather_objects()
        else:
            known = count_signals(text, plan, self._fillers) if counted is None else counted
            self._set_counts(known)
        if not self.rows:
            raise EmptyTable("The table has a header but no rows.")

    rows: int
    """The number of data rows."""

    @property
    def mission(self) -> Mission | None:
        """The mission of the whole table; None where each row names its own."""
        return self.plan.mission

    def chunks(self, rows: int = CHUNK_ROWS, start_row: int = 1) -> Iterator[TableChunk]:
        """Chunks of ``rows`` input rows from row ``start_row`` (counted from 1) on."""
        for block in self.blocks(rows, start_row):
            yield self.chunk(block)

    def blocks(self, rows: int = CHUNK_ROWS, start_row: int = 1) -> Iterator[Block]:
        """The text of the same chunks, for workers that share a table and harmonise only their own
        part of it."""
        return self._text.blocks(rows, start_row)

    def chunk(self, block: Block) -> TableChunk:
        table = self._objects_in(block) if self.plan.combines_rows else self._signals_in(block)
        return TableChunk(table, block.first_row, block, self.plan)

    def table(self) -> SignalTable:
        """All signals at once."""
        if self._objects is not None:
            return table_of(
                self.layout, self._objects, self._row_object, self._row_reasons, self.problems
            )
        findings = Findings()
        rows = stack([self._harmonised(block, findings) for block in self._text.blocks(CHUNK_ROWS)])
        return usable_table(self.layout, rows, findings.problems() + self.problems)

    @cached_property
    def problems(self) -> list[Problem]:
        """What the first pass found, which no chunk repeats: what the table lacks, and all of a K2
        table's problems."""
        problems = [_about_file(note) for note in self._text.notes]
        problems += self._findings.problems()
        if not self.plan.combines_rows:
            problems += repeats_problem(self._text, self.plan, self._counted)
        for name in self.plan.absent_features:
            feature = FEATURE_BY_NAME[name]
            if feature.required and name not in derivable(self.plan):
                sentence = (
                    f"This table has no {feature.label.lower()}, so this input is missing in every"
                    " row."
                )
                problems.append(Problem("absent_feature", sentence, None, self.rows, ()))
        return problems

    # --- one row per signal -----------------------------------------------------------------------

    @property
    def counted(self) -> NDArray[np.float64] | None:
        """What the first pass counted, (3 or 6, rows) in the order of ``CONTEXT_NAMES``, and per
        row the first row of the same signal: whoever opens the same table with it needs no first
        pass.

        None where the first pass gathers whole signals instead.
        """
        return None if self.plan.combines_rows else self._counted

    def _set_counts(self, counted: NDArray[np.float64]) -> None:
        self.rows = counted.shape[1]
        self._counted = counted
        self._context = context_of(counted)

    def _harmonised(self, block: Block, findings: Findings) -> Rows:
        rows = harmonise(block, self.plan, findings, self._fillers)
        # The context was counted over the whole table; a chunk takes its own part of it.
        within = slice(block.first_row - 1, block.first_row - 1 + len(block))
        _add_context(rows, dict(zip(CONTEXT_NAMES, self._context[:, within], strict=False)))
        return rows

    def _signals_in(self, block: Block) -> SignalTable:
        findings = Findings()
        rows = self._harmonised(block, findings)
        return usable_table(self.layout, rows, findings.problems())

    # --- several rows per signal ------------------------------------------------------------------

    def _gather_objects(self) -> None:
        rows = stack(
            [
                harmonise(block, self.plan, self._findings, self._fillers)
                for block in self._combined_blocks()
            ]
        )
        self.rows = len(rows)
        self._objects, self._row_object = combine_objects(rows, 1, self._findings)
        self._row_reasons = rows.reasons
        found = self._objects
        period, duration, depth = (
            found.values[:, COLUMN_OF[name]]
            for name in ("orbital_period", "transit_duration", "transit_depth")
        )
        stars = hash_stars(found.stars)
        where_and_when = Ephemerides.of(
            found.ra, found.dec, period, found.epoch, duration, depth, stars
        )
        # Over objects, not rows: a planet with eight publications has no seven siblings.
        counts = [*count_siblings(stars, period), *neighbours_within(where_and_when).T]
        _add_context(found, dict(zip(CONTEXT_NAMES, counts, strict=True)))

    def _combined_blocks(self) -> Iterator[Block]:
        most = self._text.limits.combined_rows
        for block in self._text.blocks(CHUNK_ROWS):
            if block.first_row - 1 + len(block) > most:
                raise TooLarge(
                    "This table has several rows for one signal, and so many cannot be combined at"
                    " once.",
                    most,
                    "rows",
                    "Split it, with all rows of an object in one part; or keep the rows with"
                    " default_flag = 1 and map the columns yourself: each row is then a signal of"
                    " its own.",
                )
            yield block

    def _objects_in(self, block: Block) -> SignalTable:
        assert self._objects is not None  # noqa: S101 - gathered in the first pass
        start = block.first_row - 1
        within = self._row_object[start : start + len(block)]
        known, index = np.unique(within, return_inverse=True)
        # −1, of rows that name no object, sorts before the numbers of objects.
        offset = 1 if len(known) and known[0] < 0 else 0
        reasons = {
            row: why for row in range(len(block)) if (why := self._row_reasons.get(start + row))
        }
        return table_of(
            self.layout, take(self._objects, known[offset:]), index - offset, reasons, []
        )


def open_table(
    source: Path | BinaryIO,
    *,
    mission: Mission | None = None,
    mapping: ColumnMapping | None = None,
    max_rows: int | None = None,
    limits: Limits | None = None,
    counted: NDArray[np.float64] | None = None,
) -> TableReader:
    """The table after its first pass, or a subclass of ``TableError``. ``max_rows`` overrides the
    one in ``limits``.

    ``counted``: what an earlier reader of the same table, opened with the same arguments, gave as
    its ``counted``.
    """
    limits = limits or Limits()
    if max_rows is not None:
        limits = replace(limits, rows=max_rows)
    text = read_table(source, limits=limits, known=recognised_names())
    plan = (
        mapping.plan(text.columns)
        if mapping
        else with_stated_units(recognise(text.columns, mission), text.stated)
    )
    return TableReader(text, plan, counted)


def read_signals(
    source: Path | BinaryIO,
    *,
    mission: Mission | None = None,
    mapping: ColumnMapping | None = None,
    max_rows: int | None = None,
    limits: Limits | None = None,
) -> SignalTable:
    """All signals of a table, or a subclass of ``TableError``."""
    return open_table(
        source, mission=mission, mapping=mapping, max_rows=max_rows, limits=limits
    ).table()


def star_groups(tables: Sequence[SignalTable]) -> list[NDArray[np.int64]]:
    """Per table an integer group for each signal, one namespace across all: same star key, or
    within 5 arcsec."""
    if not tables:
        return []
    keys = [star if isinstance(star, str) else None for table in tables for star in table.stars]
    ra, dec = (
        np.concatenate([table.positions[name].to_numpy() for table in tables])
        for name in ("ra", "dec")
    )
    groups = group_stars(keys, ra, dec)
    return np.split(groups, np.cumsum([len(table) for table in tables])[:-1])


def _about_file(note: str) -> Problem:
    return Problem("file", note, None, 1, ())


def ephemerides_of(table: SignalTable) -> Ephemerides:
    """Where and when the signals of a table are."""
    ra, dec = (table.positions[name].to_numpy(dtype=np.float64) for name in ("ra", "dec"))
    period, duration, depth = (
        table.frame[name].to_numpy(dtype=np.float64)
        for name in ("orbital_period", "transit_duration", "transit_depth")
    )
    stars = hash_stars([star if isinstance(star, str) else None for star in table.stars])
    return Ephemerides.of(ra, dec, period, table.epochs, duration, depth, stars)


def _add_context(rows: Rows, counted: dict[str, NDArray[np.float64]]) -> None:
    """What is counted over the table fills what the table does not give itself."""
    for name, values in counted.items():
        column = rows.values[:, COLUMN_OF[name]]
        feature = FEATURE_BY_NAME[name]
        possible = np.where((values >= feature.low) & (values <= feature.high), values, np.nan)
        np.copyto(column, possible, where=np.isnan(column))

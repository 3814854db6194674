"""The first pass over a table: what only all of its rows together can tell about one.

How many signals each star has, how far the nearest other period is, which other stars have the same
ephemeris, and which rows are one signal seen several times.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.ml.errors import join_words
from training.ml.sky.ephemerides import Ephemerides, join_ephemerides, neighbours_within
from training.ml.sky.names import signal_name
from training.ml.sky.repeats import first_rows
from training.ml.sky.stars import count_siblings, hash_stars
from training.ml.tables.columns import Plan
from training.ml.tables.fillers import Fillers
from training.ml.tables.findings import Findings, Problem
from training.ml.tables.harmonise import epochs, positions, quantity, star_keys
from training.ml.tables.reading.read_table import Block, Table
from training.ml.tables.row_texts import signals_of

_SIGNALS_NAMED: Final = 5
_ROWS: Final = 5_000  # read at once


def count_signals(text: Table, plan: Plan, fillers: Fillers) -> NDArray[np.float64]:
    """(3 or 6, rows): signals on the star, ratio to the nearest other period, where the table says
    where and when the three counts of neighbours, and last the first row (from 0) of the signal.

    A signal in several rows counts once, and each of its rows is counted as if it were the only
    one. ``fillers`` of the table.
    """
    with_place = bool(plan.epoch and plan.ra and plan.dec)
    table, first = _read(text, plan, with_place, fillers)
    leaders, place = np.unique(first, return_inverse=True)
    alone = len(leaders) == len(first)
    once = table if alone else table.take(leaders)
    counts = np.stack(count_siblings(once.star, once.period))
    if with_place:
        counts = np.concatenate([counts, neighbours_within(once).T])
    counts = counts if alone else counts[:, place]
    return np.concatenate([counts, first[np.newaxis].astype(np.float64)])


def context_of(counted: NDArray[np.float64]) -> NDArray[np.float64]:
    """``counted`` without the rows' first rows; what an earlier version counted has none."""
    return counted[:-1] if counted.shape[0] in (3, 6) else counted


def repeated_rows(counted: NDArray[np.float64]) -> list[NDArray[np.intp]]:
    """The rows (from 0) of each signal that has several, in the order of their first rows."""
    if counted.shape[0] not in (3, 6):
        return []
    first = counted[-1].astype(np.int64)
    again = np.unique(first[first != np.arange(len(first))])
    return [np.flatnonzero(first == row) for row in again.tolist()]


def repeats_problem(text: Table, plan: Plan, counted: NDArray[np.float64]) -> list[Problem]:
    """What is said about signals in several rows: one problem for all of them."""
    groups = repeated_rows(counted)
    if not groups:
        return []
    named = groups[:_SIGNALS_NAMED]
    names = _names_at(text, plan, [int(rows[0]) for rows in named])
    said = [
        f"{name or 'the signal of row ' + format(rows[0] + 1, ',')} stands {len(rows):,} times"
        for name, rows in zip(names, named, strict=True)
    ]
    more = len(groups) - len(named)
    others = [f"{more:,} more signals stand in several rows"] if more else []
    sentence = (
        f"{join_words(said + others)}: each of these rows is answered as if it were the only one,"
        " and the signal is not counted as its own sibling."
    )
    rows = tuple(int(row) + 1 for group in named for row in group[1:])[:_SIGNALS_NAMED]
    count = sum(len(group) - 1 for group in groups)
    return [
        Problem("repeated_signal", sentence[0].upper() + sentence[1:], plan.signal, count, rows)
    ]


@dataclass
class _Names:
    """Names of some rows: hashes, whether a catalogue gave them, and errors of the periods."""

    names: NDArray[np.uint64]
    catalogued: NDArray[np.bool_]
    errors: NDArray[np.float64]


def _read(
    text: Table, plan: Plan, with_place: bool, fillers: Fillers
) -> tuple[Ephemerides, NDArray[np.int64]]:
    parts: list[Ephemerides] = []
    named: list[_Names] = []
    for block in text.blocks(_ROWS, columns=_columns(plan, with_place)):
        parts.append(_ephemerides(block, plan, with_place, fillers))
        named.append(_names(block, plan, fillers))
    if not parts:
        return _nothing(), np.empty(0, dtype=np.int64)
    table = join_ephemerides(parts)
    del parts  # as large again
    first = first_rows(
        table.star,
        np.concatenate([part.names for part in named]),
        np.concatenate([part.catalogued for part in named]),
        table.period,
        np.concatenate([part.errors for part in named]),
    )
    return table, first


def _columns(plan: Plan, with_place: bool) -> tuple[str, ...]:
    """What the first pass asks for: it need not read the rest."""
    names = {"orbital_period", "orbital_period_error"}
    where: Sequence[str | None] = ()
    if with_place:
        names |= {"transit_duration", "transit_depth"}
        where = (plan.epoch, plan.ra, plan.dec)
    sources = [f for f in plan.features if f.feature in names]
    columns = [c for f in sources for c in (*f.columns, *f.limits)]
    roles = (plan.star, plan.mission_column, plan.signal, plan.signal_suffix, *where)
    return tuple(dict.fromkeys([*columns, *(role for role in roles if role)]))


def _ephemerides(block: Block, plan: Plan, with_place: bool, fillers: Fillers) -> Ephemerides:
    unknown = np.full(len(block), np.nan)
    ra, dec = positions(block, plan, Findings()) if with_place else (unknown, unknown)
    return Ephemerides.of(
        ra,
        dec,
        quantity(block, plan, "orbital_period", fillers),
        epochs(block, plan) if with_place else unknown,
        quantity(block, plan, "transit_duration", fillers) if with_place else unknown,
        quantity(block, plan, "transit_depth", fillers) if with_place else unknown,
        hash_stars(star_keys(block, plan)),
    )


def _nothing() -> Ephemerides:
    none = np.empty(0)
    return Ephemerides.of(none, none, none, none, none, none, np.empty(0, dtype=np.uint64))


def _names(block: Block, plan: Plan, fillers: Fillers) -> _Names:
    mission = str(plan.mission or "")
    texts = [signal_name(text, mission) for text in signals_of(block, plan)]
    return _Names(
        hash_stars([text or None for text in texts]),
        np.array([_is_catalogued(text) for text in texts], dtype=bool),
        quantity(block, plan, "orbital_period_error", fillers),
    )


def _is_catalogued(name: str) -> bool:
    """Whether a spelling of ``signal_name`` is a KOI's, a TOI's or a planet's."""
    return (name[:1] == "K" and name[1:2].isdigit()) or name.startswith(("TOI-", "Kepler-"))


def _names_at(text: Table, plan: Plan, rows: Sequence[int]) -> list[str]:
    """The names of some rows (from 0, ascending); for a star without names its star."""
    return [_name_of_row(block, plan) for block in _blocks_at(text, rows)]


def _blocks_at(text: Table, rows: Sequence[int]) -> Iterator[Block]:
    for row in rows:
        yield next(iter(text.blocks(1, row + 1)))


def _name_of_row(block: Block, plan: Plan) -> str:
    name = signals_of(block, plan)[0]
    star = star_keys(block, plan)[0]
    return name or (f"one signal of {star}" if star else "")

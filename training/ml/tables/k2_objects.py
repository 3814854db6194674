"""One signal from the several rows that the K2 table has for it, one row per publication.

For every quantity the default row's value counts. Where that row has none, the value with the
smallest relative uncertainty is taken, values without an uncertainty last, then the newest
publication, then the smaller value: an order that does not depend on the order of the rows. A value
and its uncertainty always come from one row.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.ml.numbers import number_text
from training.ml.schema import FEATURE_BY_NAME, NUMERIC_NAMES
from training.ml.tables.harmonise import COLUMN_OF, Findings, Rows
from training.ml.tables.values import UNCHECKED

CONTRADICTION: Final = 2.0
"""How close to a power of 100 a ratio must be to be taken for a wrong unit. Grazing eclipses reach
0.04, never 0.02."""

_DEPTH: Final = COLUMN_OF["transit_depth"]
_DEPTH_ERROR: Final = COLUMN_OF["transit_depth_error"]
_RATIO: Final = COLUMN_OF["radius_ratio"]


def combine_objects(
    rows: Rows, first_row: int, findings: Findings
) -> tuple[Rows, NDArray[np.int64]]:
    """(one entry per object, in the order of their first usable row; index of its object for each
    input row or −1).

    ``first_row`` is the number of the first of ``rows``, counted from 1.
    """
    objects, names = _objects_named(rows)
    _drop_contradictory_depths(rows, objects, first_row, findings)
    count = len(names)
    chosen = _choose(rows, objects, count)
    lead = _leading_rows(rows, objects, count)
    members: list[list[int]] = [[] for _ in range(count)]
    for row in np.flatnonzero(objects >= 0):
        members[objects[row]].append(int(row))
    return (
        Rows(
            values=chosen,
            signals=names,
            stars=[rows.stars[row] for row in lead],
            ra=_first_known(rows.ra, members, lead),
            dec=_first_known(rows.dec, members, lead),
            missions=[rows.missions[row] for row in lead],
            bands=[
                next((rows.bands[row] for row in [first, *group] if rows.bands[row]), None)
                for first, group in zip(lead, members, strict=True)
            ],
            dispositions=[rows.dispositions[row] for row in lead],
            doubted=rows.doubted[lead],
            known_before=rows.known_before[lead],
            epoch=_first_known(rows.epoch, members, lead),
            notes={i: notes for i in range(count) if (notes := _notes(rows, members[i], lead[i]))},
            reasons={},
            default=np.ones(count, dtype=bool),
            dates=[""] * count,
            unchecked=chosen[:, [COLUMN_OF[name] for name in UNCHECKED]],
        ),
        objects,
    )


def _objects_named(rows: Rows) -> tuple[NDArray[np.int64], list[str]]:
    """(index of its object for each row, −1 where a row names none; the names in order)."""
    usable = [row not in rows.reasons and bool(rows.signals[row]) for row in range(len(rows))]
    for row in np.flatnonzero(~np.array(usable, dtype=bool)):
        rows.reasons.setdefault(int(row), "This row names no object.")
    names = [name for name, good in zip(rows.signals, usable, strict=True) if good]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    objects = [numbers[rows.signals[row]] if good else -1 for row, good in enumerate(usable)]
    return np.array(objects, dtype=np.int64), list(numbers)


def _leading_rows(rows: Rows, objects: NDArray[np.int64], count: int) -> list[int]:
    """The row of each object that speaks for its names and disposition: the default one, else the
    newest."""

    def rank(row: int) -> tuple[bool, str, int, str, bytes]:
        values = rows.values[row]
        return (
            bool(rows.default[row]),
            rows.dates[row],
            int(np.isfinite(values).sum()),
            rows.dispositions[row] or "",
            # Alike in all else: any order serves that is not the one of the rows.
            values.tobytes(),
        )

    lead = [-1] * count
    for row in np.flatnonzero(objects >= 0):
        current = lead[objects[row]]
        if current < 0 or rank(int(row)) > rank(current):
            lead[objects[row]] = int(row)
    return lead


def _choose(rows: Rows, objects: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    """(objects, numeric features): for each quantity the value and uncertainty of its best row."""
    chosen = np.full((count, len(NUMERIC_NAMES)), np.nan)
    # Dates become ranks, the newest first.
    recency = -np.unique(np.array(rows.dates, dtype=str), return_inverse=True)[1]
    for name in NUMERIC_NAMES:
        if name.endswith("_error"):
            continue
        value = rows.values[:, COLUMN_OF[name]]
        column = COLUMN_OF.get(f"{name}_error")
        error = rows.values[:, column] if column is not None else np.full(len(rows), np.nan)
        with np.errstate(divide="ignore", invalid="ignore"):
            relative = np.where(np.isnan(error), np.inf, np.abs(error / value))
        # By the last key first: default row, relative uncertainty, date, value.
        order = np.lexsort((error, value, recency, relative, ~rows.default))
        order = order[(objects[order] >= 0) & ~np.isnan(value[order])]
        owners, first = np.unique(objects[order], return_index=True)
        chosen[owners, COLUMN_OF[name]] = value[order[first]]
        if column is not None:
            chosen[owners, column] = error[order[first]]
    return chosen


def _drop_contradictory_depths(
    rows: Rows, objects: NDArray[np.int64], first_row: int, findings: Findings
) -> None:
    """A depth that contradicts (Rp/Rs)² by about 100 or 10,000 is in another unit than the rest of
    its column.

    One publication of K2-114 b gives a fraction where the table has percent. Such a depth becomes
    missing, with a note: which of the two numbers is wrong is not ours to decide.
    """
    ratio = rows.values[:, _RATIO].copy()
    for index in np.unique(objects[np.isnan(ratio) & (objects >= 0)]):
        group = np.flatnonzero(objects == index)
        known = ratio[group][~np.isnan(ratio[group])]
        if len(known):
            ratio[group] = np.where(np.isnan(ratio[group]), np.median(known), ratio[group])
    with np.errstate(divide="ignore", invalid="ignore"):
        powers = np.log(rows.values[:, _DEPTH] / (ratio**2 * 1e6)) / np.log(100)
    nearest = np.round(powers)
    wrong = (objects >= 0) & np.isfinite(powers) & (nearest != 0)
    wrong &= np.abs(powers - nearest) * np.log(100) <= np.log(CONTRADICTION)
    for row in np.flatnonzero(wrong):
        depth = number_text(float(f"{rows.values[row, _DEPTH]:.6g}"))
        rows.notes.setdefault(int(row), []).append(
            f"{FEATURE_BY_NAME['transit_depth'].label} is {depth} ppm, which contradicts the radius"
            f" ratio {number_text(float(f'{ratio[row]:.6g}'))} about"
            f" {100 ** int(abs(nearest[row])):,} times, as if it were in another unit; treated as"
            " missing."
        )
    rows.values[np.ix_(wrong, [_DEPTH, _DEPTH_ERROR])] = np.nan
    findings.add(
        "depth_unit",
        "pl_trandep",
        "{rows} {has} a depth that contradicts the radius ratio about 100 or 10,000 times, which is"
        " treated as missing",
        first_row + np.flatnonzero(wrong),
    )


def _first_known(
    values: NDArray[np.float64], members: Sequence[list[int]], lead: Sequence[int]
) -> NDArray[np.float64]:
    """Per object the leading row's value, else the smallest of the others: no order of rows
    matters."""
    known = [
        values[first] if np.isfinite(values[first]) else np.fmin.reduce(values[group])
        for first, group in zip(lead, members, strict=True)
    ]
    return np.array(known, dtype=np.float64)


def _notes(rows: Rows, group: Sequence[int], lead: int) -> list[str]:
    notes = [note for row in group for note in rows.notes.get(row, [])]
    said = {rows.dispositions[row] for row in group} - {None}
    if len(said) > 1:
        notes.append(
            f"The rows of this object disagree about its disposition; {rows.dispositions[lead]}"
            " stands."
        )
    return sorted(dict.fromkeys(notes))

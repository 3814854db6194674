"""From a table's columns and units to ours, and everything that looked wrong on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.ml.libraries import pandas as pd
from training.ml.schema import EPOCH_ZERO, FEATURE_BY_NAME, NUMERIC_NAMES
from training.ml.signal_rows import FRAME_COLUMNS
from training.ml.sky.stars import (
    catalogue_prefix,
    ecliptic_latitude,
    galactic_latitude,
    parse_angle,
    star_key,
)
from training.ml.tables.columns import Plan
from training.ml.tables.derived import derive_required
from training.ml.tables.fillers import Fillers, no_fillers
from training.ml.tables.findings import ROWS_NAMED, Findings, Problem, Remarks, merge_problems
from training.ml.tables.reading.read_table import NULL_WORDS, Block
from training.ml.tables.reading.stated_units import DEGREES_PER_HOUR
from training.ml.tables.row_texts import (
    bands_of,
    dispositions_of,
    has_code,
    mark_other_methods,
    mark_rounded_stars,
    mark_shortened_names,
    mark_summaries,
    missions_of,
    signals_of,
)
from training.ml.tables.sentinels import find_sentinels, is_filler
from training.ml.tables.values import (
    COLUMN_OF,
    combined,
    impossible,
    impossible_note,
    in_range,
    is_limit,
    numbers_of,
    values_of,
)

__all__ = [
    "COLUMN_OF",
    "ROWS_NAMED",
    "Findings",
    "Problem",
    "Rows",
    "frame_of",
    "harmonise",
    "impossible",
    "impossible_note",
    "merge_problems",
]


@dataclass
class Rows:
    """Some rows of a table, harmonised: one entry per input row, the unusable ones included.

    ``values``: (rows, numeric features) float64 in our units, NaN = missing. ``reasons``: why a row
    cannot be used. ``unchecked``: (rows, ``UNCHECKED``) as the table gives them, possible or not.
    """

    values: NDArray[np.float64]
    signals: list[str]
    stars: list[str | None]
    ra: NDArray[np.float64]
    dec: NDArray[np.float64]
    missions: list[str]
    bands: list[str | None]
    dispositions: list[str | None]
    doubted: NDArray[np.bool_]
    known_before: NDArray[np.bool_]
    epoch: NDArray[np.float64]
    notes: dict[int, list[str]]
    reasons: dict[int, str]
    default: NDArray[np.bool_]
    dates: list[str]
    unchecked: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.signals)


def harmonise(block: Block, plan: Plan, findings: Findings, fillers: Fillers = no_fillers) -> Rows:
    """The rows of ``block`` in our quantities and units; what looks wrong goes to ``findings``.
    ``fillers`` of the table."""
    count = len(block)
    notes: dict[int, list[str]] = {}
    reasons = dict(block.bad)
    for row, reason in block.bad.items():
        findings.add(
            "bad_row",
            None,
            "{rows} {has} the wrong shape and cannot be used",
            [block.first_row + row],
        )
        notes[row] = [reason]
    mark_summaries(block, plan, reasons, findings)
    missions = missions_of(block, plan, reasons, findings)
    remarks = Remarks(block.first_row, notes, findings)
    values, unchecked, default = values_of(block, plan, remarks, missions, fillers)
    derive_required(values, plan, remarks)
    ra, dec = positions(block, plan, findings)
    _fill(values[:, COLUMN_OF["galactic_latitude"]], galactic_latitude(ra, dec))
    _fill(values[:, COLUMN_OF["ecliptic_latitude"]], ecliptic_latitude(ra, dec))
    _mark_empty(values, plan, reasons, block, findings)
    mark_other_methods(block, plan, values, reasons, findings)
    mark_rounded_stars(block, plan, notes, findings)
    mark_shortened_names(block, plan, missions, notes, findings)
    return Rows(
        values=values,
        signals=signals_of(block, plan),
        stars=star_keys(block, plan, missions),
        ra=ra,
        dec=dec,
        missions=missions,
        bands=bands_of(block, plan, missions, values, findings),
        dispositions=dispositions_of(block, plan, findings),
        doubted=has_code(block, plan, plan.layout.doubted),
        known_before=has_code(block, plan, plan.layout.known_before),
        epoch=epochs(block, plan),
        notes=notes,
        reasons=reasons,
        default=default,
        dates=block.cells(plan.publication_date) if plan.publication_date else [""] * count,
        unchecked=unchecked,
    )


def quantity(block: Block, plan: Plan, name: str, fillers: Fillers) -> NDArray[np.float64]:
    """One feature alone, as ``harmonise`` gives it: for the first pass over a table."""
    source = next((f for f in plan.features if f.feature == name), None)
    if source is None:
        return np.full(len(block), np.nan)
    columns = (*source.columns, *source.limits)
    # What is wrong here is said by the second pass, which reads the same cells again.
    unsaid = Remarks(block.first_row, {}, Findings())
    numbers, _ = numbers_of(block, (source,), columns, unsaid)
    for column, rows in find_sentinels(source, numbers, fillers).items():
        numbers[column] = np.where(rows, np.nan, numbers[column])
    missions = missions_of(block, plan, {}, Findings()) if source.of_mission else ()
    values = source.convert(combined(source, numbers), missions)
    feature = FEATURE_BY_NAME[name]
    return np.where(is_limit(source, numbers) | ~in_range(values, feature), np.nan, values)


def star_keys(block: Block, plan: Plan, missions: Sequence[str] = ()) -> list[str | None]:
    """The star key of each row, None where it has none."""
    if not plan.star:
        return [None] * len(block)
    cells = [("" if cell in NULL_WORDS else cell) for cell in block.cells(plan.star)]
    if plan.layout.key in ("k2", "ps"):
        # Hosts are named, and only unnamed ones have a number: "K2-3", "EPIC 201367065".
        return [star_key(cell, "EPIC" if plan.layout.key == "k2" else "") for cell in cells]
    if plan.layout.star_prefix:
        return [star_key(cell, plan.layout.star_prefix) for cell in cells]
    missions = missions or missions_of(block, plan, {}, Findings())
    return [
        star_key(cell, catalogue_prefix(mission))
        for cell, mission in zip(cells, missions, strict=True)
    ]


def positions(
    block: Block, plan: Plan, findings: Findings
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(right ascension, declination) in degrees, NaN where either is missing; sexagesimal text is
    understood."""
    if not plan.ra or not plan.dec:
        empty = np.full(len(block), np.nan)
        return empty, empty.copy()
    numbers, unreadable = block.numbers((plan.ra, plan.dec))
    if plan.ra_in_hours:
        numbers[:, 0] *= DEGREES_PER_HOUR
    for cell in unreadable:
        is_ra = cell.column == plan.ra
        numbers[cell.row, 0 if is_ra else 1] = parse_angle(cell.text, hours=is_ra)
    ra, dec = numbers.T.copy()
    wrong = (np.isfinite(ra) & ((ra < 0) | (ra > 360))) | (np.isfinite(dec) & (np.abs(dec) > 90))
    wrong |= np.isinf(ra) | np.isinf(dec)
    # Text that is no sexagesimal angle either.
    wrong[[cell.row for cell in unreadable if np.isnan(numbers[cell.row]).any()]] = True
    findings.add(
        "position",
        plan.ra,
        "{rows} {has} a position that is not on the sky, which is left out",
        block.first_row + np.flatnonzero(wrong),
    )
    missing = wrong | np.isnan(ra) | np.isnan(dec)
    return np.where(missing, np.nan, ra), np.where(missing, np.nan, dec)


JULIAN_DATES: Final = (2_300_000.0, 2_600_000.0)
"""Full Julian dates of the years 1585 to 2406: in a layout that counts from 0, others are none."""


def epochs(block: Block, plan: Plan) -> NDArray[np.float64]:
    """Mid-transit times as BJD − 2,454,833, NaN where unknown.

    They tell which signals happen at the same time and are never an input of a classifier: the date
    of an entry would tell its age. What cannot be read is unknown, without a word.
    """
    if not plan.epoch:
        return np.full(len(block), np.nan)
    dates = block.numbers((plan.epoch,))[0][:, 0]
    julian = np.where(is_filler(dates), np.nan, dates) + plan.layout.epoch_zero
    low, high = JULIAN_DATES
    return np.where((julian > low) & (julian < high), julian - EPOCH_ZERO, np.nan)


def _fill(target: NDArray[np.float64], values: NDArray[np.float64]) -> None:
    """What the table gives itself wins over what is computed."""
    np.copyto(target, values, where=np.isnan(target))


def _mark_empty(
    values: NDArray[np.float64],
    plan: Plan,
    reasons: dict[int, str],
    block: Block,
    findings: Findings,
) -> None:
    fed = [COLUMN_OF[name] for name in plan.feature_names]
    for row in np.flatnonzero(np.isnan(values[:, fed]).all(axis=1)).tolist():
        if row not in reasons:
            reasons[row] = "This row has no measurement that can be read."
            findings.add(
                "empty_row",
                None,
                "{rows} {has} no measurement that can be read",
                [block.first_row + row],
            )


def frame_of(
    values: NDArray[np.float64], missions: Sequence[str], bands: Sequence[str | None]
) -> pd.DataFrame:
    """The harmonised frame: ``FRAME_COLUMNS`` in order, text columns of dtype str, numbers float64,
    missing = NaN."""
    frame = pd.DataFrame(values, columns=list(NUMERIC_NAMES))
    frame.insert(0, "mission", pd.Series(list(missions), dtype="str"))
    frame.insert(
        FRAME_COLUMNS.index("magnitude_band"), "magnitude_band", pd.Series(list(bands), dtype="str")
    )
    return frame

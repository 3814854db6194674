"""From a table's columns and units to ours, and everything that looked wrong on the way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from training.ml.columns import FeatureColumns, Plan
from training.ml.errors import join_words, shorten
from training.ml.inputs import number_text, range_words
from training.ml.read_table import NULL_WORDS, TextBlock
from training.ml.schema import (
    BAND_OF_MISSION,
    BANDS,
    FEATURE_BY_NAME,
    NUMERIC_NAMES,
    Combine,
    Feature,
    Mission,
    parse_mission,
)
from training.ml.signal_rows import FRAME_COLUMNS
from training.ml.stars import catalogue_prefix, ecliptic_latitude, galactic_latitude, parse_angle, star_key

COLUMN_OF: Final = {name: position for position, name in enumerate(NUMERIC_NAMES)}
"""Where each numeric feature stands in an array of values."""

ROWS_NAMED: Final = 5
_UNKNOWN_CODES_NAMED: Final = 20


@dataclass(frozen=True)
class Problem:
    """Something that looks wrong in a table. ``rows`` are the numbers of the first rows, counted from 1.

    ``template`` is the sentence without its numbers, by which the problems of several chunks are added up.
    """

    code: str
    sentence: str
    column: str | None
    count: int
    rows: tuple[int, ...]
    template: str = ""
    feature: str | None = None


@dataclass
class _Tally:
    template: str
    feature: str | None = None
    count: int = 0
    rows: list[int] = field(default_factory=list)


class Findings:
    """Counts what looks wrong while a table is read, block by block, and words it at the end."""

    def __init__(self) -> None:
        self._tallies: dict[tuple[str, str | None, str], _Tally] = {}

    def add(
        self,
        code: str,
        column: str | None,
        template: str,
        rows: Iterable[int],
        key: str = "",
        feature: str | None = None,
    ) -> None:
        """``template`` is a sentence that begins with {rows}, "3 rows" or "1 row", and may use {has} and {is_}."""
        numbers = list(rows)
        if not numbers:
            return
        tally = self._tallies.setdefault((code, column, key), _Tally(template, feature))
        tally.count += len(numbers)
        tally.rows = (tally.rows + numbers[:ROWS_NAMED])[:ROWS_NAMED]

    def update(self, other: Findings) -> None:
        for (code, column, key), found in other._tallies.items():
            tally = self._tallies.setdefault((code, column, key), _Tally(found.template, found.feature))
            tally.count += found.count
            tally.rows = (tally.rows + found.rows)[:ROWS_NAMED]

    def problems(self) -> list[Problem]:
        return [
            Problem(code, _sentence(tally), column, tally.count, tuple(tally.rows), tally.template, tally.feature)
            for (code, column, _), tally in self._tallies.items()
        ]


def merge_problems(problems: Iterable[Problem]) -> list[Problem]:
    """One problem for each kind; ``problems`` come from the chunks of one table, in order."""
    findings, whole = Findings(), []
    for problem in problems:
        if not problem.template:
            whole.append(problem)
            continue
        key = (problem.code, problem.column, problem.template)
        tally = findings._tallies.setdefault(key, _Tally(problem.template, problem.feature))
        tally.count += problem.count
        tally.rows = (tally.rows + list(problem.rows))[:ROWS_NAMED]
    return [*whole, *findings.problems()]


def _sentence(tally: _Tally) -> str:
    one = tally.count == 1
    words = "1 row" if one else f"{tally.count:,} rows"
    text = tally.template.format(rows=words, has="has" if one else "have", is_="is" if one else "are")
    named = join_words([f"{row:,}" for row in tally.rows])
    if tally.count > len(tally.rows):
        return f"{text} (first in rows {named})."
    return f"{text} ({'row' if one else 'rows'} {named})."


@dataclass
class Rows:
    """Some rows of a table, harmonised: one entry per input row, the unusable ones included.

    ``values``: (rows, numeric features) float64 in our units, NaN = missing. ``reasons``: why a row cannot be used.
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
    notes: dict[int, list[str]]
    reasons: dict[int, str]
    default: NDArray[np.bool_]
    dates: list[str]

    def __len__(self) -> int:
        return len(self.signals)


def harmonise(block: TextBlock, plan: Plan, findings: Findings) -> Rows:
    """The rows of ``block`` in our quantities and units; what looks wrong goes to ``findings``."""
    count = len(block)
    notes: dict[int, list[str]] = {}
    reasons = dict(block.bad)
    for row, reason in block.bad.items():
        findings.add("bad_row", None, "{rows} {has} the wrong shape and cannot be used", [block.first_row + row])
        notes[row] = [reason]
    missions = _missions(block, plan, reasons, findings)
    values, default = _values(block, plan, notes, findings)
    ra, dec = positions(block, plan, findings)
    _fill(values[:, COLUMN_OF["galactic_latitude"]], galactic_latitude(ra, dec))
    _fill(values[:, COLUMN_OF["ecliptic_latitude"]], ecliptic_latitude(ra, dec))
    _mark_empty(values, plan, reasons, block, findings)
    _mark_other_methods(block, plan, reasons, findings)
    return Rows(
        values=values,
        signals=block.cells(plan.signal) if plan.signal else [""] * count,
        stars=star_keys(block, plan, missions),
        ra=ra,
        dec=dec,
        missions=missions,
        bands=_bands(block, plan, missions, values, findings),
        dispositions=_dispositions(block, plan, findings),
        doubted=_doubted(block, plan),
        notes=notes,
        reasons=reasons,
        default=default,
        dates=block.cells(plan.publication_date) if plan.publication_date else [""] * count,
    )


def periods(block: TextBlock, plan: Plan) -> NDArray[np.float64]:
    """The orbital periods alone, as ``harmonise`` gives them: for the first pass over a table."""
    source = next((f for f in plan.features if f.feature == "orbital_period"), None)
    if source is None:
        return np.full(len(block), np.nan)
    columns = (*source.columns, *source.limits)
    numbers = dict(zip(columns, block.numbers(columns)[0].T, strict=True))
    values = source.convert(_combined(source, numbers))
    feature = FEATURE_BY_NAME["orbital_period"]
    return np.where(_is_limit(source, numbers) | ~_in_range(values, feature), np.nan, values)


def star_keys(block: TextBlock, plan: Plan, missions: Sequence[str] = ()) -> list[str | None]:
    """The star key of each row, None where it has none."""
    if not plan.star:
        return [None] * len(block)
    cells = [("" if cell in NULL_WORDS else cell) for cell in block.cells(plan.star)]
    if plan.layout.key == "k2":
        # Hosts are named, and only unnamed ones have a number: "K2-3", "EPIC 201367065".
        return [star_key(cell, "EPIC") for cell in cells]
    if plan.layout.star_prefix:
        return [star_key(cell, plan.layout.star_prefix) for cell in cells]
    missions = missions or _missions(block, plan, {}, Findings())
    return [star_key(cell, catalogue_prefix(mission)) for cell, mission in zip(cells, missions, strict=True)]


def positions(block: TextBlock, plan: Plan, findings: Findings) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(right ascension, declination) in degrees, NaN where either is missing; sexagesimal text is understood."""
    if not plan.ra or not plan.dec:
        empty = np.full(len(block), np.nan)
        return empty, empty.copy()
    numbers, unreadable = block.numbers((plan.ra, plan.dec))
    for cell in unreadable:
        is_ra = cell.column == plan.ra
        numbers[cell.row, 0 if is_ra else 1] = parse_angle(cell.text, hours=is_ra)
    ra, dec = numbers.T.copy()
    wrong = (np.isfinite(ra) & ((ra < 0) | (ra > 360))) | (np.isfinite(dec) & (np.abs(dec) > 90))
    wrong |= np.isinf(ra) | np.isinf(dec)
    wrong[[cell.row for cell in unreadable if np.isnan(numbers[cell.row]).any()]] = True
    findings.add(
        "position",
        plan.ra,
        "{rows} {has} a position that is not on the sky, which is left out",
        block.first_row + np.flatnonzero(wrong),
    )
    missing = wrong | np.isnan(ra) | np.isnan(dec)
    return np.where(missing, np.nan, ra), np.where(missing, np.nan, dec)


# --- values ------------------------------------------------------------------------------------------------------


def _values(
    block: TextBlock, plan: Plan, notes: dict[int, list[str]], findings: Findings
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """(rows, numeric features) in our units, and which rows are the default of their object."""
    columns = plan.number_columns
    array, unreadable = block.numbers(columns)
    numbers = dict(zip(columns, array.T, strict=True))
    for cell in unreadable:
        shown = shorten(cell.text, 40)
        notes.setdefault(cell.row, []).append(f"{cell.column} is “{shown}”, which is not a number; treated as missing.")
        findings.add(
            "not_a_number",
            cell.column,
            f"{{rows}} {{has}} text in {_braced(cell.column)} that is not a number, which is treated as missing",
            [block.first_row + cell.row],
        )
    values = np.full((len(block), len(NUMERIC_NAMES)), np.nan)
    for source in plan.features:
        raw = source.convert(_combined(source, numbers))
        raw = _without_limits(raw, source, numbers, block, notes, findings)
        values[:, COLUMN_OF[source.feature]] = _checked(raw, source, block, notes, findings)
    default = numbers[plan.default_flag] == 1 if plan.default_flag else np.zeros(len(block), dtype=bool)
    return values, default


def _combined(source: FeatureColumns, numbers: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    parts = [numbers[column] for column in source.columns]
    match source.combine:
        case Combine.MEAN_ABS if len(parts) == 2:
            # One side alone stands for both.
            upper, lower = np.abs(parts[0]), np.abs(parts[1])
            return np.where(np.isnan(lower), upper, np.where(np.isnan(upper), lower, (upper + lower) / 2))
        case Combine.MEAN_ABS:
            return np.abs(parts[0])
        case Combine.HYPOT:
            return np.hypot(parts[0], parts[1])
        case Combine.DIFFERENCE:
            return parts[0] - parts[1]
        case _:
            return parts[0]


def _is_limit(source: FeatureColumns, numbers: dict[str, NDArray[np.float64]]) -> NDArray[np.bool_]:
    flags = np.zeros(len(numbers[source.columns[0]]), dtype=bool)
    for column in source.limits:
        flags |= np.nan_to_num(numbers[column]) != 0
    return flags


def _without_limits(
    values: NDArray[np.float64],
    source: FeatureColumns,
    numbers: dict[str, NDArray[np.float64]],
    block: TextBlock,
    notes: dict[int, list[str]],
    findings: Findings,
) -> NDArray[np.float64]:
    """An upper or lower limit is no measurement: the archive marks it in a "…lim" column, and it becomes missing."""
    flags = _is_limit(source, numbers) & ~np.isnan(values)
    if not flags.any():
        return values
    if source.combine is Combine.MEAN_ABS:
        # The uncertainty of a limit goes with it, without a word of its own.
        return np.where(flags, np.nan, values)
    feature = FEATURE_BY_NAME[source.feature]
    rows = np.flatnonzero(flags)
    for row in rows.tolist():
        notes.setdefault(row, []).append(f"{feature.label} is given as a limit, not as a value; treated as missing.")
    findings.add(
        "limit",
        source.columns[0],
        f"{{rows}} {{has}} only a limit in {_braced(source.columns[0])}, which is treated as missing",
        block.first_row + rows,
    )
    return np.where(flags, np.nan, values)


def _checked(
    values: NDArray[np.float64],
    source: FeatureColumns,
    block: TextBlock,
    notes: dict[int, list[str]],
    findings: Findings,
) -> NDArray[np.float64]:
    feature = FEATURE_BY_NAME[source.feature]
    outside, broken = impossible(feature, values)
    if not outside.any() and not broken.any():
        return values
    column = " and ".join(source.columns)
    for row in np.flatnonzero(outside | broken).tolist():
        notes.setdefault(row, []).append(impossible_note(feature, values[row]))
    findings.add(
        "out_of_range",
        column,
        f"{{rows}} {{has}} a value in {_braced(column)} that is not {range_words(feature)} "
        f"({feature.label}), which is treated as missing",
        block.first_row + np.flatnonzero(outside),
        feature=source.feature,
    )
    findings.add(
        "not_whole",
        column,
        f"{{rows}} {{has}} a value in {_braced(column)} that is not a whole number, which is treated as missing",
        block.first_row + np.flatnonzero(broken),
    )
    return np.where(outside | broken, np.nan, values)


def _in_range(values: NDArray[np.float64], feature: Feature) -> NDArray[np.bool_]:
    return (values >= feature.low) & (values <= feature.high)


def impossible(feature: Feature, values: NDArray[np.float64]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which values are out of the feature's range, and which of the others are no whole numbers though they must."""
    outside = ~np.isnan(values) & ~_in_range(values, feature)
    broken = ~np.isnan(values) & ~outside & (values != np.floor(values)) if feature.integer else np.zeros_like(outside)
    return outside, broken


def impossible_note(feature: Feature, value: float) -> str:
    """Why a value that ``impossible`` found is treated as missing."""
    if np.isfinite(value) and feature.low <= value <= feature.high:
        return f"{feature.label} is {number_text(float(value))}, which is not a whole number; treated as missing."
    number = number_text(float(value)) if np.isfinite(value) else "infinite"
    unit = f" {feature.unit}" if feature.unit and np.isfinite(value) else ""
    return f"{feature.label} is {number}{unit}, which is not {range_words(feature)}; treated as missing."


def _fill(target: NDArray[np.float64], values: NDArray[np.float64]) -> None:
    """What the table gives itself wins over what is computed."""
    np.copyto(target, values, where=np.isnan(target))


def _mark_empty(
    values: NDArray[np.float64], plan: Plan, reasons: dict[int, str], block: TextBlock, findings: Findings
) -> None:
    fed = [COLUMN_OF[name] for name in plan.feature_names]
    for row in np.flatnonzero(np.isnan(values[:, fed]).all(axis=1)).tolist():
        if row not in reasons:
            reasons[row] = "This row has no measurement that can be read."
            findings.add("empty_row", None, "{rows} {has} no measurement that can be read", [block.first_row + row])


# --- text --------------------------------------------------------------------------------------------------------


def _mark_other_methods(block: TextBlock, plan: Plan, reasons: dict[int, str], findings: Findings) -> None:
    if not plan.discovery_method:
        return
    for row, method in enumerate(block.cells(plan.discovery_method)):
        # A few transits name no method; nothing else leaves it blank.
        if row not in reasons and method not in NULL_WORDS and method.lower() != "transit":
            reasons[row] = f"This row was found by another method than transits ({shorten(method, 40)})."
            findings.add(
                "other_method", plan.discovery_method, "{rows} {is_} no transit and left out", [block.first_row + row]
            )


def _missions(block: TextBlock, plan: Plan, reasons: dict[int, str], findings: Findings) -> list[str]:
    if not plan.mission_column:
        return [str(plan.mission or Mission.OTHER)] * len(block)
    missions: list[str] = []
    for row, cell in enumerate(block.cells(plan.mission_column)):
        mission = parse_mission(cell) or (plan.mission if cell in NULL_WORDS else None)
        if mission is None and row not in reasons:
            named = f"The mission “{shorten(cell, 40)}” is not known" if cell else "The mission is missing"
            reasons[row] = f"{named}; write {join_words([str(m) for m in Mission], 'or')}."
            findings.add(
                "mission",
                plan.mission_column,
                "{rows} {has} no known mission and cannot be used",
                [block.first_row + row],
            )
        missions.append(str(mission or Mission.OTHER))
    return missions


def _bands(
    block: TextBlock, plan: Plan, missions: Sequence[str], values: NDArray[np.float64], findings: Findings
) -> list[str | None]:
    """The band of each magnitude: the table's own word, else the mission's own band; None without a magnitude."""
    present = ~np.isnan(values[:, COLUMN_OF["stellar_magnitude"]])
    own = {str(mission): band for mission, band in BAND_OF_MISSION.items()}
    if not plan.band_column:
        return [own.get(mission) if here else None for mission, here in zip(missions, present, strict=True)]
    given = block.cells(plan.band_column)
    known = {band.lower(): band for band in BANDS}
    unknown = [row for row, cell in enumerate(given) if cell not in NULL_WORDS and cell.lower() not in known]
    findings.add(
        "band",
        plan.band_column,
        f"{{rows}} {{has}} a magnitude band that is not {join_words(BANDS, 'or')}",
        [block.first_row + row for row in unknown],
    )
    return [
        known.get(cell.lower()) or (own.get(mission) if here and cell in NULL_WORDS else None)
        for cell, mission, here in zip(given, missions, present, strict=True)
    ]


def _dispositions(block: TextBlock, plan: Plan, findings: Findings) -> list[str | None]:
    """Our disposition per row; None where the table gives none, or a code that nobody told us the meaning of."""
    if not plan.disposition:
        return [None] * len(block)
    cells = block.cells(plan.disposition)
    codes = {code.lower(): str(ours) for code, ours in plan.layout.dispositions.items()}
    meaning = {cell: codes.get(cell.lower()) for cell in set(cells)}
    unknown: dict[str, list[int]] = {}
    for row, cell in enumerate(cells):
        if meaning[cell] is None and cell not in NULL_WORDS:
            unknown.setdefault(shorten(cell, 40), []).append(block.first_row + row)
    for number, (code, rows) in enumerate(unknown.items()):
        named = number < _UNKNOWN_CODES_NAMED
        what = f"the disposition “{_braced(code)}”, whose" if named else "still other dispositions, whose"
        findings.add(
            "unknown_disposition",
            plan.disposition,
            f"{{rows}} {{has}} {what} meaning is not known, and {{is_}} treated as not dispositioned",
            rows,
            key=code if named else "",
        )
    return [meaning[cell] for cell in cells]


def _doubted(block: TextBlock, plan: Plan) -> NDArray[np.bool_]:
    """Which rows are candidates that the table itself marks as doubtful."""
    codes = {code.lower() for code in plan.layout.doubted}
    if not plan.disposition or not codes:
        return np.zeros(len(block), dtype=bool)
    return np.array([cell.lower() in codes for cell in block.cells(plan.disposition)], dtype=bool)


def _braced(text: str) -> str:
    """``text`` fit to stand in a template."""
    return text.replace("{", "{{").replace("}", "}}")


def frame_of(values: NDArray[np.float64], missions: Sequence[str], bands: Sequence[str | None]) -> pd.DataFrame:
    """The harmonised frame: ``FRAME_COLUMNS`` in order, text columns of dtype str, numbers float64, missing = NaN."""
    frame = pd.DataFrame(values, columns=list(NUMERIC_NAMES))
    frame.insert(0, "mission", pd.Series(list(missions), dtype="str"))
    frame.insert(FRAME_COLUMNS.index("magnitude_band"), "magnitude_band", pd.Series(list(bands), dtype="str"))
    return frame

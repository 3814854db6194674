"""What a row says in words: its mission, band, disposition, and the method that found it."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.ml.errors import join_words, shorten
from training.ml.schema import BAND_OF_MISSION, BANDS, Mission, band_of_magnitude
from training.ml.sky.names import is_rounded, is_shortened
from training.ml.tables.columns import Plan
from training.ml.tables.findings import Findings, braced
from training.ml.tables.missions import is_facility_column, mission_of
from training.ml.tables.reading.read_table import NULL_WORDS, Block
from training.ml.tables.values import COLUMN_OF

_UNKNOWN_CODES_NAMED: Final = 20


_TRANSIT_MEASURES: Final = ("transit_depth", "transit_duration", "radius_ratio")


def mark_other_methods(
    block: Block,
    plan: Plan,
    values: NDArray[np.float64],
    reasons: dict[int, str],
    findings: Findings,
) -> None:
    """Rows of planets that were found otherwise and were not seen to transit are left out."""
    if not plan.discovery_method:
        return
    transits = _seen_to_transit(block, plan, values)
    for row, method in enumerate(block.cells(plan.discovery_method)):
        # A few transits name no method; nothing else leaves it blank.
        by_transit = method in NULL_WORDS or "transit" in method.lower()
        if row not in reasons and not by_transit and not transits[row]:
            reasons[row] = (
                f"This row was found by another method than transits ({shorten(method, 40)})."
            )
            findings.add(
                "other_method",
                plan.discovery_method,
                "{rows} {is_} no transit and left out",
                [block.first_row + row],
            )


def _seen_to_transit(block: Block, plan: Plan, values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which rows have what only a transit gives. The K2 table names the method of each signal's
    discovery, which is that of its transit."""
    if plan.layout.key == "k2":
        return np.zeros(len(block), dtype=bool)
    known: NDArray[np.bool_] = ~np.isnan(values)
    measures = [COLUMN_OF[name] for name in _TRANSIT_MEASURES]
    seen = np.asarray(known[:, measures].any(axis=1), dtype=bool)
    if plan.transit_flag:
        said = [cell.lower() for cell in block.cells(plan.transit_flag)]
        flagged = [cell in ("1", "1.0") or "transit" in cell for cell in said]
        return np.asarray(seen | np.array(flagged, dtype=bool), dtype=bool)
    # A radius comes from a transit, or from a mass; with the orbit's inclination from a transit.
    with_radius = known[:, COLUMN_OF["planet_radius"]] & known[:, COLUMN_OF["inclination"]]
    eu = plan.layout.key == "exoplanet-eu"
    return np.asarray(seen | with_radius if eu else seen, dtype=bool)


_SUMMARY: Final = re.compile(
    r"(?i)(?:sub|grand\s)?totals?|sums?|means?|averages?|medians?|minimum|maximum|count"
    r"|summe|gesamt|mittel(?:wert)?|durchschnitt|somme|moyenne|m[ée]diane|promedio|media|totale?"
)


def mark_summaries(block: Block, plan: Plan, reasons: dict[int, str], findings: Findings) -> None:
    """A row of sums or means under a table is no signal."""
    for column in filter(None, (plan.signal, plan.star)):
        for row, cell in enumerate(block.cells(column)):
            if row in reasons or not _SUMMARY.fullmatch(cell.strip(" :.")):
                continue
            reasons[row] = f"This row is called “{cell}”: it sums up others and is no signal."
            findings.add(
                "summary_row",
                column,
                "{rows} {has} a name such as “Total” or “Mean” and {is_} no signal",
                [block.first_row + row],
            )


def missions_of(block: Block, plan: Plan, reasons: dict[int, str], findings: Findings) -> list[str]:
    if not plan.mission_column:
        return [str(plan.mission or Mission.OTHER)] * len(block)
    cells = block.cells(plan.mission_column)
    meaning = {cell: _mission_meant(cell, plan) for cell in set(cells)}
    missions: list[str] = []
    for row, cell in enumerate(cells):
        mission = meaning[cell]
        if mission is None and row not in reasons:
            named = (
                f"The mission “{shorten(cell, 40)}” is not known"
                if cell
                else "The mission is missing"
            )
            reasons[row] = f"{named}; write {join_words([str(m) for m in Mission], 'or')}."
            findings.add(
                "mission",
                plan.mission_column,
                "{rows} {has} no known mission and cannot be used",
                [block.first_row + row],
            )
        missions.append(str(mission or Mission.OTHER))
    return missions


def _mission_meant(cell: str, plan: Plan) -> Mission | None:
    """This table's own words first; an observatory that is none of our missions is another."""
    if cell in NULL_WORDS:
        return plan.mission
    found = plan.mission_words.get(cell.lower()) or mission_of(cell)
    if found is None and plan.mission_column and is_facility_column(plan.mission_column):
        return Mission.OTHER
    return found


def mark_rounded_stars(
    block: Block, plan: Plan, notes: dict[int, list[str]], findings: Findings
) -> None:
    """Numbers of stars that a spreadsheet has rounded name no star, which is said."""
    if not plan.star:
        return
    rounded = {
        row: cell
        for row, cell in enumerate(block.cells(plan.star))
        if "+" in cell and is_rounded(cell)
    }
    for row, cell in rounded.items():
        notes.setdefault(row, []).append(
            f"The star's number {cell} is rounded, so it is not known which star this is."
        )
    example = braced(next(iter(rounded.values()), ""))
    findings.add(
        "rounded_star",
        plan.star,
        f"{{rows}} {{has}} a star number in {braced(plan.star)} that looks rounded ({example}), as"
        " spreadsheets do; it joins no star. Write the numbers out in full",
        [block.first_row + row for row in rounded],
        key="rounded",
    )


def mark_shortened_names(
    block: Block,
    plan: Plan,
    missions: Sequence[str],
    notes: dict[int, list[str]],
    findings: Findings,
) -> None:
    """TOI numbers that were kept as numbers have lost the last 0: 270.10 became 270.1."""
    if not plan.signal or str(Mission.TESS) not in missions:
        return
    short = {
        row: cell
        for row, cell in enumerate(block.cells(plan.signal))
        if cell[-2:-1] == "." and missions[row] == Mission.TESS and is_shortened(cell)
    }
    for row, cell in short.items():
        notes.setdefault(row, []).append(
            f"The name {cell} has one digit behind the point, so it is taken for TOI {cell}0; a"
            " table that keeps names as numbers loses the last 0."
        )
    example = braced(next(iter(short.values()), ""))
    findings.add(
        "shortened_name",
        plan.signal,
        f"{{rows}} {{has}} a TOI number in {braced(plan.signal)} with one digit behind the point"
        f" ({example}), which is taken for {example}0. Write the names as text, or check that they"
        " are meant so",
        [block.first_row + row for row in short],
        key="shortened",
    )


def signals_of(block: Block, plan: Plan) -> list[str]:
    """The name of each row's signal as the table has it; where it only numbers the signals of a
    star, "10797460-01"."""
    if plan.signal:
        return block.cells(plan.signal)
    if not plan.signal_suffix or not plan.star:
        return [""] * len(block)
    pairs = zip(block.cells(plan.star), block.cells(plan.signal_suffix), strict=True)
    return [
        f"{star}-{int(float(number)):02d}" if star and number.replace(".", "", 1).isdigit() else ""
        for star, number in pairs
    ]


def bands_of(
    block: Block,
    plan: Plan,
    missions: Sequence[str],
    values: NDArray[np.float64],
    findings: Findings,
) -> list[str | None]:
    """The band of each magnitude: the table's own word, else the mission's own band; None without a
    magnitude."""
    present = ~np.isnan(values[:, COLUMN_OF["stellar_magnitude"]])
    own = {str(mission): band for mission, band in BAND_OF_MISSION.items()}
    if plan.band:
        own = dict.fromkeys(map(str, Mission), plan.band)
    if not plan.band_column:
        return [
            own.get(mission) if here else None
            for mission, here in zip(missions, present, strict=True)
        ]
    given = block.cells(plan.band_column)
    named = ["" if cell in NULL_WORDS else cell for cell in given]
    unknown = [row for row, cell in enumerate(named) if cell and not band_of_magnitude(cell, None)]
    findings.add(
        "band",
        plan.band_column,
        f"{{rows}} {{has}} a magnitude band that is not {join_words(BANDS, 'or')}",
        [block.first_row + row for row in unknown],
    )
    return [
        band_of_magnitude(cell, own.get(mission)) if here else None
        for cell, mission, here in zip(named, missions, present, strict=True)
    ]


def dispositions_of(block: Block, plan: Plan, findings: Findings) -> list[str | None]:
    """Our disposition per row; None where the table gives none, or a code that nobody told us the
    meaning of."""
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
        what = (
            f"the disposition “{braced(code)}”, whose"
            if named
            else "still other dispositions, whose"
        )
        findings.add(
            "unknown_disposition",
            plan.disposition,
            f"{{rows}} {{has}} {what} meaning is not known, and {{is_}} treated as not"
            " dispositioned",
            rows,
            key=code if named else "",
        )
    return [meaning[cell] for cell in cells]


def has_code(block: Block, plan: Plan, codes: Set[str]) -> NDArray[np.bool_]:
    """Which rows the table itself gives one of these dispositions: doubtful, known before."""
    if not plan.disposition or not codes:
        return np.zeros(len(block), dtype=bool)
    lower = {code.lower() for code in codes}
    return np.array([cell.lower() in lower for cell in block.cells(plan.disposition)], dtype=bool)

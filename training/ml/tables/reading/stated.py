"""What a table itself states of its columns: their units, and what they hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from training.ml.tables.unit_words import says_unit


@dataclass(frozen=True)
class Stated:
    """``unit``: as the file writes it, "" where it states none; ``where``: the place, for a
    sentence ("the unit row"); ``logarithm``: the unit is of the quantity's base-10 logarithm."""

    unit: str
    where: str
    description: str = ""
    logarithm: bool = False


NO_UNIT_WORDS: Final = frozenset({"", "-", "--", "---", "----", "none", "n/a", "null", "nan"})

# "# COLUMN koi_period:     Orbital Period [days]" (NASA Exoplanet Archive)
_ARCHIVE_COLUMN: Final = re.compile(r"#\s*COLUMN\s+([^\s:]+)\s*:\s*(.*)", re.IGNORECASE)
# "#Column<tab>Per<tab>(F8.4)<tab>Orbital period<tab>[ucd=time.period]" (VizieR)
_VIZIER_COLUMN: Final = re.compile(r"#\s*Column\t([^\t]+)\t([^\t]*)\t([^\t]*)", re.IGNORECASE)
# "# duration: days", "# depth = ppt", "# period [d]", "# period: orbital period in days",
# "# period in days", "# period is in days"
_FREE_COLUMN: Final = re.compile(
    r"#\s*([\w.%/-]+)\s*(?:([:=])\s*(.*)|[\[(].*|(?:\s(?:is|are|given))*\s(in\s+\S+))$"
)
_BEHIND_UNIT: Final = re.compile(
    r"(?i)(?<![\s_])[\s_]*(?:err(?:or)?|uncertainty|lower|upper|err)[\s_]?[12]?\s*$"
)
# "Dauer in Stunden", "transit_depth_in_percent", "depth in parts per thousand"
_IN_UNIT: Final = re.compile(r"(?i)(?<=[^\W\d_])[\s_]+in[\s_]+([^\s_].{2,}|%|°)$")
_DASHES: Final = re.compile(r"[-=+:]+")
_NUMBER: Final = re.compile(r"[+-]?(?:\d+[.,]?\d*|[.,]\d+)(?:[eE][+-]?\d+)?")


def of_comments(lines: Iterable[str]) -> dict[str, Stated]:
    """What the comments before the column names state."""
    stated = {}
    for line in lines:
        if found := _VIZIER_COLUMN.match(line):
            stated[found[1].strip()] = Stated("", "", found[3].strip())
        elif found := _ARCHIVE_COLUMN.match(line):
            text = found[2].strip()
            unit = last_bracket(text) or ""
            label = text[: text.rfind(unit) - 1].strip() if unit else text
            stated[found[1]] = Stated(unit, "its # COLUMN line", label)
        elif (found := _FREE_COLUMN.match(line)) and (
            said := _unit_of_line(line, found[3] or found[4])
        ):
            stated[found[1]] = Stated(said, "its line before the header")
    return stated


def _unit_of_line(line: str, text: str | None) -> str | None:
    """The unit with which a line about a column ends, if it ends with one."""
    behind = re.search(r"(?i)\bin\s+(\S+)\s*$", text or "")
    candidates = (last_bracket(line), text, behind and behind[1])
    return next((unit.strip() for unit in candidates if unit and says_unit(unit)), None)


def of_names(columns: Sequence[str]) -> dict[str, Stated]:
    """Units behind the columns' names: "Dauer [d]", "duration (days)", "depth in percent"."""
    return {
        column: Stated(unit, "the column's name")
        for column in columns
        if (unit := unit_in_name(column))
    }


def unit_in_name(column: str) -> str | None:
    """The unit that a name states, in brackets or in words; what is no unit states nothing."""
    name = _BEHIND_UNIT.sub("", column)
    in_words = _IN_UNIT.search(name)
    unit = last_bracket(name) or (in_words[1].replace("_", " ") if in_words else None)
    return unit if unit and says_unit(unit) else None


def without_unit(column: str) -> str:
    """A column's name without the unit that it states: "koi_period" of "koi_period [days]"."""
    unit = unit_in_name(column)
    if not unit or _BEHIND_UNIT.search(column):
        return column
    if in_words := _IN_UNIT.search(column):
        return column[: in_words.start()].rstrip(" _")
    return column[: column.rindex(unit)].rstrip().rstrip("[(（［").rstrip(" _")


def last_bracket(text: str) -> str | None:
    """The contents of the bracket with which ``text`` ends, brackets within it included."""
    text = text.rstrip()
    closing = {"]": "[", ")": "(", "］": "［", "）": "（"}
    opening = closing.get(text[-1:])
    if opening is None:
        return None
    depth = 0
    for place in range(len(text) - 1, -1, -1):
        depth += (text[place] == text[-1]) - (text[place] == opening)
        if depth == 0:
            return text[place + 1 : -1].strip()
    return None


def of_unit_row(columns: Sequence[str], cells: Sequence[str], where: str) -> dict[str, Stated]:
    return {
        column: Stated(cell.strip().strip("[]()").strip(), where)
        for column, cell in zip(columns, cells, strict=True)
        if cell.strip().lower() not in NO_UNIT_WORDS
    }


def is_dash_row(cells: Sequence[str]) -> bool:
    given = [cell.strip() for cell in cells if cell.strip()]
    return (
        bool(given)
        and all(_DASHES.fullmatch(cell) for cell in given)
        and (any(len(cell) > 2 for cell in given))
    )


_LETTERS: Final = frozenset("CFj")


def is_unit_row(cells: Sequence[str]) -> bool:
    """A row of units: no number in it, and at least one word that can only be a unit."""
    given = [cell.strip() for cell in cells]
    words = [cell for cell in given if cell.lower() not in NO_UNIT_WORDS]
    if not words or any(_NUMBER.fullmatch(word) for word in words):
        return False
    units = [word for word in words if says_unit(word.strip("[]()").strip())]
    # A lone letter is a cell, unless the row says nothing else; C and F are no words by which units
    # are told from cells.
    told = [unit for unit in units if unit not in _LETTERS]
    is_alone = len(told) == 1 and len(told[0].strip("[]()")) == 1
    is_alone &= len(words) > 1 or len(given) == 1
    return bool(told) and not is_alone and 2 * len(units) > len(words)


def merged(*parts: Mapping[str, Stated]) -> dict[str, Stated]:
    """The first that states a unit counts; descriptions are kept from wherever they stand."""
    whole: dict[str, Stated] = {}
    for part in parts:
        for column, new in part.items():
            old = whole.get(column)
            if old is None:
                whole[column] = new
            else:
                unit = old if old.unit else new
                whole[column] = Stated(
                    unit.unit, unit.where, old.description or new.description, unit.logarithm
                )
    return whole

"""What looks wrong over the rows of a table although each value alone could be right:
units, mostly.

Rows are judged one by one (``doubt_rules``) and counted per mission, so that a column that mixes
two units is doubted just where it is wrong. The archive's own tables hold a few odd rows: a kind
is doubted where it has clearly more rows than that, or several in a run.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from training.ml.evaluation.shapes import DoubtJson
from training.ml.inputs import range_words
from training.ml.numbers import number_text
from training.ml.schema import FEATURE_BY_NAME, Mission
from training.ml.tables.columns import Plan
from training.ml.tables.doubting.doubt_rules import KINDS, NEEDED, in_other_unit, look_at
from training.ml.tables.doubting.yardsticks import Floats
from training.ml.tables.harmonise import ROWS_NAMED, Problem
from training.ml.tables.signal_table import SignalTable

DOUBT_KINDS: Final = frozenset({*KINDS, "mostly_out_of_range"})
"""The code of a problem that is a doubt."""

_FEWEST: Final = 3
"""Fewer values than this out of range are no pattern."""

_HALF: Final = 0.5
_FEW: Final = 0.1
_RUN: Final = 4
"""So many neighbouring rows of one mission are a group of their own, however long the table …"""
_RARE: Final = 0.01
"""… where rows of their kind are rare."""


@dataclass(frozen=True)
class Doubt:
    """Rows of one mission whose values of one feature seem to stand in another unit.

    ``count`` of the ``of`` rows that have a value; ``rows`` are the numbers of the first ones,
    counted from 1. ``given`` is the first such value in ``unit``, ``suggested`` what it would be
    if it stood in ``suggested_unit``; both None where only the range speaks.
    """

    kind: str
    feature: str
    column: str | None
    mission: Mission | None
    count: int
    of: int
    rows: tuple[int, ...]
    unit: str
    suggested_unit: str | None
    given: float | None
    suggested: float | None
    sentence: str

    def as_json(self) -> DoubtJson:
        return {
            "kind": self.kind,
            "feature": self.feature,
            "column": self.column,
            "mission": self.mission and str(self.mission),
            "count": self.count,
            "of": self.of,
            "rows": list(self.rows),
            "unit": self.unit,
            "suggested_unit": self.suggested_unit,
            "given": self.given,
            "suggested": self.suggested,
            "sentence": self.sentence,
        }

    @property
    def problem(self) -> Problem:
        """The same as a problem of the table."""
        return Problem(
            self.kind, self.sentence, self.column, self.count, self.rows, feature=self.feature
        )


@dataclass(frozen=True)
class _Seen:
    count: int = 0
    run: int = 0
    rows: tuple[int, ...] = ()
    given: float | None = None

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> _Seen:
        return cls(**(dict(stored) | {"rows": tuple(stored["rows"])}))

    def and_then(self, later: _Seen) -> _Seen:
        return _Seen(
            self.count + later.count,
            max(self.run, later.run),
            (self.rows + later.rows)[:ROWS_NAMED],
            self.given if self.count else later.given,
        )


class Doubts:
    """Counts doubtful rows while a table is read, chunk by chunk, and words them at the end."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], _Seen] = {}  # by kind and mission
        self._of: dict[tuple[str, str], int] = {}  # by feature and mission: rows with a value
        self._outside: dict[str, _Seen] = {}  # by feature: out of range
        self._inside: dict[str, int] = {}
        self._columns: dict[str, str | None] = {}

    def look(self, table: SignalTable, first_row: int = 1, plan: Plan | None = None) -> Doubts:
        """Adds the rows of ``table``, whose first input row has the number ``first_row``; returns
        itself. ``plan`` tells the columns."""
        for source in plan.features if plan else ():
            self._columns[source.feature] = source.columns[0]
        columns = _columns(table)
        missions = table.frame["mission"].to_numpy()
        numbers = _row_numbers(table, first_row)
        flags = look_at(columns)
        for mission in dict.fromkeys(missions.tolist()):
            here = missions == mission
            for feature in {kind.feature for kind in KINDS.values()}:
                known = int((~np.isnan(columns[feature]) & here).sum())
                self._of[feature, mission] = self._of.get((feature, mission), 0) + known
            for name, marked in flags.items():
                seen = _seen(marked & here, here, columns[KINDS[name].feature], numbers)
                self._add((name, mission), seen)
        self._look_at_ranges(table)
        return self

    def _look_at_ranges(self, table: SignalTable) -> None:
        for name in table.frame.columns:
            inside = int(table.frame[name].notna().sum())
            self._inside[name] = self._inside.get(name, 0) + inside
        for problem in table.problems:
            if problem.code == "out_of_range" and problem.feature:
                seen = _Seen(problem.count, rows=tuple(map(int, problem.rows)))
                earlier = self._outside.get(problem.feature, _Seen())
                self._outside[problem.feature] = earlier.and_then(seen)
                self._columns[problem.feature] = problem.column

    def update(self, other: Doubts) -> None:
        """Adds what was seen in later rows."""
        for key, seen in other._seen.items():
            self._add(key, seen)
        for key, count in other._of.items():
            self._of[key] = self._of.get(key, 0) + count
        for name, seen in other._outside.items():
            self._outside[name] = self._outside.get(name, _Seen()).and_then(seen)
        for name, count in other._inside.items():
            self._inside[name] = self._inside.get(name, 0) + count
        self._columns.update(other._columns)

    def _add(self, key: tuple[str, str], seen: _Seen) -> None:
        if seen.count:
            self._seen[key] = self._seen.get(key, _Seen()).and_then(seen)

    def found(self) -> list[Doubt]:
        """The doubts about all rows seen."""
        several = len({mission for _, mission in self._of}) > 1
        doubts = []
        for (name, mission), seen in sorted(self._merged().items()):
            of = self._of[KINDS[name].feature, mission]
            usual = KINDS[name].often * of
            is_run = seen.run >= _RUN and KINDS[name].often < _RARE
            if is_run or seen.count > usual + 3 * np.sqrt(usual):
                column = self._columns.get(KINDS[name].feature)
                doubts.append(_doubt(name, Mission(mission), seen, of, several, column))
        return doubts + list(self._mostly_outside({doubt.feature for doubt in doubts}))

    def _merged(self) -> dict[tuple[str, str], _Seen]:
        """A few rows that look like another unit than most doubted ones of their column belong to
        these."""
        merged = dict(self._seen)
        for (name, mission), seen in self._seen.items():
            feature = KINDS[name].feature
            for (other, place), more in self._seen.items():
                same = place == mission and other != name and KINDS[other].feature == feature
                if same and seen.count < _FEW * more.count:
                    del merged[name, mission]
                    merged[other, mission] = more.and_then(_Seen(seen.count))
                    break
        return merged

    def _mostly_outside(self, named: Collection[str]) -> Iterator[Doubt]:
        """A feature most of whose values are out of range is in another unit, or another column."""
        for name, seen in self._outside.items():
            total = seen.count + self._inside.get(name, 0)
            if name not in named and total >= _FEWEST and seen.count > _HALF * total:
                yield _outside_doubt(name, self._columns.get(name), seen, total)

    def as_json(self) -> dict[str, Any]:
        """What ``from_json`` reads; fit to be stored with a chunk."""
        return {
            "seen": [[*key, asdict(seen)] for key, seen in self._seen.items()],
            "of": [[*key, count] for key, count in self._of.items()],
            "outside": {name: asdict(seen) for name, seen in self._outside.items()},
            "inside": self._inside,
            "columns": self._columns,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Doubts:
        doubts = cls()
        for name, mission, seen in stored["seen"]:
            doubts._seen[name, mission] = _Seen.from_json(seen)
        doubts._of = {(feature, mission): count for feature, mission, count in stored["of"]}
        doubts._outside = {name: _Seen.from_json(seen) for name, seen in stored["outside"].items()}
        doubts._inside, doubts._columns = dict(stored["inside"]), dict(stored["columns"])
        return doubts


def find_doubts(table: SignalTable, plan: Plan | None = None) -> list[Doubt]:
    """The doubts about a whole table; none where nothing looks wrong."""
    return Doubts().look(table, plan=plan).found()


def suspicions(table: SignalTable) -> list[Problem]:
    """The doubts about a whole table as problems."""
    return [doubt.problem for doubt in find_doubts(table)]


def _columns(table: SignalTable) -> dict[str, Floats]:
    """What the rules need; the doubted features as the table gives them, possible or not."""
    columns = {name: table.frame[name].to_numpy(dtype=np.float64) for name in NEEDED}
    return columns | table.unchecked


def _row_numbers(table: SignalTable, first_row: int) -> NDArray[np.int64]:
    """The number of the first input row of each signal."""
    numbers = np.zeros(len(table), dtype=np.int64)
    used = np.flatnonzero(table.row_signal >= 0)[::-1]
    numbers[table.row_signal[used]] = first_row + used
    return numbers


def _seen(
    flags: NDArray[np.bool_],
    of_mission: NDArray[np.bool_],
    values: Floats,
    numbers: NDArray[np.int64],
) -> _Seen:
    at = np.flatnonzero(flags)
    if not len(at):
        return _Seen()
    rows = tuple(int(number) for number in np.sort(numbers[at])[:ROWS_NAMED])
    return _Seen(len(at), _longest_run(flags[of_mission]), rows, float(values[at[0]]))


def _longest_run(flags: NDArray[np.bool_]) -> int:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    return int((edges[1::2] - edges[::2]).max(initial=0))


_WHY: Final = {
    "depth": "less than any survey finds",
    "duration_days": "far too short for {their} period{s}",
    "duration_minutes": "far too long for {their} period{s}",
    "radius": "far less than depth and star imply",
    "radius_km": "far more than depth and star imply",
    "period": "out of step with the light that reaches the planet, or with the transit's length,",
    "insolation": "far more than period and star imply",
    "ratio": "far more than the depth implies",
    "axis": "far more than period and star imply",
    "logg": "far less than mass and radius of the star imply",
}


_STELLAR_RADII: Final = "stellar radii"  # the words for Rp/Rs, which has no unit


def _doubt(
    name: str, mission: Mission, seen: _Seen, of: int, several: bool, column: str | None
) -> Doubt:
    kind, feature = KINDS[name], FEATURE_BY_NAME[KINDS[name].feature]
    given = np.array([seen.given], dtype=np.float64)
    suggested = float(in_other_unit(name, given)[0]) if kind.unit else None
    doubt = Doubt(
        name,
        feature.name,
        column,
        mission,
        seen.count,
        of,
        seen.rows,
        feature.unit,
        kind.unit,
        seen.given,
        suggested,
        "",
    )
    return replace(doubt, sentence=_sentence(doubt, f" {mission}" if several else ""))


def _sentence(doubt: Doubt, of_mission: str) -> str:
    if doubt.kind == "swapped":
        return _swapped_sentence(doubt, of_mission)
    feature = FEATURE_BY_NAME[doubt.feature]
    one, unit = doubt.count == 1, doubt.unit or _STELLAR_RADII
    why = _WHY.get(doubt.kind) or _WHY[doubt.kind.split("_")[0]]
    why = why.format(their="its" if one else "their", s="" if one else "s")
    return (
        f"{doubt.count:,} of {doubt.of:,}{of_mission} values of {feature.label.lower()}"
        f" ({_rows_named(doubt)})"
        f" {'is' if one else 'are'} {why} if read in {unit}: {'it' if one else 'they'} may be"
        f" {_unit_words(doubt)}, not {unit}. Row {doubt.rows[0]:,} has"
        f" {_short(doubt.given)}, which then is {_short(doubt.suggested)} {unit}. Check the unit"
        " of this column."
    )


def _rows_named(doubt: Doubt) -> str:
    rows = ", ".join(f"{row:,}" for row in doubt.rows)
    more = " …" if doubt.count > len(doubt.rows) else ""
    return f"row{'' if doubt.count == 1 else 's'} {rows}{more}"


def _swapped_sentence(doubt: Doubt, of_mission: str) -> str:
    return (
        f"{doubt.count:,} of {doubt.of:,}{of_mission} transits ({_rows_named(doubt)}) last far too"
        " long for their periods, and would be right if period and duration changed places. Check"
        " which column is which."
    )


def _unit_words(doubt: Doubt) -> str:
    if doubt.kind != "depth_flux":
        return str(doubt.suggested_unit)
    return "1 − depth, the light that is left at mid-transit"


def _outside_doubt(name: str, column: str | None, seen: _Seen, total: int) -> Doubt:
    feature = FEATURE_BY_NAME[name]
    sentence = (
        f"{seen.count:,} of {total:,} values of {feature.label.lower()} are not"
        f" {range_words(feature)}. Check the unit of this column."
    )
    return Doubt(
        "mostly_out_of_range",
        name,
        column,
        None,
        seen.count,
        total,
        seen.rows,
        feature.unit,
        None,
        None,
        None,
        sentence,
    )


def _short(value: float | None) -> str:
    return number_text(float(f"{value:.4g}")) if value is not None else ""

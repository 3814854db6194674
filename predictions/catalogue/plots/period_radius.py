"""A list of signals on the map of periods and radii: as points while they are few, else as counts
of cells. What is drawn on it narrows the list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import log, log10
from typing import Any, Final

from django.db.models import Count

from predictions.catalogue.derived.keys import Keys
from predictions.catalogue.lists import SignalListForm
from predictions.catalogue.plots.map_cells import (
    COLUMN,
    LEFT_COLUMNS,
    LOW_ROWS,
    MIDDLE,
    PERIODS,
    RADII,
    ROW,
    ROWS,
)
from training.figures import along_logarithm, counted
from training.ml.numbers import number_text
from training.ml.schema import DISPOSITIONS

LEFT, RIGHT, TOP, BOTTOM = 50.0, 590.0, 15.0, 355.0
POINTS: Final = 600
FEW: Final = 2_000
"""Up to so many signals are taken from one look, and sorted here."""
LEVELS: Final = 5
X_TICKS: Final = (1.0, 10.0, 100.0, 1000.0)
Y_TICKS: Final = (1.0, 4.0, 10.0, 100.0)
DRAWN: Final = ("FALSE POSITIVE", "CANDIDATE", "CONFIRMED")
"""What is drawn on top last."""
Cells = dict[tuple[str, int], int]


def across(period: float) -> float:
    """Pixels from the left; what lies beyond the map stands on its edge."""
    return along_logarithm(period, PERIODS, LEFT, RIGHT)


def up(radius: float) -> float:
    return along_logarithm(radius, RADII, BOTTOM, TOP)


@dataclass(frozen=True)
class PeriodRadiusMap:
    """``cells``: of a disposition and a cell, how many; ``lines``: points of each disposition."""

    cells: Cells
    lines: list[dict[str, str]]
    region: dict[str, str] | None

    @property
    def count(self) -> int:
        return sum(self.cells.values())

    @property
    def x_ticks(self) -> list[dict[str, str]]:
        return [{"at": f"{across(v):.0f}", "text": number_text(v)} for v in X_TICKS]

    @property
    def y_ticks(self) -> list[dict[str, str]]:
        return [{"at": f"{up(v):.0f}", "text": number_text(v)} for v in Y_TICKS]

    @property
    def brush(self) -> list[dict[str, Any]]:
        """Where the values of a filter's two fields stand in the picture."""
        return [
            _axis("period", PERIODS, LEFT, RIGHT),
            _axis("radius", RADII, BOTTOM, TOP),
        ]

    @cached_property
    def levels(self) -> list[dict[str, Any]]:
        """Cells of about the same count as one path of horizontal strokes, the darker the more
        signals they hold; in columns and rows, which ``grid`` makes pixels of."""
        if self.lines:
            return []
        counts = self._per_cell
        most = log(max(2, *counts.values()))
        levels: dict[int, list[int]] = {}
        for cell, count in counts.items():
            levels.setdefault(1 + int((LEVELS - 1) * log(count) / most), []).append(cell)
        return [{"level": level, "path": _strokes(levels[level])} for level in sorted(levels)]

    @property
    def grid(self) -> str:
        """From columns and rows to pixels."""
        x = [across(MIDDLE[0] * 10 ** (n * COLUMN)) for n in (0, 1)]
        y = [up(MIDDLE[1] * 10 ** (n * ROW)) for n in (0, 1)]
        wide, high = x[1] - x[0], y[1] - y[0]
        left, low = x[0] - LEFT_COLUMNS * wide, y[0] - LOW_ROWS * high
        return f"matrix({wide:.4f} 0 0 {high:.4f} {left:.2f} {low:.2f})"

    @cached_property
    def _per_cell(self) -> Counter[int]:
        counts: Counter[int] = Counter()
        for (_, cell), count in self.cells.items():
            counts[cell] += count
        return counts

    @property
    def title(self) -> str:
        small = sum(n for (_, cell), n in self.cells.items() if cell % ROWS < LOW_ROWS)
        verb = "is" if small == 1 else "are"
        return (
            f"{number_text(small)} of {counted(self.count, 'signal')} {verb} smaller than Neptune,"
            " 4 R⊕"
        )

    @property
    def sentence(self) -> str:
        if self.lines:
            return ""
        most = max(self._per_cell.values())
        return f"The stronger the colour, the more signals, at most {number_text(most)} a cell."

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The same in four parts, for those who do not see the map."""
        counts: Counter[tuple[str, bool, bool]] = Counter()
        for (name, cell), count in self.cells.items():
            column, row = divmod(cell, ROWS)
            counts[name, row < LOW_ROWS, column < LEFT_COLUMNS] += count
        return [
            {
                "radius": f"{'below' if low else 'from'} {MIDDLE[1]:g}",
                "period": f"{'below' if short else 'from'} {MIDDLE[0]:g}",
                "counts": [counts[name, low, short] for name in DISPOSITIONS],
            }
            for low in (True, False)
            for short in (True, False)
        ]


Place = tuple[int, str, int | None, float | None, float | None, Any]
"""Key, disposition, cell, period and radius of a signal, and what its list is sorted by."""


@dataclass(frozen=True)
class Counts:
    """``cells``: of what fits the list's filters anywhere on the map, by disposition and cell;
    ``places``: all of that, where it is little; ``keys``: of the list itself, in its order."""

    cells: Cells
    places: Sequence[Place] | None
    keys: Keys | list[int]


def counts_of(form: SignalListForm) -> Counts:
    """One look at the signals for the map and the length of the list; where filters leave few, for
    the list itself as well."""
    places = _places(form) if form.is_narrow else None
    if places is not None:
        found = Counter((place[1], place[2]) for place in places if place[2] is not None)
        return Counts(found, places if len(places) <= POINTS else None, _keys(form, places))
    by_cell = form.found_anywhere().values_list("disposition", "map_cell")
    listed = Count("pk", filter=form.region) if form.region else Count("*")
    rows = list(by_cell.annotate(count=Count("*"), listed=listed))
    cells = {(name, cell): count for name, cell, count, _ in rows if cell is not None}
    return Counts(cells, None, replace(form.keys(), total=sum(row[3] for row in rows)))


def _places(form: SignalListForm) -> list[Place] | None:
    """None where there are too many to sort them here."""
    found = list(form.found_anywhere().values_list(*_PLACE, form.sort_column)[: FEW + 1])
    return found if len(found) <= FEW else None


def _keys(form: SignalListForm, places: Sequence[Place]) -> list[int]:
    """Of the list itself, in its order."""
    if form.is_sorted_by_text:  # databases have an order of letters of their own
        return list(form.keys([place[0] for place in places]).known)
    inside = [(place[5], place[0]) for place in places if form.has_in_region(place[3], place[4])]
    falling = form.sort_name.startswith("-")
    known = sorted((one for one in inside if one[0] is not None), reverse=falling)
    unknown = sorted((one[1] for one in inside if one[0] is None), reverse=falling)
    return [key for _, key in known] + unknown


def period_radius_map(form: SignalListForm, counts: Counts) -> PeriodRadiusMap | None:
    """None where nothing has a place on it."""
    if not counts.cells:
        return None
    places = counts.places
    if places is None and sum(counts.cells.values()) <= POINTS:
        places = list(form.found_anywhere().values_list(*_PLACE, form.sort_column))
    return PeriodRadiusMap(counts.cells, _lines(places or ()), _region(form))


_PLACE: Final = ("pk", "disposition", "map_cell", "period", "radius")


def _lines(places: Sequence[Place]) -> list[dict[str, str]]:
    points: dict[str, set[str]] = {}
    for _, name, cell, period, radius, _ in places:
        if cell is not None and period and radius:
            points.setdefault(name, set()).add(f"{across(period):.0f},{up(radius):.0f}")
    return [
        {"kind": name.lower().replace(" ", "-"), "points": " ".join(sorted(points[name]))}
        for name in DRAWN
        if name in points
    ]


def _axis(field: str, ends: tuple[float, float], start: float, stop: float) -> dict[str, Any]:
    low, high = (log10(end) for end in ends)
    return {"field": field, "log": True, "low": low, "high": high, "start": start, "end": stop}


def _strokes(cells: Sequence[int]) -> str:
    """Neighbours of a row are one stroke along its middle."""
    runs: list[tuple[int, int, int]] = []
    for row, column in sorted((cell % ROWS, cell // ROWS) for cell in cells):
        if runs and runs[-1][0] == row and sum(runs[-1][1:]) == column:
            runs[-1] = (row, runs[-1][1], runs[-1][2] + 1)
        else:
            runs.append((row, column, 1))
    return "".join(f"M{column} {row}.5h{length}" for row, column, length in runs)


def _region(form: SignalListForm) -> dict[str, str] | None:
    """What of the map the ranges of the list leave."""
    given = form.cleaned_data
    bounds: Sequence[float | None] = [
        given.get(f"{name}_{end}") for name in ("period", "radius") for end in ("from", "to")
    ]
    if all(bound is None for bound in bounds):
        return None
    left, right, low, high = (
        _or(b, end) for b, end in zip(bounds, (*PERIODS, *RADII), strict=True)
    )
    (x, x_end), (y, y_end) = sorted((across(left), across(right))), sorted((up(low), up(high)))
    sides = {"x": x, "y": y, "width": x_end - x, "height": y_end - y}
    return {name: f"{pixels:.0f}" for name, pixels in sides.items()}


def _or(bound: float | None, end: float) -> float:
    return end if bound is None else bound

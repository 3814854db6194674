"""What was measured in many stars, as one table in the columns of a batch."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from django.conf import settings
from django.urls import reverse

from predictions.curves.downloads import COLUMNS, cells_of
from predictions.curves.known_stars import NEEDED
from predictions.curves.models import CurveSearch

Row = tuple[str, int, int]
"""A search, the number of its signal, and how many vetoes speak against a planet."""
TABLE_COLUMNS: Final = (*COLUMNS, "against_a_planet", "light_curve")


def measured_table(searches: Iterable[CurveSearch]) -> tuple[list[Row], str]:
    """One row for each signal that can have a verdict, and where it is from."""
    rows: list[Row] = []
    cells: list[list[object]] = []
    for search in searches:
        result = search.result or {"star": {}, "signals": []}
        for signal, row in measured_rows(search.name, result, _page_of(search)):
            rows.append((str(search.pk), signal["order"], len(signal["vetoes"])))
            cells.append(row)
    return rows, table_text(cells)


def measured_rows(
    name: str, result: Mapping[str, Any], where: Callable[[int], str]
) -> Iterator[tuple[Mapping[str, Any], list[object]]]:
    """Signals of one star with their cells. Without period, temperature or radius a verdict would
    be a guess: such signals have no row. ``where``: the light of each signal by its number."""
    if any(result["star"].get(fact) is None for fact in NEEDED):
        return
    for signal, cells in cells_of(name, result):
        yield signal, [*cells, " ".join(signal["vetoes"]), where(signal["order"])]


def table_text(rows: Iterable[list[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(TABLE_COLUMNS)
    writer.writerows(rows)
    return text.getvalue()


def _page_of(search: CurveSearch) -> Callable[[int], str]:
    page = f"{settings.SITE_ADDRESS.rstrip('/')}{reverse('curve_detail', args=[search.pk])}"
    return lambda order: f"{page}?signal={order}"

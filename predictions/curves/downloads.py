"""What a search found, as files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np

from predictions.curves.keeping import open_curve
from predictions.curves.models import CurveSearch
from predictions.spreadsheets import neutral
from training.ml.schema import FEATURE_NAMES

_ROWS: Final = 5_000  # written at once
COLUMNS: Final = ("identifier", "star", "mission", *FEATURE_NAMES, "ra", "dec", "epoch")


def light_rows(search: CurveSearch) -> Iterator[bytes]:
    """``LightGone`` where the light is no longer there, before the first row."""
    curve, flat = open_curve(search.curve_file)
    zero = curve.zero or 0.0
    name = "time" if curve.zero is None else "bjd"
    table = np.column_stack([curve.time + zero, curve.flux, flat, curve.part])
    return _written(f"{name},flux,flux_without_trend,file\n", table)


def _written(
    header: str, table: np.ndarray[tuple[int, int], np.dtype[np.float64]]
) -> Iterator[bytes]:
    yield header.encode()
    for at in range(0, len(table), _ROWS):
        lines = [
            f"{time:.6f},{flux:.7f},{'' if flat != flat else f'{flat:.7f}'},{part:.0f}\n"
            for time, flux, flat, part in table[at : at + _ROWS].tolist()
        ]
        yield "".join(lines).encode()


def signal_rows(search: CurveSearch) -> str:
    """In the columns of the batch's template."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    result = search.result or {"star": {}, "signals": [], "curve": {}}
    writer.writerows(cells for _, cells in cells_of(search.name, result))
    return text.getvalue()


def cells_of(name: str, result: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], list[object]]]:
    """Each signal of a ``result`` that has a row, with the cells of its ``COLUMNS``."""
    star, has_zero = result["star"], result["curve"].get("time_zero") is not None
    for signal in result["signals"]:
        if not signal["inputs"]:
            continue
        known = signal["inputs"] | {
            "identifier": f"{name} ({signal['order']})",
            "star": star.get("name"),
            "ra": star.get("ra"),
            "dec": star.get("dec"),
            "epoch": signal["epoch"]["value"] if has_zero else None,
        }
        yield signal, [_cell(known.get(column)) for column in COLUMNS]


def _cell(value: object) -> object:
    if isinstance(value, str):
        return neutral(value)
    return "" if value is None else value

"""The map of periods and radii as cells, so that any number of signals is drawn from counts.

Cells are even in the logarithms, and 10 days and 4 Earth radii (Neptune's) lie between two.
"""

from __future__ import annotations

from math import log10
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

PERIODS: Final = (0.2, 2000.0)  # days
RADII: Final = (0.2, 200.0)  # Earth radii
MIDDLE: Final = (10.0, 4.0)
ROWS: Final = 40
"""A cell's number is its column times this plus its row."""
COLUMN: Final = log10(MIDDLE[0] / PERIODS[0]) / 23  # dex
ROW: Final = log10(MIDDLE[1] / RADII[0]) / 15
LEFT_COLUMNS: Final = 23
"""Columns left of ten days."""
LOW_ROWS: Final = 15
"""Rows below four Earth radii."""


def cells_of(period: Floats, radius: Floats) -> list[int | None]:
    """Of n signals; None for what lies beyond the map, or has no place on it."""
    with np.errstate(all="ignore"):
        inside = (period >= PERIODS[0]) & (period <= PERIODS[1])
        inside &= (radius >= RADII[0]) & (radius <= RADII[1])
        column = np.floor(np.log10(period / MIDDLE[0]) / COLUMN) + LEFT_COLUMNS
        row = np.floor(np.log10(radius / MIDDLE[1]) / ROW) + LOW_ROWS
    cells = np.where(inside, column * ROWS + row, -1)
    return [int(cell) if cell >= 0 else None for cell in np.nan_to_num(cells, nan=-1).tolist()]

"""The cells of a column, as guesses look at them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from training.ml.libraries import pandas as pd
from training.ml.tables.cells import parse_cell

Floats = NDArray[np.float64]


def share(test: Callable[[str], bool], cells: Sequence[str]) -> float:
    return sum(map(test, cells)) / len(cells)


def numbers_in(cells: Sequence[str]) -> Floats:
    """The cells as numbers, NaN for text."""
    plain = [
        cell.replace(",", ".") if cell.count(",") == 1 and "." not in cell else cell
        for cell in cells
    ]
    return np.asarray(
        pd.to_numeric(pd.Series(plain, dtype="str"), errors="coerce"), dtype=np.float64
    )


def are_measured(cells: Sequence[str]) -> bool:
    """Whether the cells hold numbers with units of their own: "3.5 d", "0.91 %"."""
    read = [parse_cell(cell) for cell in cells]
    return bool(read) and all(cell is not None and bool(cell.unit) for cell in read)

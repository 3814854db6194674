"""Columns of an astropy table as ours."""

from __future__ import annotations

from typing import Any

import numpy as np

from training.ml.tables.reading.column_block import Cells, text_array


def cells_of(column: Any) -> Cells:
    """Numbers stay numbers, masked cells are missing, everything else becomes text."""
    mask = getattr(column, "mask", None)
    missing = np.asarray(mask, dtype=bool) if mask is not None else None
    missing = missing if missing is not None and missing.shape == (len(column),) else None
    values = np.asarray(getattr(column, "data", column))
    values = np.asarray(values.data if isinstance(values, np.ma.MaskedArray) else values)
    if values.dtype.kind in "fiub":
        native = values.astype(values.dtype.newbyteorder("="), copy=False)
        return Cells(native, missing if missing is not None and missing.any() else None)
    texts = [_text(value) for value in values.tolist()]
    if missing is not None:
        texts = ["" if gone else text for text, gone in zip(texts, missing, strict=True)]
    return Cells(text_array(texts))


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").rstrip("\x00 ")
    return "" if value is None else str(value)

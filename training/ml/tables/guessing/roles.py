"""What a column may be besides an input: the signal, the star, its place, a disposition."""

from __future__ import annotations

import re
from typing import Final

import numpy as np

from training.ml.sky.names import is_signal_form, is_star_form
from training.ml.tables.guessing.cells import numbers_in, share

_SURE: Final = 0.95
_MOSTLY: Final = 0.75
_STAR_NUMBER: Final = 100_000
"""Star catalogues number from here on; smaller whole numbers count something."""


def role_fit(role: str, score: float, column: str, cells: list[str]) -> tuple[float, str]:
    reason = f"“{column}” is named like it"
    if role == "signal":
        return _signal_fit(score, cells, reason)
    if role == "star":
        return _star_fit(score, column, cells, reason)
    if role == "disposition":
        if re.search(r"(?i)predict|pdisp|score|flag", column):
            return 0.0, reason
        if cells and len(set(cells)) > max(12, len(cells) // 2):
            return 0.4 * score, reason
        return score, reason
    numbers = numbers_in(cells)
    if len(numbers) and np.isnan(numbers).all() and not any(":" in c or "h" in c for c in cells):
        return 0.0, reason
    return score, reason


def _signal_fit(score: float, cells: list[str], reason: str) -> tuple[float, str]:
    """An identifier is a column of distinct names, never a count."""
    if cells and share(is_signal_form, cells) >= _MOSTLY:
        return max(score, 0.98), "its values have the form of signals' names"
    if cells and share(is_star_form, cells) >= _MOSTLY:
        return 0.0, reason
    if len(cells) > 1 and len(set(cells)) < _SURE * len(cells):
        return 0.0, reason
    numbers = numbers_in(cells)
    whole = len(numbers) > 0 and bool(np.all(np.isfinite(numbers) & (numbers == np.floor(numbers))))
    if whole and numbers.max() < _STAR_NUMBER:
        return 0.0, reason
    if len(numbers) and not whole and np.isfinite(numbers).all() and score < 1:
        return 0.0, reason  # measured
    return score, reason


def _star_fit(score: float, column: str, cells: list[str], reason: str) -> tuple[float, str]:
    if cells and share(is_star_form, cells) >= _MOSTLY:
        return 0.97, "its values are numbers of a star catalogue"
    plain = re.sub(r"[^a-z]", "", column.lower())
    numbers = numbers_in(cells)
    large = len(numbers) > 0 and bool(np.nanmin(np.append(numbers, np.inf)) >= _STAR_NUMBER)
    if re.match(r"(?:kic|tic|epic)(?:nummer|number|num|no|id|nr|star)?$", plain):
        return 0.97, reason
    if plain == "id" or plain.endswith("id"):
        repeated = len(set(cells)) < len(cells)
        return (min(score, 0.9) if large and (repeated or plain != "id") else 0.4 * score), reason
    if cells and not np.isnan(numbers).all() and not large:
        return 0.4 * score, reason
    return score, reason

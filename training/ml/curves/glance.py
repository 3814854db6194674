"""What files say before their light is read: the star, and what has to be asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np

from training.ml.curves.columns import (
    FLUXES,
    KNOWN,
    POSITION_TREND,
    TIMES,
    UNCORRECTED_K2,
    first_of,
    usual_name,
    zero_stated,
)
from training.ml.curves.curve import Star
from training.ml.curves.errors import CurveError, RawK2
from training.ml.curves.read import LIMITS, MAX_FILES
from training.ml.curves.stars import same_star, star_of
from training.ml.errors import TableError
from training.ml.schema import Mission
from training.ml.tables.reading.read_table import Table, read_table

TIME_UNITS: Final = ("d", "h", "min", "s")
_LOOKED_AT: Final = 200  # rows


@dataclass(frozen=True)
class Glance:
    """``time`` and ``flux``: the columns that are used unless others are named, "" where none is
    known as such. ``says_unit``, ``says_zero``: whether the file states the unit of its time and
    from which date it counts."""

    file: str
    columns: list[str]
    time: str
    flux: str
    says_unit: bool
    says_zero: bool
    star: Star


@dataclass(frozen=True)
class Glances:
    files: list[Glance]
    star: Star

    @property
    def asks_columns(self) -> bool:
        return any(not (one.time and one.flux) for one in self.files)

    @property
    def asks_unit(self) -> bool:
        return any(not one.says_unit for one in self.files)

    @property
    def asks_zero(self) -> bool:
        return any(not one.says_zero for one in self.files)

    @property
    def columns(self) -> list[str]:
        """Names that every file has."""
        first, *rest = self.files
        return [name for name in first.columns if all(name in one.columns for one in rest)]


def glance(sources: Sequence[tuple[str, Path | BinaryIO]]) -> Glances:
    """Errors: ``CurveError`` and its subclasses for what could not be searched whatever a person
    adds: no table, raw K2, several stars."""
    if not 1 <= len(sources) <= MAX_FILES:
        raise CurveError(f"Give 1 to {MAX_FILES} files of one star, not {len(sources):,}.")
    files = [_one(name, source) for name, source in sources]
    return Glances(files, same_star([one.star for one in files]))


def _one(name: str, source: Path | BinaryIO) -> Glance:
    try:
        table = read_table(source, limits=LIMITS, known=KNOWN)
    except TableError as error:
        raise CurveError(error.message, name) from error
    if len(table.columns) < 2:
        raise CurveError("This has one column; a light curve has a time and a flux.", name)
    cards = getattr(table, "cards", {})
    star = star_of(cards, name)
    columns = {usual_name(column): column for column in reversed(table.columns)}
    time, flux = first_of(TIMES, columns) or "", first_of(FLUXES, columns) or ""
    if not (time and flux):
        _check_numbers(table, name)
    is_raw = usual_name(flux) in UNCORRECTED_K2 and POSITION_TREND not in columns
    if star.mission is Mission.K2 and is_raw:
        raise RawK2(name)
    unit = _unit(table, time)
    says_zero = isinstance(cards.get("BJDREFI"), (int, float)) or (
        zero_stated([unit, time]) is not None
    )
    says_unit = bool(unit) or says_zero  # both are of days
    return Glance(name, list(table.columns), time, flux, says_unit, says_zero, star)


def _check_numbers(table: Table, file: str) -> None:
    """Nobody is asked which column of a text is the time."""
    try:
        first = next(iter(table.blocks(_LOOKED_AT)), None)
    except TableError as error:
        raise CurveError(error.message, file) from error
    numbers = first.numbers(table.columns)[0] if first is not None else np.empty((0, 0))
    if np.count_nonzero(np.isfinite(numbers).any(axis=0)) < 2:
        raise CurveError("This is no light curve: no two of its columns hold numbers.", file)


def _unit(table: Table, time: str) -> str:
    return table.stated[time].unit if time in table.stated else ""

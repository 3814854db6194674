"""From 1 to 20 files of one star to its light: the corrected flux, bad exposures left out, each
file relative to its own median.

Any table that the site reads may be a light curve: MAST's FITS files, or CSV, ECSV, VOTable … with
a time and a flux. Unpacking, limits and what is refused are those of tables, with smaller limits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

import numpy as np

from training.ml.curves.columns import (
    BAD_BITS,
    CENTROIDS,
    FLUXES,
    FULL_DATE,
    KNOWN,
    MOTIONS,
    POSITION_TREND,
    QUALITIES,
    RAW,
    TIMES,
    UNCORRECTED_K2,
    days_per_unit,
    first_of,
    usual_name,
    zero_stated,
)
from training.ml.curves.curve import LightCurve, Star
from training.ml.curves.errors import CurveError, NoCurveColumns, RawK2
from training.ml.curves.joining import joined
from training.ml.curves.stars import same_star, star_of
from training.ml.errors import TableError, shorten
from training.ml.schema import Mission
from training.ml.tables.reading.limits import Limits
from training.ml.tables.reading.read_table import Table, read_table

if TYPE_CHECKING:
    from training.ml.curves.curve import Floats

MAX_FILES: Final = 20
MAX_POINTS: Final = 1_000_000  # of all files: 20 months of Kepler's minutes
LIMITS: Final = Limits(rows=300_000, bytes=256 * 1024**2, columns=200)
"""Of one file: a sector at 20 s has 120,000 rows, and its FITS file 14 MB."""

_ROWS: Final = 50_000  # read at once
_FEWEST: Final = 100  # usable points in a file


@dataclass(frozen=True)
class Reading:
    """How the files are to be read, where they do not say it themselves. ``zero``: the Julian date
    from which times count; ``unit``: of the time."""

    time_column: str = ""
    flux_column: str = ""
    zero: float | None = None
    mission: Mission | None = None
    unit: str = ""


@dataclass(frozen=True, eq=False)
class Part:
    """One file: ``time`` (n,) in days from ``zero``; ``flux`` (n,) relative to its median;
    ``centroid`` (n, 2) in pixels, without the telescope's motion."""

    file: str
    time: Floats
    flux: Floats
    zero: float | None
    star: Star
    notes: list[str]
    centroid: Floats | None = None


def read_curve(
    sources: Sequence[tuple[str, Path | BinaryIO]], reading: Reading | None = None
) -> LightCurve:
    """The light of one star from its files, each with its name.

    Errors: ``CurveError`` and its subclasses, with the name of the file that is at fault.
    """
    if not 1 <= len(sources) <= MAX_FILES:
        raise CurveError(f"Give 1 to {MAX_FILES} files of one star, not {len(sources):,}.")
    parts: list[Part] = []
    for name, source in sources:
        parts.append(_read_part(name, source, reading or Reading()))
        if sum(len(part.time) for part in parts) > MAX_POINTS:
            raise CurveError(
                f"These files hold more than {MAX_POINTS:,} points; give fewer, or curves of a"
                " longer cadence."
            )
    star = same_star([part.star for part in parts])
    return joined(parts, star)


def _read_part(name: str, source: Path | BinaryIO, reading: Reading) -> Part:
    try:
        return _part(name, read_table(source, limits=LIMITS, known=KNOWN), reading)
    except TableError as error:
        raise CurveError(error.message, name) from error


def _part(name: str, table: Table, reading: Reading) -> Part:
    star = star_of(getattr(table, "cards", {}), name)
    mission = reading.mission or star.mission
    columns = {usual_name(column): column for column in reversed(table.columns)}
    time = _column("time", reading.time_column, TIMES, columns, table, name)
    flux = _column("flux", reading.flux_column, FLUXES, columns, table, name)
    trend = columns.get(POSITION_TREND)
    if mission is Mission.K2 and usual_name(flux) in UNCORRECTED_K2 and not trend:
        raise RawK2(name)
    quality = first_of(QUALITIES, columns)
    places = [columns[one] for one in (*CENTROIDS, *MOTIONS) if one in columns]
    wanted = [time, flux, trend, quality, *places]
    numbers = _numbers(table, list(dict.fromkeys(c for c in wanted if c)), name)
    values = numbers[flux] - numbers[trend] if trend else numbers[flux]
    good = _good(numbers[time], values, numbers[quality] if quality else None, mission)
    unit = reading.unit or (table.stated[time].unit if time in table.stated else "")
    times, zero = _times(numbers[time][good], time, unit, _cards_zero(table), reading)
    light = values[good] + (float(np.nanmedian(numbers[trend])) if trend else 0.0)
    notes = [f"{name}: {note}" for note in table.notes]
    if usual_name(flux) == RAW:
        notes.append(f"{name}: this is flux that no pipeline has corrected.")
    centroid = _centroid(numbers, columns)
    moved = None if centroid is None else centroid[good]
    return Part(name, times, _relative(light, name), zero, star, notes, moved)


def _centroid(numbers: dict[str, Floats], columns: dict[str, str]) -> Floats | None:
    """(n, 2) pixels; None where the file does not say it."""
    if not all(one in columns for one in CENTROIDS):
        return None
    axes = []
    for centroid, motion in zip(CENTROIDS, MOTIONS, strict=True):
        axis = numbers[columns[centroid]]
        axes.append(axis - numbers[columns[motion]] if motion in columns else axis)
    return np.column_stack(axes)


def _column(
    what: str, named: str, usual: Sequence[str], columns: dict[str, str], table: Table, file: str
) -> str:
    if named:
        found = named if named in table.columns else columns.get(usual_name(named))
        if not found:
            raise CurveError(f"There is no column “{shorten(named, 40)}” in this table.", file)
        return found
    if (usual_one := first_of(usual, columns)) is None:
        raise NoCurveColumns(what, table.columns, file)
    return usual_one


def _numbers(table: Table, columns: list[str], file: str) -> dict[str, Floats]:
    parts, odd = [], 0
    for block in table.blocks(_ROWS, columns=columns):
        values, unreadable = block.numbers(columns)
        parts.append(values)
        odd += len(unreadable)
    whole = np.concatenate(parts) if parts else np.empty((0, len(columns)))
    if odd > len(whole) / 10:
        raise CurveError("Too many cells of time and flux hold no number.", file)
    return dict(zip(columns, whole.T, strict=True))


def _good(
    time: Floats, flux: Floats, quality: Floats | None, mission: Mission | None
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    good = np.isfinite(time) & np.isfinite(flux)
    if quality is not None and mission is not None and mission in BAD_BITS:
        bits = np.nan_to_num(quality).astype(np.int64)
        good &= (bits & BAD_BITS[mission]) == 0
    return good


def _times(
    time: Floats, column: str, unit: str, cards_zero: float | None, reading: Reading
) -> tuple[Floats, float | None]:
    """Days, and the Julian date from which they count."""
    zero = reading.zero if reading.zero is not None else cards_zero
    if zero is None:
        zero = zero_stated([unit, column])
    days = time * days_per_unit(unit)
    if len(days) and np.median(days) > FULL_DATE:
        zero = 0.0
    return days, zero


def _cards_zero(table: Table) -> float | None:
    cards = getattr(table, "cards", {})
    whole, rest = cards.get("BJDREFI"), cards.get("BJDREFF", 0.0)
    return float(whole) + float(rest or 0.0) if isinstance(whole, (int, float)) else None


def _relative(flux: Floats, file: str) -> Floats:
    if len(flux) < _FEWEST:
        raise CurveError(
            f"Only {len(flux):,} points have a time, a flux and good quality;"
            f" at least {_FEWEST} are needed.",
            file,
        )
    median = float(np.median(flux))
    if median <= 0 or np.percentile(flux, 1) <= 0:
        raise CurveError(
            "The flux is negative or lies around zero; give it with its level"
            " (relative flux is around 1), not with the mean taken off.",
            file,
        )
    return flux / median

"""Which files are of one star."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypedDict, TypeVar

from training.ml.curves.errors import CurveError, DifferentStars
from training.ml.curves.glance import Glance, Glances
from training.ml.curves.read import MAX_FILES, Reading
from training.ml.curves.stars import same_star

F = TypeVar("F")


class Refused(TypedDict):
    file: str
    reason: str


@dataclass(frozen=True)
class Grouped(Generic[F]):
    """``stars``: the files of each, with what they say together."""

    stars: list[tuple[list[F], Glances]] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def grouped(seen: Iterable[tuple[F, Glance]]) -> Grouped[F]:
    """By the name that header or file name give the star; a file that gives none is a star of its
    own. Stars come in the order of their first file."""
    found: Grouped[F] = Grouped()
    by_name: dict[str, list[tuple[F, Glance]]] = {}
    for number, (file, told) in enumerate(seen):
        by_name.setdefault(told.star.name or f"file {number}", []).append((file, told))
    for files in by_name.values():
        _group(files, found)
    return found


def _group(files: Sequence[tuple[F, Glance]], found: Grouped[F]) -> None:
    told = [one for _, one in files]
    try:
        if len(files) > MAX_FILES:
            raise CurveError(f"Its star has {len(files)} files here; {MAX_FILES} are searched.")
        star = same_star([one.star for one in told])
    except DifferentStars:
        where = f"The files named {told[0].star.name} are of different positions in the sky."
        found.refused.extend({"file": one.file, "reason": where} for one in told)
    except CurveError as error:
        found.refused.extend({"file": one.file, "reason": error.message} for one in told)
    else:
        found.stars.append(([file for file, _ in files], Glances(told, star)))


def reading_of(told: Glances, reading: Reading) -> Reading:
    """Of ``reading`` what this star's files leave open: what they state goes before it."""
    zero_is_open = all(not one.says_zero for one in told.files)
    unit_is_open = all(not one.says_unit for one in told.files)
    return Reading(
        time_column=reading.time_column if told.asks_columns else "",
        flux_column=reading.flux_column if told.asks_columns else "",
        zero=reading.zero if zero_is_open else None,
        mission=None if told.star.mission else reading.mission,
        unit=reading.unit if unit_is_open else "",
    )

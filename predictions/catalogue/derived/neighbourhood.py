"""What speaks for a second look at a signal because of the signals around it: of its own star, of
near stars, and of other missions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from predictions.catalogue.derived.models import Warned
from predictions.catalogue.models import MISSIONS, Signal
from predictions.catalogue.twins.services import twins_listed
from training.ml.sky.ephemerides import Ephemerides
from training.ml.sky.repeats import first_rows
from training.ml.sky.same_period import same_period_within

Bits = npt.NDArray[np.int64]
_AROUND: Final = Warned.DUPLICATE | Warned.NEAR_STAR | Warned.CONFLICT
_NUMBERS: Final = ("ra", "dec", "period", "epoch", "duration", "depth")
_READ: Final = ("pk", "warnings", "star_id", "mission", "inputs__orbital_period_error", *_NUMBERS)


def warnings_of_all() -> Iterator[tuple[int, int]]:
    """Key and new ``warnings`` of the listed signals for which they have changed."""
    rows = list(Signal.objects.listed().order_by("pk").values_list(*_READ))
    if not rows:
        return
    columns = dict(zip(_READ, zip(*rows, strict=True), strict=True))
    before = np.array(columns["warnings"], dtype=np.int64)
    after = (before & ~int(_AROUND)) | _duplicates(columns) | _near(columns) | _conflicts(columns)
    for row in np.flatnonzero(after != before).tolist():
        yield columns["pk"][row], int(after[row])


def _floats(columns: dict[str, Any], name: str) -> npt.NDArray[np.float64]:
    return np.array(columns[name], dtype=np.float64)


def _duplicates(columns: dict[str, Any]) -> Bits:
    """One star, one mission, one period: a table lists one signal twice, or two events as one."""
    order = {mission: number for number, (mission, _) in enumerate(MISSIONS)}
    missions = np.array([order[mission] for mission in columns["mission"]], dtype=np.uint64)
    stars = np.array(columns["star_id"], dtype=np.uint64) * np.uint64(len(MISSIONS)) + missions
    size = len(stars)
    first = first_rows(
        stars,
        np.zeros(size, dtype=np.uint64),
        np.zeros(size, dtype=bool),
        _floats(columns, "period"),
        _floats(columns, "inputs__orbital_period_error"),
    )
    found: Bits = np.where(np.bincount(first, minlength=size)[first] > 1, Warned.DUPLICATE, 0)
    return found


def _near(columns: dict[str, Any]) -> Bits:
    numbers = {name: _floats(columns, name) for name in _NUMBERS}
    stars = np.array(columns["star_id"], dtype=np.uint64)
    found = same_period_within(Ephemerides.of(**numbers, star=stars))
    bits = np.zeros(len(stars), dtype=np.int64)
    bits[found.asked] = Warned.NEAR_STAR
    return bits


def _conflicts(columns: dict[str, Any]) -> Bits:
    pairs = twins_listed(conflicts_only=True)
    own = {pk for pair in pairs for pk in (pair.one_id, pair.other_id)}
    return np.array([Warned.CONFLICT if pk in own else 0 for pk in columns["pk"]], dtype=np.int64)

"""What a cone search may be asked, by Simple Cone Search 1.03 and DALI 1.1."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from training.ml.errors import UserError

MOST: Final = 10_000
"""Rows of one answer; what is left out is the farthest."""
VERBOSITIES: Final = ("1", "2", "3")


class WrongQuery(UserError):
    code = "wrong_query"


class Parameters(Protocol):
    """As in an address: a name may stand there more than once."""

    def lists(self) -> Iterable[tuple[str, list[str]]]: ...


@dataclass(frozen=True)
class ConeQuery:
    """``ra``, ``dec``, ``radius`` in degrees (ICRS). A radius of 0 asks for the columns alone."""

    ra: float
    dec: float
    radius: float
    verbosity: int = 2
    most: int = MOST

    @property
    def wants_rows(self) -> bool:
        return self.radius > 0 and self.most > 0


def cone_query(parameters: Parameters) -> ConeQuery:
    """Names in any case; what is not of the standard is passed over, as that asks."""
    given = _given(parameters)
    return ConeQuery(
        ra=_degrees(given, "RA", 0, 360),
        dec=_degrees(given, "DEC", -90, 90),
        radius=_degrees(given, "SR", 0, 180),
        verbosity=_verbosity(given.get("VERB", "")),
        most=_most(given.get("MAXREC", "")),
    )


def _given(parameters: Parameters) -> dict[str, str]:
    given: dict[str, str] = {}
    for name, values in parameters.lists():
        key = name.upper()
        if key not in ("RA", "DEC", "SR", "VERB", "MAXREC"):
            continue
        if key in given or len(values) > 1:
            raise WrongQuery(f"{key} is given more than once.")
        given[key] = values[0].strip()
    return given


def _degrees(given: Mapping[str, str], name: str, low: float, high: float) -> float:
    text = given.get(name, "")
    if not text:
        raise WrongQuery(f"{name} is missing; give RA, DEC and SR in decimal degrees.")
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not low <= number <= high:
        raise WrongQuery(f"{name} is “{text[:20]}”; give decimal degrees from {low:g} to {high:g}.")
    return number


def _verbosity(text: str) -> int:
    if text and text not in VERBOSITIES:
        raise WrongQuery(f"VERB is “{text[:20]}”; give 1, 2 or 3.")
    return int(text or 2)


def _most(text: str) -> int:
    if text and not (text.isdecimal() and text.isascii() and len(text) < 10):
        raise WrongQuery(f"MAXREC is “{text[:20]}”; give a number of rows.")
    return min(int(text or MOST), MOST)

"""What a kind of table that people have is known by, and where it keeps each quantity.

These tables feed no training, so they are no part of the schema: a classifier does not depend on
them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from training.ml.schema import Combine, Disposition, Layout, Mission


@dataclass(frozen=True)
class From:
    """One place of a quantity: its column, or columns, and the name of their unit ("" = ours)."""

    columns: tuple[str, ...]
    unit: str = ""
    combine: Combine = Combine.ONE


Names = tuple[str, ...]
"""Columns in the order in which they are looked for."""


@dataclass(frozen=True)
class KnownTable:
    """``marks``: of each group the table must have one column. ``places``: by feature, the first
    that the table has counts. ``missions``: a column that only one mission's table has.

    ``loose``: names are compared without blanks and punctuation. ``suffix``: a column that numbers
    the signals of a star, where no column names them.
    """

    layout: Layout
    marks: tuple[Names, ...]
    places: Mapping[str, tuple[From, ...]]
    signal: Names = ()
    star: Names = ()
    ra: Names = ("ra",)
    dec: Names = ("dec",)
    disposition: Names = ()
    mission: Names = ()
    missions: Mapping[str, Mission] = field(default_factory=dict)
    method: Names = ()
    transit_flag: Names = ()
    suffix: Names = ()
    epoch: Names = ()
    bands: Mapping[str, str] = field(default_factory=dict)  # magnitude column -> band
    loose: bool = False


def one(*names: str, unit: str = "") -> tuple[From, ...]:
    """A quantity in one column that goes by any of these names."""
    return tuple(From((name,), unit) for name in names)


def error(*names: str, unit: str = "") -> tuple[From, ...]:
    """An uncertainty in one column that goes by any of these names."""
    return tuple(From((name,), unit, Combine.MEAN_ABS) for name in names)


def errors(upper: str, lower: str, unit: str = "") -> tuple[From, ...]:
    """An uncertainty in two columns."""
    return (From((upper, lower), unit, Combine.MEAN_ABS),)


def vector(first: str, second: str, unit: str = "") -> tuple[From, ...]:
    """The length of a vector of two components."""
    return (From((first, second), unit, Combine.HYPOT),)


def colour(first: str, second: str) -> tuple[From, ...]:
    """A difference of two magnitudes."""
    return (From((first, second), "", Combine.DIFFERENCE),)


WORDS: Mapping[str, Disposition] = {
    **{str(disposition): disposition for disposition in Disposition},
    **dict.fromkeys(("CP", "KP", "Confirmed"), Disposition.CONFIRMED),
    **dict.fromkeys(("PC", "APC", "Candidate", "CTOI"), Disposition.CANDIDATE),
    **dict.fromkeys(
        ("FP", "FA", "EB", "NEB", "BEB", "AFP", "NTP", "REFUTED", "Retracted", "BD", "V", "IS",
            "J"),
        Disposition.FALSE_POSITIVE,
    ),
}  # fmt: skip
"""Dispositions as vetters abbreviate them: (astrophysical) false positive, non-transiting
phenomenon, eclipsing binary, brown dwarf, variable, systematic, junk."""


def layout(
    key: str, title: str, mission: Mission | None, prefix: str = "", epoch_zero: float = 0.0
) -> Layout:
    """A layout of ``KnownTable``, which names the columns itself."""
    return Layout(
        key,
        title,
        mission,
        "",
        "",
        prefix,
        "",
        WORDS,
        doubted=frozenset({"APC"}),
        known_before=frozenset({"KP"}),
        epoch_zero=epoch_zero,
    )

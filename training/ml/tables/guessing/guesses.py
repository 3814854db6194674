"""What the columns of an unknown table may be: guesses that know how sure they are.

A guess rests on a column's name, on the unit that the table states for it, and on its values. One
that is sure enough is filled into a mapping for a person to confirm; another is only offered.
Columns that hold somebody's answer are never proposed as inputs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from training.ml.libraries import pandas as pd
from training.ml.schema import FEATURE_BY_NAME, FEATURES, Feature, Mission
from training.ml.tables.guessing.cells import Floats, are_measured, numbers_in
from training.ml.tables.guessing.consistency import Read, consistent_units
from training.ml.tables.guessing.details import add_details
from training.ml.tables.guessing.likeness import likeness, likeness_of
from training.ml.tables.guessing.missions import guess_mission, guess_mission_column
from training.ml.tables.guessing.roles import role_fit
from training.ml.tables.guessing.units import guess_unit, other_units, said_unit
from training.ml.tables.guessing.words import (
    ROLE_ALIASES,
    band_of,
    holds_an_answer,
    says_count,
    says_error,
    speaks_of_the_star,
    words_of,
)
from training.ml.tables.mapping import ColumnMapping
from training.ml.tables.reading.stated import Stated
from training.ml.tables.reading.stated_units import is_hours
from training.ml.tables.shapes import GuessJson
from training.ml.tables.units import Unit

FILLED: Final = 0.7
"""A guess this sure is filled in."""

OFFERED: Final = 0.5
"""A guess this sure is offered."""

_SURE: Final = 0.95
_SAMPLES: Final = 3
_MOSTLY: Final = 0.75
_OF_BOTH: Final = ("stellar_logg", "stellar_radius", "stellar_mass", "stellar_density")


@dataclass(frozen=True)
class Guess:
    """``target``: a feature or a role. ``certainty`` 0 to 1. ``samples``: the first cells.
    ``units``: names of the units that the values would fit as well. ``filled``: whether the
    mapping has it."""

    target: str
    column: str
    unit: str
    certainty: float
    reason: str
    samples: tuple[str, ...]
    units: tuple[str, ...] = ()
    filled: bool = False

    def as_json(self) -> GuessJson:
        return {
            "target": self.target,
            "column": self.column,
            "unit": self.unit,
            "certainty": self.certainty,
            "reason": self.reason,
            "samples": list(self.samples),
            "units": list(self.units),
            "filled": self.filled,
        }


NOTHING_STATED: Final[Mapping[str, Stated]] = MappingProxyType({})


def guess_columns(
    columns: Sequence[str],
    sample: pd.DataFrame,
    stated: Mapping[str, Stated] = NOTHING_STATED,
) -> list[Guess]:
    """The best guess for each target that some column may be, surest first; each column is filled
    in once.

    ``sample``: the first rows as raw text, dtype str. ``stated``: the units that the table states.
    """
    table = _Sample(columns, sample, stated)
    scored = sorted(
        (found for column in columns for found in table.guesses(column)),
        key=lambda found: (-found.certainty, columns.index(found.column)),
    )
    chosen: dict[str, Guess] = {}
    used: set[str] = set()
    for guess in scored:
        if guess.target not in chosen and guess.column not in used:
            filled = guess.certainty >= FILLED
            chosen[guess.target] = replace(guess, filled=filled)
            used |= {guess.column} if filled else set()
    return _with_consistent_units(chosen, sample)


def _with_consistent_units(chosen: Mapping[str, Guess], sample: pd.DataFrame) -> list[Guess]:
    read = {
        target: Read(numbers_in(sample[guess.column].str.strip().tolist()), guess.unit)
        for target, guess in chosen.items()
        if guess.filled and target in FEATURE_BY_NAME and guess.column in sample
    }
    return [
        replace(guess, units=consistent_units(target, read, guess.units))
        if target in read
        else guess
        for target, guess in chosen.items()
    ]


def guess_mapping(
    columns: Sequence[str],
    sample: pd.DataFrame,
    mission: Mission | None = None,
    stated: Mapping[str, Stated] = NOTHING_STATED,
) -> ColumnMapping:
    """A mapping of the guesses that are sure enough, with their confidence.

    A guess is for a person to confirm; nothing reads a table by it unasked.
    """
    filled = {g.target: g for g in guess_columns(columns, sample, stated) if g.filled}
    features = {
        name: (filled[name].column, filled[name].unit) for name in FEATURE_BY_NAME if name in filled
    }
    details = add_details(columns, sample, stated, features)
    roles: dict[str, Any] = {role: filled[role].column for role in ROLE_ALIASES if role in filled}
    if mission is None:
        roles["mission_column"] = guess_mission_column(columns, sample, roles)
    magnitude = features.get("stellar_magnitude", ("", ""))[0]
    return ColumnMapping(
        mission=mission or (None if roles.get("mission_column") else guess_mission(columns)),
        features=features,
        details=details,
        confidence={target: round(g.certainty, 2) for target, g in filled.items()},
        band=band_of(magnitude) or None,
        ra_in_hours=_is_in_hours(roles.get("ra", ""), stated),
        **roles,
    )


def _is_in_hours(column: str, stated: Mapping[str, Stated]) -> bool:
    """Whether the table states hours for a column of right ascensions, or its name says them."""
    said = stated[column].unit if column in stated else ""
    return is_hours(said or re.split(r"[\s_]", column)[-1])


class _Sample:
    """The first rows of a table, and what they make its columns look like."""

    def __init__(
        self, columns: Sequence[str], sample: pd.DataFrame, stated: Mapping[str, Stated]
    ) -> None:
        self.columns, self.sample, self.stated = columns, sample, stated
        self.parts_stars = sum(speaks_of_the_star(column) for column in columns) > 1

    def guesses(self, column: str) -> list[Guess]:
        cells = self._cells(column)
        if not column.strip():
            return []  # the index that pandas writes
        found = [] if holds_an_answer(column) else list(self._features(column, cells))
        if not says_error(column):
            found += self._roles(column, cells)
        return [guess for guess in found if guess.certainty >= OFFERED]

    def _cells(self, column: str) -> list[str]:
        if column not in self.sample:
            return []
        return [cell for cell in self.sample[column].str.strip().tolist() if cell]

    # --- features ------------------------------------------------------------------------------

    def _features(self, column: str, cells: list[str]) -> Sequence[Guess]:
        numbers = numbers_in(cells)
        if len(numbers) and np.isnan(numbers).all() and not are_measured(cells):
            return []
        unit_text = self.stated[column].unit if column in self.stated else ""
        guesses = []
        for feature in FEATURES:
            if feature.is_categorical or feature.name.endswith("_error") != says_error(column):
                continue
            said = said_unit(feature.name, column, unit_text, self.columns)
            unit = said or guess_unit(feature.name, column, unit_text, numbers)
            if unit is None:
                continue
            likeness, reason = likeness_of(feature.name, column, said, bool(unit_text))
            certainty = likeness * self._fit(feature, column, unit, numbers)
            if unit_text and certainty >= OFFERED:
                reason += f", and the table states {unit_text}"
            guesses.append(
                Guess(
                    feature.name,
                    column,
                    unit.name,
                    certainty,
                    reason,
                    tuple(cells[:_SAMPLES]),
                    () if said else other_units(feature.name, unit, numbers),
                )
            )
        return guesses

    def _fit(self, feature: Feature, column: str, unit: Unit, numbers: Floats) -> float:
        """1 where the sample fits the feature, less where it does not or could be another's."""
        known = numbers[np.isfinite(numbers)]
        if not len(known):
            return _SURE
        if len(known) > 1 and set(known.tolist()) <= {0.0, 1.0} and feature.name != "signal_count":
            return 0.0  # a flag
        base = feature.name.removesuffix("_error")
        of_planet = self.parts_stars and not speaks_of_the_star(column)
        if of_planet and base in _OF_BOTH:
            return 0.6  # beside columns that name the star, this one is the planet's
        if says_count(column) and not feature.integer:
            return 0.0
        if feature.name == "stellar_magnitude" and band_of(column) == "":
            return 0.0
        if feature.name == "orbital_period" and len(column) == 1 and known.max() <= 1:
            return 0.0  # P of a table of probabilities
        values = np.abs(known) if feature.name.endswith("_error") else known
        ours = values if unit.conversion else values * unit.factor
        high = np.inf if unit.conversion else _high(feature)
        inside = np.mean((ours >= feature.low) & (ours <= high))
        return 1.0 if inside >= _MOSTLY else 0.5

    # --- roles ---------------------------------------------------------------------------------

    def _roles(self, column: str, cells: list[str]) -> list[Guess]:
        samples = tuple(cells[:_SAMPLES])
        words, found = words_of(column), []
        for role, names in ROLE_ALIASES.items():
            score = max(likeness(words, alias) for alias in names)
            score, reason = role_fit(role, score, column, cells)
            found.append(Guess(role, column, "", score, reason, samples))
        return found


def _high(feature: Feature) -> float:
    """Fits of grazing eclipses reach any ratio; a column that is mostly above 1 is none."""
    return 1.5 if feature.name == "radius_ratio" else feature.high

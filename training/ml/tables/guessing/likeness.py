"""How much a column's name is like that of an input."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Final

from training.ml.tables.guessing.languages import means
from training.ml.tables.guessing.words import (
    ALIASES,
    may_be_either,
    says_another_quantity,
    words_of,
)
from training.ml.tables.units import Unit

_SURE: Final = 0.95
_EITHER: Final = 0.6
_HALF_A_SUN_IN_EARTHS: Final = 50.0
_TYPING_ERROR: Final = 0.85
"""Names that differ by more than a letter or two are other names: "stellar age" is no "stellar
magnitude"."""


def likeness_of(feature: str, column: str, said: Unit | None, is_stated: bool) -> tuple[float, str]:
    """(0 to 1, why). ``said``: the unit of this feature that the table states for the column, or
    that its name says."""
    if says_another_quantity(column):
        return 0.0, ""
    words, quantity = words_of(column), feature.removesuffix("_error")
    score = max((likeness(words, alias) for alias in ALIASES[feature]), default=0.0)
    if (quantity, words) in (("radius_ratio", "k"), ("impact_parameter", "b")):
        score = 0.55  # as often the amplitude of a radial velocity, or a Galactic latitude
    if may_be_either(quantity, words):
        return _by_unit(quantity, said), "that may be the planet's or the star's"
    if score < _SURE and means(feature, column):
        return max(score, 0.9 if is_stated else 0.6), f"“{column}” means it in another language"
    return score, f"“{column}” is named like it"


def _by_unit(quantity: str, said: Unit | None) -> float:
    """Nobody gives a planet's radius in solar radii, or a star's in those of the Earth."""
    if said is None:
        return _EITHER
    match quantity:
        case "planet_radius":
            return _SURE if said.factor < _HALF_A_SUN_IN_EARTHS else 0.0
        case "stellar_radius" | "stellar_mass":
            return _SURE if said.factor > 0.5 else 0.0
        case "stellar_density":
            return _SURE if "solar" in said.name else _EITHER
        case _:
            return _SURE


def likeness(words: str, alias: str) -> float:
    if words == alias:
        return 1.0
    if len(alias) < 3 or len(words) < 3:
        return 0.0
    ratio = SequenceMatcher(None, words, alias).ratio()
    contained = 0.5 + 0.4 * len(alias) / len(words) if len(alias) >= 4 and alias in words else 0.0
    return _SURE * max(ratio if ratio >= _TYPING_ERROR else 0.0, contained)

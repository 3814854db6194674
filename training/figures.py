"""Numbers as people read them: digits that mean something, the unit beside them, no certainty that nobody has."""

from __future__ import annotations

from math import floor, log10
from typing import Final

from training.ml.inputs import number_text
from training.ml.schema import FEATURE_BY_NAME

NOT_GIVEN: Final = "not given"
NOT_KNOWN: Final = "not known"
NARROW_SPACE: Final = "\N{NARROW NO-BREAK SPACE}"

COMPUTED: Final = frozenset(
    ("proper_motion", "galactic_latitude", "ecliptic_latitude", "stellar_jk_colour", "sibling_period_ratio")
)
"""Inputs that come from several cells of a table, to more digits than those have."""

SHORT_UNITS: Final = {
    "days": "d",
    "hours": "h",
    "Earth radii": "R⊕",
    "Earth flux": "S⊕",
    "solar radii": "R☉",
    "solar masses": "M☉",
    "degrees": "°",
    "log10(cm/s²)": "dex",
}


def short_unit(unit: str) -> str:
    """The field's sign for a unit of the schema."""
    return SHORT_UNITS.get(unit, unit)


def with_unit(text: str, unit: str) -> str:
    if unit == "°":
        return f"{text}°"
    return f"{text}\N{NO-BREAK SPACE}{unit}" if unit else text


def probability_text(probability: float) -> str:
    """A whole percentage that never claims certainty."""
    if probability >= 0.995:
        return f"more than 99{NARROW_SPACE}%"
    if probability < 0.005:
        return f"less than 1{NARROW_SPACE}%"
    return f"{round(100 * probability)}{NARROW_SPACE}%"


def significant_text(number: float, digits: int = 4) -> str:
    """``number`` rounded to significant digits; whole thousands keep all theirs."""
    if number == 0:
        return "0"
    decimals = max(0, digits - 1 - floor(log10(abs(number))))
    return number_text(round(number, decimals))


def given_text(name: str, value: float | str | None, error: float | None = None) -> str:
    """An input as it was given, with uncertainty and unit; a text stays a text, what was computed has six digits."""
    if value is None:
        return NOT_GIVEN
    feature = FEATURE_BY_NAME.get(name)
    unit = short_unit(feature.unit) if feature else ""
    shown = significant_text(value, 6) if name in COMPUTED and not isinstance(value, str) else value
    text = shown if isinstance(shown, str) else number_text(shown)
    return with_unit(text if error is None else f"{text} ± {number_text(error)}", unit)


def rounded_text(value: float | str | None, unit: str = "") -> str:
    """A computed quantity to four digits, with its unit."""
    if value is None:
        return NOT_KNOWN
    return with_unit(value if isinstance(value, str) else significant_text(value), short_unit(unit))


def signed_text(number: float, decimals: int = 2) -> str:
    """With its sign, as contributions and differences are read: +0.42, −0.10."""
    return f"{number:+.{decimals}f}".replace("-", "−")


def figure_text(number: float | None, decimals: int = 3) -> str:
    """A figure of merit between 0 and 1."""
    return NOT_KNOWN if number is None else f"{number:.{decimals}f}".replace("-", "−")

"""Numbers as people read them; what pages add to that stands in ``training.figures``."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

_SUPERSCRIPTS: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


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


def number_text(number: float) -> str:
    """``number`` as people write it: thousands separated, no exponent where a few digits do, a real
    minus sign."""
    if number == 0:
        return "0"
    if 1e-6 <= abs(number) < 1e15:
        text = f"{Decimal(repr(float(number))):,f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    else:
        text = f"{number:.4g}"
    return with_minus(text)


def number(value: float) -> str:
    """Four significant digits, thousands separated,
    no exponent where people would not write one."""
    if value == 0 or 1e-4 <= abs(value) < 1e9:
        digits = 4 if abs(value) < 1000 else 0
        return f"{value:,.{digits}g}" if digits else f"{value:,.0f}"
    return f"{value:.3g}"


def quantity(value: float, unit: str) -> str:
    return f"{number(value)} {unit}".rstrip()


def readable(value: float, digits: int = 4) -> str:
    """At most four significant digits, a real minus sign; very small and very large numbers as a
    power of ten."""
    text = number(float(f"{value:.{digits}g}") if abs(value) < 1000 else value)
    if "e" in text:
        digits_text, _, power = text.partition("e")
        return with_minus(f"{digits_text} × 10{str(int(power)).translate(_SUPERSCRIPTS)}")
    return with_minus(text)


def signed(contribution: float) -> str:
    """A contribution as it stands at a bar: two decimals, always with its sign."""
    text = f"{contribution:+.2f}"
    return "0.00" if float(text) == 0 else with_minus(text)


def fixed(value: float | None, decimals: int) -> str:
    """Always as many decimals, for columns of figures; a dash where there is none."""
    return "–" if value is None else f"{value:.{decimals}f}"


def with_minus(text: str) -> str:
    """A minus sign instead of a hyphen."""
    return text.replace("-", "−")


def finite_or_none(value: float) -> float | None:
    """JSON knows no NaN."""
    return None if value != value else float(value)

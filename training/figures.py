"""Numbers as people read them: digits that mean something, the unit beside them, no certainty that
nobody has."""

from __future__ import annotations

from datetime import timedelta
from math import floor, log10
from typing import Final

from training.ml.numbers import fixed, number_text, short_unit, with_minus
from training.ml.schema import FEATURE_BY_NAME, FEATURES, NONE_WORDS, Combine

NOT_GIVEN: Final = "not given"
NOT_KNOWN: Final = "not known"
NARROW_SPACE: Final = "\N{NARROW NO-BREAK SPACE}"

COMPUTED: Final = frozenset(
    ("galactic_latitude", "ecliptic_latitude", "sibling_period_ratio")
) | frozenset(
    feature.name
    for feature in FEATURES
    if any(
        source.combine in (Combine.HYPOT, Combine.DIFFERENCE) for source in feature.sources.values()
    )
)
"""Inputs that come from several cells of a table, to more digits than those have."""


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


def share_text(share: float) -> str:
    """A share that may well be 0 or 1, unlike a probability; one that is neither does not look as
    if it were."""
    if 0 < share < 0.01 or 0.99 < share < 1:
        few = min(max(round(100 * share, 1), 0.1), 99.9)
        return f"{few:g}{NARROW_SPACE}%"
    return f"{100 * share:.0f}{NARROW_SPACE}%"


def counted(count: int, noun: str) -> str:
    """ "1 signal", "2,723 signals"."""
    return f"{number_text(count)} {noun}" if count == 1 else f"{number_text(count)} {noun}s"


def significant_text(number: float, digits: int = 4) -> str:
    """``number`` rounded to significant digits; whole thousands keep all theirs."""
    if number == 0:
        return "0"
    decimals = max(0, digits - 1 - floor(log10(abs(number))))
    return number_text(round(number, decimals))


def given_text(name: str, value: float | str | None, error: float | None = None) -> str:
    """An input as it was given, with uncertainty and unit; a text stays a text, what was computed
    has six digits."""
    if value is None:
        return NOT_GIVEN
    if words := NONE_WORDS.get((name, value)):
        return words
    feature = FEATURE_BY_NAME.get(name)
    unit = short_unit(feature.unit) if feature else ""
    shown = significant_text(value, 6) if name in COMPUTED and not isinstance(value, str) else value
    text = shown if isinstance(shown, str) else number_text(shown)
    if error is not None and not isinstance(value, str):
        text = measured_text(value, error)
    return with_unit(text, unit)


def measured_text(value: float, error: float) -> str:
    """Uncertainty to two digits and the value to the same place, as the field prints them."""
    if error <= 0:
        return f"{number_text(value)} ± {number_text(error)}"
    decimals = 1 - floor(log10(float(f"{error:.1e}")))  # 0.0996 is 0.10
    places = max(0, decimals)
    text = f"{round(value, decimals):,.{places}f} ± {round(error, decimals):,.{places}f}"
    return with_minus(text)


def rounded_text(value: float | str | None, unit: str = "") -> str:
    """A computed quantity to four digits, with its unit."""
    if value is None:
        return NOT_KNOWN
    return with_unit(value if isinstance(value, str) else significant_text(value), short_unit(unit))


def signed_text(number: float, decimals: int = 2) -> str:
    """With its sign, as contributions and differences are read: +0.42, −0.10."""
    return with_minus(f"{number:+.{decimals}f}")


def figure_text(number: float | None, decimals: int = 3) -> str:
    """A figure of merit between 0 and 1; what is short of an end is never printed as if it were
    there."""
    if number is None:
        return NOT_KNOWN
    text, step = fixed(number, decimals), 10**-decimals
    if number > 0 and float(text) == 0:
        return f"< {step:.{decimals}f}"
    if number < 1 and float(text) == 1:
        return f"> {1 - step:.{decimals}f}"
    return with_minus(text)


def duration_words(duration: timedelta | None) -> str:
    """ "3 min 20 s", as people say it; empty where unknown."""
    if duration is None:
        return ""
    seconds = max(0, round(duration.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes, seconds = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes} min {seconds} s" if minutes < 10 and seconds else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def along_logarithm(value: float, ends: tuple[float, float], start: float, stop: float) -> float:
    """Where ``value`` stands on an axis from ``start`` to ``stop`` that is logarithmic between
    ``ends``; what lies beyond them stands at its edge."""
    low, high = (log10(end) for end in ends)
    share = (log10(max(value, 1e-9)) - low) / (high - low)
    return start + (stop - start) * min(1.0, max(0.0, share))

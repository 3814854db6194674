"""One signal as a person types it or a program sends it: checked, then one harmonised row.

The form and the API both read a signal here, so that the same mistake gets the same sentence in
both. Nothing is guessed and no number is filled in that nobody gave: an input is what was written,
or missing, or an error.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final

from training.ml.contradictions import impossible
from training.ml.errors import InvalidSignal, join_words
from training.ml.numbers import number_text
from training.ml.schema import (
    BAND_OF_MISSION,
    FEATURE_BY_NAME,
    FEATURE_NAMES,
    FEATURES,
    LAYOUTS,
    REQUIRED_NAMES,
    Feature,
    Mission,
    band_of_magnitude,
    parse_mission,
    source_of,
)
from training.ml.signal_rows import SignalRows
from training.ml.tables.cell_values import in_column_unit
from training.ml.tables.cells import Cell, parse_cell
from training.ml.tables.columns import FeatureColumns
from training.ml.tables.unit_words import says_unit

SignalValues = dict[str, float | str]
"""The inputs that were given, by schema name, in our units; ``mission`` is always there."""

# Commas only where they cannot be decimal commas: two groups of three or a point behind them make
# it certain.
_NUMBER: Final = re.compile(
    r"[+-]?(?:\d+\.?\d*|\.\d+|\d{1,3}(?:,\d{3})+\.\d*|\d{1,3}(?:,\d{3}){2,})(?:[eE][+-]?\d+)?",
    re.ASCII,
)
_COMMA_NUMBER: Final = re.compile(r"[+-]?[\d.,]*\d,[\d.,]*\d[\d.,]*", re.ASCII)
_NUMBER_AND_MORE: Final = re.compile(r"[+-]?\d+(?:\.\d+)?\s*[^\d\s.,+-].*", re.ASCII | re.DOTALL)
_NOT_A_NUMBER_WORDS: Final = frozenset(
    {"nan", "inf", "infinity", "-inf", "+inf", "-infinity", "+infinity"}
)
_NUMBER_CHARACTERS: Final = 400  # 1e308 written out is shorter
_SHOWN_CHARACTERS: Final = 40
_UNKNOWN_NAMES_SHOWN: Final = 20


def parse_signal(raw: Mapping[str, object]) -> SignalRows:
    """The one harmonised signal in ``raw``, or ``InvalidSignal`` with a sentence for each wrong
    input."""
    return SignalRows.of_values(parse_values(raw))


def parse_values(raw: Mapping[str, object]) -> SignalValues:
    """What ``raw`` gives, checked against the schema, or ``InvalidSignal`` with a sentence for each
    wrong input."""
    if not isinstance(raw, Mapping):
        raise InvalidSignal(
            {
                "mission": [
                    "A signal is a list of names with values, such as mission and orbital_period."
                ]
            }
        )
    values: SignalValues = {}
    errors: dict[str, list[str]] = {}
    for name, value in [
        ("mission", raw.get("mission")),
        *((n, raw[n]) for n in FEATURE_NAMES if n in raw),
    ]:
        try:
            parsed, uncertainty = _parse_input(name, value)
        except ValueError as error:
            errors[name] = [str(error)]
            continue
        if parsed is not None:
            values[name] = parsed
        if uncertainty is not None and not _is_given(raw, f"{name}_error"):
            values[f"{name}_error"] = uncertainty
    for name in REQUIRED_NAMES:
        if name not in values and name not in errors:
            errors[name] = [missing_sentence(FEATURE_BY_NAME[name])]
    errors |= {name: [sentence] for name, sentence in impossible(values).items()}
    errors |= _unknown_names(raw)
    if errors:
        raise InvalidSignal(errors)
    return _with_band(values)


def range_words(feature: Feature) -> str:
    """The range of ``feature`` in words, its unit included."""
    return (
        f"between {number_text(feature.low)} and {_with_unit(number_text(feature.high), feature)}"
    )


def missing_sentence(feature: Feature) -> str:
    """What to say when a required input is not given."""
    return f"{feature.label} is missing: give a number {range_words(feature)}."


def shown_text(text: str, limit: int = _SHOWN_CHARACTERS) -> str:
    """``text`` fit for a sentence: short, on one line, and without characters that cannot be
    printed or encoded."""
    clean = "".join(
        c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[: limit + 1]
    )
    return clean if len(text) <= limit else f"{clean[:limit]}…"


# --- one input ------------------------------------------------------------------------------------


def _is_given(raw: Mapping[str, object], name: str) -> bool:
    value = raw.get(name)
    return value is not None and (not isinstance(value, str) or bool(value.strip()))


def _parse_input(name: str, value: object) -> tuple[float | str | None, float | None]:
    """The value of one input, None when it is not given, and the uncertainty that was written with
    it; ``ValueError`` carries the sentence for the person."""
    if isinstance(value, str):
        value = value.strip()
    given = value is not None and value != ""
    if name == "mission":
        return _parse_mission(value if given else None), None
    if not given:
        return None, None
    feature = FEATURE_BY_NAME[name]
    if feature.is_categorical:
        return _parse_choice(feature, value), None
    if isinstance(value, str) and (cell := _measured(feature, value)) is not None:
        number = _in_range(feature, _whole(feature, cell.value))
        return number, _possible_error(name, cell.error)
    return number_of(feature, value), None


def number_of(feature: Feature, value: object) -> float:
    """The number in ``value``, in the range of ``feature``; ``ValueError`` carries the sentence."""
    return _in_range(feature, _whole(feature, _parse_number(feature, value)))


def _measured(feature: Feature, text: str) -> Cell | None:
    """A number with its unit or its uncertainty, in our unit; None where the text is something
    else."""
    if _NUMBER.fullmatch(text) or _COMMA_NUMBER.fullmatch(text):
        return None
    cell = parse_cell(text)
    if cell is None:
        return None
    shown = shown_text(text)
    if cell.is_limit:
        raise ValueError(
            f"{feature.label} is “{shown}”, a limit and no value. {_give_a_number(feature)}"
        )
    column = FeatureColumns(feature.name, (feature.name,))
    if (ours := in_column_unit(cell, column)) is not None:
        return ours
    if not says_unit(cell.unit):
        return None
    in_ours = f" in {feature.unit}" if feature.unit else ", which has none"
    raise ValueError(
        f"{feature.label} is “{shown}”, whose unit is none of this quantity. Give it{in_ours}."
    )


def _possible_error(name: str, error: float | None) -> float | None:
    feature = FEATURE_BY_NAME.get(f"{name}_error")
    possible = feature and error is not None and feature.low <= error <= feature.high
    return error if possible else None


def _parse_mission(value: object) -> str:
    if value is None:
        raise ValueError(f"Mission is missing: {_MISSION_CHOICE}.")
    mission = parse_mission(value) if isinstance(value, str) else None
    if mission is None:
        raise ValueError(f"{_shown(value)} is not a mission: {_MISSION_CHOICE}.")
    return mission.value


def _parse_choice(feature: Feature, value: object) -> str:
    if isinstance(value, str):
        for choice in feature.choices:
            if choice.lower() == value.lower():
                return choice
    raise ValueError(
        f"{feature.label} is {_shown(value)}, but must be {join_words(feature.choices, 'or')}."
    )


def _parse_number(feature: Feature, value: object) -> float:
    # bool is an int to Python, but true is no measurement.
    if isinstance(value, str):
        return _number_from_text(feature, value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(
            f"{feature.label} is {_shown(value)}, which is not a number. {_give_a_number(feature)}"
        )
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if math.isfinite(number):
        return number
    what = "not a number (NaN)" if math.isnan(number) else "infinite or too large to compute with"
    raise ValueError(f"{feature.label} is {what}. {_give_a_number(feature)}")


def _number_from_text(feature: Feature, text: str) -> float:
    plain = text.replace("\N{MINUS SIGN}", "-", 1) if text[0] == "\N{MINUS SIGN}" else text
    plain = plain.replace("e\N{MINUS SIGN}", "e-").replace("E\N{MINUS SIGN}", "E-")
    if len(plain) <= _NUMBER_CHARACTERS and _NUMBER.fullmatch(plain):
        return _parse_number(feature, float(plain.replace(",", "")))
    if plain.lower() in _NOT_A_NUMBER_WORDS:
        return _parse_number(feature, float(plain))
    shown = shown_text(text)
    if _COMMA_NUMBER.fullmatch(plain):
        raise ValueError(
            f"{feature.label} is “{shown}”, where the comma can be read in two ways or not at all. "
            "Write a decimal point, and no comma between thousands, as in 1234.5."
        )
    if _NUMBER_AND_MORE.fullmatch(plain):
        unit = f" in {feature.unit}" if feature.unit else ""
        raise ValueError(
            f"{feature.label} is “{shown}”. Write the number alone{unit}, without a unit or other"
            " signs."
        )
    raise ValueError(
        f"{feature.label} is “{shown}”, which is not a number. {_give_a_number(feature)}"
    )


def _whole(feature: Feature, number: float) -> float:
    if feature.integer and not number.is_integer():
        raise ValueError(
            f"{feature.label} is {number_text(number)}, but is a count: give a whole number"
            f" {range_words(feature)}."
        )
    return number


def _in_range(feature: Feature, number: float) -> float:
    if feature.low <= number <= feature.high:
        return number
    value = _with_unit(number_text(number), feature)
    check = (
        f"check the number and its unit ({feature.unit})" if feature.unit else "check the number"
    )
    raise ValueError(f"{feature.label} is {value}, but must be {range_words(feature)}: {check}.")


# --- the whole signal -----------------------------------------------------------------------------


def _with_band(values: SignalValues) -> SignalValues:
    named = str(values.pop("magnitude_band", ""))
    own = BAND_OF_MISSION.get(Mission(str(values["mission"])))
    if "stellar_magnitude" in values and (band := band_of_magnitude(named, own)):
        values["magnitude_band"] = band
    return values


def _unknown_names(raw: Mapping[str, object]) -> dict[str, list[str]]:
    unknown = [name for name in raw if name != "mission" and name not in FEATURE_BY_NAME]
    errors = {
        shown_text(str(name)): [_unknown_sentence(str(name))]
        for name in unknown[:_UNKNOWN_NAMES_SHOWN]
    }
    if len(unknown) > _UNKNOWN_NAMES_SHOWN:
        last = next(reversed(errors))
        errors[last].append(f"{len(unknown) - _UNKNOWN_NAMES_SHOWN} more names are unknown.")
    return errors


def _unknown_sentence(name: str) -> str:
    shown, nearest = shown_text(name), _nearest_name(name[:_SHOWN_CHARACTERS])
    if nearest is None:
        return f"“{shown}” is not an input of a signal. Leave it out, or see the list of inputs."
    return f"“{shown}” is not an input of a signal. Did you mean {nearest}?"


def _nearest_name(name: str) -> str | None:
    wanted = name.strip().lower().replace(" ", "_").replace("-", "_")
    if wanted in _NAME_BY_ALIAS:
        return _NAME_BY_ALIAS[wanted]
    matches = get_close_matches(wanted, ["mission", *FEATURE_NAMES], n=1, cutoff=0.5)
    return matches[0] if matches else None


def _aliases() -> dict[str, str]:
    """Other names under which people know an input: the archive's columns, our labels and the
    field's symbols."""
    aliases = {"mission": "mission", **{name: name for name in FEATURE_NAMES}}
    for feature in FEATURES:
        sources = [source_of(feature, layout) for layout in LAYOUTS]
        columns = [s.columns[0] for s in sources if s is not None and len(s.columns) == 1]
        for alias in (feature.label, feature.symbol, *columns):
            aliases.setdefault(alias.lower().replace(" ", "_"), feature.name)
    return aliases


def _with_unit(text: str, feature: Feature) -> str:
    return f"{text} {feature.unit}" if feature.unit else text


def _give_a_number(feature: Feature) -> str:
    otherwise = "" if feature.required else ", or leave it out"
    return f"Give a number {range_words(feature)}{otherwise}."


def _shown(value: object) -> str:
    """A wrong value as it stands in a sentence;
    the contents of lists and objects are not repeated."""
    if isinstance(value, str):
        return f"“{shown_text(value)}”"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return _shown_number(value)
    return (
        "a list"
        if isinstance(value, list)
        else "an object"
        if isinstance(value, dict)
        else "something else"
    )


def _shown_number(value: float) -> str:
    try:
        number = float(value)
    except OverflowError:
        return "a very large number"
    return number_text(number) if math.isfinite(number) else "not a finite number"


_MISSION_CHOICE: Final = f"choose {join_words(tuple(Mission), 'or')}"
_NAME_BY_ALIAS: Final = _aliases()

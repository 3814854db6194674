"""One cell of text that is more than a number: with its uncertainty, its unit, or as a limit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

LONGEST: Final = 80  # characters; longer text is no number

_NUMBER: Final = r"(?:\d{1,3}(?:[  ']\d{3})+(?:\.\d+)?|\d+\.?\d*|\.\d+)"
_SIGNED: Final = rf"[+-]?{_NUMBER}(?:[eE][+-]?\d+)?"
_UNIT: Final = r"(?P<unit>[^\d\s.,:+±<>=()-][^±<>=]*|\[[^\]]+\]|\([^\d\s.,:+±<>=()-][^±<>=()]*\))"

_PLAIN: Final = re.compile(
    rf"(?P<value>{_SIGNED})(?:\((?P<last>{_NUMBER})\))?"
    rf"(?:\s*±\s*(?P<both>{_NUMBER}(?:[eE][+-]?\d+)?)"
    rf"|\s*(?P<first>[+-]\s?{_NUMBER}(?:[eE][+-]?\d+)?)[\s/,]*(?P<second>[+-]\s?{_NUMBER}(?:[eE][+-]?\d+)?))?"
    rf"(?P<power>\s?[x*]\s?10(?:\^|\*\*)?(?P<ten>[+-]?\d+))?"
    rf"(?:\s*{_UNIT})?",
    re.ASCII,
)
_BRACKETED: Final = re.compile(
    rf"\((?P<value>{_SIGNED})\s*±\s*(?P<both>{_NUMBER})\)"
    rf"(?:[eE](?P<e>[+-]?\d+)|\s?[x*]\s?10(?:\^|\*\*)?(?P<ten>[+-]?\d+))?(?:\s*{_UNIT})?",
    re.ASCII,
)
_UNIT_TWICE: Final = re.compile(
    rf"(?P<value>{_SIGNED})\s*{_UNIT}\s*±\s*(?P<both>{_NUMBER})\s*(?P<again>[^\d\s].*)?",
    re.ASCII,
)
_LIMIT: Final = re.compile(
    rf"(?:<<?=?|>>?=?|≤|≥|≲|≳|less than|more than|below|above)\s*{_SIGNED}\s*(?:{_UNIT})?",
    re.IGNORECASE | re.ASCII,
)
# "1 d 2 h", "2h30m": at least two of days, hours and minutes.
_CLOCK: Final = re.compile(
    r"(?=.*[dh].*[hm])(?:(?P<d>\d+)\s*d(?:ays?)?)?\s*(?:(?P<h>\d+)\s*h(?:ours?|rs?)?)?"
    r"\s*(?:(?P<m>\d+(?:\.\d+)?)\s*m(?:in(?:utes?)?)?)?",
    re.ASCII,
)
_FOOTNOTE: Final = re.compile(r"(?<=[\d)}])\s*(?:[*†‡§¶]+|\[\d{1,3}\])$")
_ASYMMETRIC: Final = re.compile(
    r"[_^]?\{\s*([+-][\d.,]+)\s*\}\s*[_^]?\{\s*([+-][\d.,]+)\s*\}"
    r"|(?<=[\d.\s])\(\s*([+-][\d.,]+?)[\s/,;]+([+-][\d.,]+)\s*\)"
)
_FORTRAN: Final = re.compile(r"(?<=[\d.])[dD](?=[+-]\d{1,3}\b)")
_ABOUT: Final = re.compile(r"(?:~|≈|∼|≃|ca\.|c\.|about|approx\.?)\s*", re.IGNORECASE)
_SIGNS: Final = (
    ("\N{MINUS SIGN}", "-"),
    ("\N{FULLWIDTH HYPHEN-MINUS}", "-"),
    ("\N{NO-BREAK SPACE}", " "),
    ("\N{NARROW NO-BREAK SPACE}", " "),
    ("\N{THIN SPACE}", " "),
    ("\N{RIGHT SINGLE QUOTATION MARK}", "'"),
    ("\N{MULTIPLICATION SIGN}", "x"),
    ("\\times", "x"),
    ("\\pm", "±"),
    ("+/-", "±"),
    ("+-", "±"),
    ("\\lesssim", "<"),
    ("\\gtrsim", ">"),
    ("\\sim", "~"),
    ("\\,", " "),
    ("$", ""),
)


@dataclass(frozen=True)
class Cell:
    """``error``: one sigma, the mean of both sides, in the unit of the value; ``unit``: as written,
    "" where none is; a limit has no value."""

    value: float
    error: float | None = None
    unit: str = ""
    is_limit: bool = False


def parse_cell(text: str, decimal_comma: bool = False) -> Cell | None:
    """What a person means by "3.52 ± 0.01", "3.5225(2)", "3.5 d", "0.91%", "1 000", "<5"; None
    where it cannot be told."""
    if len(text) > LONGEST:
        return None
    plain = _tidy(text, decimal_comma)
    if _LIMIT.fullmatch(plain):
        return Cell(float("nan"), is_limit=True)
    if plain and (clock := _CLOCK.fullmatch(plain)):
        return Cell(_hours(clock), unit="h")
    plain = _ABOUT.sub("", plain, count=1) if _ABOUT.match(plain) else plain
    if found := _BRACKETED.fullmatch(plain):
        scale = 10.0 ** int(found["e"] or found["ten"] or 0)
        return _cell(found, float(found["both"]) * scale, scale)
    if found := _PLAIN.fullmatch(plain):
        return None if _is_date(found) else _cell(found, _error(found))
    found = _UNIT_TWICE.fullmatch(plain)
    same = found and found["again"] in (None, "", found["unit"].strip())
    return _cell(found, float(found["both"])) if found and same else None


def _tidy(text: str, decimal_comma: bool) -> str:
    for sign, plain in _SIGNS:
        text = text.replace(sign, plain)
    text = _FOOTNOTE.sub("", text.strip())
    text = _ASYMMETRIC.sub(r" \1\3 \2\4", text)
    text = _FORTRAN.sub("e", text)
    text = re.sub(r"10\^?\{([+-]?\d+)\}", r"10^\1", text).strip()
    if decimal_comma:
        text = re.sub(r"(?<=\d)\.(?=\d{3}(?:\D|$))", "", text)
        return re.sub(r"(?<=\d),(?=\d)", ".", text)
    # Only where they cannot be decimal commas: two groups of three, or a point behind them.
    return re.sub(
        r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?=\.\d)|(?<![\d.,])\d{1,3}(?:,\d{3}){2,}(?![\d,])",
        lambda found: found[0].replace(",", ""),
        text,
    )


def _hours(clock: re.Match[str]) -> float:
    days, hours, minutes = (float(part or 0) for part in clock.groups())
    return 24 * days + hours + minutes / 60


def _number(text: str) -> float:
    return float(re.sub(r"[ ']", "", text))


def _cell(found: re.Match[str], error: float | None, scale: float | None = None) -> Cell | None:
    groups = found.groupdict()
    if scale is None:
        scale = 10.0 ** int(groups["ten"]) if groups.get("ten") else 1.0
        error = None if error is None else error * scale
    value = _number(found["value"]) * scale
    unit = (found["unit"] or "").strip()
    unit = unit[1:-1].strip() if unit[:1] + unit[-1:] in ("[]", "()") else unit
    return Cell(value, error, unit) if abs(value) < float("inf") else None


def _is_date(found: re.Match[str]) -> bool:
    """ "2026-04-09" is no 2026 with two lower uncertainties; nor is "3.5 +0.1 +0.2" anything."""
    return bool(found["first"]) and found["first"][0] == found["second"][0]


def _error(found: re.Match[str]) -> float | None:
    if found["last"]:
        return _last_digits(found["value"], found["last"])
    if found["both"]:
        return _number(found["both"])
    if found["first"]:
        sides = [_number(found["first"]), _number(found["second"])]
        return sum(map(abs, sides)) / 2
    return None


def _last_digits(value: str, digits: str) -> float:
    """3.5225(2) is 3.5225 ± 0.0002; 3.52(0.01) says so itself."""
    if "." in digits:
        return float(digits)
    mantissa, _, exponent = value.lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    return float(f"{digits}e{int(exponent or 0) - decimals}")

"""CSV that leaves the site: no cell of it may run as a formula where it is opened."""

from __future__ import annotations

import re
from typing import Final

NUMBER: Final = r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf(?:inity)?|nan"
# Declinations as the archive and ExoFOP write them: -12d41m45.46s, -12:41:45.46, -12 41 45.46.
_ANGLE: Final = r"\d{1,3}[:d ]\d{1,2}[:m ]\d{1,2}(?:\.\d*)?s?"
_HARMLESS: Final = rf"{NUMBER}|{_ANGLE}"
# What spreadsheets take for a formula: these first, also in their wide forms, unless just a number
# or angle follows.
_FORMULA: Final = re.compile(
    rf"\s*(?:[=@\t\r＝＠＋－]|[+-](?!(?:{_HARMLESS})?\s*\Z)(?!-\Z))", re.IGNORECASE
)
# The same anywhere in rows of plain comma-separated text; may find too much, and then every cell is
# looked at.
_SUSPICIOUS: Final = re.compile(
    rf'(?:^|,)\s*"?\s*(?:[=@\t\r＝＠＋－]|[+-](?!(?:{_HARMLESS})?\s*"?(?:,|$)))',
    re.IGNORECASE | re.MULTILINE,
)
# Faster than that, and true wherever that is: nearly every block of a real table stops here.
_SIGNS: Final = re.compile(
    rf'[+-](?<![^,\s"][+-])(?!(?:{_HARMLESS})?\s*"?(?:,|$))', re.IGNORECASE | re.MULTILINE
)
_MARKS: Final = "=@\t\r＝＠＋－"


def is_suspicious(text: str) -> bool:
    """Whether rows of plain comma-separated text may hold a cell that a spreadsheet would run."""
    if not any(mark in text for mark in _MARKS) and not _SIGNS.search(text):
        return False
    return _SUSPICIOUS.search(text) is not None


def neutral(cell: str) -> str:
    """``cell`` such that no spreadsheet runs it; numbers, negative ones too, stay as they are."""
    return f"'{cell}" if _FORMULA.match(cell) else cell

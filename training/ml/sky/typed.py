"""What a person types into a search box: a name in any form, a bare number, or a position.

``name_key`` folds every spelling of a name to one key. Whoever keeps names keeps their keys beside
them and finds what was typed by equality; ``read_typed`` says which keys a text can stand for.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from training.ml.errors import UserError, shorten
from training.ml.sky.designations import GREEK_SIGNS, WORDS
from training.ml.sky.names import is_rounded, is_star_form, signal_name, star_name, targets_in
from training.ml.sky.positions import SkyPosition, looks_like_position, parse_position

LONGEST: Final = 120
"""Characters; no name and no position is longer."""

_DASHES: Final = re.compile("[\u00ad\u2010-\u2015\u2212\u2043\ufe58\ufe63\uff0d]")
_INVISIBLE: Final = re.compile("[\u200b-\u200f\u2060\ufeff\u202a-\u202e]")
_QUOTES: Final = "\"'`“”‘’„«»<>"
_AROUND: Final = " \t\r\n*,;.?!"
_SEPARATORS: Final = re.compile(r"[_:#=/,()\[\]]+")
_ZEROS: Final = re.compile(r"(?<![\d.])0+(?=\d)")
_BETWEEN_NUMBERS: Final = re.compile(r"(?<=\d)[\s-]+(?=\d)")
_GAP: Final = re.compile(r"[\s-]+(?!\d)|(?<!\d)[\s-]+")
_WORD: Final = re.compile(r"[a-z]+")
_KOI: Final = re.compile(r"^k(\d+\.\d{1,2})$")
_ZONE: Final = re.compile(r"^(bd|cd|cpd)[\s-]*(\+?\s*\d\d)[\s-]*(?=\d)")
"""The Durchmusterungen number stars within zones of declination: BD+20594 is BD+20 594."""
_USUAL: Final = re.compile(r"K0{0,4}([1-9]\d*\.\d\d)", re.ASCII)
_LISTED: Final = re.compile(r"((?:koi|toi|kic|tic|epic)\d+)[.-](\d{1,2})")
_DECIMAL: Final = re.compile(r"^((?:kic|tic|epic)\d+)\.0+$")
_IN_BRACKETS: Final = re.compile(r"\s*\(.*?\)\s*")
_BARE: Final = re.compile(r"0*(\d+)(?:[.](\d{1,2}))?", re.ASCII)
_SCIENTIFIC: Final = re.compile(r"\d(?:[.,]\d*)?e\+?\d+", re.ASCII | re.IGNORECASE)


class Kind(StrEnum):
    NOTHING = "nothing"
    NAME = "name"
    NUMBER = "number"
    POSITION = "position"


class RoundedNumber(UserError):
    """A spreadsheet's 2.59E+08: nobody knows which star it was."""

    code = "rounded_number"

    def __init__(self, text: str) -> None:
        super().__init__(
            f"“{shorten(text)}” has lost its last digits, as spreadsheets round large numbers: look"
            " up the whole number and type that."
        )


@dataclass(frozen=True)
class Typed:
    """``names``: what the text can be called, the likeliest first; a bare number has one for each
    catalogue that numbers so far. ``position`` where it is one."""

    text: str
    kind: Kind
    names: tuple[str, ...] = ()
    position: SkyPosition | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """Under which keys to look, in the order of ``names``, without repetitions."""
        return tuple(dict.fromkeys(name_key(name) for name in self.names))


def tidy(text: str) -> str:
    """``text`` with one kind of dash and blank, without marks around it."""
    plain = (text if text.isascii() else _in_ascii(text)).strip(_AROUND)
    if plain[:1] and plain[0] in _QUOTES:  # else it may be the unit of a radius
        plain = plain.strip(_QUOTES + _AROUND)
    return " ".join(plain.split())


def _in_ascii(text: str) -> str:
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return _DASHES.sub("-", "".join(GREEK_SIGNS.get(sign, sign) for sign in plain))


def name_key(text: str) -> str:
    """One key for every spelling of one name: "koi70.01" for K00070.01, KOI-70.01 and koi 70.01;
    "kepler20b"; "k2-3b"; "" for nothing.

    Case, blanks, dashes and leading zeros do not count, except that numbers stay apart: TYC
    3549-2811-1 is not TYC 3549-281-11. A key is its own key.
    """
    if usual := _USUAL.fullmatch(text):  # most names of the archive's tables
        return f"koi{usual[1]}"
    folded = _SEPARATORS.sub(" ", tidy(text).casefold())
    if digits := re.fullmatch(r"(\d+)\.0", folded):  # a spreadsheet's number of a star
        folded = digits[1]
    folded = _WORD.sub(_shortened, _ZONE.sub(r"\1\2 ", folded))
    folded = _ZEROS.sub("", _BETWEEN_NUMBERS.sub("-", folded.strip()))
    return _numbered(_GAP.sub("", folded))


def read_typed(text: str) -> Typed:
    """What ``text`` can stand for.

    Raises ``RoundedNumber`` and ``InvalidPosition`` for what looks like one and is none.
    """
    plain = tidy(text[: LONGEST + 1])
    if not plain or len(text) > LONGEST:
        return Typed(plain, Kind.NOTHING)
    if looks_like_position(plain):
        return Typed(plain, Kind.POSITION, position=parse_position(plain))
    if _BARE.fullmatch(plain) or _SCIENTIFIC.fullmatch(plain):
        return Typed(plain, Kind.NUMBER, tuple(_numbers(plain)))
    return Typed(plain, Kind.NAME, tuple(dict.fromkeys(_names(plain))))


def _shortened(word: re.Match[str]) -> str:
    """A word as keys have it: gliese is gj, mensae men, beta bet."""
    return WORDS.get(word[0], word[0])


def _numbered(key: str) -> str:
    """Signals of a list with two digits: koi70.1 and koi70-01 are koi70.01."""
    key = _KOI.sub(r"koi\1", _DECIMAL.sub(r"\1", key))
    if listed := _LISTED.fullmatch(key):
        return f"{listed[1]}.{int(listed[2]):02d}"
    return key


def _names(plain: str) -> Iterator[str]:
    """The name as catalogues spell it; every other name that stands in the text."""
    yield spelled(plain)
    if plain.isupper():  # KEPLER-20 B: planets have small letters
        yield spelled(plain[:-1] + plain[-1].lower())
    yield spelled(_IN_BRACKETS.sub(" ", plain))
    for target in targets_in(plain):
        yield spelled(
            target.name if target.signal is None else f"{target.name}.{target.signal:02d}"
        )


def spelled(name: str) -> str:
    """The one spelling of a signal's or star's name: K00070.01, TIC 150428135, Kepler-20 b."""
    return star_name(name) or name if is_star_form(name) else signal_name(star_name(name) or name)


@dataclass(frozen=True)
class _Numbering:
    """Who gives numbers, and from which to which."""

    prefix: str
    low: int
    high: int
    has_signals: bool = False


_NUMBERINGS: Final = (
    _Numbering("TOI-", 101, 99_999, has_signals=True),
    _Numbering("KOI-", 1, 9_999, has_signals=True),
    _Numbering("Kepler-", 1, 9_999),
    _Numbering("K2-", 1, 999),
    _Numbering("KIC ", 1, 13_161_029, has_signals=True),
    _Numbering("EPIC ", 200_000_000, 252_000_000, has_signals=True),
    _Numbering("TIC ", 1, 99_999_999_999, has_signals=True),
    _Numbering("Gaia DR3 ", 10**14, 7 * 10**18),
    _Numbering("Gaia DR2 ", 10**14, 7 * 10**18),
)


def _numbers(plain: str) -> list[str]:
    if is_rounded(plain):
        raise RoundedNumber(plain)
    whole = star_name(plain) or plain
    found = _BARE.fullmatch(whole)
    if found is None:
        return [whole]
    number, signal = int(found[1]), found[2]
    possible = [n for n in _NUMBERINGS if n.low <= number <= n.high]
    if signal is None:
        return [f"{n.prefix}{number}" for n in possible]
    # A spreadsheet may have made 270.1 of 270.10; a person may have meant 270.01.
    signals = (f"{int(signal):02d}", f"{signal:0<2}")
    listed = (f"{n.prefix}{number}.{s}" for n in possible if n.has_signals for s in signals)
    return list(dict.fromkeys(listed))

"""The forms in which stars and signals are named, and one spelling for each.

Catalogues, papers and spreadsheets write one name in many ways: K00752.01, KOI-752.01, KOI 752.01,
K752.01; TIC 259377017, TIC259377017, 259377017.0; Kepler-227 b, Kepler-227b. Everything that
compares names compares the spelling that ``signal_name`` and ``star_name`` give.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from training.ml.schema import Mission

_CATALOGUE: Final = re.compile(r"(KIC|TIC|EPIC)[\s_-]*0*(\d+)(?:\.0+)?", re.IGNORECASE | re.ASCII)
_DIGITS: Final = re.compile(
    r"0*(\d+)(?:\.0+)?", re.ASCII
)  # a spreadsheet may have made 10797460.0 of 10797460
_SCIENTIFIC: Final = re.compile(r"(\d)(?:[.,](\d*))?e\+?(\d+)", re.ASCII | re.IGNORECASE)

_KOI: Final = re.compile(r"(?:KOI[\s_-]*|K)0*(\d{1,5})[.](\d{1,2})", re.ASCII | re.IGNORECASE)
_TOI: Final = re.compile(r"(?:TOI[\s_-]*)0*(\d{1,6})[.](\d{1,2})", re.ASCII | re.IGNORECASE)
_BARE_TOI: Final = re.compile(r"0*(\d{1,6})[.](\d{1,2})", re.ASCII)
_OF_CATALOGUE: Final = re.compile(
    r"(KIC|TIC|EPIC)[\s_-]*0*(\d+)[.](\d{1,2})", re.ASCII | re.IGNORECASE
)
_PLANET: Final = re.compile(
    r"((?i:Kepler|K2|TOI|KOI|WASP|HAT-P|HATS|TrES|CoRoT|XO|KELT|NGTS|TIC|KIC|EPIC))[\s_-]*0*(\d+)"
    r"([A-D]?)[\s_-]*([b-z])",
    re.ASCII,
)
_HOST: Final = re.compile(
    r"((?i:Kepler|K2|TOI|KOI|WASP|HAT-P|HATS|TrES|CoRoT|XO|KELT|NGTS))[\s_-]*0*(\d+)([A-D]?)",
    re.ASCII,
)
_WITHIN: Final = re.compile(
    r"\b(?:(TIC|KIC|EPIC|TOI|KOI)[\s_-]*|(K)(?=\d+[.]\d))0*(\d{1,12})(?:[.](\d{1,2}))?\b",
    re.ASCII | re.IGNORECASE,
)
_SPELLING: Final = {
    name.lower(): name
    for name in (
        "Kepler", "K2", "TOI", "KOI", "WASP", "HAT-P", "HATS", "TrES", "CoRoT", "XO", "KELT",
        "NGTS", "TIC", "KIC", "EPIC",
    )
}  # fmt: skip
CATALOGUE_OF_MISSION: Final = {Mission.KEPLER: "KIC", Mission.TESS: "TIC", Mission.K2: "EPIC"}
_MISSION_OF_PREFIX: Final = {
    "kepler": Mission.KEPLER,
    "koi": Mission.KEPLER,
    "kic": Mission.KEPLER,
    "k2": Mission.K2,
    "epic": Mission.K2,
    "toi": Mission.TESS,
    "tic": Mission.TESS,
}
_MOST_DIGITS: Final = {"KOI": 5, "TOI": 6}
MISSION_OF_CATALOGUE: Final = {name: mission for mission, name in CATALOGUE_OF_MISSION.items()}


@dataclass(frozen=True)
class Target:
    """A star by its number in a catalogue or list: KIC, TIC, EPIC, KOI or TOI; and which signal of
    it, where that is said."""

    catalogue: str
    number: int
    signal: int | None

    @property
    def is_star(self) -> bool:
        return self.catalogue in MISSION_OF_CATALOGUE

    @property
    def name(self) -> str:
        return f"{self.catalogue}{' ' if self.is_star else '-'}{self.number}"


def targets_in(text: str) -> list[Target]:
    """Every such number that stands somewhere in ``text``, in order: "TOI 270 c (TIC259377017)"
    holds two."""
    found = []
    for match in _WITHIN.finditer(text):
        catalogue, number = (match[1] or "KOI").upper(), match[3]
        if len(number) <= _MOST_DIGITS.get(catalogue, 12):
            found.append(Target(catalogue, int(number), int(match[4]) if match[4] else None))
    return found


def star_name(text: str, catalogue: str = "") -> str | None:
    """One spelling per star: "KIC 10797460" for kepid 10797460, "010797460" and "KIC-10797460";
    names as they are. None where there is no name, or only a rounded number.

    ``catalogue``: whose number a bare number is, KIC, TIC or EPIC; without it the number stays.
    """
    if catalogue and text.isascii() and text.isdigit() and text[0] != "0":
        return f"{catalogue} {text}"  # nearly all rows of the archive's tables
    name = " ".join(text.split())
    if digits := _DIGITS.fullmatch(name):
        return f"{catalogue} {digits[1]}" if catalogue else digits[1]
    if found := _CATALOGUE.fullmatch(name):
        return f"{found[1].upper()} {found[2]}"
    if exact := _SCIENTIFIC.fullmatch(name):
        number = _whole(exact)
        return None if number is None else star_name(number, catalogue)
    if host := _HOST.fullmatch(name):
        return f"{_SPELLING[host[1].lower()]}-{host[2]}{host[3]}"
    return name or None


def is_rounded(text: str) -> bool:
    """Whether a spreadsheet has rounded this number of a star: 2.59377E+08 has lost its last
    digits, 2.59377017E+08 has not."""
    found = _SCIENTIFIC.fullmatch(text.strip())
    return found is not None and _whole(found) is None


def is_shortened(text: str) -> bool:
    """Whether this TOI number has lost the last digit, as numbers lose a 0: "270.1"."""
    found = _BARE_TOI.fullmatch(text.strip())
    return found is not None and len(found[2]) == 1


def signal_name(text: str, mission: str = "") -> str:
    """One spelling per signal: "K00752.01" for "KOI-752.01", "TOI-270.02" for "TOI 270.02" and for
    the "270.02" of a TESS table, "Kepler-227 b" for "Kepler-227b"; other names without surplus
    blanks.

    ``mission`` of the signal decides what a bare number is.
    """
    if (
        len(text) == len("K00752.01")
        and text[0] == "K"
        and text[6] == "."
        and (text[1:6] + text[7:]).isdigit()
    ):
        return text  # nearly all rows of the KOI table
    name = " ".join(text.split())
    if found := _KOI.fullmatch(name):
        return f"K{int(found[1]):05d}.{int(found[2]):02d}"
    if found := _TOI.fullmatch(name):
        return f"TOI-{int(found[1])}.{int(found[2]):02d}"
    if mission == Mission.TESS and (found := _BARE_TOI.fullmatch(name)):
        # A spreadsheet may have made 270.1 of 270.10: nothing tells, and .1 is .01 nowhere.
        return f"TOI-{int(found[1])}.{found[2]:0<2}"
    if found := _OF_CATALOGUE.fullmatch(name):
        return f"{found[1].upper()} {found[2]}.{int(found[3]):02d}"
    if found := _PLANET.fullmatch(name):
        dash = " " if found[1].upper() in MISSION_OF_CATALOGUE else "-"
        return f"{_SPELLING[found[1].lower()]}{dash}{found[2]}{found[3]} {found[4]}"
    return name


def is_catalogue_name(text: str) -> bool:
    """Whether the makers of a catalogue gave this name to one signal: a KOI or TOI number, or a
    planet's letter."""
    return bool(
        _KOI.fullmatch(text)
        or _TOI.fullmatch(text)
        or _BARE_TOI.fullmatch(text)
        or _PLANET.fullmatch(text)
    )


def is_star_form(text: str) -> bool:
    """Whether ``text`` is a number of the KIC, TIC or EPIC with its prefix."""
    return _CATALOGUE.fullmatch(text.strip()) is not None


def is_signal_form(text: str) -> bool:
    """Whether ``text`` has the form of a signal's name, with its prefix: KOI, TOI, planet, or a
    signal of a catalogue's star."""
    name = " ".join(text.split())
    forms = (_KOI, _TOI, _PLANET, _OF_CATALOGUE)
    return any(form.fullmatch(name) for form in forms)


def is_planet_form(text: str) -> bool:
    """Whether ``text`` is a planet's name with its letter: Kepler-227 b, K2-18b."""
    return _PLANET.fullmatch(" ".join(text.split())) is not None


def mission_of_star(text: str) -> Mission | None:
    """The mission to whose catalogue a star's number belongs, where the prefix says so."""
    found = _CATALOGUE.fullmatch(text.strip())
    return MISSION_OF_CATALOGUE[found[1].upper()] if found else None


def mission_of_name(text: str) -> Mission | None:
    """The mission that found what ``text`` names: a star by its catalogue, a signal by the form of
    its name (KOI-752.01, Kepler-227 b, TOI 270 c, K2-18 b, TIC 259377017.01)."""
    if star := mission_of_star(text):
        return star
    name = signal_name(text)
    if found := _OF_CATALOGUE.fullmatch(name):
        return MISSION_OF_CATALOGUE[found[1].upper()]
    if _KOI.fullmatch(name):
        return Mission.KEPLER
    if _TOI.fullmatch(name):
        return Mission.TESS
    planet = _PLANET.fullmatch(name)
    return _MISSION_OF_PREFIX.get(planet[1].lower()) if planet else None


def spellings(text: str) -> tuple[str, ...]:
    """Every form under which a name may be stored, the one given first: for searches."""
    name = " ".join(text.split())
    return tuple(dict.fromkeys(_forms(name)))


def _forms(name: str) -> Iterable[str]:
    yield name
    one = signal_name(name)
    yield one
    if found := _KOI.fullmatch(one):
        number, signal = int(found[1]), found[2]
        yield from (f"KOI-{number}.{signal}", f"KOI {number}.{signal}", f"K{number}.{signal}")
    elif found := _TOI.fullmatch(one):
        yield from (f"TOI {found[1]}.{found[2]}", f"TOI{found[1]}.{found[2]}")
        yield f"{found[1]}.{found[2]}"
    elif found := _PLANET.fullmatch(one):
        yield one.replace(" ", "")
        yield one.replace("-", " ", 1)
    elif (star := star_name(name)) and (is_star_form(star) or _HOST.fullmatch(star)):
        yield from (star, star.replace(" ", ""), star.replace(" ", "-"))


def _whole(found: re.Match[str]) -> str | None:
    """The number behind 2.59377017E+08 in full; None where digits are lost."""
    decimals, exponent = found[2] or "", int(found[3])
    if len(decimals) < exponent or exponent > 20:
        return None
    if decimals[exponent:].strip("0"):
        return None
    return found[1] + decimals[:exponent]

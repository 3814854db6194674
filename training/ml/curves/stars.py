"""Which star a file is of: by the cards of its header, or by the name that MAST gives such
files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from math import cos, hypot, isfinite, radians
from typing import Any, Final

from training.ml.curves.curve import Star
from training.ml.curves.errors import CurveError, DifferentStars
from training.ml.schema import FEATURE_BY_NAME, Feature, Mission

Cards = Mapping[str, object]

_CATALOGUE: Final = {Mission.KEPLER: "KIC", Mission.TESS: "TIC", Mission.K2: "EPIC"}
_CARDS: Final = {
    "teff": ("TEFF",),
    "radius": ("RADIUS",),
    "logg": ("LOGG",),
    "metallicity": ("FEH", "MH"),
    "ra": ("RA_OBJ", "RA"),
    "dec": ("DEC_OBJ", "DEC"),
}
_MAGNITUDE: Final = {Mission.TESS: "TESSMAG", Mission.KEPLER: "KEPMAG", Mission.K2: "KEPMAG"}
_RANGES: Final[Mapping[str, Feature]] = {
    "teff": FEATURE_BY_NAME["stellar_teff"],
    "radius": FEATURE_BY_NAME["stellar_radius"],
    "logg": FEATURE_BY_NAME["stellar_logg"],
    "metallicity": FEATURE_BY_NAME["stellar_metallicity"],
    "magnitude": FEATURE_BY_NAME["stellar_magnitude"],
}
_FILE_NAMES: Final = (
    (Mission.KEPLER, re.compile(r"kplr(\d{9})-")),
    (Mission.K2, re.compile(r"(?:ktwo|hlsp_\w+?_k2_\w+?_)(\d{9})-c\d")),
    (Mission.TESS, re.compile(r"(?:tess\d{13}-s\d{4}-|hlsp_tess\S*?[_-]s\d{4}-)(\d{16})")),
)
_ARCSECONDS: Final = 30.0  # apart, two positions are of two stars


def star_of(cards: Cards, file: str) -> Star:
    """The star as far as header and file name tell it."""
    mission = _mission(cards) or _named(file)[0]
    number = _number(cards) or _named(file)[1]
    name = f"{_CATALOGUE[mission]} {number}" if mission in _CATALOGUE and number else ""
    values = {field: _value(cards, field, names) for field, names in _CARDS.items()}
    magnitude = _MAGNITUDE.get(mission) if mission else None
    values["magnitude"] = _value(cards, "magnitude", (magnitude,)) if magnitude else None
    return Star(name=name, mission=mission, **values)


def same_star(stars: Sequence[Star]) -> Star:
    """What the files together tell of their one star; ``DifferentStars`` where they are of
    several."""
    names = list(dict.fromkeys(star.name for star in stars if star.name))
    if len(names) > 1:
        raise DifferentStars(names)
    placed = [(s.ra, s.dec) for s in stars if s.ra is not None and s.dec is not None]
    if placed and any(_apart(placed[0], other) > _ARCSECONDS for other in placed[1:]):
        raise DifferentStars([f"{ra:.4f} {dec:+.4f}" for ra, dec in placed[:4]])
    return _merged(stars)


def with_overrides(star: Star, **said: object) -> Star:
    """The star with what the person states instead; ``CurveError`` where a value is impossible."""
    given = {name: value for name, value in said.items() if value is not None}
    for name, value in given.items():
        feature = _RANGES.get(name)
        if feature and not feature.low <= float(str(value)) <= feature.high:
            unit = f" {feature.unit}" if feature.unit else ""
            raise CurveError(
                f"{feature.label} {value} is not between {feature.low:g} and"
                f" {feature.high:g}{unit}; {feature.reason}."
            )
    return replace(star, **given)  # type: ignore[arg-type]


def _mission(cards: Cards) -> Mission | None:
    texts = [str(cards.get(card) or "").strip().lower() for card in ("MISSION", "TELESCOP")]
    for text in texts:
        for mission in (Mission.K2, Mission.KEPLER, Mission.TESS):
            if text == mission.lower():
                return mission
    return None


def _number(cards: Cards) -> str:
    for card in ("TICID", "KEPLERID", "EPICID"):
        if isinstance(value := cards.get(card), int) and value > 0:
            return str(value)
    found = re.fullmatch(r"(?:TIC|KIC|EPIC)?\s*(\d{4,})", str(cards.get("OBJECT") or "").strip())
    return str(int(found[1])) if found else ""


def _named(file: str) -> tuple[Mission | None, str]:
    for mission, pattern in _FILE_NAMES:
        if found := pattern.search(file.lower()):
            return mission, str(int(found[1]))
    return None, ""


def _value(cards: Cards, field: str, names: Sequence[str]) -> float | None:
    for name in names:
        value = cards.get(name)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value):
            feature = _RANGES.get(field)
            if feature is None or feature.low <= value <= feature.high:
                return float(value)
    return None


def _merged(stars: Sequence[Star]) -> Star:
    """For each fact the first file that states it."""
    found: dict[str, Any] = {
        field.name: next(
            (
                value
                for star in stars
                if (value := getattr(star, field.name)) is not None and value != ""
            ),
            field.default,
        )
        for field in fields(Star)
    }
    return Star(**found)


def _apart(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Arcseconds, as if the sky were flat: only small distances matter."""
    across = ((one[0] - other[0] + 180) % 360 - 180) * cos(radians(one[1]))
    return 3_600 * hypot(across, one[1] - other[1])

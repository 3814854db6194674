"""From what a person types to signals and stars of the catalogue."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import cos, radians
from typing import Final
from urllib.parse import urlencode

import numpy as np

from predictions.catalogue.models import CatalogueTable, Name, Signal, Star
from predictions.catalogue.others.models import OtherName, OtherTable
from training.ml.errors import UserError
from training.ml.sky.name_index import NameIndex
from training.ml.sky.positions import SkyIndex, SkyPosition
from training.ml.sky.typed import Kind, Typed, name_key, read_typed

MOST: Final = 20
USUAL_ARCSEC: Final = 60.0
"""Around a position that names no radius."""
_LETTER: Final = re.compile(r"(.*\d[a-d]?)[b-z]")
"""The key of a planet's name, and in it that of its star's."""


@dataclass(frozen=True)
class Match:
    """``why``: the name by which it was found, or how far away it is."""

    name: str
    address: str
    why: str
    is_star: bool = False


@dataclass(frozen=True)
class CatalogueFound:
    """All that a text can stand for; ``close`` are like it, where nothing is of that name.

    ``is_by_letter``: no table lists the planet that was named, and the matches are its star.
    """

    matches: list[Match] = field(default_factory=list)
    close: list[Match] = field(default_factory=list)
    is_position: bool = False
    is_by_letter: bool = False
    sentence: str = ""

    @property
    def only(self) -> Match | None:
        return self.matches[0] if len(self.matches) == 1 else None


def catalogue_find(text: str) -> CatalogueFound:
    """Never raises for what people type."""
    try:
        typed = read_typed(text.replace("\0", ""))  # which no database holds
    except UserError as error:
        return CatalogueFound(sentence=error.message)
    if typed.kind is Kind.POSITION and typed.position is not None:
        return _around(typed.position)
    matches = _named(typed.keys) if typed.kind is Kind.NUMBER else _likeliest(typed.keys)
    # The star of a planet is named in the planet's name: K2-3 in K2-3 b.
    if all(match.is_star for match in matches) and (stars := _hosts(typed)):
        sentence = letter_sentence(typed.text)
        return CatalogueFound(stars, is_by_letter=True, sentence=sentence)
    if matches:
        return CatalogueFound(matches)
    return CatalogueFound(close=_like(typed.text) if typed.kind is Kind.NAME else [])


def _named(keys: tuple[str, ...]) -> list[Match]:
    if not keys:
        return []
    order = {key: number for number, key in enumerate(keys)}
    names = list(Name.objects.filter(key__in=keys).select_related("signal", "star"))
    ranked = sorted(names, key=lambda name: (order[name.key], name.star_id is not None, name.pk))
    others = _of_others(keys, {name.signal_id for name in names if name.signal_id})
    signals = [_match(name) for name in ranked[: 4 * MOST] if not name.star_id]
    stars = [_match(name) for name in ranked[: 4 * MOST] if name.star_id]
    matches = [*signals, *map(_other_match, others), *stars]
    return list({match.address: match for match in matches}.values())[:MOST]


def signals_named(names: Iterable[str]) -> dict[str, Signal]:
    """The catalogue's signals by these names; what it does not have is left out."""
    key_of = {name: name_key(name) for name in names if name}
    wanted = Name.objects.filter(key__in=set(key_of.values())).exclude(signal=None)
    rows = wanted.select_related("signal").defer("signal__inputs").order_by("-pk")
    found = {row.key: row.signal for row in rows}
    return {name: signal for name, key in key_of.items() if (signal := found.get(key))}


def _of_others(keys: tuple[str, ...], found: Collection[int]) -> list[OtherName]:
    """Of other lists, without what is a mission's signal that is ``found`` under the same name."""
    names = OtherName.objects.filter(key__in=keys).order_by("signal__list__name", "pk")
    listed = names.filter(signal__is_listed=True).select_related("signal__list")
    return [name for name in listed[: 4 * MOST] if name.signal.same_as_id not in found]


def _other_match(name: OtherName) -> Match:
    signal = name.signal
    return Match(signal.name, signal.get_absolute_url(), f"of the list {signal.list}")


def _likeliest(keys: tuple[str, ...]) -> list[Match]:
    """What has the first of the keys that is known: others are named beside it."""
    known = set(Name.objects.filter(key__in=keys).values_list("key", flat=True))
    known |= set(OtherName.objects.filter(key__in=keys).values_list("key", flat=True))
    return _named(tuple(key for key in keys if key in known)[:1])


def _hosts(typed: Typed) -> list[Match]:
    """Stars of planets that are named by their letters; their pages are told which."""
    named = urlencode({"named": typed.text})
    return [
        replace(match, address=f"{match.address}?{named}")
        for match in _named(host_keys(typed))
        if match.is_star
    ]


def host_keys(typed: Typed) -> tuple[str, ...]:
    """Keys of the stars that planets with these names would have."""
    return tuple(found[1] for key in typed.keys if (found := _LETTER.fullmatch(key)))


def letter_sentence(text: str) -> str:
    return (
        f"No table lists “{text}” under its letter. Letters are given in the order of discovery and"
        " numbers in that of detection, so which of this star’s signals it is has to be told by the"
        " period."
    )


def _match(name: Name) -> Match:
    named: Signal | Star | None = name.signal or name.star
    assert named is not None  # noqa: S101  # nosec B101  # a name is of one of them
    return Match(named.name, named.get_absolute_url(), name.name, name.star is not None)


def _like(text: str) -> list[Match]:
    """The nearest names. The index is made with the first typing error after a table took charge,
    and kept."""
    latest = _latest()
    if latest is None:
        return []
    rows = [match.row for match in _index(latest).like(text)]
    names = Name.objects.select_related("signal", "star").in_bulk([r for r in rows if r > 0])
    others = OtherName.objects.select_related("signal__list").in_bulk([-r for r in rows if r < 0])
    matches = [
        _match(names[row])
        if row in names
        else replace(_other_match(others[-row]), why=others[-row].name)
        for row in rows
        if row in names or -row in others
    ]
    return list({match.address: match for match in matches}.values())


def _latest() -> tuple[int, int] | None:
    """Another value whenever a table took charge."""
    tables = [
        table.objects.current().order_by("-pk").values_list("pk", flat=True).first() or 0
        for table in (CatalogueTable, OtherTable)
    ]
    return (tables[0], tables[1]) if any(tables) else None


@lru_cache(maxsize=1)
def _index(latest: tuple[int, int]) -> NameIndex:
    """Rows of other lists have their keys below nought."""
    rows = list(Name.objects.order_by("pk").values_list("name", "pk", "key"))
    others = OtherName.objects.order_by("pk").values_list("name", "pk", "key")
    rows += [(name, -pk, key) for name, pk, key in others]
    names, pks, keys = zip(*rows, strict=True) if rows else ((), (), ())
    return NameIndex(names, np.array(pks, dtype=np.intp), keys)


def _around(place: SkyPosition) -> CatalogueFound:
    radius = place.radius or USUAL_ARCSEC
    stars = list(_in_box(place, radius / 3600))
    index = SkyIndex(
        *(np.array([getattr(s, n) for s in stars], dtype=float) for n in ("ra", "dec"))
    )
    rows, apart = index.around(place.ra, place.dec, radius)
    matches = [
        Match(stars[row].name, stars[row].get_absolute_url(), f"{distance:.1f} arcsec away", True)
        for row, distance in zip(rows[:MOST].tolist(), apart.tolist(), strict=False)
    ]
    nothing = f"No star of the catalogue lies within {radius:g} arcsec of this position."
    return CatalogueFound(matches, is_position=True, sentence="" if matches else nothing)


def _in_box(place: SkyPosition, reach: float) -> list[Star]:
    """Stars of the strip of declination, by its index; near the poles the whole circle."""
    strip = Star.objects.filter(dec__range=(place.dec - reach, place.dec + reach))
    width = reach / max(cos(radians(min(abs(place.dec) + reach, 90))), 1e-9)
    low, high = place.ra - width, place.ra + width
    return list(strip.filter(ra__range=(low, high)) if low >= 0 and high <= 360 else strip)

"""What the signals and stars of a table are called, and addresses of what names stand for."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

from predictions.catalogue.filling.reading import Listed
from training.ml.schema import Mission
from training.ml.sky.name_index import signal_aliases, star_aliases
from training.ml.sky.names import CATALOGUE_OF_MISSION, star_name

LENGTH = 80
_UNSAFE = re.compile(r"[^0-9A-Za-z.+-]+")


def star_of(text: str, mission: str) -> str:
    """One spelling of a star that a table of ``mission`` names."""
    return (star_name(text, CATALOGUE_OF_MISSION.get(Mission(mission), "")) or "")[:LENGTH]


def signal_names(one: Listed, mission: str) -> Iterator[str]:
    """All that people call a listed signal."""
    star = star_of(one.star_key, mission)
    yield one.name
    yield one.listed_name
    yield from signal_aliases(one.name, star)
    for alias in one.aliases:
        yield from signal_aliases(alias)


def star_names(one: Listed, mission: str) -> Iterator[str]:
    """All that people call the star of a listed signal."""
    star = star_of(one.star_key, mission)
    yield from star_aliases(one.name, star)
    for alias in one.aliases:
        yield from star_aliases(alias)
    for host in one.hosts:
        yield star_of(host, mission)


def slug_of(name: str, taken: Container[str], mission: str = "") -> str:
    """``name`` as part of an address, different from those that are ``taken``."""
    plain = _UNSAFE.sub("-", name).strip("-.")[:70] or "unnamed"
    choices = (plain, f"{plain}-{mission}", *(f"{plain}-{n}" for n in range(2, 1000)))
    return next(slug for slug in choices if not slug.endswith("-") and slug not in taken)

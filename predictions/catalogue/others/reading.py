"""From the file of a dataset to the signals of a list that is no mission's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from predictions.catalogue.filling.reading import Extra, Listed, listed_in, reader_of
from training.datasets.models import Dataset
from training.ml.tables.layouts.known import WORDS

_ALIASES: Final = ("toi", "promoted to toi", "ctoi_alias", "koi", "kepoi_name", "planet name")
"""Columns, in small letters, with other names of a signal; a table's own is no alias."""
_SAYS: Final = "disposition"
_WORDS: Final = {word.lower(): str(meant) for word, meant in WORDS.items()}
_LETTERS: Final = re.compile(r"[^\W\d_]")


@dataclass(frozen=True)
class OtherListing:
    """``unnamed``: signals for which the table names neither themselves nor their star."""

    signals: dict[str, Listed] = field(default_factory=dict)
    unnamed: int = 0


def read_other_listing(dataset: Dataset, list_name: str) -> OtherListing:
    """Where the table names a signal twice, the first row counts."""
    reader = reader_of(dataset)
    signal, word = reader.plan.signal, reader.plan.disposition or ""
    names = tuple(c for c in reader.columns if c.lower() in _ALIASES and c != signal)
    words = tuple(c for c in reader.columns if word and c.lower().endswith(_SAYS) and c != word)
    extra = Extra(names=names, word=word, else_words=words)
    rows = map(_with_word, listed_in(reader, dataset.mission, extra))
    return _listing(list(rows), list_name)


def _with_word(one: Listed) -> Listed:
    """ExoFOP has a column for its working group, empty for most, beside that of who found it."""
    if one.disposition or not one.word:
        return one
    return replace(one, disposition=_WORDS.get(one.word.lower(), ""))


def _listing(rows: Sequence[Listed], list_name: str) -> OtherListing:
    found: dict[str, Listed] = {}
    nameless: dict[str, list[Listed]] = {}
    unnamed = 0
    for one in rows:
        if one.listed_name:
            name = _name(one, list_name)
            found.setdefault(name, replace(one, name=name))
        elif one.star_key:
            nameless.setdefault(one.star_key, []).append(one)
        else:
            unnamed += 1
    for star, some in nameless.items():
        for number, one in enumerate(sorted(some, key=_period), 1):
            name = f"{star} ({number})" if len(some) > 1 else star
            found.setdefault(name[:80], replace(one, name=name[:80]))
    return OtherListing(found, unnamed)


def _name(one: Listed, list_name: str) -> str:
    """A bare number is a name in its list only."""
    listed = one.listed_name
    return listed if _LETTERS.search(listed) else f"{list_name} {listed}"[:80]


def _period(one: Listed) -> float:
    period = one.inputs.get("orbital_period")
    return float(period) if period is not None else float("inf")

"""A list as a newer table has it: signals, stars, names, and what has changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from django.db import transaction

from predictions.catalogue.derived.models import INPUT_OF_COLUMN
from predictions.catalogue.filling.changes import Difference, Entry, difference
from predictions.catalogue.filling.names import LENGTH, slug_of, star_of
from predictions.catalogue.filling.reading import Listed
from predictions.catalogue.filling.stars import stars_join
from predictions.catalogue.models import DispositionChange, Name, Star
from predictions.catalogue.others.linking import links_make
from predictions.catalogue.others.models import (
    OtherChange,
    OtherList,
    OtherName,
    OtherSignal,
    OtherTable,
)
from predictions.catalogue.others.reading import OtherListing
from training.ml.sky.name_index import signal_aliases
from training.ml.sky.typed import name_key

_KINDS: Final = DispositionChange.Kind
_COMPARED: Final = ("name", "list_says", "star_id", "period", "inputs", "is_listed")
_SAME: Final = ("name", "listed_name", "star_key", "ra", "dec", "epoch", "inputs")
_WRITTEN: Final = (
    "mission",
    "listed_name",
    "star",
    "star_name",
    "star_key",
    "ra",
    "dec",
    "epoch",
    *INPUT_OF_COLUMN,
    "inputs",
    "list_says",
    "list_word",
    "is_listed",
    "last_table",
    "scored_by",
    "derived_by",
)


@transaction.atomic
def table_enter(table: OtherTable, listing: OtherListing) -> None:
    """The table takes charge of its list."""
    whole, listed = table.list, listing.signals
    stars = dict(zip(listed, stars_join([*listed.values()], whole.mission), strict=True))
    before = OtherSignal.objects.filter(list=whole)
    known = {signal.name: _known_entry(signal) for signal in before.only(*_COMPARED)}
    found = difference(known, {name: _entry(one, stars[name].pk) for name, one in listed.items()})
    table.is_first = not known
    for old, new in found.renamed.items():
        before.filter(name=old).update(name=new)
    _enter(table, listed, stars)
    before.filter(name__in=found.gone).update(is_listed=False)
    pks = dict(before.values_list("name", "pk"))
    _name(whole, listed, stars, pks)
    if not table.is_first:
        _append(table, found, listed, known, pks)
        table.counts = dict(found.counts)
    OtherTable.objects.current().filter(list=whole).update(is_current=False)
    table.is_current, table.signals, table.unnamed = True, len(listed), listing.unnamed
    table.status, table.stage = OtherTable.Status.READY, ""
    table.save()
    links_make()


def _known_entry(signal: OtherSignal) -> Entry:
    error = signal.inputs.get("orbital_period_error")
    return Entry(signal.list_says, signal.star_id, signal.period, error, signal.is_listed)


def _entry(one: Listed, star: int) -> Entry:
    period, error = (one.inputs.get(n) for n in ("orbital_period", "orbital_period_error"))
    return Entry(one.disposition, star, period, error)  # type: ignore[arg-type]


def _enter(table: OtherTable, listed: Mapping[str, Listed], stars: Mapping[str, Star]) -> None:
    """New signals are made, known ones overwritten by their name."""
    known = dict(OtherSignal.objects.filter(list=table.list).values_list("name", "slug"))
    taken = set(known.values())
    rows = []
    for name, one in listed.items():
        slug = known.get(name) or slug_of(name, taken)
        taken.add(slug)
        rows.append(_row(table, one, stars[name], slug))
    OtherSignal.objects.bulk_create(
        rows,
        batch_size=500,
        update_conflicts=True,
        unique_fields=("list", "name"),
        update_fields=_WRITTEN,
    )


def _row(table: OtherTable, one: Listed, star: Star, slug: str) -> OtherSignal:
    facts = asdict(one)
    return OtherSignal(
        list=table.list,
        mission=str(one.inputs.get("mission") or table.list.mission),
        slug=slug,
        star=star,
        star_name=star.name,
        list_says=one.disposition,
        list_word=one.word,
        first_table=table,
        last_table=table,
        **{name: facts[name] for name in _SAME},
        **{column: one.inputs.get(name) for column, name in INPUT_OF_COLUMN.items()},
    )


def _name(
    whole: OtherList,
    listed: Mapping[str, Listed],
    stars: Mapping[str, Star],
    pks: Mapping[str, int],
) -> None:
    """Names of signals stand with the list; the number of a star in a catalogue, and nothing else
    that a list says of it, with all its other names."""
    signals: dict[tuple[str, int], OtherName] = {}
    of_stars: dict[tuple[str, int], Name] = {}
    for name, one in listed.items():
        for text in _signal_names(whole, one):
            key = name_key(text)[:LENGTH]
            row = OtherName(key=key, name=text[:LENGTH], signal_id=pks[name])
            signals.setdefault((key, pks[name]), row)
        text, star = star_of(one.star_key, whole.mission), stars[name]
        key = name_key(text)[:LENGTH]
        of_stars.setdefault((key, star.pk), Name(key=key, name=text, star=star))
    kept = [row for row in signals.values() if row.key]
    OtherName.objects.bulk_create(kept, ignore_conflicts=True, batch_size=1_000)
    rows = [row for row in of_stars.values() if row.key]
    Name.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1_000)


def _signal_names(whole: OtherList, one: Listed) -> list[str]:
    """All that people call a list's signal: also with the list's name before it."""
    star = star_of(one.star_key, whole.mission)
    names = [one.name, *signal_aliases(one.name, star)]
    if one.listed_name:
        names.append(f"{whole.name} {one.listed_name}")
    return [*names, *(alias for text in one.aliases for alias in signal_aliases(text))]


def _append(
    table: OtherTable,
    found: Difference,
    listed: Mapping[str, Listed],
    known: Mapping[str, Entry],
    pks: Mapping[str, int],
) -> None:
    told: list[tuple[str, Any, str, str]] = [
        *((name, _KINDS.NEW, "", listed[name].disposition) for name in found.new),
        *((name, _KINDS.GONE, known[name].disposition, "") for name in found.gone),
        *((name, _KINDS.BACK, "", listed[name].disposition) for name in found.back),
        *((new, _KINDS.RENAMED, old, new) for old, new in found.renamed.items()),
        *((name, _KINDS.CHANGED, old, new) for name, (old, new) in found.changed.items()),
    ]
    OtherChange.objects.bulk_create(
        OtherChange(table=table, signal_id=pks[name], kind=kind, old=old, new=new)
        for name, kind, old, new in told
    )

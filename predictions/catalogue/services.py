"""A dataset takes charge of its mission: signals, stars, names and what has changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import transaction
from django_q.tasks import async_task

from predictions.catalogue.charging.models import ChargedTable
from predictions.catalogue.charging.services import Progress, charged_clean_up, charged_execute
from predictions.catalogue.derived.models import INPUT_OF_COLUMN
from predictions.catalogue.filling.apart import (
    CatalogueReal,
    NotForCatalogue,
    check_alone,
    is_real,
    simulated_check,
    wait_for_the_example,
)
from predictions.catalogue.filling.changes import Difference, Entry, difference, shrinks
from predictions.catalogue.filling.names import LENGTH, signal_names, slug_of, star_names
from predictions.catalogue.filling.reading import Listed, Listing, read_listing
from predictions.catalogue.filling.stars import stars_find_or_create
from predictions.catalogue.following import catalogue_changed
from predictions.catalogue.foresight.services import foresights_keep
from predictions.catalogue.models import (
    MISSIONS,
    CatalogueTable,
    DispositionChange,
    Name,
    Signal,
    Star,
)
from predictions.catalogue.others.linking import links_make
from predictions.catalogue.twins.services import twins_make
from training.accounts.audit import record
from training.datasets.models import Dataset
from training.ml.errors import UserError, join_words
from training.ml.numbers import number_text
from training.ml.sky.typed import name_key

FILL: Final = "predictions.catalogue.tasks.fill_table"
_DATE: Final = re.compile(r"(20\d\d)[.-](\d\d)(?:[.-](\d\d))?")
_KINDS = DispositionChange.Kind


class ChargeHeld(UserError):
    """``against``: sentences that speak against it; somebody may decide for it anyway."""

    code = "charge_held"

    def __init__(self, against: list[str]) -> None:
        self.against = against
        super().__init__(f"{' '.join(against)} To put it in charge anyway, say so explicitly.")


# --- What speaks against it -----------------------------------------------------------------------


def dataset_check(dataset: Dataset) -> None:
    """Raises ``NotForCatalogue`` where a dataset can be in charge of nothing."""
    if dataset.status != Dataset.Status.READY:
        raise NotForCatalogue(f"“{dataset}” is {dataset.get_status_display()}.")
    if dataset.is_simulated:
        raise NotForCatalogue(
            f"“{dataset}” is simulated. Such tables are in charge of a catalogue only as a whole:"
            " an administrator fills an empty site with them on the first page."
        )
    if dataset.is_of_votes:
        raise NotForCatalogue(
            f"“{dataset}” holds people's votes, and the catalogue lists the archive's dispositions."
        )
    if dataset.other_list:
        raise NotForCatalogue(
            f"“{dataset}” is a table of the list {dataset.other_list}, which is never mixed with"
            " the archive's dispositions."
        )
    missions = [mission for mission, _ in MISSIONS]
    if dataset.mission not in missions:
        raise NotForCatalogue(
            f"“{dataset}” is no table of {join_words(missions, 'or')}, whose dispositions the"
            " catalogue keeps. Say its mission when you upload it."
        )
    simulated_check()


def charge_objections(dataset: Dataset) -> list[str]:
    """What speaks against a dataset in place of the table that is in charge of its mission."""
    tables = CatalogueTable.objects.current()
    return objections(dataset, tables.filter(mission=dataset.mission).first())


def objections(dataset: Dataset, current: ChargedTable | None) -> list[str]:
    """What speaks against a dataset in place of the table that is in charge."""
    if current is None or current.dataset_id == dataset.pk:
        return []
    against = []
    if shrinks(current.signals, dataset.signals):
        against.append(
            f"It lists {number_text(dataset.signals)} signals, and the table in charge"
            f" {number_text(current.signals)}: a download that broke off looks like that."
        )
    if state_date(dataset) < current.as_of:
        against.append(
            f"It is of {state_date(dataset):%Y-%m-%d}, older than the table in charge"
            f" ({current.as_of:%Y-%m-%d})."
        )
    return against


def state_date(dataset: Dataset) -> date:
    """The day whose state a table is: of its download, as its name says, or when it was brought."""
    if fetched := dataset.provenance.get("downloaded_at"):
        return datetime.fromisoformat(fetched).date()
    if found := _DATE.search(dataset.name):
        year, month, day = found.groups("01")
        try:
            return date(int(year), int(month), int(day))
        except ValueError:
            pass
    return dataset.created_at.date()


# --- Taking charge --------------------------------------------------------------------------------


@transaction.atomic
def charge_create(*, dataset: Dataset, user: User | None, sure: bool = False) -> CatalogueTable:
    """A table that waits to be put in charge; the one that is in charge already stays as it is.

    Raises ``ChargeHeld`` where something speaks against it and nobody is ``sure``.
    """
    wait_for_the_example()
    dataset_check(dataset)
    asked = CatalogueTable.objects.filter(dataset=dataset)
    if there := (asked.current().first() or asked.unfinished().first()):
        return there
    if (against := charge_objections(dataset)) and not sure:
        raise ChargeHeld(against)
    although = f" Decided for although: {' '.join(against)}" if against else ""
    record(user, dataset, f"Put in charge of the catalogue's {dataset.mission}.{although}")
    return _waiting(dataset, user)


def _waiting(dataset: Dataset, user: User | None) -> CatalogueTable:
    return CatalogueTable.objects.create(
        mission=dataset.mission,
        dataset=dataset,
        as_of=state_date(dataset),
        in_charge_by=user,
        stage="Waiting for a worker.",
    )


@transaction.atomic
def charge_simulated(*, datasets: Iterable[Dataset], user: User) -> list[CatalogueTable]:
    """Tables of the example that wait to be put in charge, in their order; once each.

    Raises ``CatalogueReal`` where the catalogue is one of real signals.
    """
    wait_for_the_example()
    if is_real():
        raise CatalogueReal
    there = set(CatalogueTable.objects.simulated().values_list("dataset", flat=True))
    new = [dataset for dataset in datasets if dataset.pk not in there]
    for dataset in new:
        record(user, dataset, f"Put in charge of the simulated catalogue's {dataset.mission}.")
    return [_waiting(dataset, user) for dataset in new]


@transaction.atomic
def charge_request(*, dataset: Dataset, user: User | None, sure: bool = False) -> CatalogueTable:
    """The same, with the work queued for a worker."""
    table = charge_create(dataset=dataset, user=user, sure=sure)
    if table.status == CatalogueTable.Status.WAITING:
        transaction.on_commit(lambda: async_task(FILL, table.pk))
    return table


def table_execute(table_id: int, progress: Progress = lambda stage: None) -> None:
    """What the worker does."""
    tables = CatalogueTable.objects.select_related("dataset")
    charged_execute(tables, table_id, _take, progress)


def _take(table: CatalogueTable, said: Progress) -> None:
    said("Reading the table.")
    listing = read_listing(table.dataset)
    said(f"Entering {number_text(len(listing.signals))} signals.")
    _take_charge(table, listing)
    catalogue_changed.send(sender=CatalogueTable)


def tables_clean_up() -> None:
    charged_clean_up(CatalogueTable.objects.all())


@transaction.atomic
def _take_charge(table: CatalogueTable, listing: Listing) -> None:
    mission, listed = table.mission, listing.signals
    check_alone(table, listed)
    stars = dict(zip(listed, stars_find_or_create([*listed.values()], mission), strict=True))
    before = Signal.objects.filter(mission=mission)
    known = {signal.name: _known_entry(signal) for signal in before.only(*_COMPARED)}
    found = difference(known, {name: _entry(one, stars[name].pk) for name, one in listed.items()})
    table.is_first = not known
    _rename(before, found.renamed)
    _enter(table, listed, stars)
    before.filter(name__in=found.gone).update(is_listed=False)
    pks = dict(before.values_list("name", "pk"))
    _name(mission, listed, stars, pks)
    if not table.is_first:
        _append(table, found, listed, known, pks)
        table.counts = dict(found.counts)
    CatalogueTable.objects.current().filter(mission=mission).update(is_current=False)
    table.is_current, table.signals = True, len(listed)
    table.status, table.stage = CatalogueTable.Status.READY, ""
    table.save()
    twins_make()
    links_make()  # what other lists have may be this mission's now


_COMPARED: Final = ("name", "disposition", "star_id", "period", "inputs", "is_listed")


def _known_entry(signal: Signal) -> Entry:
    error = signal.inputs.get("orbital_period_error")
    return Entry(signal.disposition, signal.star_id, signal.period, error, signal.is_listed)


def _entry(one: Listed, star: int) -> Entry:
    period, error = (one.inputs.get(n) for n in ("orbital_period", "orbital_period_error"))
    return Entry(one.disposition, star, period, error)  # type: ignore[arg-type]


def _rename(before: Any, renamed: Mapping[str, str]) -> None:
    taken = set(Signal.objects.values_list("slug", flat=True))
    for old, new in renamed.items():
        slug = slug_of(new, taken)
        taken.add(slug)
        before.filter(name=old).update(name=new, slug=slug)


def _enter(table: CatalogueTable, listed: dict[str, Listed], stars: dict[str, Star]) -> None:
    """New signals are made, known ones overwritten by what the table says now, by their name."""
    taken = set(Signal.objects.values_list("slug", flat=True))
    known = dict(Signal.objects.filter(mission=table.mission).values_list("name", "slug"))
    rows = []
    for name, one in listed.items():
        slug = known.get(name) or slug_of(name, taken, table.mission)
        taken.add(slug)
        rows.append(_row(table, one, stars[name], slug))
    keep = {"mission", "name", "slug", "first_table"}
    Signal.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=("mission", "name"),
        update_fields=[f for f in _WRITTEN if f not in keep],
    )


_WRITTEN: Final = (
    "mission",
    "name",
    "slug",
    "first_table",
    "listed_name",
    "star",
    "star_name",
    "star_key",
    "ra",
    "dec",
    "epoch",
    *INPUT_OF_COLUMN,
    "inputs",
    "disposition",
    "archive_word",
    "created",
    "updated",
    "is_listed",
    "is_simulated",
    "last_table",
    "scored_by",
    "derived_by",
)


def _row(table: CatalogueTable, one: Listed, star: Star, slug: str) -> Signal:
    facts = asdict(one)
    same = ("name", "listed_name", "star_key", "ra", "dec", "epoch", "disposition", "inputs")
    return Signal(
        mission=table.mission,
        slug=slug,
        star=star,
        star_name=star.name,
        archive_word=one.word,
        is_simulated=table.dataset.is_simulated,
        created=one.created,
        updated=one.updated,
        first_table=table,
        last_table=table,
        **{name: facts[name] for name in same},
        **{column: one.inputs.get(name) for column, name in INPUT_OF_COLUMN.items()},
    )


def _name(
    mission: str, listed: dict[str, Listed], stars: dict[str, Star], pks: dict[str, int]
) -> None:
    """Every name that the table uses, once; names of earlier tables stay."""
    of_signals: dict[tuple[str, int], Name] = {}
    of_stars: dict[tuple[str, int], Name] = {}
    for name, one in listed.items():
        for text in signal_names(one, mission):
            row = Name(key=name_key(text)[:LENGTH], name=text[:LENGTH], signal_id=pks[name])
            of_signals.setdefault((row.key, pks[name]), row)
        for text in star_names(one, mission):
            row = Name(key=name_key(text)[:LENGTH], name=text[:LENGTH], star=stars[name])
            of_stars.setdefault((row.key, stars[name].pk), row)
    rows = [row for row in (*of_signals.values(), *of_stars.values()) if row.key]
    Name.objects.bulk_create(rows, ignore_conflicts=True)


def _append(
    table: CatalogueTable,
    found: Difference,
    listed: Mapping[str, Listed],
    known: Mapping[str, Entry],
    pks: Mapping[str, int],
) -> None:
    told = [(name, _KINDS.NEW, "", listed[name].disposition) for name in found.new]
    told += [(name, _KINDS.GONE, known[name].disposition, "") for name in found.gone]
    told += [(name, _KINDS.BACK, "", listed[name].disposition) for name in found.back]
    told += [(new, _KINDS.RENAMED, old, new) for old, new in found.renamed.items()]
    told += [(name, _KINDS.CHANGED, old, new) for name, (old, new) in found.changed.items()]
    DispositionChange.objects.bulk_create(
        DispositionChange(table=table, signal_id=pks[name], kind=kind, old=old, new=new)
        for name, kind, old, new in told
    )
    foresights_keep(table)

"""A dataset takes charge of a list that is no mission's; a list goes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django_q.tasks import async_task

from predictions.catalogue.charging.services import Progress, charged_clean_up, charged_execute
from predictions.catalogue.filling.apart import (
    NotForCatalogue,
    simulated_check,
    wait_for_the_example,
)
from predictions.catalogue.filling.names import slug_of
from predictions.catalogue.models import CatalogueTable, Name, Star
from predictions.catalogue.others.entering import table_enter
from predictions.catalogue.others.models import OtherList, OtherTable, list_named
from predictions.catalogue.others.reading import read_other_listing
from predictions.catalogue.services import ChargeHeld, objections, state_date
from training.accounts.audit import DELETION, record
from training.datasets.models import OTHER_LIST, Dataset
from training.ml.errors import UserError
from training.ml.numbers import number_text
from training.ml.schema import Mission

ENTER: Final = "predictions.catalogue.tasks.enter_other_table"
_SHORT: Final = re.compile(r"[^\W_](?:[\w .+-]{0,28}[^\W_])?")
_DOI: Final = re.compile(r"(?:doi:\s*|https?://(?:dx\.)?doi\.org/)(10\.\d{4,9}/\S+)", re.IGNORECASE)
_TAKEN: Final = {*(str(m).lower() for m in Mission), "nasa", "archive", "join", "all", "missions"}


class ListRefused(UserError):
    """``field``: of the description that is wrong."""

    code = "list_refused"

    def __init__(self, field: str, sentence: str) -> None:
        self.field = field
        super().__init__(sentence)


@dataclass(frozen=True)
class Described:
    """What a curator says of a list. ``citation``: a DOI in any form, or words."""

    name: str
    source: str
    citation: str
    mission: str

    def checked(self) -> Described:
        """The same in one spelling. Raises ``ListRefused`` with what is wrong."""
        name = " ".join(self.name.split())
        if not _SHORT.fullmatch(name):
            raise ListRefused(
                "name",
                "A short name has up to 30 letters, digits, spaces and signs of . + - and begins"
                " and ends with a letter or a digit, as CTOI.",
            )
        if name.lower() in _TAKEN:
            raise ListRefused(
                "name", f"“{name}” would be taken for a mission or a page; choose another name."
            )
        if self.mission not in {str(m) for m in Mission}:
            raise ListRefused(
                "mission", "Say whose light curves it is of: Kepler, TESS, K2, other."
            )
        return Described(name, _source(self.source), _citation(self.citation), self.mission)


def _source(text: str) -> str:
    text = text.strip()
    try:
        URLValidator(schemes=("http", "https"))(text)
    except ValidationError:
        raise ListRefused(
            "source", "Give the address where the list is published, with https:// before it."
        ) from None
    if len(text) > 300:
        raise ListRefused("source", "The address has more than 300 characters.")
    return text


def _citation(text: str) -> str:
    text = " ".join(text.split())
    if found := _DOI.fullmatch(text) or re.fullmatch(r"(10\.\d{4,9}/\S+)", text):
        text = f"doi:{found[1]}"
    if not 4 <= len(text) <= 300:
        raise ListRefused(
            "citation", "Say how the list is cited: a DOI, or a line of up to 300 characters."
        )
    return text


# --- What speaks against it -----------------------------------------------------------------------


def other_dataset_check(dataset: Dataset) -> None:
    """Raises ``NotForCatalogue`` where a dataset can be no list's."""
    if dataset.status != Dataset.Status.READY:
        raise NotForCatalogue(f"“{dataset}” is {dataset.get_status_display()}.")
    if dataset.is_simulated:
        raise NotForCatalogue(f"“{dataset}” is simulated, and the catalogue lists what exists.")
    if dataset.is_of_votes:
        raise NotForCatalogue(f"“{dataset}” holds people's votes about signals that are listed.")
    if CatalogueTable.objects.filter(dataset=dataset).exclude(status="REFUSED").exists():
        raise NotForCatalogue(
            f"“{dataset}” is a table of {dataset.mission}'s in the catalogue, and so no other list."
        )
    if run := dataset.training_runs.order_by("pk").first():
        raise NotForCatalogue(
            f"Training run {run.pk} has learnt from “{dataset}”. What a list says of its own"
            " candidates is never learnt from: a version that had would answer with the list's"
            " own words."
        )
    simulated_check()


def other_objections(dataset: Dataset, whole: OtherList | None) -> list[str]:
    """What speaks against a dataset in place of the table that is in charge of the list."""
    return objections(dataset, whole.tables.filter(is_current=True).first() if whole else None)


# --- Taking charge --------------------------------------------------------------------------------


@transaction.atomic
def other_charge_create(
    *, dataset: Dataset, described: Described, user: User | None, sure: bool = False
) -> OtherTable:
    """A table that waits to be put in charge of the list, which is made or described anew; the one
    that is in charge already stays as it is."""
    wait_for_the_example()
    other_dataset_check(dataset)
    described = described.checked()
    _same_mission(dataset, described)
    whole = list_named(described.name)
    _of_one_list(dataset, whole, described.name)
    against = other_objections(dataset, whole)
    if against and not sure:
        raise ChargeHeld(against)
    whole = _keep(whole, described, user)
    asked = whole.tables.filter(dataset=dataset)
    if there := (asked.current().first() or asked.unfinished().first()):
        return there
    dataset.provenance = {**dataset.provenance, OTHER_LIST: whole.name}
    dataset.save(update_fields=("provenance",))
    although = f" Decided for although: {' '.join(against)}" if against else ""
    record(user, dataset, f"Put in charge of the other list {whole.name}.{although}")
    return OtherTable.objects.create(
        list=whole,
        dataset=dataset,
        as_of=state_date(dataset),
        in_charge_by=user,
        stage="Waiting for a worker.",
    )


def _same_mission(dataset: Dataset, described: Described) -> None:
    if dataset.mission and dataset.mission != described.mission:
        raise ListRefused(
            "mission",
            f"“{dataset}” was read as a table of {dataset.mission}, by whose light its signals are"
            f" scored. Choose {dataset.mission}, or upload the table again as one of"
            f" {described.mission}.",
        )


def _of_one_list(dataset: Dataset, whole: OtherList | None, name: str) -> None:
    taken = OtherTable.objects.filter(dataset=dataset).select_related("list").first()
    if taken and (whole is None or taken.list_id != whole.pk):
        raise ListRefused(
            "name", f"“{dataset}” is a table of {taken.list}, and not of {name}, too."
        )


def _keep(whole: OtherList | None, described: Described, user: User | None) -> OtherList:
    if whole is None:
        slugs = set(OtherList.objects.values_list("slug", flat=True))
        whole = OtherList(slug=slug_of(described.name, slugs).lower()[:40], created_by=user)
        whole.name = described.name
    elif whole.mission != described.mission:
        raise ListRefused(
            "mission", f"{whole} is of {whole.mission}; a list of another mission is another list."
        )
    whole.mission = described.mission
    whole.source, whole.citation = described.source, described.citation
    whole.save()
    return whole


@transaction.atomic
def other_charge_request(
    *, dataset: Dataset, described: Described, user: User | None, sure: bool = False
) -> OtherTable:
    """The same, with the work queued for a worker."""
    table = other_charge_create(dataset=dataset, described=described, user=user, sure=sure)
    if table.status == OtherTable.Status.WAITING:
        transaction.on_commit(lambda: async_task(ENTER, table.pk))
    return table


def other_table_execute(table_id: int, progress: Progress = lambda stage: None) -> None:
    """What the worker does."""
    tables = OtherTable.objects.select_related("dataset", "list")
    charged_execute(tables, table_id, _take, progress)


def _take(table: OtherTable, said: Progress) -> None:
    said("Reading the table.")
    listing = read_other_listing(table.dataset, table.list.name)
    if not listing.signals:
        raise NotForCatalogue("No row names a signal or a star, so nothing can be listed.")
    said(f"Entering {number_text(len(listing.signals))} signals.")
    table_enter(table, listing)


def other_tables_clean_up() -> None:
    charged_clean_up(OtherTable.objects.all())


# --- Going ----------------------------------------------------------------------------------------


@transaction.atomic
def list_remove(*, whole: OtherList, user: User | None) -> int:
    """The list with its signals, scores and history; its datasets stay, and may be used for other
    things again. Returns how many signals went."""
    count = whole.signals.count()
    record(user, whole, f"Removed the other list {whole.name} with {count} signals.", DELETION)
    stars = set(whole.signals.order_by().values_list("star", flat=True))
    datasets = Dataset.objects.filter(other_tables__list=whole).distinct()
    for dataset in list(datasets):
        dataset.provenance = {k: v for k, v in dataset.provenance.items() if k != OTHER_LIST}
        dataset.save(update_fields=("provenance",))
    whole.delete()
    _forget_stars(stars)
    return count


def _forget_stars(stars: set[int]) -> None:
    """Those that nobody lists any more."""
    ordered = sorted(stars)
    for start in range(0, len(ordered), 500):
        some = Star.objects.filter(pk__in=ordered[start : start + 500])
        bare = some.filter(signals=None, others=None)
        pks = list(bare.values_list("pk", flat=True))
        Name.objects.filter(star__in=pks).delete()
        Star.objects.filter(pk__in=pks).delete()

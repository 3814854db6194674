"""Signals that are made up and signals that exist are never in one catalogue."""

from __future__ import annotations

from collections.abc import Iterable

from predictions.catalogue.filling.models import CatalogueFill
from predictions.catalogue.models import CatalogueTable, Signal
from predictions.catalogue.others.models import OtherTable
from training.datasets.models import Dataset
from training.ml.errors import UserError
from training.ml.simulation import MARK


class NotForCatalogue(UserError):
    code = "not_for_catalogue"


class CatalogueSimulated(NotForCatalogue):
    code = "catalogue_simulated"

    def __init__(self) -> None:
        super().__init__(
            "The catalogue holds a simulated example, with which real signals are never mixed."
            " Remove the example first: an administrator does that on the first page, or by"
            " manage.py demo --remove."
        )


class CatalogueReal(NotForCatalogue):
    code = "catalogue_real"

    def __init__(self) -> None:
        super().__init__("The catalogue lists real signals, with which none is mixed that is not.")


def simulated_check() -> None:
    """Raises ``CatalogueSimulated`` where real signals have no place yet."""
    if CatalogueTable.objects.simulated().exists():
        raise CatalogueSimulated


def is_real() -> bool:
    """Whether real tables are in the catalogue, or on their way there."""
    if CatalogueFill.objects.unfinished().exists():
        return True
    if OtherTable.objects.exclude(status=OtherTable.Status.REFUSED).exists():
        return True
    refused = CatalogueTable.objects.filter(status=CatalogueTable.Status.REFUSED)
    others = CatalogueTable.objects.exclude(pk__in=CatalogueTable.objects.simulated())
    return others.exclude(pk__in=refused).exists()


def wait_for_the_example() -> None:
    """Whoever brings real tables and whoever brings simulated ones wait here for each other."""
    list(Dataset.objects.simulated().select_for_update().order_by("pk").values_list("pk"))


def check_alone(table: CatalogueTable, listed: Iterable[str]) -> None:
    """Nothing that is made up stands beside what exists, also where somebody brings a file of the
    example as a table of their own."""
    if not CatalogueTable.objects.select_for_update().filter(pk=table.pk).exists():
        raise NotForCatalogue("The table was taken away while it was read.")
    made_up = table.dataset.is_simulated
    if Signal.objects.filter(is_simulated=not made_up).exists():
        raise CatalogueReal if made_up else CatalogueSimulated
    if not made_up and any(name.startswith(MARK) for name in listed):
        raise NotForCatalogue("Its signals are named as simulated, and real ones are listed here.")

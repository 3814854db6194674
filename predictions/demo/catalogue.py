"""The simulated example's catalogue: four tables put in charge, scored by the version in service as
real ones are, and taken away with all that people have said of their signals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django_q.tasks import async_task

from predictions.catalogue.filling.apart import is_real
from predictions.catalogue.foresight.models import Foresight
from predictions.catalogue.models import CatalogueTable, DispositionChange, Signal, Star
from predictions.catalogue.scoring import scores_make
from predictions.catalogue.services import charge_simulated, table_execute
from predictions.reviewing.making import queue_follow
from predictions.reviewing.models import ReviewQueue, Vote
from predictions.watching.models import Watch
from training import simulated
from training.accounts.audit import DELETION, record
from training.datasets.models import Dataset
from training.figures import counted

FILL: Final = "predictions.demo.tasks.fill_catalogue"


def catalogue_fill(user: User, here: bool) -> None:
    """The tables wait at once, so that nobody fills the catalogue with real ones meanwhile."""
    if is_real():
        return
    newest = Dataset.objects.simulated().order_by("pk")
    earlier = simulated.simulated_earlier_bring(user)
    datasets = [earlier, *newest.exclude(pk=earlier.pk)]
    if charge_simulated(datasets=datasets, user=user) and not here:
        transaction.on_commit(lambda: async_task(FILL))
    if here:
        catalogue_execute()


def catalogue_execute() -> None:
    """What a worker does: one table after the other, since the second of a mission is compared with
    the first. Delivered twice, or after all of it was removed, it does nothing."""
    waiting = CatalogueTable.objects.simulated().filter(status=CatalogueTable.Status.WAITING)
    for pk in waiting.order_by("pk").values_list("pk", flat=True):
        table_execute(pk)
    scores_make()
    queue_follow()


# --- Taking it away -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Said:
    """What people have added to simulated signals, and what goes with these."""

    votes: int
    voters: int
    watches: int

    @property
    def sentences(self) -> list[str]:
        said = []
        if self.votes:
            voters = "one person" if self.voters == 1 else f"{self.voters} people"
            verb = "goes" if self.votes == 1 else "go"
            votes = counted(self.votes, "vote")
            said.append(f"{votes} of {voters} on its signals {verb} with them.")
        if self.watches:
            end = "watch of a signal or star of it ends"
            more = f"{self.watches} watches of its signals and stars end"
            said.append(f"1 {end}." if self.watches == 1 else f"{more}.")
        return said


def said_of_it() -> Said:
    votes = Vote.objects.filter(signal__is_simulated=True)
    voters = votes.order_by().values("voter_name").distinct().count()
    return Said(votes.count(), voters, _watches().count())


def _watches() -> QuerySet[Watch]:
    stars = Signal.objects.filter(is_simulated=True).values("star")
    return Watch.objects.filter(Q(signal__is_simulated=True) | Q(star__in=stars))


@transaction.atomic
def catalogue_remove(user: User) -> None:
    """Whoever reads a table or casts a vote at the moment is waited for, and goes with the rest."""
    tables = list(CatalogueTable.objects.simulated().select_for_update(of=("self",)))
    if not tables:
        return
    signals = Signal.objects.filter(is_simulated=True)
    list(signals.select_for_update().order_by("pk").values_list("pk"))
    changes = DispositionChange.objects.filter(table__in=tables)
    # History is kept of what exists; their own ``delete`` refuses.
    for kept in (
        Foresight.objects.filter(change__in=changes),
        changes,
        Vote.objects.filter(signal__is_simulated=True),
    ):
        QuerySet.delete(kept)
    signals.delete()
    Star.objects.filter(signals=None, others=None).delete()
    for table in tables:
        record(user, table, "Deleted the simulated table of the catalogue.", DELETION)
        table.delete()
    ReviewQueue.objects.all().delete()  # of a catalogue that is empty now

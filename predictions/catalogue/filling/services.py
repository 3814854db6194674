"""The archive's three tables take charge of the catalogue: asked for by one click or by the week,
done by a worker, one mission after the other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django_q.tasks import async_task

from predictions.catalogue.filling.apart import simulated_check
from predictions.catalogue.filling.models import (
    HELD,
    IN_CHARGE,
    REFUSED,
    UNCHANGED,
    UNDER_WAY,
    WAITING,
    CatalogueFill,
    FillPart,
)
from predictions.catalogue.filling.reading import EXTRAS
from predictions.catalogue.models import MISSIONS, CatalogueTable, Signal
from predictions.catalogue.scoring import scores_make
from predictions.catalogue.services import ChargeHeld, charge_create, table_execute
from training.accounts.audit import ADDITION, record
from training.background.stopping import stop_asked
from training.background.waiting import nap
from training.datasets.models import Dataset
from training.datasets.services import dataset_fetch_here
from training.figures import counted
from training.ml.archive.errors import ArchiveBlocked, ArchiveError, ArchiveUnreachable
from training.ml.errors import UserError
from training.ml.schema import Mission

if TYPE_CHECKING:
    from training.ml.archive.download import Progress

FILL: Final = "predictions.catalogue.tasks.fill_from_archive"
SILENCE: Final = timedelta(minutes=15)
_STAGES: Final = {
    "counting": "asking the archive how many rows its table has.",
    "downloading": "downloading the archive's table.",
    "checking": "checking that the table is whole.",
    "finished": "downloaded; looking at what is in it.",
}
_BETWEEN: Final = 0.5  # seconds between two reports of a download
_Status = CatalogueFill.Status


class FillStopped(UserError):
    code = "fill_stopped"

    def __init__(self) -> None:
        super().__init__("The filling of the catalogue was cancelled.")


# --- Asking and cancelling ------------------------------------------------------------------------


def fill_request(
    *, user: User | None, is_refresh: bool = False, enqueue: bool = True
) -> CatalogueFill:
    """A filling that waits for a worker; the one that is open already, where there is one.

    Raises ``CatalogueSimulated`` while the catalogue is the example's.
    """
    simulated_check()
    if found := CatalogueFill.objects.unfinished().first():
        return found
    parts = [part_of(mission) for mission, _ in MISSIONS]
    try:
        with transaction.atomic():
            fill = CatalogueFill.objects.create(asked_by=user, parts=parts, is_refresh=is_refresh)
            record(user, fill, "Asked the NASA Exoplanet Archive for its three tables.", ADDITION)
            if enqueue:
                transaction.on_commit(lambda: async_task(FILL, fill.pk))
    except IntegrityError:  # asked twice at one moment
        return CatalogueFill.objects.unfinished().get()
    return fill


def part_of(
    mission: str,
    state: str = WAITING,
    sentence: str = "",
    *,
    steps: tuple[str, ...] = (),
    dataset: int | None = None,
) -> FillPart:
    return {
        "mission": mission,
        "state": state,
        "sentence": sentence,
        "steps": list(steps),
        "dataset": dataset,
    }


def fill_cancel(*, fill: CatalogueFill, user: User) -> None:
    """What has taken charge stays; a download under way leaves nothing behind."""
    if _end(fill, _Status.CANCELLED):
        record(user, fill, "Cancelled.")


def _end(fill: CatalogueFill, status: str, reason: str = "") -> bool:
    """Whether it was open until now."""
    ending = CatalogueFill.objects.filter(pk=fill.pk, is_open=True)
    return bool(
        ending.update(status=status, is_open=False, stage="", reason=reason, ended_at=Now())
    )


def fills_clean_up() -> None:
    """A worker that died is said; a refresh that is due is asked for."""
    silent = CatalogueFill.objects.filter(status=_Status.WORKING, heartbeat_at__lt=Now() - SILENCE)
    for fill in silent:
        _end(fill, _Status.FAILED, "The worker that was at it has stopped. Ask again.")
    if refresh_is_due():
        fill_request(user=None, is_refresh=True)


def refresh_is_due() -> bool:
    """Every so many days, by the setting; an empty or a simulated catalogue waits for a person."""
    days = settings.CATALOGUE_REFRESH_DAYS
    if not days or not CatalogueTable.objects.current().exists():
        return False
    if CatalogueTable.objects.simulated().exists():
        return False
    return not CatalogueFill.objects.filter(asked_at__gt=Now() - timedelta(days=days)).exists()


# --- What the worker does -------------------------------------------------------------------------


def fill_execute(fill_id: int, tell: Callable[[str], None] = lambda stage: None) -> None:
    """Delivered twice, it runs once. ``tell`` hears of every stage."""
    waiting = CatalogueFill.objects.filter(pk=fill_id, status=_Status.WAITING)
    if not waiting.update(status=_Status.WORKING, heartbeat_at=Now()):
        return
    fill = CatalogueFill.objects.select_related("asked_by").get(pk=fill_id)
    try:
        _Filling(fill, tell).run()
    except FillStopped:
        _hand_back(fill)
    except UserError as error:
        _end(fill, _Status.FAILED, error.message)
    except Exception as error:
        words = f"Something went wrong on our side ({type(error).__name__}). Ask again."
        _end(fill, _Status.FAILED, words)
        raise


def _hand_back(fill: CatalogueFill) -> None:
    """A worker that is told to stop leaves the rest to the next one."""
    again = CatalogueFill.objects.filter(pk=fill.pk, status=_Status.WORKING)
    if again.update(status=_Status.WAITING, stage="Waiting for a worker.", done=0, expected=None):
        async_task(FILL, fill.pk)


class _Filling:
    """One filling by one worker, which is the only one that writes its parts."""

    def __init__(self, fill: CatalogueFill, tell: Callable[[str], None]) -> None:
        self.fill = fill
        self.tell = tell
        self.stage = ""
        self.told = 0.0
        self.away: type[ArchiveError] | None = None

    def run(self) -> None:
        for number, part in enumerate(self.fill.parts):
            if part["state"] not in (WAITING, UNDER_WAY):
                continue  # an earlier worker has done it
            mission = part["mission"]
            self.keep(number, part_of(mission, UNDER_WAY))
            self.keep(number, self.part(mission))
        if Signal.objects.exists():
            self.score()
        _end(self.fill, _Status.FAILED if self.fill.troubled else _Status.DONE)

    def keep(self, number: int, part: FillPart) -> None:
        self.fill.parts[number] = part
        self.said("", parts=self.fill.parts)

    def said(self, stage: str, done: int = 0, expected: int | None = None, **more: Any) -> None:
        """A sign of life; whoever has cancelled is obeyed."""
        ours = CatalogueFill.objects.filter(pk=self.fill.pk, status=_Status.WORKING)
        facts = {"stage": stage[:300], "done": done, "expected": expected, **more}
        if not ours.update(heartbeat_at=Now(), **facts) or stop_asked():
            raise FillStopped
        if stage not in ("", self.stage):
            self.tell(stage)
        self.stage = stage

    def part(self, mission: str) -> FillPart:
        try:
            dataset, user = self.fetched(mission), self.fill.asked_by
            table = charge_create(dataset=dataset, user=user)
        except ChargeHeld as error:
            return part_of(mission, HELD, " ".join(error.against), dataset=dataset.pk)
        except ArchiveError as error:
            if isinstance(error, ArchiveBlocked | ArchiveUnreachable):
                self.away = type(error)
            return part_of(mission, REFUSED, error.what, steps=error.steps)
        except FillStopped:
            raise
        except UserError as error:
            return part_of(mission, REFUSED, error.message)
        return self.entered(mission, table)

    def fetched(self, mission: str) -> Dataset:
        from training.ml.archive.client import RetryPolicy
        from training.ml.archive.download import steps_by_hand, table_of

        known = Mission(mission)
        asked = table_of(known)
        columns = EXTRAS[asked.layout].columns
        if self.away:  # what has not answered for one table is not asked for the next
            what = (
                f"The {mission} table was not asked for, as the archive did not hand out another."
            )
            steps = steps_by_hand(asked.beside(columns), settings.EXOPLANET_ARCHIVE_URL)
            raise self.away(what, steps)
        patience = RetryPolicy(sleep=self.wait)
        return dataset_fetch_here(
            mission=known,
            user=self.fill.asked_by,
            progress=self.downloaded,
            patience=patience,
            columns=columns,
        ).dataset

    def downloaded(self, step: Progress) -> None:
        from training.ml.archive.download import Stage

        if step.stage is Stage.DOWNLOADING and monotonic() - self.told < _BETWEEN:
            return
        self.told = monotonic()
        stage = step.sentence or f"{step.mission}: {_STAGES[step.stage]}"
        self.said(stage, step.rows, step.expected)

    def wait(self, seconds: float) -> None:
        """In short sleeps, so that cancelling is heard."""
        until = monotonic() + seconds
        while (left := until - monotonic()) > 0:
            nap(min(left, 2.0))
            self.said(self.stage)

    def entered(self, mission: str, table: CatalogueTable) -> FillPart:
        number = table.dataset_id
        if table.status == CatalogueTable.Status.READY:
            return part_of(mission, UNCHANGED, "It is the table that is in charge.", dataset=number)
        table_execute(table.pk, lambda stage: self.said(f"{mission}: {stage}"))
        table.refresh_from_db()
        self.said("")
        if table.status != CatalogueTable.Status.READY:
            return part_of(mission, REFUSED, table.reason or table.stage, dataset=number)
        return part_of(mission, IN_CHARGE, table_sentence(table), dataset=number)

    def score(self) -> None:
        total = Signal.objects.count()
        stage = "The version in service is asked about the signals."
        self.said(stage)
        scores_make(lambda done: self.said(stage, done, total))


def table_sentence(table: CatalogueTable) -> str:
    said = counted(table.signals, "signal")
    if table.is_first:
        return f"{said}, the first table of the mission."
    return f"{said}: {table.counts_text}."

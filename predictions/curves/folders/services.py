"""Folders of light curves: kept, cancelled, searched star by star, made into a table.

Every change of status is one UPDATE that names the status it expects, as with single searches.
"""

from __future__ import annotations

import io
import uuid
from collections.abc import Sequence
from datetime import timedelta
from pathlib import PurePath
from typing import IO, Any, Final

from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django_q.tasks import async_task

from predictions.batches.services import batch_create, batch_start
from predictions.curves.asking import Asked
from predictions.curves.folders.models import CurveFolder
from predictions.curves.folders.tables import measured_table
from predictions.curves.folders.unpacking import is_zip, members_check
from predictions.curves.keeping import delete_files, keep_files, shown_name
from predictions.curves.models import CurveSearch, CurveSearchQuerySet
from predictions.curves.searching import (
    QUEUE,
    SearchStateError,
    search_cancel,
    search_delete,
    search_enqueue,
)
from training.accounts.audit import ADDITION, DELETION, record
from training.ml.curves.read import Reading
from training.ml.errors import UserError
from training.models import ModelVersion

Status = CurveFolder.Status
PREPARE: Final = "predictions.curves.tasks.prepare_folder"
ATTEMPTS: Final = 3
SILENCE: Final = timedelta(minutes=5)  # reading a file or writing the table takes seconds
NO_VERSION: Final = "No classifier is in service; ask a curator to activate a model version."


def folder_create(
    *, owner: User, files: Sequence[tuple[str, IO[bytes]]], reading: Reading | None = None
) -> CurveFolder:
    """Keep light curves of several stars and queue them. ``CurveError`` for what is too much or a
    broken archive, which leaves nothing behind."""
    files = [(shown_name(name), file) for name, file in files]
    count = members_check(files)
    (name, file), *others = files
    folder = CurveFolder(
        owner=owner,
        name=PurePath(name).stem[:100] if is_zip(file) and not others else _counted(count),
        reading=Asked(reading or Reading()).as_json(),
    )
    folder.files = keep_files(folder.place, files)
    try:
        with transaction.atomic():
            folder.save(force_insert=True)
            record(owner, folder, f"Uploaded {_counted(count)}.", ADDITION)
            _enqueue(folder.pk)
    except BaseException:
        delete_files([kept["path"] for kept in folder.files], folder.place)
        raise
    return folder


def _counted(count: int) -> str:
    return f"{count} light curve{'' if count == 1 else 's'}"


def _enqueue(key: uuid.UUID) -> None:
    transaction.on_commit(lambda: async_task(PREPARE, str(key), cluster=QUEUE))


def searches_of(folder: CurveFolder) -> CurveSearchQuerySet:
    """In the order of their stars."""
    return CurveSearch.objects.filter(in_folder_id=folder.pk).order_by("created_at", "pk")


def folder_fail(key: uuid.UUID, reason: str, *, claim: str = "") -> bool:
    folders = CurveFolder.objects.open().filter(pk=key)
    if claim:
        folders = folders.filter(claim=claim)
    return bool(folders.update(status=Status.FAILED, reason=reason, finished_at=timezone.now()))


# --- star by star ---------------------------------------------------------------------------------


def folder_go_on(key: uuid.UUID | None) -> None:
    """Queue the next star where none is under way; after the last one make the table. Called
    whenever a search has ended; once too often does no harm."""
    folders = CurveFolder.objects.filter(status=Status.SEARCHING)
    folder = folders.filter(pk=key).first() if key else None
    if folder is None:
        return
    waiting = searches_of(folder).filter(status=CurveSearch.Status.QUEUED, enqueued_at=None)
    if searches_of(folder).open().exclude(pk__in=waiting.values("pk")).exists():
        return
    following = waiting.values_list("pk", flat=True).first()
    if following:
        search_enqueue(following)
    else:
        _finish(folder)


def _finish(folder: CurveFolder) -> None:
    """The measured rows become a batch like any other, for the version that is in service now."""
    claim = uuid.uuid4().hex
    searching = CurveFolder.objects.filter(pk=folder.pk, status=Status.SEARCHING)
    if not searching.update(status=Status.FINISHING, claim=claim, heartbeat_at=Now()):
        return
    try:
        _make_batch(folder, claim)
    except ModelVersion.DoesNotExist:
        folder_fail(folder.pk, NO_VERSION, claim=claim)
    except UserError as error:
        folder_fail(folder.pk, error.message, claim=claim)


def _make_batch(folder: CurveFolder, claim: str) -> None:
    own = CurveFolder.objects.filter(pk=folder.pk, status=Status.FINISHING, claim=claim)
    ended = {"status": Status.SUCCEEDED, "finished_at": timezone.now(), "reason": ""}
    rows, text = measured_table(searches_of(folder).filter(status=CurveSearch.Status.SUCCEEDED))
    with transaction.atomic():
        if not rows:
            own.update(rows=[], **ended)
            return
        batch = batch_create(
            owner=folder.owner,
            file=io.BytesIO(text.encode()),
            name=f"{folder.name}, measured.csv",
        )
        batch_start(batch=batch)
        if not own.update(rows=rows, batch=batch, **ended):
            raise UserError("The folder was ended by somebody else meanwhile.")


# --- ended, begun again, deleted ------------------------------------------------------------------


def folder_cancel(folder: CurveFolder) -> None:
    """Stars that are done keep their pages."""
    ended = (
        CurveFolder.objects.open()
        .filter(pk=folder.pk)
        .update(status=Status.CANCELLED, reason="Cancelled.", finished_at=timezone.now())
    )
    folder.refresh_from_db()
    if ended:
        record(folder.owner, folder, "Cancelled.")
        _cancel_searches(folder)
    elif folder.status != Status.CANCELLED:
        raise SearchStateError(folder, "cancelled")


def _cancel_searches(folder: CurveFolder) -> None:
    ended = {"status": CurveSearch.Status.CANCELLED, "reason": "Cancelled."}
    waiting = searches_of(folder).filter(status=CurveSearch.Status.QUEUED, enqueued_at=None)
    waiting.update(finished_at=timezone.now(), **ended)
    for search in searches_of(folder).open().light().select_related("owner"):
        search_cancel(search)


def folder_resume(folder: CurveFolder) -> None:
    """After a failure or a cancellation: what is done is kept, all else is searched."""
    ended = CurveFolder.objects.filter(pk=folder.pk, status__in=(Status.FAILED, Status.CANCELLED))
    undone = (CurveSearch.Status.FAILED, CurveSearch.Status.CANCELLED)
    with transaction.atomic():
        was_read = searches_of(folder).exists()
        given = ended.update(
            status=Status.SEARCHING if was_read else Status.QUEUED,
            reason="",
            finished_at=None,
            attempts=0,
            heartbeat_at=Now(),
        )
        if given:
            searches_of(folder).filter(status__in=undone).update(
                status=CurveSearch.Status.QUEUED,
                enqueued_at=None,
                finished_at=None,
                reason="",
                claim="",
                pid=None,
            )
            transaction.on_commit(lambda: folder_go_on(folder.pk))
            if not was_read:
                _enqueue(folder.pk)
    folder.refresh_from_db()
    if not given and not folder.is_open:
        raise SearchStateError(folder, "searched again")


def folder_delete(folder: CurveFolder, *, by_person: bool = True) -> None:
    """With its stars and their light; the batch of its rows stays."""
    paths = [file["path"] for file in folder.files]
    place = folder.place
    with transaction.atomic():
        if folder.is_open:
            folder_cancel(folder)
        for search in searches_of(folder).light().select_related("owner"):
            search_delete(search, by_person=False)
        if by_person:
            record(folder.owner, folder, "Deleted the folder.", DELETION)
        folder.delete()
        transaction.on_commit(lambda: _delete_place(paths, place))


def _delete_place(paths: Sequence[str], place: str) -> None:
    """Also what a process that was killed left there."""
    try:
        left = [f"{place}/{name}" for name in default_storage.listdir(place)[1]]
    except FileNotFoundError:
        left = []
    delete_files([*paths, *left], place)


# --- looking after them ---------------------------------------------------------------------------


def folders_clean_up() -> None:
    """Every minute: work that a dead worker left is given to another one, what waits goes on, what
    is over its time is deleted."""
    silent = CurveFolder.objects.filter(heartbeat_at__lt=Now() - SILENCE)
    for folder in silent.filter(status__in=(Status.QUEUED, Status.READING)):
        _read_again(folder)
    silent.filter(status=Status.FINISHING).update(status=Status.SEARCHING, heartbeat_at=Now())
    for key in CurveFolder.objects.filter(status=Status.SEARCHING).values_list("pk", flat=True):
        folder_go_on(key)
    over = CurveFolder.objects.exclude(status__in=CurveFolder.OPEN).filter(
        finished_at__lt=timezone.now() - timedelta(days=settings.CURVE_KEPT_DAYS)
    )
    for folder in over.select_related("owner")[:10]:
        folder_delete(folder, by_person=False)


def _read_again(folder: CurveFolder) -> None:
    if folder.attempts >= ATTEMPTS:
        reason = f"Its worker stopped {ATTEMPTS} times while it read the files; give fewer at once."
        folder_fail(folder.pk, reason)
        return
    again: dict[str, Any] = {"status": Status.QUEUED, "claim": "", "heartbeat_at": Now()}
    with transaction.atomic():
        unchanged = CurveFolder.objects.filter(pk=folder.pk, status=folder.status)
        if unchanged.filter(claim=folder.claim).update(**again):
            _enqueue(folder.pk)

"""Searches of light curves: kept, started by a person, claimed by one process, ended exactly once.

Every change of status is one UPDATE that names the status it expects: of two that come at once, one
touches no row.
"""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import IO, Any, Final

from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django_q.tasks import async_task

from predictions.curves.asking import Asked, StatedJson
from predictions.curves.keeping import (
    copy_curve,
    delete_files,
    keep_files,
    shown_name,
    star_from,
)
from predictions.curves.models import CurveSearch
from training.accounts.audit import ADDITION, DELETION, SHARED_WORDS, record
from training.background.children import child_kill, is_child
from training.ml.curves.curve import Star
from training.ml.curves.errors import CurveError
from training.ml.curves.glance import Glances, glance
from training.ml.curves.read import MAX_FILES
from training.ml.curves.stars import with_overrides
from training.ml.errors import TooLarge, UserError
from training.ml.schema import Mission

Status = CurveSearch.Status
QUEUE: Final = "curves"
TASK: Final = "predictions.curves.tasks.execute_search"
EXECUTE: Final = "curve_search_execute"
"""The command of a search's process."""
SILENCE: Final = timedelta(seconds=30)  # a living search gives a sign every few seconds
LOST: Final = timedelta(minutes=3)
DRAFT_KEPT: Final = timedelta(days=1)
FOLDER: Final = "curves"
_SINGLE: Final = ("teff", "radius", "logg", "metallicity", "magnitude")


class SearchStateError(UserError):
    """What was asked for is not possible in the state that the search is in."""

    code = "curve_state"

    def __init__(self, search: Any, wish: str) -> None:
        super().__init__(
            f"This search is {search.get_status_display()}, so it cannot be {wish}. Load its page"
            " again."
        )


def upload_check(files: Sequence[Any]) -> None:
    """Before anything is read. Bytes as they came over the line; what they unpack to is counted
    while they are read."""
    if not 1 <= len(files) <= MAX_FILES:
        raise CurveError(f"Give 1 to {MAX_FILES} files of one star, not {len(files):,}.")
    if sum(file.size or 0 for file in files) > settings.CURVE_MAX_BYTES:
        raise TooLarge(
            "These files are too large together.",
            settings.CURVE_MAX_BYTES,
            "bytes",
            "Compress them with gzip, or give fewer.",
        )


def search_create(*, owner: User, files: Sequence[tuple[str, IO[bytes]]]) -> CurveSearch:
    """Keep light curves as a draft; `search_start` searches them. ``CurveError`` for what cannot be
    searched, which leaves nothing behind."""
    files = [(shown_name(name), file) for name, file in files]
    told = glance(files)  # type: ignore[arg-type]  # what was uploaded reads like any other file
    search = CurveSearch(
        owner=owner, name=told.star.name or files[0][0], glanced=glanced_json(told)
    )
    search.files = keep_files(search.folder, files)
    try:
        with transaction.atomic():
            search.save(force_insert=True)
            record(owner, search, f"Uploaded {len(files)} light curves.", ADDITION)
    except BaseException:
        delete_files([file["path"] for file in search.files], search.folder)
        raise
    return search


def glanced_json(told: Glances) -> dict[str, Any]:
    star = {
        # Headers hold single precision: 0.86 R☉ comes as 0.86000001.
        name: float(f"{value:.7g}") if isinstance(value, float) and name in _SINGLE else value
        for name, value in vars(told.star).items()
        if value is not None and value != ""
    }
    return {
        "star": star | ({"mission": str(star["mission"])} if "mission" in star else {}),
        "columns": told.columns[:200],
        "asks_columns": told.asks_columns,
        "asks_unit": told.asks_unit,
        "asks_zero": told.asks_zero,
    }


# --- from one state to the next -------------------------------------------------------------------


def search_start(search: CurveSearch, asked: Asked) -> None:
    """Queue a draft. ``CurveError`` where a fact of the star is impossible."""
    star = with_overrides(told_star(search), **asked.star)
    with transaction.atomic():
        queued = CurveSearch.objects.filter(pk=search.pk, status=Status.DRAFT).update(
            status=Status.QUEUED,
            asked=asked.as_json(),
            name=(star.name or search.name)[:100],
            **_waiting(),
        )
        if queued:
            _enqueue(search.pk)
    search.refresh_from_db()


def search_again(
    search: CurveSearch,
    *,
    star: Mapping[str, Any] | None = None,
    mission: Mission | None = None,
    stated: Sequence[StatedJson] = (),
    queued: bool = True,
) -> CurveSearch:
    """A new search of the same light: with another ``star`` and ``mission``, or as before; at
    ``stated`` periods, or from the beginning. ``queued=False``: the caller executes it."""
    before = Asked.from_json(search.asked)
    reading = before.reading if star is None else replace(before.reading, mission=mission)
    facts = {name: value for name, value in (star or before.star).items() if value is not None}
    with_overrides(told_star(search), **facts)
    again = CurveSearch(
        owner=search.owner,
        name=str(facts.get("name") or search.name)[:100],
        files=[file | {"path": ""} for file in search.files],
        glanced=search.glanced,
        asked=Asked(reading, facts, stated, before.known).as_json(),
        earlier=search,
        status=Status.QUEUED,
        **_waiting(),
    )
    again.curve_file = copy_curve(search.curve_file, again.folder)
    with transaction.atomic():
        again.save(force_insert=True)
        if queued:
            _enqueue(again.pk)
    return again


def told_star(search: CurveSearch) -> Star:
    """The star as its files tell it."""
    return star_from(dict(search.glanced.get("star", {})))


def search_restart(search: CurveSearch) -> None:
    """After a failure or a cancellation: back to the questions, or at once where the light has
    been read before."""
    before = CurveSearch.objects.filter(pk=search.pk, status__in=(Status.FAILED, Status.CANCELLED))
    facts = {"reason": "", "finished_at": None}
    with transaction.atomic():
        if search.curve_file:
            given = before.update(status=Status.QUEUED, **facts, **_waiting())
            if given:
                _enqueue(search.pk)
        else:
            given = before.update(status=Status.DRAFT, created_at=timezone.now(), **facts)
    search.refresh_from_db()
    if not given and not (search.is_open or search.is_draft):
        raise SearchStateError(search, "started again")


def _waiting() -> dict[str, Any]:
    now = timezone.now()
    return {
        "stage": "Waiting for a worker",
        "enqueued_at": now,
        "claim": "",
        "pid": None,
        "started_at": None,
        "progress": 0.0,
    }


def _enqueue(key: uuid.UUID) -> None:
    # Not before: a worker would look for a row that is not there yet.
    transaction.on_commit(lambda: async_task(TASK, str(key), cluster=QUEUE))


def search_enqueue(key: uuid.UUID) -> None:
    """Give a search to the queue that has waited for others of its folder."""
    waiting = CurveSearch.objects.filter(pk=key, status=Status.QUEUED, enqueued_at=None)
    with transaction.atomic():
        if waiting.update(**_waiting()):
            _enqueue(key)


def search_claim(key: uuid.UUID, claim: str) -> bool:
    """True for the one process that may run it."""
    return bool(
        CurveSearch.objects.filter(pk=key, status=Status.QUEUED).update(
            status=Status.RUNNING,
            claim=claim,
            host=socket.gethostname(),
            pid=os.getpid(),
            started_at=timezone.now(),
            heartbeat_at=Now(),
            stage="Reading the files",
        )
    )


def search_fail(key: uuid.UUID, reason: str, *, claim: str = "") -> bool:
    """End an open search as failed; with a claim, only if it is still the claimed one."""
    searches = CurveSearch.objects.open().filter(pk=key)
    if claim:
        searches = searches.filter(claim=claim)
    return bool(searches.update(status=Status.FAILED, reason=reason, finished_at=timezone.now()))


def search_cancel(search: CurveSearch) -> None:
    """Stop it, whether it waits or runs. Its process, wherever it is, notices within seconds; a
    local one is killed."""
    ended = (
        CurveSearch.objects.open()
        .filter(pk=search.pk)
        .update(status=Status.CANCELLED, reason="Cancelled.", finished_at=timezone.now())
    )
    search.refresh_from_db()
    if ended:
        record(search.owner, search, "Cancelled.")
        process_kill(search)
    elif search.status != Status.CANCELLED:
        raise SearchStateError(search, "cancelled")


def search_delete(search: CurveSearch, *, by_person: bool = True) -> None:
    """The row first: files without a row do no harm, a row without its files does. Predictions
    stay in the history."""
    paths = [*(file["path"] for file in search.files), search.curve_file]
    folder = search.folder
    with transaction.atomic():
        if search.is_open:
            search_cancel(search)
        if by_person:
            record(search.owner, search, "Deleted the search.", DELETION)
        search.delete()
        transaction.on_commit(lambda: delete_files(paths, folder))


def search_share(search: CurveSearch, *, shared: bool) -> None:
    CurveSearch.objects.filter(pk=search.pk).update(shared=shared)
    search.shared = shared
    record(search.owner, search, SHARED_WORDS[shared])


def search_requeue(key: uuid.UUID, pid: int) -> bool:
    """Its worker is stopping, and its process with it: it waits again, for the next worker."""
    own = CurveSearch.objects.open().filter(pk=key, pid=pid, host=socket.gethostname())
    with transaction.atomic():
        given = own.update(status=Status.QUEUED, **_waiting())
        if given:
            _enqueue(key)
    return bool(given)


def process_kill(search: CurveSearch) -> None:
    child_kill(search.host, search.pid, EXECUTE, search.pk)


# --- looking after them ---------------------------------------------------------------------------


def searches_clean_up() -> None:
    """End what has gone silent, deliver again what nobody has, delete what is over its time."""
    for search in CurveSearch.objects.filter(
        status=Status.RUNNING, heartbeat_at__lt=Now() - SILENCE
    ).only("pk", "host", "pid", "heartbeat_at"):
        _fail_silent(search)
    _deliver_lost()
    _delete_old()


def _fail_silent(search: CurveSearch) -> None:
    """Only if it has given no sign since we looked first."""
    is_here = search.host == socket.gethostname()
    gone = is_here and not is_child(search.host, search.pid, EXECUTE, search.pk)
    said = (
        "The search's process is gone: it was killed, or the machine was restarted."
        if gone
        else f"The search has given no sign of life since {search.heartbeat_at:%H:%M:%S} UTC."
    )
    failed = CurveSearch.objects.filter(
        pk=search.pk, status=Status.RUNNING, heartbeat_at__lt=Now() - SILENCE
    ).update(
        status=Status.FAILED,
        reason=f"{said} Your files are kept: search them again.",
        finished_at=timezone.now(),
    )
    if failed:
        process_kill(search)  # one that hangs would otherwise hold its memory for ever


def _deliver_lost() -> None:
    """Queued ones whose task a dead worker has taken with it; a task too many finds nothing to
    do."""
    if CurveSearch.objects.filter(status=Status.RUNNING).exists():
        return
    now = timezone.now()
    lost = CurveSearch.objects.filter(status=Status.QUEUED, enqueued_at__lt=now - LOST)
    for key, enqueued_at in lost.values_list("pk", "enqueued_at")[:20]:
        again = CurveSearch.objects.filter(pk=key, status=Status.QUEUED, enqueued_at=enqueued_at)
        if again.update(enqueued_at=now):
            _enqueue(key)


def _delete_old() -> None:
    """Drafts after a day, what has ended after CURVE_KEPT_DAYS; files that no row names."""
    now = timezone.now()
    drafts = CurveSearch.objects.filter(status=Status.DRAFT, created_at__lt=now - DRAFT_KEPT)
    ended = CurveSearch.objects.filter(
        finished_at__lt=now - timedelta(days=settings.CURVE_KEPT_DAYS)
    ).exclude(status__in=CurveSearch.OPEN)
    for searches in (drafts, ended):
        for search in searches.light().select_related("owner")[:50]:
            search_delete(search, by_person=False)
    _delete_unnamed(now - DRAFT_KEPT)


def _delete_unnamed(before: Any) -> None:
    """A process that was killed between file and row left them."""
    try:
        folders = set(default_storage.listdir(FOLDER)[0])
    except FileNotFoundError:  # on a disk, until the first search; an object store has no folders
        return
    keys = map(str, CurveSearch.objects.values_list("pk", flat=True))
    for folder in sorted(folders - set(keys))[:50]:
        place = f"{FOLDER}/{folder}"
        paths = [f"{place}/{name}" for name in default_storage.listdir(place)[1]]
        if all(default_storage.get_modified_time(path) < before for path in paths):
            delete_files(paths, place)

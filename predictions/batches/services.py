"""Steps of a batch that the pages and the API share; the work itself is in `batch_work`."""

from __future__ import annotations

import hashlib
import io
import uuid
from collections.abc import Mapping
from contextlib import suppress
from pathlib import PurePath
from typing import IO, Any, BinaryIO, cast

from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django_q.tasks import async_task

from predictions.batches.models import Batch, BatchChunk
from training.accounts.audit import ADDITION, DELETION, SHARED_WORDS, record
from training.datasets.services import disk_space_guard
from training.ml.errors import TooLarge, UserError
from training.ml.schema import Mission
from training.ml.tables.data_loader import ColumnMapping, Limits
from training.ml.tables.head import TableHead, read_head
from training.models import ModelVersion

EXECUTE = "predictions.batches.tasks.execute_batch"


class BatchStateError(UserError):
    """What was asked for is not possible in the state that the batch is in."""

    code = "batch_state"

    def __init__(self, batch: Batch, wish: str) -> None:
        super().__init__(
            f"This batch is {batch.get_status_display()}, so it cannot be {wish}. Load its page"
            " again."
        )


class IdempotencyKeyReused(UserError):
    code = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__(
            "This Idempotency-Key was sent before with another table; use a new key for a new"
            " batch, or send the same table to get the first batch again."
        )


def table_limits() -> Limits:
    return Limits(
        rows=settings.BATCH_MAX_ROWS,
        bytes=settings.BATCH_MAX_BYTES,
        columns=settings.BATCH_MAX_COLUMNS,
        field=settings.BATCH_MAX_FIELD,
        combined_rows=min(settings.BATCH_MAX_K2_ROWS, settings.BATCH_MAX_ROWS),
    )


def upload_check(size: int) -> None:
    """Bytes as they came over the line; what they unpack to is counted while they are read."""
    if size > settings.BATCH_MAX_BYTES:
        raise TooLarge(
            "This file is too large.",
            settings.BATCH_MAX_BYTES,
            "bytes",
            "Compress it with gzip, split the table, or leave out the columns that are not needed.",
        )


def batch_create(
    *,
    owner: User,
    file: IO[bytes] | File[bytes],
    name: str = "",
    mission: Mission | None = None,
    mapping: Mapping[str, Any] | None = None,
    idempotency_key: str = "",
    head: TableHead | None = None,
    is_simulated: bool = False,
) -> Batch:
    """Keep a table as a draft; `batch_start` classifies it. The same key with the same table gives
    the same batch. ``head``: for a draft that a person looks at."""
    sha256, size = _measure(file)
    upload_check(size)
    if idempotency_key and (first := _earlier(owner, idempotency_key, sha256)):
        return first
    batch = Batch(
        owner=owner,
        name=shown_name(name),
        sha256=sha256,
        size=size,
        mission=str(mission or ""),
        mapping=dict(mapping) if mapping else None,
        idempotency_key=idempotency_key,
        head=head.pack() if head else None,
        is_simulated=is_simulated,
    )
    batch.file = _keep(file, f"{batch.folder}/table")
    try:
        with transaction.atomic():
            batch.save(force_insert=True)
            record(owner, batch, f"Uploaded a table of {size:,} bytes.", ADDITION)
    except IntegrityError:
        default_storage.delete(batch.file)
        if first := _earlier(owner, idempotency_key, sha256):
            return first  # the same request arrived twice at once
        raise
    except BaseException:
        default_storage.delete(batch.file)
        raise
    return batch


def _keep(file: IO[bytes] | File[bytes], path: str) -> str:
    """The stored file's name, one of our own:
    what the browser calls it may be anything, or taken."""
    file.seek(0)
    with disk_space_guard():
        try:
            return default_storage.save(path, File(file))
        except OSError:
            default_storage.delete(path)  # the part that went onto a full disk
            raise


def _measure(file: IO[bytes] | File[bytes]) -> tuple[str, int]:
    file.seek(0)
    digest = hashlib.file_digest(cast(Any, file), "sha256").hexdigest()
    file.seek(0, io.SEEK_END)
    return digest, file.tell()


def _earlier(owner: User, idempotency_key: str, sha256: str) -> Batch | None:
    first = Batch.objects.filter(owner=owner, idempotency_key=idempotency_key).first()
    if first and first.sha256 != sha256:
        raise IdempotencyKeyReused
    return first


def shown_name(name: str) -> str:
    """The last part of a file's name,
    of characters that can be shown; never used to open anything."""
    last = PurePath(name.replace("\\", "/")).name
    return "".join(c for c in last if c.isprintable())[:200].strip() or "table"


def mapping_of(batch: Batch) -> ColumnMapping | None:
    return ColumnMapping.from_json(batch.mapping) if batch.mapping else None


def head_of(batch: Batch) -> TableHead:
    """The head of a draft's table: as it was stored with the draft, or else read again."""
    if batch.head:
        return TableHead.unpack(bytes(batch.head))
    with default_storage.open(batch.file) as file:
        return read_head(cast(BinaryIO, file.file), limits=table_limits())


def mission_of(batch: Batch) -> Mission | None:
    return Mission(batch.mission) if batch.mission else None


# --- from one state to the next -------------------------------------------------------------------


def batch_start(
    *, batch: Batch, top_contributions: int = 0, mapping: Mapping[str, Any] | None = None
) -> None:
    """Queue a draft for the version that is in service now. Raises ``ModelVersion.DoesNotExist``
    where none is."""
    version = ModelVersion.objects.active()
    values: dict[str, Any] = {"mapping": dict(mapping)} if mapping is not None else {}
    with transaction.atomic():
        queued = Batch.objects.filter(pk=batch.pk, status=Batch.Status.DRAFT).update(
            status=Batch.Status.QUEUED,
            model_version=version,
            top_contributions=top_contributions,
            started_at=Now(),
            heartbeat_at=Now(),
            head=None,
            **values,
        )
        if queued:
            enqueue(batch)
    batch.refresh_from_db()


def batch_cancel(*, batch: Batch) -> None:
    """Workers notice between two chunks."""
    ended = (
        Batch.objects.filter(pk=batch.pk)
        .active()
        .update(status=Batch.Status.CANCELLED, finished_at=Now(), claim=None)
    )
    batch.refresh_from_db()
    if ended:
        record(batch.owner, batch, "Cancelled.")
    if not ended and batch.status != Batch.Status.CANCELLED:
        raise BatchStateError(batch, "cancelled")


def batch_resume(*, batch: Batch) -> None:
    """Carry on after a failure or a cancellation, from the chunks that are done."""
    with transaction.atomic():
        prepared = batch.chunks.exists()
        status = Batch.Status.RUNNING if prepared else Batch.Status.QUEUED
        resumed = Batch.objects.filter(
            pk=batch.pk, status__in=(Batch.Status.FAILED, Batch.Status.CANCELLED)
        ).update(
            status=status, reason="", finished_at=None, claim=None, attempts=0, heartbeat_at=Now()
        )
        if resumed:
            batch.chunks.exclude(status=BatchChunk.Status.DONE).update(
                status=BatchChunk.Status.WAITING, claim=None, attempts=0
            )
            enqueue(batch, workers=settings.BATCH_TASKS if prepared else 1)
    batch.refresh_from_db()
    if resumed:
        record(batch.owner, batch, "Resumed.")
    if not resumed and not batch.is_active:
        raise BatchStateError(batch, "resumed")


def batch_share(*, batch: Batch, shared: bool) -> None:
    Batch.objects.filter(pk=batch.pk).update(shared=shared)
    batch.shared = shared
    record(batch.owner, batch, SHARED_WORDS[shared])


def batch_delete(*, batch: Batch) -> None:
    """The rows first: files without a row do no harm, a row without its files does."""
    files = [
        batch.file,
        batch.counts_file,
        batch.index_file,
        *batch.chunks.values_list("result", flat=True),
    ]
    folder = batch.folder
    with transaction.atomic():
        if batch.is_active:
            batch_cancel(batch=batch)
        record(batch.owner, batch, "Deleted the batch.", DELETION)
        batch.delete()
        transaction.on_commit(lambda: _delete_files(files, folder))


def _delete_files(files: list[str], folder: str) -> None:
    for file in filter(None, files):
        default_storage.delete(file)
    with suppress(OSError):  # a worker may just be storing a last file there
        default_storage.delete(folder)


def enqueue(batch: Batch, workers: int = 1) -> None:
    """Ask for ``workers``; those that find nothing left to do go home at once."""
    key: uuid.UUID = batch.pk
    for _ in range(workers):
        transaction.on_commit(lambda: async_task(EXECUTE, str(key), task_name=f"batch {key}"[:100]))

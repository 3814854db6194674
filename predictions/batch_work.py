"""Classifying a batch in the background: several workers, on one host or many, share the chunks of one table.

The queue may hand a task out twice, or lose its worker. So a task only says "look after this batch": whoever comes
first prepares it, each chunk is claimed by one conditional UPDATE, and answers count only while their claim holds.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from typing import Any, Final

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from predictions.batch_models import STALE_AFTER, Batch, BatchChunk
from predictions.batch_outcome import summary_of
from predictions.batch_results import CHUNK_ROWS, answers_write, chunk_answers, index_read, index_write
from predictions.batch_services import batch_delete, enqueue, mapping_of, mission_of, table_limits
from training.ml.data_loader import TableChunk, TableReader, open_table
from training.ml.errors import UserError
from training.ml.harmonise import Problem
from training.services_drift import inputs_count

ATTEMPTS: Final = 3
REASONS_NAMED: Final = 10  # per chunk
DRAFTS_KEPT: Final = timedelta(days=1)

Status = Batch.Status
ChunkStatus = BatchChunk.Status


def batch_execute(*, batch_id: str) -> None:
    """Do what is left to do for this batch; nothing if there is nothing, so that a second delivery does no harm."""
    batch = Batch.objects.filter(pk=batch_id).first()
    if batch is None:
        return  # deleted in the meantime
    claim = uuid.uuid4()  # names everything that this worker takes
    try:
        with default_storage.open(batch.file) as file:
            reader = _prepare(batch, file, claim)
            if _has_waiting(batch):
                _classify(batch, reader or _open(batch, file), claim)
        _finish(batch, claim)
    except UserError as error:
        _fail(batch, error.message)
    except Exception:
        _give_back(batch, claim)
        raise


def _open(batch: Batch, file: Any) -> TableReader:
    return open_table(
        getattr(file, "file", file), mission=mission_of(batch), mapping=mapping_of(batch), limits=table_limits()
    )


# --- first: how many rows, and what the whole table tells ------------------------------------------------------------


def _prepare(batch: Batch, file: Any, claim: uuid.UUID) -> TableReader | None:
    """The table after its first pass, if it was this worker's to prepare."""
    if not _move(batch, Status.QUEUED, Status.PREPARING, claim=claim, attempts=F("attempts") + 1):
        return None
    reader = _open(batch, file)
    chunks = [
        BatchChunk(batch=batch, number=number, first_row=first, rows=min(CHUNK_ROWS, reader.rows - first + 1))
        for number, first in enumerate(range(1, reader.rows + 1, CHUNK_ROWS))
    ]
    with transaction.atomic():
        prepared = Batch.objects.filter(pk=batch.pk, status=Status.PREPARING, claim=claim).update(
            status=Status.RUNNING, claim=None, attempts=0, rows=reader.rows, layout=reader.layout.key,
            problems=[_stored(problem) for problem in reader.problems], heartbeat_at=timezone.now(),
        )  # fmt: skip
        if prepared:
            BatchChunk.objects.bulk_create(chunks)
            enqueue(batch, workers=min(len(chunks) - 1, settings.BATCH_TASKS))
    batch.refresh_from_db()
    return reader if prepared else None


# --- then: chunk by chunk --------------------------------------------------------------------------------------------


def _has_waiting(batch: Batch) -> bool:
    return batch.chunks.filter(status=ChunkStatus.WAITING, batch__status=Status.RUNNING).exists()


def _classify(batch: Batch, reader: TableReader, claim: uuid.UUID) -> None:
    """Walk through the table once and take every chunk that nobody else has taken."""
    waiting = batch.chunks.filter(status=ChunkStatus.WAITING)
    numbers = {first_row: number for number, first_row in waiting.values_list("number", "first_row")}
    if not numbers or batch.model_version is None:
        return
    classify = partial(
        chunk_answers,
        classifier=batch.model_version.classifier,
        version_name=batch.model_version.name,
        top=batch.top_contributions,
    )
    for block in reader.blocks(CHUNK_ROWS, min(numbers)):
        if block.first_row not in numbers:
            continue
        if chunk := _claim(batch, numbers[block.first_row], claim):
            table_chunk = reader.chunk(block)
            _hand_in(batch, chunk, table_chunk, classify(table_chunk))
        elif not Batch.objects.filter(pk=batch.pk, status=Status.RUNNING).exists():
            return


def _claim(batch: Batch, number: int, claim: uuid.UUID) -> BatchChunk | None:
    """One UPDATE that touches one row, or none: two workers can never both take a chunk."""
    running = Batch.objects.filter(pk=batch.pk, status=Status.RUNNING)
    claimed = BatchChunk.objects.filter(batch__in=running, number=number, status=ChunkStatus.WAITING).update(
        status=ChunkStatus.CLAIMED, claim=claim, claimed_at=timezone.now(), attempts=F("attempts") + 1
    )
    return batch.chunks.get(number=number) if claimed else None


def _hand_in(batch: Batch, chunk: BatchChunk, table_chunk: TableChunk, answers: Any) -> None:
    """Store the answers under a name of this claim; they count only if the claim still holds."""
    unusable = int((answers["predicted_disposition"] == "").sum())
    problems = [*table_chunk.table.problems, *row_problems(table_chunk)]
    path = answers_write(f"{batch.folder}/{chunk.number:06}-{chunk.claim}.parquet", answers)
    now = timezone.now()
    handed_in = BatchChunk.objects.filter(**chunk.as_claim()).update(
        status=ChunkStatus.DONE, result=path, unusable=unusable, finished_at=now,
        problems=[_stored(problem) for problem in problems],
    )  # fmt: skip
    if not handed_in:
        default_storage.delete(path)
        return
    Batch.objects.filter(pk=batch.pk).update(heartbeat_at=now)
    if batch.model_version:
        inputs_count(batch.model_version, table_chunk.table.frame)


def _stored(problem: Problem) -> dict[str, Any]:
    """As JSON: counts and row numbers come from numpy."""
    return {**asdict(problem), "count": int(problem.count), "rows": [int(row) for row in problem.rows]}


def row_problems(chunk: TableChunk) -> Iterable[Problem]:
    """Why rows cannot be used, the commonest reasons first. Each row keeps its own reason among its answers."""
    rows_by_reason: dict[str, list[int]] = defaultdict(list)
    for row, reason in chunk.table.row_reasons.items():
        rows_by_reason[reason].append(chunk.first_row + row)
    reasons = sorted(rows_by_reason, key=lambda reason: -len(rows_by_reason[reason]))
    for reason in reasons[:REASONS_NAMED]:
        yield _row_problem(reason.rstrip("."), rows_by_reason[reason])
    # A reason may quote its cell: a column of nonsense would otherwise be repeated here as a whole.
    if others := [row for reason in reasons[REASONS_NAMED:] for row in rows_by_reason[reason]]:
        yield _row_problem("other reasons, which stand beside the rows", others)


def _row_problem(why: str, rows: list[int]) -> Problem:
    template = "{rows} cannot be used: " + why.replace("{", "{{").replace("}", "}}")
    return Problem("unusable_row", f"{why}.", None, len(rows), tuple(sorted(rows)[:5]), template)


# --- last: the index and the figures ---------------------------------------------------------------------------------


def _finish(batch: Batch, claim: uuid.UUID) -> None:
    """Whoever sees the last chunk done gathers the key columns; if that fails, the janitor lets another try."""
    done = Batch.objects.all_done().filter(pk=batch.pk)
    now = timezone.now()
    if not done.update(status=Status.FINISHING, claim=claim, attempts=F("attempts") + 1, heartbeat_at=now):
        return
    batch.refresh_from_db()
    paths = list(batch.chunks.values_list("result", flat=True))
    path = index_write(f"{batch.folder}/index-{claim}.parquet", paths, rows_share_signals=batch.layout == "k2")
    finished = Batch.objects.filter(pk=batch.pk, status=Status.FINISHING, claim=claim).update(
        status=Status.SUCCEEDED, claim=None, index_file=path, summary=summary_of(index_read(path)),
        finished_at=timezone.now(),
    )  # fmt: skip
    if not finished:
        default_storage.delete(path)


# --- when something goes wrong ---------------------------------------------------------------------------------------


def _move(batch: Batch, before: str, after: str, **facts: Any) -> bool:
    now = timezone.now()
    return bool(Batch.objects.filter(pk=batch.pk, status=before).update(status=after, heartbeat_at=now, **facts))


def _fail(batch: Batch, reason: str) -> None:
    Batch.objects.filter(pk=batch.pk).active().update(
        status=Status.FAILED, reason=reason, finished_at=timezone.now(), claim=None
    )


def _give_back(batch: Batch, claim: uuid.UUID) -> None:
    """After an error of ours: the janitor finds the batch silent at once, and either tries again or gives up."""
    long_ago = timezone.now() - 2 * STALE_AFTER
    Batch.objects.filter(pk=batch.pk).active().update(heartbeat_at=long_ago)
    batch.chunks.filter(status=ChunkStatus.CLAIMED, claim=claim).update(claimed_at=long_ago)


def batches_clean_up() -> None:
    """The janitor, every minute: nothing stays claimed by a worker that is gone."""
    now = timezone.now()
    stale = BatchChunk.objects.filter(status=ChunkStatus.CLAIMED, claimed_at__lt=now - STALE_AFTER)
    for chunk in stale.filter(batch__status=Status.RUNNING).select_related("batch"):
        _release(chunk)
    for batch in Batch.objects.silent(now):
        _revive(batch)
    for batch in Batch.objects.filter(status=Status.DRAFT, created_at__lt=now - DRAFTS_KEPT):
        batch_delete(batch=batch)


def _release(chunk: BatchChunk) -> None:
    if chunk.attempts >= ATTEMPTS:
        _fail(chunk.batch, f"Its {chunk} stopped their worker {ATTEMPTS} times. {_ADVICE}")
        return
    with transaction.atomic():
        released = BatchChunk.objects.filter(**chunk.as_claim()).update(status=ChunkStatus.WAITING, claim=None)
        if released:
            enqueue(chunk.batch)


def _revive(batch: Batch) -> None:
    """A batch that nobody works at, although it is not done: its worker was killed, or its task was lost."""
    step_back = {Status.PREPARING: Status.QUEUED, Status.FINISHING: Status.RUNNING}
    before = step_back.get(Status(batch.status))
    if before and batch.attempts >= ATTEMPTS:
        _fail(batch, f"Its worker stopped {ATTEMPTS} times while it was {batch.get_status_display()}. {_ADVICE}")
        return
    with transaction.atomic():
        if _move(batch, batch.status, before or batch.status, claim=None):
            enqueue(batch)


_ADVICE = "What is done is kept: resume the batch, or ask an administrator to look at the worker's log."

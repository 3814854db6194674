"""Classifying batches in the background: several workers, on one host or many, share the chunks of
one table.

The queue may hand a task out twice, or lose its worker. So a task only says "look after this
batch": whoever comes first prepares it, each chunk is claimed by one conditional UPDATE, and
answers count only while their claim holds. A worker that has served a batch for a while looks whose
turn it is, so that a long table never holds up a short one.
"""

from __future__ import annotations

import time
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
from django.db.models.functions import Now
from django.utils import timezone

from predictions.batches.models import STALE_AFTER, Batch, BatchChunk
from predictions.batches.outcome import summary_of
from predictions.batches.results import (
    CHUNK_ROWS,
    answers_write,
    chunk_answers,
    counts_read,
    counts_write,
    index_read,
    index_write,
)
from predictions.batches.services import batch_delete, enqueue, mapping_of, mission_of, table_limits
from training.background.stopping import stop_asked
from training.datasets.services import disk_space_guard
from training.ml.errors import UserError
from training.ml.tables.data_loader import TableChunk, TableReader, open_table
from training.ml.tables.doubting.doubts import Doubt, Doubts
from training.ml.tables.harmonise import Problem
from training.versions.drift import inputs_count

ATTEMPTS: Final = 3
REASONS_NAMED: Final = 10  # per chunk
DRAFTS_KEPT: Final = timedelta(days=1)
# Seconds that one batch is served before others that wait are looked at.
TIME_SLICE: Final = 10.0
# Seconds after which a worker hands over: the queue's timeout must not end one that only serves
# many batches.
MAX_TASK_SECONDS: Final = 30 * 60.0

Status = Batch.Status
ChunkStatus = BatchChunk.Status


def batch_execute(*, batch_id: str) -> None:
    """Serve this batch, then whichever has its turn, until nothing is left; a second delivery does
    no harm."""
    batch = Batch.objects.filter(pk=batch_id).first()  # none: deleted in the meantime
    began = time.monotonic()
    while batch and not _slice_is_over(batch, began) and _serve(batch):
        batch = Batch.objects.next_to_serve()


def _slice_is_over(batch: Batch, began: float) -> bool:
    """After a long time, or when asked to stop: another worker is then asked to go on."""
    ends = stop_asked() or time.monotonic() - began > MAX_TASK_SECONDS
    if ends and batch.is_active:
        enqueue(batch)
    return ends


def _serve(batch: Batch) -> bool:
    """One turn; False where there was nothing to do."""
    claim = uuid.uuid4()  # names everything that is taken in this turn
    began = _start_slice(batch)
    try:
        with disk_space_guard():
            served = _work_slice(batch, claim, began)
            return _finish(batch, claim) or served
    except UserError as error:
        # The table's own fault: another attempt would end the same way.
        _fail(batch, error.message)
        return True
    except Exception:
        # Ours or the machine's: another attempt may succeed.
        _give_back(batch, claim)
        if following := Batch.objects.next_to_serve():
            enqueue(following)  # what this worker would have served next
        raise


def _work_slice(batch: Batch, claim: uuid.UUID, began: float) -> bool:
    with default_storage.open(batch.file) as file:
        reader = _prepare(batch, file, claim)
        prepared = reader is not None
        if _has_waiting(batch):
            return _classify(batch, reader or _open(batch, file), claim, began) or prepared
    return prepared


def _start_slice(batch: Batch) -> float:
    Batch.objects.filter(pk=batch.pk).update(served_at=Now())
    return time.monotonic()


def _open(batch: Batch, file: Any) -> TableReader:
    return open_table(
        getattr(file, "file", file),
        mission=mission_of(batch),
        mapping=mapping_of(batch),
        limits=table_limits(),
        counted=_counted(batch),
    )


def _counted(batch: Batch) -> Any:
    batch.refresh_from_db(fields=["counts_file"])  # another worker may have prepared it meanwhile
    return counts_read(batch.counts_file) if batch.counts_file else None


# --- first: how many rows, and what the whole table tells -----------------------------------------


def _prepare(batch: Batch, file: Any, claim: uuid.UUID) -> TableReader | None:
    """The table after its first pass, if it was this worker's to prepare."""
    if not _change_status(
        batch, Status.QUEUED, Status.PREPARING, claim=claim, attempts=F("attempts") + 1
    ):
        return None
    reader = _open(batch, file)
    chunks = [
        BatchChunk(
            batch=batch,
            number=number,
            first_row=first,
            rows=min(CHUNK_ROWS, reader.rows - first + 1),
        )
        for number, first in enumerate(range(1, reader.rows + 1, CHUNK_ROWS))
    ]
    counts_file = counts_write(f"{batch.folder}/counts-{claim}.npy", reader.counted)
    with transaction.atomic():
        # Only while the claim holds: silent for long, this worker may have lost the batch.
        prepared = Batch.objects.filter(pk=batch.pk, status=Status.PREPARING, claim=claim).update(
            status=Status.RUNNING,
            claim=None,
            attempts=0,
            rows=reader.rows,
            layout=reader.layout.key,
            problems=[_stored(problem) for problem in reader.problems],
            heartbeat_at=Now(),
            counts_file=counts_file,
        )
        if prepared:
            BatchChunk.objects.bulk_create(chunks)
            enqueue(batch, workers=min(len(chunks) - 1, settings.BATCH_TASKS))
    if not prepared and counts_file:
        default_storage.delete(counts_file)
    batch.refresh_from_db()
    return reader if prepared else None


# --- then: chunk by chunk -------------------------------------------------------------------------


def _has_waiting(batch: Batch) -> bool:
    return batch.chunks.filter(status=ChunkStatus.WAITING, batch__status=Status.RUNNING).exists()


def _classify(batch: Batch, reader: TableReader, claim: uuid.UUID, began: float) -> bool:
    """Walk through the table once and take every chunk that nobody else has taken, while it is this
    batch's turn."""
    waiting = batch.chunks.filter(status=ChunkStatus.WAITING)
    numbers = {
        first_row: number for number, first_row in waiting.values_list("number", "first_row")
    }
    if not numbers or batch.model_version is None:
        return False
    classify = partial(
        chunk_answers,
        classifier=batch.model_version.classifier,
        version_name=batch.model_version.name,
        top=batch.top_contributions,
    )
    turn, handed_in = TimeSlice(batch, began), False
    # Reading text is cheap beside harmonising it: chunks of others are passed over as text.
    for block in reader.blocks(batch.chunk_rows(), min(numbers)):
        if block.first_row not in numbers:
            continue
        if stop_asked():
            return True
        if chunk := _claim(batch, numbers[block.first_row], claim):
            table_chunk = reader.chunk(block)
            handed_in = (
                _store_answers(batch, chunk, table_chunk, classify(table_chunk)) or handed_in
            )
        # Another worker was faster, or the batch was cancelled: only the latter ends the walk.
        elif not Batch.objects.filter(pk=batch.pk, status=Status.RUNNING).exists():
            break
        if turn.is_over():
            break
    return handed_in


class TimeSlice:
    """At least as long as opening the table took, or workers would do little else."""

    def __init__(self, batch: Batch, began: float) -> None:
        self._batch = batch
        self._opened = time.monotonic()
        self._seconds = max(TIME_SLICE, self._opened - began)

    def is_over(self) -> bool:
        if time.monotonic() - self._opened < self._seconds:
            return False
        following = Batch.objects.next_to_serve()
        if following and following.pk != self._batch.pk:
            return True
        self._opened = _start_slice(self._batch)
        return False


def _claim(batch: Batch, number: int, claim: uuid.UUID) -> BatchChunk | None:
    """One UPDATE that touches one row, or none: two workers can never both take a chunk."""
    running = Batch.objects.filter(pk=batch.pk, status=Status.RUNNING)
    claimed = BatchChunk.objects.filter(
        batch__in=running, number=number, status=ChunkStatus.WAITING
    ).update(status=ChunkStatus.CLAIMED, claim=claim, claimed_at=Now(), attempts=F("attempts") + 1)
    return batch.chunks.get(number=number) if claimed else None


def _store_answers(batch: Batch, chunk: BatchChunk, table_chunk: TableChunk, answers: Any) -> bool:
    """Store the answers under a name of this claim; they count only if the claim still holds."""
    unusable = int((answers["predicted_disposition"] == "").sum())
    problems = [*table_chunk.table.problems, *row_problems(table_chunk)]
    doubts = Doubts().look(table_chunk.table, table_chunk.first_row, table_chunk.plan)
    path = answers_write(f"{batch.folder}/{chunk.number:06}-{chunk.claim}.parquet", answers)
    handed_in = BatchChunk.objects.filter(**chunk.as_claim()).update(
        status=ChunkStatus.DONE,
        result=path,
        unusable=unusable,
        finished_at=Now(),
        problems=[_stored(problem) for problem in problems],
        doubts=doubts.as_json(),
    )
    if not handed_in:
        default_storage.delete(path)
        return False
    Batch.objects.filter(pk=batch.pk).update(heartbeat_at=Now())
    # Only now that the claim has held: what two workers classified counts once.
    if batch.model_version and not batch.is_simulated:
        inputs_count(batch.model_version, table_chunk.table.frame)
    return True


def _stored(problem: Problem) -> dict[str, Any]:
    """As JSON: counts and row numbers come from numpy."""
    return {
        **asdict(problem),
        "count": int(problem.count),
        "rows": [int(row) for row in problem.rows],
    }


def row_problems(chunk: TableChunk) -> Iterable[Problem]:
    """Why rows cannot be used, the commonest reasons first. Each row keeps its own reason among its
    answers."""
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


# --- last: the index and the figures --------------------------------------------------------------


def _finish(batch: Batch, claim: uuid.UUID) -> bool:
    """Whoever sees the last chunk done gathers the key columns; if that fails, the janitor lets
    another try."""
    done = Batch.objects.all_done().filter(pk=batch.pk)
    if not done.update(
        status=Status.FINISHING, claim=claim, attempts=F("attempts") + 1, heartbeat_at=Now()
    ):
        return False
    batch.refresh_from_db()
    paths = list(batch.chunks.values_list("result", flat=True))
    path = index_write(
        f"{batch.folder}/index-{claim}.parquet",
        paths,
        rows_share_signals=batch.layout in ("k2", "ps"),
    )
    doubts = [_stored(doubt.problem) for doubt in doubts_of(batch)]
    finished = Batch.objects.filter(pk=batch.pk, status=Status.FINISHING, claim=claim).update(
        status=Status.SUCCEEDED,
        problems=[*doubts, *batch.problems],
        claim=None,
        index_file=path,
        summary=summary_of(index_read(path)),
        finished_at=Now(),
    )
    if not finished:
        default_storage.delete(path)
    return True


def doubts_of(batch: Batch) -> list[Doubt]:
    """What the chunks together say about the units of the table."""
    doubts = Doubts()
    for stored in batch.chunks.exclude(doubts={}).values_list("doubts", flat=True):
        doubts.update(Doubts.from_json(stored))
    return doubts.found()


# --- when something goes wrong --------------------------------------------------------------------


def _change_status(batch: Batch, before: str, after: str, **values: Any) -> bool:
    return bool(
        Batch.objects.filter(pk=batch.pk, status=before).update(
            status=after, heartbeat_at=Now(), **values
        )
    )


def _fail(batch: Batch, reason: str) -> None:
    Batch.objects.filter(pk=batch.pk).active().update(
        status=Status.FAILED, reason=reason, finished_at=Now(), claim=None
    )


def _give_back(batch: Batch, claim: uuid.UUID) -> None:
    """After an error of ours: the janitor finds the batch silent at once, and either tries again or
    gives up."""
    long_ago = Now() - 2 * STALE_AFTER
    Batch.objects.filter(pk=batch.pk).active().update(heartbeat_at=long_ago)
    batch.chunks.filter(status=ChunkStatus.CLAIMED, claim=claim).update(claimed_at=long_ago)


def batches_clean_up() -> None:
    """The janitor, every minute: nothing stays claimed by a worker that is gone."""
    stale = BatchChunk.objects.filter(
        status=ChunkStatus.CLAIMED, claimed_at__lt=Now() - STALE_AFTER
    )
    for chunk in stale.filter(batch__status=Status.RUNNING).select_related("batch"):
        _release(chunk)
    for batch in Batch.objects.silent():
        _requeue(batch)
    for batch in Batch.objects.filter(
        status=Status.DRAFT, created_at__lt=timezone.now() - DRAFTS_KEPT
    ):
        batch_delete(batch=batch)


def _release(chunk: BatchChunk) -> None:
    if chunk.attempts >= ATTEMPTS:
        _fail(chunk.batch, f"Its {chunk} stopped their worker {ATTEMPTS} times. {_ADVICE}")
        return
    with transaction.atomic():
        released = BatchChunk.objects.filter(**chunk.as_claim()).update(
            status=ChunkStatus.WAITING, claim=None
        )
        if released:
            enqueue(chunk.batch)


def _requeue(batch: Batch) -> None:
    """A batch that nobody works at, although it is not done: its worker was killed, or its task was
    lost."""
    step_back = {Status.PREPARING: Status.QUEUED, Status.FINISHING: Status.RUNNING}
    before = step_back.get(Status(batch.status))
    if before and batch.attempts >= ATTEMPTS:
        _fail(
            batch,
            f"Its worker stopped {ATTEMPTS} times while it was {batch.get_status_display()}."
            f" {_ADVICE}",
        )
        return
    with transaction.atomic():
        if _change_status(batch, batch.status, before or batch.status, claim=None):
            enqueue(batch)


_ADVICE = (
    "What is done is kept: resume the batch, or ask an administrator to look at the worker's log."
)

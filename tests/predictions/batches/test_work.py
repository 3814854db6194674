"""Workers share a batch: each chunk is classified once, whatever happens to them."""

from __future__ import annotations

import errno
import io
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from predictions.answers import LIST_COLUMNS, PROBABILITY_COLUMNS, joined_lists
from predictions.batches import downloads as batch_downloads
from predictions.batches import results as batch_results
from predictions.batches import services as batch_services
from predictions.batches import work as batch_work
from predictions.batches.models import STALE_AFTER, Batch, BatchChunk
from predictions.batches.pages import problems_of
from predictions.batches.results import answers_read, chunk_answers, frame_of_row, rows_read
from tests.predictions.conftest import kepler_csv
from tests.simulator import simulate
from training.datasets.services import DiskFull
from training.ml.schema import Mission
from training.ml.tables.data_loader import read_signals

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_chunks", "queue")]

MakeBatch = Callable[..., Batch]


def execute(batch: Batch) -> None:
    batch_work.batch_execute(batch_id=str(batch.pk))
    batch.refresh_from_db()


@pytest.fixture
def classified(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The first row of each chunk that is classified, in order."""
    first_rows: list[int] = []
    real = chunk_answers

    def counted(chunk: Any, **options: Any) -> Any:
        first_rows.append(chunk.first_row)
        return real(chunk, **options)

    monkeypatch.setattr(batch_work, "chunk_answers", counted)
    return first_rows


def test_every_row_gets_the_classifiers_own_numbers(make_batch: MakeBatch, tmp_path: Any) -> None:
    path = tmp_path / "signals.csv"
    path.write_text(kepler_csv())
    batch = make_batch(path.read_bytes())
    execute(batch)
    assert (batch.status, batch.rows, batch.rows_done()) == ("succeeded", 25, 25)
    assert batch.model_version is not None
    expected = batch.model_version.classifier.predict(read_signals(path).frame)
    answers = [answers_read(chunk.result).to_pandas() for chunk in batch.chunks.all()]
    found = np.concatenate([part[list(PROBABILITY_COLUMNS)].to_numpy() for part in answers])
    np.testing.assert_array_equal(found, expected.probabilities)


def test_a_second_delivery_does_nothing(make_batch: MakeBatch, classified: list[int]) -> None:
    batch = make_batch()
    execute(batch)
    before = classified.copy()
    finished = batch.finished_at
    execute(batch)
    assert classified == before == [1, 11, 21]
    assert batch.finished_at == finished


def test_a_killed_workers_batch_goes_on_where_it_stopped(
    make_batch: MakeBatch, classified: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = make_batch()
    hand_in = batch_work._store_answers

    def killed(batch: Batch, chunk: BatchChunk, *rest: Any) -> None:
        if chunk.number == 1:
            raise KeyboardInterrupt  # as from outside: nothing is recorded
        hand_in(batch, chunk, *rest)

    monkeypatch.setattr(batch_work, "_store_answers", killed)
    with pytest.raises(KeyboardInterrupt):
        execute(batch)
    monkeypatch.setattr(batch_work, "_store_answers", hand_in)

    execute(batch)
    assert batch.status == "running", (
        "the claimed chunk is not taken from a worker that may still live"
    )
    long_ago = timezone.now() - 2 * STALE_AFTER
    batch.chunks.filter(number=1).update(claimed_at=long_ago)
    batch_work.batches_clean_up()
    execute(batch)
    assert batch.status == "succeeded"
    assert classified == [1, 11, 21, 11], (
        "only the chunk that was never handed in is classified again"
    )


def test_two_workers_never_take_the_same_chunk(
    make_batch: MakeBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = make_batch()
    taken: list[tuple[str, int]] = []
    real = chunk_answers
    depth = ["first"]

    def shared(chunk: Any, **options: Any) -> Any:
        taken.append((depth[-1], chunk.first_row))
        if len(taken) == 1:  # while the first worker has chunk 0, a second one comes
            depth.append("second")
            batch_work.batch_execute(batch_id=str(batch.pk))
            depth.pop()
        return real(chunk, **options)

    monkeypatch.setattr(batch_work, "chunk_answers", shared)
    execute(batch)
    assert taken == [("first", 1), ("second", 11), ("second", 21)]
    assert batch.status == "succeeded"


def test_answers_whose_claim_was_taken_away_do_not_count(
    make_batch: MakeBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = make_batch(kepler_csv(5))
    real = chunk_answers

    def slow(chunk: Any, **options: Any) -> Any:
        batch.chunks.update(
            status=BatchChunk.Status.WAITING, claim=None
        )  # the janitor lost patience meanwhile
        return real(chunk, **options)

    monkeypatch.setattr(batch_work, "chunk_answers", slow)
    execute(batch)
    assert batch.status == "running"
    assert not [
        name for name in default_storage.listdir(batch.folder)[1] if name.endswith(".parquet")
    ], "it is gone"
    monkeypatch.setattr(batch_work, "chunk_answers", real)
    execute(batch)
    assert batch.status == "succeeded"


def test_cancelling_stops_between_two_chunks(
    make_batch: MakeBatch, classified: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = make_batch()
    hand_in = batch_work._store_answers

    def cancelled(batch: Batch, *rest: Any) -> None:
        hand_in(batch, *rest)
        batch_services.batch_cancel(batch=Batch.objects.get(pk=batch.pk))

    monkeypatch.setattr(batch_work, "_store_answers", cancelled)
    execute(batch)
    assert (batch.status, classified) == ("cancelled", [1])
    monkeypatch.setattr(batch_work, "_store_answers", hand_in)
    batch_services.batch_resume(batch=batch)
    execute(batch)
    assert (batch.status, classified) == ("succeeded", [1, 11, 21])


def test_what_has_ended_cannot_be_cancelled(make_batch: MakeBatch) -> None:
    batch = make_batch(done=True)
    with pytest.raises(batch_services.BatchStateError, match="is done, so it cannot be cancelled"):
        batch_services.batch_cancel(batch=batch)


def test_a_table_that_turns_out_unusable_fails_with_its_sentence(make_batch: MakeBatch) -> None:
    batch = make_batch("kepid,koi_period\n")
    execute(batch)
    assert batch.status == "failed"
    assert "no rows" in batch.reason


def test_too_many_rows_fail_with_the_limit(make_batch: MakeBatch, settings: Any) -> None:
    settings.BATCH_MAX_ROWS = 20
    batch = make_batch()
    execute(batch)
    assert batch.status == "failed"
    assert "20" in batch.reason
    assert "row 21" in batch.reason


def test_too_many_rows_to_combine_fail_with_that_limit(
    make_batch: MakeBatch, settings: Any
) -> None:
    settings.BATCH_MAX_K2_ROWS = 5
    batch = make_batch(simulate(Mission.K2, 12, 3).to_csv(index=False))
    execute(batch)
    assert batch.status == "failed"
    assert "several rows for one signal" in batch.reason
    assert "limit is 5 rows" in batch.reason
    assert "default_flag = 1" in batch.reason


def test_an_error_of_ours_is_tried_again_three_times_and_then_told(
    make_batch: MakeBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = make_batch()

    def broken(*_: Any, **__: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(batch_work, "answers_write", broken)
    for attempt in range(3):
        with pytest.raises(OSError, match="disk full"):
            execute(batch)
        assert batch.chunks.get(number=0).attempts == attempt + 1
        batch_work.batches_clean_up()
    batch.refresh_from_db()
    assert batch.status == "failed"
    assert "rows 1–10 stopped their worker 3 times" in batch.reason


def test_the_janitor_asks_again_for_a_batch_whose_task_was_lost(
    make_batch: MakeBatch, queue: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    batch = make_batch()
    Batch.objects.filter(pk=batch.pk).update(heartbeat_at=timezone.now() - 2 * STALE_AFTER)
    queue.clear()
    with django_capture_on_commit_callbacks(execute=True):
        batch_work.batches_clean_up()
        batch_work.batches_clean_up()
    assert [task[1] for task in queue] == [str(batch.pk)], "once, not once a minute"
    execute(batch)
    assert batch.status == "succeeded"


@pytest.mark.parametrize("state", ["preparing", "finishing"])
def test_a_worker_lost_at_the_start_or_the_end_is_replaced(
    make_batch: MakeBatch, state: str
) -> None:
    batch = make_batch(done=state == "finishing")
    silent = timezone.now() - 2 * STALE_AFTER
    Batch.objects.filter(pk=batch.pk).update(
        status=state, heartbeat_at=silent, attempts=1, finished_at=None
    )
    batch_work.batches_clean_up()
    execute(batch)
    assert batch.status == "succeeded"


def test_it_gives_up_on_a_table_that_stops_its_worker_each_time(make_batch: MakeBatch) -> None:
    batch = make_batch()
    Batch.objects.filter(pk=batch.pk).update(
        status="preparing",
        heartbeat_at=timezone.now() - 2 * STALE_AFTER,
        attempts=batch_work.ATTEMPTS,
    )
    batch_work.batches_clean_up()
    batch.refresh_from_db()
    assert batch.status == "failed"
    assert "stopped 3 times while it was being read" in batch.reason


def test_waiting_behind_others_is_no_failure(make_batch: MakeBatch) -> None:
    batch = make_batch()
    for _ in range(5):
        Batch.objects.filter(pk=batch.pk).update(heartbeat_at=timezone.now() - 2 * STALE_AFTER)
        batch_work.batches_clean_up()
    batch.refresh_from_db()
    assert batch.status == "queued"


def test_drafts_that_nobody_starts_are_removed(
    member: Any, django_capture_on_commit_callbacks: Any
) -> None:
    draft = batch_services.batch_create(owner=member, file=io.BytesIO(b"a,b\n1,2\n"), name="x.csv")
    Batch.objects.filter(pk=draft.pk).update(created_at=timezone.now() - timedelta(days=2))
    with django_capture_on_commit_callbacks(execute=True):
        batch_work.batches_clean_up()
    assert not Batch.objects.filter(pk=draft.pk).exists()
    assert not default_storage.exists(draft.file)


def test_an_explanation_uses_the_very_inputs_that_were_classified(
    make_batch: MakeBatch, tmp_path: Any
) -> None:
    path = tmp_path / "signals.csv"
    path.write_text(kepler_csv())
    batch = make_batch(path.read_bytes(), done=True)
    table = read_signals(path)
    chunks = batch.stored_chunks()
    checked = 0
    for row in (0, 9, 10, 24):
        stored = frame_of_row(rows_read(chunks, np.array([row])))
        numbers = [name for name in stored.columns if name not in ("mission", "magnitude_band")]
        np.testing.assert_array_equal(
            stored[numbers].to_numpy(), table.frame.iloc[[row]][numbers].to_numpy()
        )
        checked += 1
    assert checked == 4


def test_problems_are_added_up_over_the_chunks(make_batch: MakeBatch) -> None:
    lines = kepler_csv().splitlines()
    place = lines[0].split(",").index("koi_period")
    for number in (2, 14, 23):
        cells = lines[number].split(",")
        cells[place] = "-5"
        lines[number] = ",".join(cells)
    batch = make_batch("\n".join(lines) + "\n", done=True)
    found = [problem for problem in problems_of(batch) if problem.column == "koi_period"]
    assert [(problem.count, problem.rows) for problem in found] == [(3, (2, 14, 23))]
    assert "3 rows" in found[0].sentence


def test_the_same_answers_in_chunks_of_any_size(
    make_batch: MakeBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = set()
    for size in (3, 10, 5000):
        for module in (batch_results, batch_work):
            monkeypatch.setattr(module, "CHUNK_ROWS", size)
        batch = make_batch(done=True)
        texts.add(b"".join(batch_downloads.csv_bytes(batch)))
    assert len(texts) == 1


def test_a_batch_divided_otherwise_is_finished_and_read_as_it_was_divided(
    make_batch: MakeBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = make_batch(done=True)
    batch = make_batch()
    claim = uuid.uuid4()
    with default_storage.open(batch.file) as file:
        assert batch_work._prepare(batch, file, claim) is not None
    assert batch.chunks.count() == 3
    for module in (batch_results, batch_work):
        monkeypatch.setattr(module, "CHUNK_ROWS", 7)
    batch_work.batch_execute(batch_id=str(batch.pk))
    batch.refresh_from_db()
    assert batch.is_done, batch.reason
    rows = np.array([24, 0, 9, 10, 19])
    names = [rows_read(b.stored_chunks(), rows, ["identifier"]) for b in (whole, batch)]
    assert names[0]["row"].tolist() == [25, 1, 10, 11, 20]
    pd.testing.assert_frame_equal(names[0], names[1])
    assert len({b"".join(batch_downloads.csv_bytes(b)) for b in (whole, batch)}) == 1


def test_answers_that_were_stored_as_joined_text_are_read_as_lists(
    make_batch: MakeBatch,
) -> None:
    batch = make_batch(done=True)
    first = batch.chunks.all()[0]
    new = answers_read(first.result).to_pandas()
    old = joined_lists(new).drop(columns=["missing_inputs"])
    old["missing_inputs"] = ["|".join(names) for names in new["missing_inputs"]]
    buffer = io.BytesIO()
    old.to_parquet(buffer)
    path = default_storage.save("batches/old.parquet", ContentFile(buffer.getvalue()))
    read = answers_read(path).to_pandas()
    assert new["missing_inputs"].map(len).min() > 1
    for name in LIST_COLUMNS:
        assert [list(cell) for cell in read[name]] == [list(cell) for cell in new[name]]


def test_a_column_of_nonsense_is_not_repeated_as_a_whole(
    make_batch: MakeBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_work, "REASONS_NAMED", 2)
    header = "identifier,mission,orbital_period,transit_duration,transit_depth\n"
    rows = "".join(f"s{n},planet{n},3,2,500\n" for n in range(9))
    batch = make_batch(header + rows + "t,TESS,3,2,500\n", done=True)
    found = [problem for problem in problems_of(batch) if problem.code == "unusable_row"]
    assert [problem.count for problem in found] == [1, 1, 7]
    assert "7 rows cannot be used: other reasons" in found[2].sentence


def test_a_worker_that_is_told_to_stop_finishes_its_chunk_and_hands_the_rest_on(
    make_batch: MakeBatch,
    classified: list[int],
    queue: list[Any],
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    batch = make_batch()
    monkeypatch.setattr(batch_work, "stop_asked", lambda: bool(classified))
    with django_capture_on_commit_callbacks(execute=True):
        execute(batch)
    assert (batch.status, batch.rows_done(), classified) == ("running", 10, [1])
    handed_on = len(queue)
    assert handed_on == 3, "two for its other chunks, one because it stops"
    with django_capture_on_commit_callbacks(execute=True):
        execute(
            batch
        )  # delivered to the same worker while it stops: it does nothing but ask for another one
    assert (batch.rows_done(), len(queue)) == (10, handed_on + 1)

    monkeypatch.setattr(batch_work, "stop_asked", lambda: False)
    execute(batch)
    assert (batch.status, classified) == ("succeeded", [1, 11, 21])


def full(*_: Any, **__: Any) -> Any:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_ends_the_batch_with_that_reason(
    make_batch: MakeBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = make_batch()
    with monkeypatch.context() as patch:
        patch.setattr(batch_work, "answers_write", full)
        execute(batch)
    assert batch.status == Batch.Status.FAILED
    assert "disk is full" in batch.reason
    batch_services.batch_resume(batch=batch)
    execute(batch)
    assert batch.status == Batch.Status.SUCCEEDED


def test_a_table_that_does_not_fit_is_refused_with_that_reason(
    member: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(default_storage), "save", full, raising=False)
    with pytest.raises(DiskFull, match="disk is full"):
        batch_services.batch_create(
            owner=member, file=io.BytesIO(kepler_csv().encode()), name="t.csv"
        )
    assert not Batch.objects.exists()


def test_a_batch_never_ends_in_the_future(
    make_batch: MakeBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a worker whose clock is a day ahead: times are the database's."""
    batch = make_batch()
    ahead = timezone.now() + timedelta(days=1)
    with monkeypatch.context() as patch:
        patch.setattr(timezone, "now", lambda: ahead)
        execute(batch)
    assert batch.status == Batch.Status.SUCCEEDED
    times = [
        batch.started_at,
        batch.finished_at,
        *batch.chunks.values_list("finished_at", flat=True),
    ]
    assert len(times) > 2
    assert all(when is not None and when < ahead - timedelta(hours=23) for when in times)
    assert batch.started_at and batch.finished_at and batch.started_at <= batch.finished_at

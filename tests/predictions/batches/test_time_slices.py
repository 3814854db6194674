"""Workers take turns: a long table never holds up a short one, and people are served one after the
other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from predictions.batches import work as batch_work
from predictions.batches.downloads import csv_bytes
from predictions.batches.models import Batch
from tests.predictions.conftest import kepler_csv
from training.ml.tables import first_pass

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_chunks", "queue")]

MakeBatch = Callable[..., Batch]


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the batches whose chunks are handed in, in order."""
    names: list[str] = []
    real = batch_work._store_answers

    def named(batch: Batch, *rest: Any) -> bool:
        names.append(batch.name)
        return real(batch, *rest)

    monkeypatch.setattr(batch_work, "_store_answers", named)
    return names


def test_a_long_table_does_not_hold_up_a_short_one(
    make_batch: MakeBatch, curator: User, served: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_work, "TIME_SLICE", 0)
    monkeypatch.setattr(batch_work.TimeSlice, "__init__", _at_once)
    long = make_batch(kepler_csv(60), name="long")
    short = make_batch(kepler_csv(5), name="short", owner=curator)
    batch_work.batch_execute(batch_id=str(long.pk))
    assert served == ["long", "short", *["long"] * 5], "one worker does all of it"
    assert {batch.status for batch in Batch.objects.filter(pk__in=(long.pk, short.pk))} == {
        "succeeded"
    }


def test_a_batch_is_served_on_while_nobody_waits(make_batch: MakeBatch, served: list[str]) -> None:
    make_batch(kepler_csv(5), name="other", done=True)
    long = make_batch(kepler_csv(60), name="long")
    served.clear()
    batch_work.batch_execute(batch_id=str(long.pk))
    assert served == ["long"] * 6


def test_people_take_turns_not_tables(make_batch: MakeBatch, member: User, curator: User) -> None:
    now = timezone.now()
    first, second = make_batch(name="first"), make_batch(name="second")
    other = make_batch(name="other", owner=curator)
    assert Batch.objects.next_to_serve() == first
    Batch.objects.filter(pk=first.pk).update(served_at=now)
    assert Batch.objects.next_to_serve() == other, (
        "its owner was never served, however many tables the first one sent"
    )
    Batch.objects.filter(pk=other.pk).update(served_at=now + timedelta(seconds=10))
    assert Batch.objects.next_to_serve() == second
    Batch.objects.filter(pk=second.pk).update(
        status="cancelled", served_at=now + timedelta(seconds=20)
    )
    assert Batch.objects.next_to_serve() == other, "what one was served before counts, too"


def test_what_others_hold_is_nobodys_turn(make_batch: MakeBatch) -> None:
    batch = make_batch()
    assert Batch.objects.next_to_serve() == batch
    Batch.objects.filter(pk=batch.pk).update(status="running")
    chunk = batch.chunks.create(number=0, first_row=1, rows=10, status="claimed")
    assert Batch.objects.next_to_serve() is None
    chunk.status = "done"
    chunk.save()
    assert Batch.objects.next_to_serve() == batch, "somebody must sum it up"


def test_a_table_is_counted_once_however_often_its_turn_comes(
    make_batch: MakeBatch, curator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = b"".join(csv_bytes(make_batch(kepler_csv(40), done=True)))
    monkeypatch.setattr(batch_work.TimeSlice, "__init__", _at_once)
    counted: list[int] = []
    real = first_pass.count_signals

    def count(*given: Any) -> Any:
        counted.append(1)
        return real(*given)

    monkeypatch.setattr("training.ml.tables.data_loader.count_signals", count)
    batches = [make_batch(kepler_csv(40), owner=owner) for owner in (None, curator)]
    batch_work.batch_execute(batch_id=str(batches[0].pk))
    assert len(counted) == 2
    assert [b"".join(csv_bytes(Batch.objects.get(pk=batch.pk))) for batch in batches] == [
        expected
    ] * 2


def test_a_worker_hands_over_after_a_long_time(
    make_batch: MakeBatch,
    curator: User,
    queue: list[Any],
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    real = batch_work._serve

    def serve(batch: Batch) -> bool:
        """Serve one turn, at the end of which the shift is over, however fast this machine is."""
        served = real(batch)
        monkeypatch.setattr(batch_work, "MAX_TASK_SECONDS", -1.0)
        return served

    monkeypatch.setattr(batch_work, "_serve", serve)
    first, second = make_batch(name="first"), make_batch(name="second", owner=curator)
    queue.clear()
    with django_capture_on_commit_callbacks(execute=True):
        batch_work.batch_execute(batch_id=str(first.pk))
    second.refresh_from_db()
    assert second.status == "queued"
    assert queue[-1][1] == str(second.pk)


def test_an_error_in_one_batch_does_not_leave_the_others_alone(
    make_batch: MakeBatch,
    curator: User,
    queue: list[Any],
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(batch_work, "answers_write", broken)
    first, second = make_batch(name="first"), make_batch(name="second", owner=curator)
    queue.clear()
    with (
        pytest.raises(OSError, match="disk full"),
        django_capture_on_commit_callbacks(execute=True),
    ):
        batch_work.batch_execute(batch_id=str(first.pk))
    assert Batch.objects.next_to_serve() == second


def _at_once(turn: batch_work.TimeSlice, batch: Batch, began: float) -> None:
    """A turn of one chunk, however long opening the table took."""
    turn._batch, turn._opened, turn._seconds = batch, began, 0.0

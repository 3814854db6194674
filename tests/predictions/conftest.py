"""What tests of batches need: tables, and batches in every state, worked by hand instead of by a
queue."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User

from predictions.batches import results as batch_results
from predictions.batches import services as batch_services
from predictions.batches import work as batch_work
from predictions.batches.models import Batch
from tests.simulator import simulate
from training.ml.schema import Mission


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> int:
    """Chunks of ten rows, so that small tables have several."""
    for module in (batch_results, batch_work):
        monkeypatch.setattr(module, "CHUNK_ROWS", 10)
    return 10


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What would have gone to the queue."""
    sent: list[tuple[Any, ...]] = []
    monkeypatch.setattr(batch_services, "async_task", lambda *task, **options: sent.append(task))
    return sent


def kepler_csv(signals: int = 25, seed: int = 1) -> str:
    return str(simulate(Mission.KEPLER, signals, seed).to_csv(index=False))


@pytest.fixture
def make_batch(member: User, queue: list[Any]) -> Callable[..., Batch]:
    """`make_batch(text)`: a batch that waits for a worker. `done=True`: classified."""

    def make(
        text: str | bytes = "", *, owner: User | None = None, done: bool = False, **facts: Any
    ) -> Batch:
        content = text.encode() if isinstance(text, str) else text
        top = facts.pop("top_contributions", 0)
        file = io.BytesIO(content or kepler_csv().encode())
        batch = batch_services.batch_create(
            owner=owner or member, file=file, **{"name": "signals.csv", **facts}
        )
        batch_services.batch_start(batch=batch, top_contributions=top)
        if done:
            batch_work.batch_execute(batch_id=str(batch.pk))
            batch.refresh_from_db()
            assert batch.is_done, batch.reason
        return batch

    return make

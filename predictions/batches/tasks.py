"""What the queue calls."""

from __future__ import annotations

from predictions.batches import work as batch_work


def execute_batch(batch_id: str) -> None:
    batch_work.batch_execute(batch_id=batch_id)


def clean_up() -> None:
    batch_work.batches_clean_up()

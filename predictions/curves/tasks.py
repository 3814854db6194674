"""What the queue calls."""

from __future__ import annotations

import uuid

from predictions.curves import searching, work


def execute_search(key: str) -> None:
    work.search_supervise(uuid.UUID(key))


def clean_up() -> None:
    searching.searches_clean_up()

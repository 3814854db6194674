"""Who wants to know of each answer to a single signal says so here: `/metrics`, where it is
switched on."""

from __future__ import annotations

from collections.abc import Callable

listeners: list[Callable[[str, str], None]] = []  # of disposition and version


def prediction_count(disposition: str, version: str) -> None:
    for listener in listeners:
        listener(disposition, version)

"""Whether this worker has been told to stop; asked between two steps of long work."""

from __future__ import annotations

import multiprocessing
from threading import Event
from typing import Final

# Shared with the processes that are forked to do the work: the signal may reach their parent only.
_asked: Final = multiprocessing.get_context("fork").Event()
_asked_here: Final = Event()


def stop_ask() -> None:
    """Of the worker and all its processes."""
    _asked.set()


def stop_ask_here() -> None:
    """Of this process alone."""
    _asked_here.set()


def stop_asked() -> bool:
    """Then what can be given back to the queue should be: another worker, or the next one here,
    carries on."""
    return _asked_here.is_set() or _asked.is_set()

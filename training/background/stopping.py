"""Whether this worker has been told to stop; asked between two steps of long work."""

from __future__ import annotations

import multiprocessing

# Shared with the processes that are forked to do the work: the signal reaches their parent only.
_asked = multiprocessing.get_context("fork").Event()


def stop_ask() -> None:
    _asked.set()


def stop_asked() -> bool:
    """Then what can be given back to the queue should be: another worker, or the next one here, carries on."""
    return _asked.is_set()

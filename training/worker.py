"""The worker: django-q2's cluster, which stops between two steps of its work instead of at the end of a long one."""

from __future__ import annotations

import ctypes
import signal
import sys
import threading
from multiprocessing.util import register_after_fork
from pathlib import Path
from types import FrameType
from typing import Final

from django_q.cluster import Cluster

from training.stopping import stop_ask

ALIVE_SECONDS: Final = 5.0


class Worker(Cluster):
    def sig_handler(self, signum: int, frame: FrameType | None) -> None:
        """Ends `work`, which waits for the sentinel to end.

        In a thread, as Event.set waits for the one who waits for the event: for ever, where the same signal, sent to
        the whole group, has just killed the sentinel.
        """
        stop_ask()
        threading.Thread(target=self.stop_event.set, daemon=True).start()


def work(alive: Path | None = None) -> int:
    """Work at the queue of Q_CLUSTER_NAME until told to stop. Touches `alive` every few seconds, for health checks."""
    worker = Worker()
    register_after_fork(worker, _die_with_parent)
    worker.start()
    while worker.sentinel.is_alive():
        if alive:
            alive.touch()
        worker.sentinel.join(ALIVE_SECONDS)
    return int(worker.sentinel.exitcode or 0)


def _die_with_parent(_: object) -> None:
    """On Linux, no part of a worker outlives the one that looks after it."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)

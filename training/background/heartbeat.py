"""The sign of life that work gives while a process of its own is at it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.db import Error, close_old_connections, connection

EXIT_CLAIM_LOST: Final = 75


@dataclass
class Heartbeat:
    """A thread that says that this process lives, and ends it at once when the work is no longer
    its own. ``beat`` writes the sign; False where the work is somebody else's, or over."""

    beat: Callable[[], bool]
    seconds: float = 3.0

    def __enter__(self) -> Heartbeat:
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join(timeout=30)

    def _run(self) -> None:
        while not self._stopped.wait(self.seconds):
            try:
                alive = self.beat()
            except Error:  # away for a while; the work goes on without it
                close_old_connections()
                connection.close()
                continue
            if not alive and not self._stopped.is_set():
                os._exit(EXIT_CLAIM_LOST)  # in the middle of a library, nothing gentler works
        connection.close()

"""The sign of life that a training gives while it works."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import Error, close_old_connections, connection
from django.db.models.functions import Now

from training.runs.models import TrainingRun
from training.runs.services import training_run_fail

EXIT_CLAIM_LOST: Final = 75


@dataclass
class Heartbeat:
    """A thread that says that this process lives, and ends it at once when the run is no longer its
    own, or stuck."""

    run_id: int
    claim: str
    is_stuck: Callable[[], bool] = lambda: False
    seconds: float = 3.0

    def __enter__(self) -> Heartbeat:
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join(timeout=30)

    def _beat(self) -> None:
        while not self._stopped.wait(self.seconds):
            try:
                if self.is_stuck():
                    training_run_fail(self.run_id, _stuck_reason(), claim=self.claim)
                alive = TrainingRun.objects.owned(self.run_id, self.claim).update(
                    heartbeat_at=Now()
                )
            except Error:  # away for a while; the training goes on without it
                close_old_connections()
                connection.close()
                continue
            if not alive and not self._stopped.is_set():
                os._exit(EXIT_CLAIM_LOST)  # in the middle of LightGBM, nothing gentler works
        connection.close()


def _stuck_reason() -> str:
    return (
        f"The training had got no further for {settings.TRAINING_STALL_MINUTES:g} minutes, so it"
        " was ended. Start it again; if it needs longer for one step, an administrator can raise"
        " TRAINING_STALL_MINUTES."
    )

"""To wait for a moment, whatever the clock does meanwhile; and for a database that is away."""

from __future__ import annotations

import select
import time
from collections.abc import Callable
from typing import Final, TypeVar

from django.db import InterfaceError, OperationalError, connection

PATIENCE: Final = 600.0  # seconds that finished work waits for a database that is away
Done = TypeVar("Done")


def nap(seconds: float) -> None:
    """`time.sleep` waits for a point in time, and fails with an OSError where the clock is not
    what it expects (libfaketime, some virtual machines); this waits for a while."""
    select.select([], [], [], seconds)


def retry_until_database_is_back(step: Callable[[], Done]) -> Done:
    """Repeat a step until the database, if it is away, is back."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return step()
        except (OperationalError, InterfaceError):
            if time.monotonic() > deadline:
                raise
            connection.close()
            nap(2)

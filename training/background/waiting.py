"""To wait for a moment, whatever the clock does meanwhile."""

from __future__ import annotations

import select


def nap(seconds: float) -> None:
    """`time.sleep` waits for a point in time, and fails with an OSError where the clock is not
    what it expects (libfaketime, some virtual machines); this waits for a while."""
    select.select([], [], [], seconds)

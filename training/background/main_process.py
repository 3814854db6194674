"""Who the main process of this container is, for health checks that end it when it hangs."""

from __future__ import annotations

import os
import time
from pathlib import Path


def main_process_name() -> None:
    """Writes the number of this process to the file MAIN_PROCESS, where one is named; with the
    time, as the next one in a container has the same number."""
    if file := os.environ.get("MAIN_PROCESS"):
        Path(file).write_text(f"{os.getpid()}-{time.time_ns()}")


def number_of(named: str) -> int:
    return int(named.partition("-")[0])

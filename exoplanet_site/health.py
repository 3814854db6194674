"""`python -m exoplanet_site.health`: the health check of a container, or of a host: whether its web
server answers or, with `--touched FILE`, whether its worker has touched that file within a minute.

Engines only mark a container that is not healthy. With `--end-after N` the check itself ends its
main process, whose number stands in MAIN_PROCESS, when it has failed N times in a row: first as one
that is told to stop, a few checks later by SIGKILL. Its container then ends and is started again.
A process that was never well is left alone: it may still be starting.
"""

from __future__ import annotations

import argparse
import http.client
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from training.background.main_process import number_of

SILENT_SECONDS: Final = 60
PATIENCE: Final = 6
"""Checks that a process gets to finish what it has begun: a minute of a web server's, three of a
worker's."""


def answers(port: int, path: str = "/livez") -> bool:
    """Any answer that is not an error of the site's own: a host that is not allowed here says
    nothing about health."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=8)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def touched(file: Path) -> bool:
    try:
        return time.time() - file.stat().st_mtime < SILENT_SECONDS
    except FileNotFoundError:
        return False


def end_if_hung(main: Path, *, well: bool, after: int) -> None:
    """``main`` names the main process. Beside it stands who was well last, and a dot for each check
    that has failed since."""
    record = main.with_name(f"{main.name}.well")
    named = _text(main)
    if well:
        record.write_text(f"{named} ")
        return
    known, _, dots = _text(record).partition(" ")
    if not named or known != named:
        return
    record.write_text(f"{named} {dots}.")
    failed = len(dots) + 1
    if failed >= after:
        with suppress(ProcessLookupError):
            os.kill(
                number_of(named), signal.SIGTERM if failed < after + PATIENCE else signal.SIGKILL
            )


def _text(file: Path) -> str:
    try:
        return file.read_text()
    except FileNotFoundError:
        return ""


def check(words: list[str]) -> bool:
    parser = argparse.ArgumentParser(prog="python -m exoplanet_site.health")
    parser.add_argument("--touched", type=Path, metavar="FILE")
    parser.add_argument("--end-after", type=int, metavar="N")
    asked = parser.parse_args(words)
    well = (
        touched(asked.touched) if asked.touched else answers(int(os.environ.get("PORT") or "8000"))
    )
    if asked.end_after and (process := os.environ.get("MAIN_PROCESS")):
        end_if_hung(Path(process), well=well, after=asked.end_after)
    return well


if __name__ == "__main__":
    sys.exit(not check(sys.argv[1:]))

"""Folders of data that earlier versions made, opened by this one."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import PROJECT
from tests.training.conftest import site_in

OPENED = Path(__file__).with_name("opened.py")


@dataclass(frozen=True)
class Upgraded:
    """``said``: what `migrate` wrote to where errors go; ``found``: what `opened.py` finds;
    ``then``: what stood there before; ``database``: what has become of its own."""

    said: str
    found: dict[str, Any]
    then: dict[str, Any]
    database: Path


def unpacked(archive: str, folder: Path) -> Path:
    with tarfile.open(Path(__file__).with_name(archive)) as packed:
        packed.extractall(folder, filter="data")
    return folder


def upgraded(archive: str, folder: Path) -> Upgraded:
    unpacked(archive, folder)
    environment = site_in(folder).environment | {"PYTHONPATH": str(PROJECT)}

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, *command], cwd=PROJECT, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr[-4000:]
        return done

    said = run("manage.py", "migrate", "-v0").stderr
    found = json.loads(run(str(OPENED)).stdout)
    then = json.loads((folder / "facts.json").read_text())
    return Upgraded(said, found, then, folder / "db.sqlite3")

"""Downloaded tables on disk: each a CSV file that is never changed again, with a sidecar that says
where it is from.

A snapshot exists once its sidecar does. Both are written under other names and renamed when they
are complete and verified, so a download that fails, at whatever moment, leaves the earlier
snapshots as they were.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from training.ml.archive.errors import DownloadUnderWay, folder_failure
from training.ml.files import sync
from training.ml.schema import Mission

PART = ".part"


@dataclass(frozen=True)
class Snapshot:
    """One table of the archive as it stood at ``downloaded_at`` (UTC)."""

    path: Path
    mission: Mission
    table: str
    doi: str
    address: str
    query: str
    columns: tuple[str, ...]
    rows: int
    size: int  # bytes
    sha256: str
    downloaded_at: datetime

    @property
    def sidecar(self) -> Path:
        return self.path.with_suffix(".json")

    def as_json(self) -> dict[str, Any]:
        fields = asdict(self)
        return {
            "file": fields.pop("path").name,
            **fields,
            "downloaded_at": self.downloaded_at.isoformat(),
        }


def snapshot_read(sidecar: Path) -> Snapshot | None:
    """The snapshot that ``sidecar`` describes, or None: not ours, damaged, or without its table."""
    try:
        fields = json.loads(sidecar.read_text(encoding="utf-8"))
        fields["path"] = sidecar.parent / Path(fields.pop("file")).name
        fields["mission"] = Mission(fields["mission"])
        fields["columns"] = tuple(fields["columns"])
        fields["downloaded_at"] = datetime.fromisoformat(fields["downloaded_at"])
        snapshot = Snapshot(**fields)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return snapshot if snapshot.path.is_file() else None


def snapshots(folder: Path, mission: Mission) -> list[Snapshot]:
    """The mission's snapshots in ``folder``, newest first."""
    found = (snapshot_read(sidecar) for sidecar in folder.glob("*.json"))
    return sorted(
        (snapshot for snapshot in found if snapshot is not None and snapshot.mission is mission),
        key=lambda snapshot: snapshot.downloaded_at,
        reverse=True,
    )


def latest_snapshot(folder: Path, mission: Mission) -> Snapshot | None:
    return next(iter(snapshots(folder, mission)), None)


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Say in words what the operating system says in numbers."""
    try:
        yield
    except OSError as error:
        raise folder_failure(folder, error) from error


@contextmanager
def download_folder(folder: Path, table: str) -> Iterator[None]:
    """Make ``folder``, keep other downloads out of it, and sweep what killed downloads of ``table``
    left behind."""
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY)
    try:
        _lock(handle, folder)
        with disk_errors(folder):
            # We hold the lock, so nobody is still writing into any of these.
            for stale in folder.glob(f"{table}_*{PART}"):
                stale.unlink(missing_ok=True)
        yield
    finally:
        os.close(handle)  # which also unlocks it


def _lock(handle: int, folder: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise DownloadUnderWay(folder) from error
    except OSError:
        return  # some network file systems have no locks; a download there is no less atomic


@contextmanager
def part_file(path: Path) -> Iterator[Path]:
    """The name under which ``path`` is written until it is complete; whatever is left there at the
    end is removed."""
    part = path.with_name(path.name + PART)
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)


def snapshot_keep(snapshot: Snapshot, part: Path) -> None:
    """Give a complete, verified table its name, then its sidecar: readers see both or nothing."""
    with disk_errors(snapshot.path.parent), part_file(snapshot.sidecar) as sidecar_part:
        sidecar_part.write_text(json.dumps(snapshot.as_json(), indent=2) + "\n", encoding="utf-8")
        for written in (part, sidecar_part):
            sync(written)
        part.replace(snapshot.path)
        sidecar_part.replace(snapshot.sidecar)
        sync(snapshot.path.parent)

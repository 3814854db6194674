"""A backup is a folder: the database as its own tools write it, every file of the storage, and what
each must hash to.

The database goes first: a row is written after its files, so every file that a row names is there
by then.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import sqlite3
import subprocess  # nosec B404
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from training.ml.files import file_sha256

MANIFEST: Final = "manifest.json"
FORMAT: Final = 1
SQLITE, POSTGRESQL = "database.sqlite3", "database.dump"


_FULL: Final = (errno.ENOSPC, errno.EDQUOT)
_FULL_SIGNS: Final = ("disk is full", "No space left on device")


class BackupError(Exception):
    """A sentence for the person at the terminal."""


def is_disk_full(error: BaseException) -> bool:
    """Said by the system, by SQLite, by PostgreSQL or by one of its programs."""
    number = getattr(error, "errno", None)
    return number in _FULL or any(sign in str(error) for sign in _FULL_SIGNS)


@contextmanager
def full_disk_named(place: Path) -> Iterator[None]:
    """Says a full disk in words, whoever meets it first."""
    try:
        yield
    except (OSError, sqlite3.OperationalError, BackupError) as error:
        if not is_disk_full(error):
            raise
        raise BackupError(f"The disk of {place} is full. Free some space and try again.") from error


def backup_create(folder: Path) -> dict[str, Any]:
    """Fill the new `folder`; it appears under its name when it is whole, and leaves nothing where
    that fails."""
    if folder.exists():
        raise BackupError(f"{folder} is there already; name a new folder.")
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        with full_disk_named(folder.parent):
            part.mkdir(parents=True, mode=0o700)
            manifest = _fill(part)
            part.rename(folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return manifest


def _fill(part: Path) -> dict[str, Any]:
    database = part / (SQLITE if connection.vendor == "sqlite" else POSTGRESQL)
    migrations = migrations_applied()
    _database_dump(database)
    files = {name: _file_fetch(name, part / "files" / name) for name in stored_files()}
    manifest = {
        "format": FORMAT,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "migrations": migrations,
        "database": {database.name: file_sha256(database)},
        "files": {name: digest for name, digest in files.items() if digest},
    }
    (part / MANIFEST).write_text(json.dumps(manifest, indent=1))
    return manifest


def migrations_applied() -> list[str]:
    """As in ``training.0009_draft_heads``: what the database has the tables of."""
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted(f"{app}.{name}" for app, name in applied)


def stored_files(folder: str = "") -> Iterator[str]:
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    yield from (f"{folder}{name}" for name in sorted(files) if name)
    for name in sorted(folders):
        yield from stored_files(f"{folder}{name}/")


def _file_fetch(name: str, path: Path) -> str:
    """The hash of what was copied; empty if somebody has deleted it meanwhile."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with default_storage.open(name) as source, path.open("wb") as target:
            shutil.copyfileobj(source, target, 1024**2)
    except FileNotFoundError:
        path.unlink(missing_ok=True)
        return ""
    return file_sha256(path)


def backup_check(folder: Path) -> dict[str, Any]:
    """What it holds, once every file has been read and is what was written."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
    except (OSError, ValueError) as error:
        raise BackupError(
            f"{folder} is no backup, or not a whole one: its {MANIFEST} cannot be read."
        ) from error
    if manifest.get("format") != FORMAT:
        raise BackupError(
            f"This backup has format {manifest.get('format')}, and this version reads {FORMAT}."
        )
    paths = {folder / name: digest for name, digest in manifest["database"].items()}
    paths |= {folder / "files" / name: digest for name, digest in manifest["files"].items()}
    for path, digest in paths.items():
        if not path.is_file() or file_sha256(path) != digest:
            raise BackupError(
                f"{path} is missing or is not what was written; nothing has been restored."
            )
    return manifest


# --- The database's own tools ---------------------------------------------------------------------


def _database_dump(path: Path) -> None:
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with sqlite3.connect(path) as target:
            connection.connection.backup(target)  # as of one moment, while others write
        target.close()
    else:
        postgresql_run(
            "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={path}"
        )


def postgresql_run(program: str, *arguments: str) -> str:
    """What one of PostgreSQL's programs prints."""
    database = connection.settings_dict
    names = {
        "PGHOST": "HOST",
        "PGPORT": "PORT",
        "PGUSER": "USER",
        "PGPASSWORD": "PASSWORD",
        "PGDATABASE": "NAME",
    }
    environment = {
        variable: str(database[key]) for variable, key in names.items() if database.get(key)
    }
    command = [program, *arguments]
    try:
        done = subprocess.run(  # noqa: S603  # nosec B603  # our own command, the password in the environment
            command, env=os.environ | environment, capture_output=True, text=True
        )
    except FileNotFoundError as error:
        raise BackupError(
            f"{program} is not here; on Debian: apt-get install postgresql-client"
        ) from error
    if done.returncode:
        raise BackupError(f"{program} failed: {done.stderr.strip()[-1000:]}")
    return done.stdout

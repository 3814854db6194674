"""A backup is a folder: the database as its own tools write it, every file of the storage, and what each must hash to.

The database goes first: a row is written after its files, so every file that a row names is there by then.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess  # nosec B404
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import connection

MANIFEST: Final = "manifest.json"
FORMAT: Final = 1
SQLITE, POSTGRESQL = "database.sqlite3", "database.dump"


class BackupError(Exception):
    """A sentence for the person at the terminal."""


def backup_create(folder: Path) -> dict[str, Any]:
    """Fill the new `folder`; it appears under its name when it is whole."""
    if folder.exists():
        raise BackupError(f"{folder} is there already; name a new folder.")
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True, mode=0o700)
    database = part / (SQLITE if connection.vendor == "sqlite" else POSTGRESQL)
    _database_dump(database)
    files = {name: _file_fetch(name, part / "files" / name) for name in stored_files()}
    manifest = {
        "format": FORMAT,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "database": {database.name: _sha256(database)},
        "files": {name: digest for name, digest in files.items() if digest},
    }
    (part / MANIFEST).write_text(json.dumps(manifest, indent=1))
    part.rename(folder)
    return manifest


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
    return _sha256(path)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def backup_check(folder: Path) -> dict[str, Any]:
    """What it holds, once every file has been read and is what was written."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
    except (OSError, ValueError) as error:
        raise BackupError(f"{folder} is no backup, or not a whole one: its {MANIFEST} cannot be read.") from error
    if manifest.get("format") != FORMAT:
        raise BackupError(f"This backup has format {manifest.get('format')}, and this version reads {FORMAT}.")
    paths = {folder / name: digest for name, digest in manifest["database"].items()}
    paths |= {folder / "files" / name: digest for name, digest in manifest["files"].items()}
    for path, digest in paths.items():
        if not path.is_file() or _sha256(path) != digest:
            raise BackupError(f"{path} is missing or is not what was written; nothing has been restored.")
    return manifest


def backup_restore(folder: Path) -> dict[str, Any]:
    """Put everything back as it was, over what is there now. Nothing of the site may be running."""
    manifest = backup_check(folder)
    [name] = manifest["database"]
    wanted = SQLITE if connection.vendor == "sqlite" else POSTGRESQL
    if name != wanted:
        raise BackupError(f"This backup holds {name}; DATABASE_URL names a database that wants {wanted}.")
    for stored in manifest["files"]:  # files first: a row must never name one that is not there
        default_storage.delete(stored)  # the storage would otherwise invent another name
        with (folder / "files" / stored).open("rb") as file:
            default_storage.save(stored, File(file))
    _database_load(folder / name)
    return manifest


# --- The database's own tools ----------------------------------------------------------------------------------------


def _database_dump(path: Path) -> None:
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with sqlite3.connect(path) as target:
            connection.connection.backup(target)  # as of one moment, while others write
        target.close()
    else:
        _postgresql("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={path}")


def _database_load(path: Path) -> None:
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        source = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        source.backup(connection.connection)
        source.close()
    else:
        options = ("--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error")
        name = str(connection.settings_dict["NAME"])
        connection.close()
        _postgresql("pg_restore", *options, f"--dbname={name}", str(path))


def _postgresql(program: str, *arguments: str) -> None:
    facts = connection.settings_dict
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    environment = {variable: str(facts[key]) for variable, key in names.items() if facts.get(key)}
    command = [program, *arguments]
    try:
        done = subprocess.run(  # noqa: S603  # nosec B603  # our own command, the password in the environment
            command, env=os.environ | environment, capture_output=True, text=True
        )
    except FileNotFoundError as error:
        raise BackupError(f"{program} is not here; on Debian: apt-get install postgresql-client") from error
    if done.returncode:
        raise BackupError(f"{program} failed: {done.stderr.strip()[-1000:]}")

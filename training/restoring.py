"""A backup is put back. Everything that could stop it is looked at first: until all is sure,
nothing of the site is touched."""

from __future__ import annotations

import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from training.backups import (
    POSTGRESQL,
    SQLITE,
    BackupError,
    backup_check,
    full_disk_named,
    postgresql_run,
)
from training.ml.files import file_sha256

SPARE = 1.2
"""What is asked to be free, over what the files take: a database writes its journal, too."""


def restore_check(folder: Path) -> dict[str, Any]:
    """Raise a `BackupError` unless the whole backup can be put back here; what it holds."""
    manifest = backup_check(folder)
    [name] = manifest["database"]
    wanted = SQLITE if connection.vendor == "sqlite" else POSTGRESQL
    if name != wanted:
        raise BackupError(
            f"This backup holds {name}; DATABASE_URL names a database that wants {wanted}."
        )
    _check_readable(folder / name)
    _check_schema(manifest.get("migrations") or _migrations_in(folder / name))
    _check_room(folder, manifest)
    return manifest


def backup_restore(folder: Path) -> dict[str, Any]:
    """Put everything back as it was, over what is there now. Nothing of the site may be running."""
    manifest = restore_check(folder)
    [name] = manifest["database"]
    with full_disk_named(Path(settings.DATA_DIR)):
        # Files first: a row must never name one that is not there.
        for stored in _differing(manifest):
            default_storage.delete(stored)  # the storage would otherwise invent another name
            with (folder / "files" / stored).open("rb") as file:
                default_storage.save(stored, File(file))
        _database_load(folder / name)
    return manifest


def migrations_missing(manifest: dict[str, Any]) -> bool:
    """Whether `migrate` has something to do after the restore."""
    return bool(_known() - set(manifest.get("migrations") or _known()))


# --- What is looked at first ----------------------------------------------------------------------


def _check_readable(path: Path) -> None:
    """Hashes say that it is what was written; whether that was a whole database, its own tools."""
    if connection.vendor != "sqlite":
        postgresql_run("pg_restore", "--file=/dev/null", str(path))
        return
    try:
        [(answer,)] = _sqlite(path, "PRAGMA quick_check(1)")
    except sqlite3.DatabaseError as error:
        answer = error
    if answer != "ok":
        raise BackupError(f"{path} is no whole database ({answer}); nothing has been restored.")


def _check_schema(migrations: Iterable[str]) -> None:
    if unknown := sorted(set(migrations) - _known()):
        raise BackupError(
            f"This backup is of a newer version of the site, or of another one: its database has"
            f" {unknown[0]}, which this version does not know. Restore it with the version that"
            " made it; nothing has been changed."
        )


def _known() -> set[str]:
    loader = MigrationLoader(None)
    replaced = {key for migration in loader.disk_migrations.values() for key in migration.replaces}
    return {f"{app}.{name}" for app, name in {*loader.disk_migrations, *replaced}}


def _migrations_in(path: Path) -> list[str]:
    """Of a backup that does not say: it was made before backups did."""
    if connection.vendor == "sqlite":
        rows = _sqlite(path, "SELECT app, name FROM django_migrations")
        return [f"{app}.{name}" for app, name in rows]
    table = postgresql_run(
        "pg_restore", "--data-only", "--table=django_migrations", "--file=-", str(path)
    )
    return [f"{app}.{name}" for app, name in re.findall(r"^\d+\t(\S+)\t(\S+)\t", table, re.M)]


def _sqlite(path: Path, query: str) -> list[Any]:
    source = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return source.execute(query).fetchall()
    finally:
        source.close()


def _check_room(folder: Path, manifest: dict[str, Any]) -> None:
    """On this machine's disk; a store of objects or PostgreSQL's own disk nobody here can see."""
    needed = 0
    if isinstance(default_storage, FileSystemStorage):
        needed += sum((folder / "files" / name).stat().st_size for name in _differing(manifest))
    if connection.vendor == "sqlite":
        needed += sum((folder / name).stat().st_size for name in manifest["database"])
    free = shutil.disk_usage(settings.DATA_DIR).free
    if needed * SPARE > free:
        raise BackupError(
            f"{settings.DATA_DIR} has {free / 1e6:,.0f} MB free, and this backup takes"
            f" {needed * SPARE / 1e6:,.0f}. Free some space; nothing has been changed."
        )


def _differing(manifest: dict[str, Any]) -> list[str]:
    """The files that are not there, or not what the backup has."""
    return [name for name, digest in manifest["files"].items() if not _is_there(name, digest)]


def _is_there(name: str, digest: str) -> bool:
    if not isinstance(default_storage, FileSystemStorage):
        return False
    path = Path(default_storage.path(name))
    return path.is_file() and file_sha256(path) == digest


# --- The database's own tools ---------------------------------------------------------------------


def _database_load(path: Path) -> None:
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        source = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        source.backup(connection.connection)
        source.close()
        return
    tables = connection.introspection.table_names()
    with tempfile.TemporaryDirectory() as folder:
        whole, script = Path(folder) / "whole.sql", Path(folder) / "restore.sql"
        options = ("--no-owner", "--no-privileges", f"--file={whole}")
        postgresql_run("pg_restore", *options, str(path))
        with script.open("wb") as file, whole.open("rb") as restored:
            # All of them: a table that only a newer version knows would be in the way of its
            # migration later.
            for table in tables:
                file.write(f"DROP TABLE IF EXISTS {_quoted(table)} CASCADE;\n".encode())
            shutil.copyfileobj(restored, file, 1024**2)
        whole.unlink()
        connection.close()
        careful = ("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1")
        postgresql_run("psql", *careful, f"--file={script}")


def _quoted(table: str) -> str:
    return connection.ops.quote_name(table)

"""Puts a backup back."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from training.backups import BackupError, backup_check, backup_restore


class Command(BaseCommand):
    help = "Puts a backup back, over what is there now. Stop the web processes and workers first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--check", action="store_true", help="only read the backup and compare every file's hash")
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, folder: Path, check: bool, yes: bool, **options: Any) -> None:
        try:
            manifest = backup_check(folder)
            if not check:
                self._ask(yes)
                backup_restore(folder)
        except BackupError as error:
            raise CommandError(str(error)) from error
        done = "is whole" if check else "has been put back"
        files = len(manifest["files"])
        self.stdout.write(f"The backup of {manifest['made_at']} {done}: the database and {files:,} files.")

    def _ask(self, yes: bool) -> None:
        if not yes and input("What is in the database now will be gone. Type “restore” to go on: ") != "restore":
            raise CommandError("Nothing has been changed.")

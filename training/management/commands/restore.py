"""Puts a backup back."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from training.backups import BackupError
from training.restoring import backup_restore, migrations_missing, restore_check


class Command(BaseCommand):
    help = "Puts a backup back, over what is there now. Stop the web processes and workers first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument(
            "--check",
            action="store_true",
            help="only look whether it is whole and could be put back here",
        )
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, folder: Path, check: bool, yes: bool, **options: Any) -> None:
        try:
            manifest = restore_check(folder)
            if not check:
                self._ask(yes)
                backup_restore(folder)
        except BackupError as error:
            raise CommandError(str(error)) from error
        done = "is whole" if check else "has been put back"
        files = len(manifest["files"])
        self.stdout.write(
            f"The backup of {manifest['made_at']} {done}: the database and {files:,} files."
        )
        if migrations_missing(manifest):
            self.stdout.write("It is of an older version: run manage.py migrate before the site.")

    def _ask(self, yes: bool) -> None:
        if (
            not yes
            and input("What is in the database now will be gone. Type “restore” to go on: ")
            != "restore"
        ):
            raise CommandError("Nothing has been changed.")

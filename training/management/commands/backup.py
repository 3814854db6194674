"""A backup of everything that people have stored."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from training.backups import BackupError, backup_create


class Command(BaseCommand):
    help = (
        "Copies the database and every stored file into a new folder, while the site goes on; never"
        " the keys."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            manifest = backup_create(folder)
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"The database and {len(manifest['files']):,} files are in {folder}. Keep the keys"
            " elsewhere: without ARTIFACT_SIGNING_KEY no classifier in it can be loaded."
        )

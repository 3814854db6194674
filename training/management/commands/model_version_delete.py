"""Delete a model version that has never been in service."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from training.management.commands._people import add_user, in_words, user_named, version_named
from training.services_versions import version_delete


class Command(BaseCommand):
    help = "Deletes a model version that has never been in service."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("version")
        add_user(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        with in_words():
            version_delete(version_named(options["version"]), user_named(options["user"]))
        self.stdout.write(f"{options['version']} is deleted.")

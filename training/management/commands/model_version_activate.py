"""Put a model version in service."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from training.management.commands._people import add_user, in_words, user_named, version_named
from training.services_versions import version_put_in_service


class Command(BaseCommand):
    help = "Puts a model version in service, unless it is certainly worse than the one that is."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("version")
        parser.add_argument("--reason", required=True)
        parser.add_argument("--override", action="store_true", help="Even if something speaks against it; recorded.")
        add_user(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        version, user = version_named(options["version"]), user_named(options["user"])
        with in_words():
            version_put_in_service(version=version, user=user, reason=options["reason"], override=options["override"])
        self.stdout.write(f"{version} is in service.")

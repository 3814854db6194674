"""Back to the model version that was in service before."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from training.management.commands._people import add_user, in_words, user_named
from training.services_versions import version_roll_back


class Command(BaseCommand):
    help = "Puts the model version in service that was before the present one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reason", default="")
        add_user(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        user = user_named(options["user"])
        with in_words():
            version = version_roll_back(user=user, reason=options["reason"])
        self.stdout.write(f"{version} is in service.")

"""Stop a training run."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from training.management.commands._people import add_user, in_words, run_numbered, user_named
from training.services_runs import training_run_cancel


class Command(BaseCommand):
    help = "Cancels a training run, whether it waits or runs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("run", type=int)
        add_user(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        run = run_numbered(options["run"])
        with in_words():
            training_run_cancel(run, user_named(options["user"]))
        self.stdout.write(f"{run} is cancelled.")

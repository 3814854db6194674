"""Train on datasets of the site, in the background or here and now."""

from __future__ import annotations

import subprocess  # nosec B404
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from training.management.commands._people import add_user, dataset_numbered, in_words, print_json, user_named
from training.models import TrainingRun
from training.serializers import run_json
from training.services_runs import Choices, training_run_start


class Command(BaseCommand):
    help = "Starts a training run on datasets of the site; the version that it makes serves nobody until activated."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("datasets", type=int, nargs="+", metavar="DATASET")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--balance", choices=("smote", "weights", "none"), default="smote")
        parser.add_argument("--no-masking", action="store_true")
        parser.add_argument("--search", type=int, default=0, metavar="TRIALS")
        parser.add_argument("--search-minutes", type=int, help="Begin no further choice after this time.")
        parser.add_argument("--rounds", type=int, help="Most boosting rounds.")
        parser.add_argument("--notes", default="")
        parser.add_argument("--wait", action="store_true", help="Run it here instead of leaving it to a worker.")
        parser.add_argument("--json", action="store_true")
        add_user(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        datasets = [dataset_numbered(number) for number in options["datasets"]]
        choices = Choices(
            options["seed"], options["balance"], not options["no_masking"], options["search"], options["rounds"],
            options["search_minutes"],
        )  # fmt: skip
        with in_words():
            run = training_run_start(
                datasets=datasets, choices=choices, user=user_named(options["user"]), notes=options["notes"],
                enqueue=not options["wait"],
            )  # fmt: skip
        if options["wait"]:
            run = self._run_here(run)
        if options["json"]:
            print_json(self, run_json(run))
        else:
            self.stdout.write(f"{run} is {run.get_status_display()}. {run.model_version or run.reason}")
        if run.status == TrainingRun.Status.FAILED:
            raise CommandError(run.reason)

    def _run_here(self, run: TrainingRun) -> TrainingRun:
        """In a process of its own: it may have more threads than this one."""
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "training_run_execute", str(run.pk)]
        subprocess.run(command, check=False, cwd=settings.BASE_DIR)  # noqa: S603  # nosec B603  # our own command
        run.refresh_from_db()
        return run

"""The training runs, newest first."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from training.management.commands._people import print_json
from training.models import TrainingRun
from training.serializers import run_json


class Command(BaseCommand):
    help = "Lists the training runs with their status."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        runs = TrainingRun.objects.select_related("model_version").defer("model_version__metadata")
        if options["json"]:
            print_json(self, [run_json(run) for run in runs])
            return
        for run in runs:
            words = run.model_version or run.reason or f"{run.progress:.0%} {run.stage}"
            self.stdout.write(f"{run.pk:>5}  {run.created_at:%Y-%m-%d %H:%M}  {run.status:<10} {words}")

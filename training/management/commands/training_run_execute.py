"""The process of one training run, started by a worker."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from training.runs.process import die_with, training_run_execute


class Command(BaseCommand):
    help = "Runs a queued training. Workers start it; to start one by hand, use retrain."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("run", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        if parent := os.environ.get("EXOPLANET_PARENT"):
            die_with(int(parent))
        os.nice(settings.TRAINING_NICE)  # people who wait for an answer come first
        if not training_run_execute(options["run"]):
            self.stdout.write("This run is not waiting: another process has it, or it has ended.")

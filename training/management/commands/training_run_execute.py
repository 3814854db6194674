"""The process of one training run, started by a worker."""

from __future__ import annotations

import os
import signal
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from training.background.children import child_begin
from training.runs.process import training_run_execute
from training.runs.services import exit_reason


class Command(BaseCommand):
    help = "Runs a queued training. Workers start it; to start one by hand, use retrain."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("run", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        child_begin(exit_reason(-signal.SIGKILL))
        os.nice(settings.TRAINING_NICE)  # people who wait for an answer come first
        if not training_run_execute(options["run"]):
            self.stdout.write("This run is not waiting: another process has it, or it has ended.")

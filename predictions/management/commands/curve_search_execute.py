"""The process of one search of light curves, started by a worker."""

from __future__ import annotations

import os
import signal
import uuid
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from predictions.curves.work import exit_reason, search_execute
from training.background.children import child_begin


class Command(BaseCommand):
    help = "Runs a queued search. Workers start it; to search by hand, use search_transits."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("search", type=uuid.UUID)

    def handle(self, *args: Any, **options: Any) -> None:
        child_begin(exit_reason(-signal.SIGKILL))
        os.nice(settings.TRAINING_NICE)  # people who wait for an answer come first
        if not search_execute(options["search"]):
            self.stdout.write("This search is not waiting: another process has it, or it ended.")

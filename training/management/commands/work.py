"""The background worker."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from training.worker import work


class Command(BaseCommand):
    help = "Works at the queue that Q_CLUSTER_NAME names: batches (by default), or training."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--alive", type=Path, metavar="FILE", help="touched every 5 seconds while all is well")

    def handle(self, *args: Any, **options: Any) -> None:
        sys.exit(work(options["alive"]))

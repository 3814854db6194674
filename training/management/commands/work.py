"""The background worker."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from training.background.main_process import main_process_name
from training.background.private_files import UMASK
from training.background.queues import queue_names, with_companions
from training.background.worker import work


class Command(BaseCommand):
    help = (
        "Works at the queue that Q_CLUSTER_NAME names, batches (light curves with them) or"
        " training; without it, at all."
    )
    requires_system_checks = ()  # they would load every page of the site

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--alive", type=Path, metavar="FILE", help="touched every second while all is well"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        os.umask(UMASK)
        main_process_name()
        work(with_companions(_chosen()), options["alive"])


def _chosen() -> list[str]:
    named, known = os.environ.get("Q_CLUSTER_NAME"), queue_names()
    if named and named not in known:
        raise CommandError(f"Q_CLUSTER_NAME must be one of {', '.join(known)}, not “{named}”.")
    return [named] if named else known

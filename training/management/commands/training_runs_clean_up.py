"""What the janitor does every minute, by hand."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from training.services_datasets import datasets_clean_up
from training.services_runs import training_runs_clean_up


class Command(BaseCommand):
    help = "Fails training runs whose process has died."

    def handle(self, *args: Any, **options: Any) -> None:
        datasets_clean_up()
        self.stdout.write(f"{training_runs_clean_up()} runs had died.")

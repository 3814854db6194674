"""The datasets, newest first."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from training.management.commands._people import print_json
from training.models import Dataset
from training.serializers import dataset_json


class Command(BaseCommand):
    help = "Lists the datasets."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--archived", action="store_true", help="Those put away, too.")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        datasets = Dataset.objects.all() if options["archived"] else Dataset.objects.current()
        if options["json"]:
            print_json(self, [dataset_json(dataset) for dataset in datasets])
            return
        for dataset in datasets:
            self.stdout.write(
                f"{dataset.pk:>5}  {dataset.created_at:%Y-%m-%d}  {dataset.get_status_display():<16} "
                f"{dataset.signals:>7,} {dataset.mission or 'several':<8} {dataset.name}"
            )

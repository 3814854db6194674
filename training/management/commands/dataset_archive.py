"""Put a dataset away, or take it out again."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from training.management.commands._people import add_user, dataset_numbered, user_named
from training.services_datasets import dataset_archive, dataset_restore


class Command(BaseCommand):
    help = "Archives a dataset: it is not offered for training any more, and nothing of it is lost."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dataset", type=int)
        parser.add_argument("--restore", action="store_true", help="Take it out of the archive.")
        add_user(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        dataset, user = dataset_numbered(options["dataset"]), user_named(options["user"])
        if options["restore"]:
            dataset_restore(dataset, user)
        else:
            dataset_archive(dataset, user)
        self.stdout.write(f"Dataset {dataset.pk} is {'in use again' if options['restore'] else 'archived'}.")

"""Fetch a mission's newest table from the NASA Exoplanet Archive as a dataset."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from training.management.commands._people import add_user, in_words, user_named
from training.ml.schema import Mission
from training.models import Dataset
from training.services_datasets import dataset_fetch


class Command(BaseCommand):
    help = "Asks a worker to fetch a mission's newest table from the archive."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("mission", choices=[str(Mission.KEPLER), str(Mission.TESS), str(Mission.K2)])
        add_user(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        with in_words():
            dataset = dataset_fetch(mission=Mission(options["mission"]), user=user_named(options["user"]))
        if dataset.status == Dataset.Status.REFUSED:
            raise CommandError(dataset.reason)
        self.stdout.write(f"Dataset {dataset.pk} is {dataset.get_status_display()}; a worker fetches it.")

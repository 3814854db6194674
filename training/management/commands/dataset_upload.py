"""Bring a table that can be trained on."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from training.management.commands._people import add_user, in_words, print_json, user_named
from training.ml.data_loader import ColumnMapping
from training.ml.schema import parse_mission
from training.models import Dataset
from training.serializers import dataset_json
from training.services_datasets import dataset_upload


class Command(BaseCommand):
    help = "Reads a labelled table, reports on it and keeps it as a dataset."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--mission", help="Where the columns do not tell: Kepler, TESS, K2 or other.")
        parser.add_argument("--mapping", type=Path, help="A JSON file that says which column feeds which feature.")
        parser.add_argument("--json", action="store_true")
        add_user(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        with in_words():
            mapping = ColumnMapping.from_json(_json(options["mapping"])) if options["mapping"] else None
            received = self._receive(options, mapping)
        dataset = received.dataset
        if options["json"]:
            print_json(self, dataset_json(dataset) | {"known": received.known})
            return
        said = "was there already" if received.known else "is ready"
        self.stdout.write(f"Dataset {dataset.pk} {said}: {dataset.signals:,} signals in {dataset.rows:,} rows.")

    def _receive(self, options: dict[str, Any], mapping: ColumnMapping | None) -> Any:
        mission = parse_mission(options["mission"]) if options["mission"] else None
        try:
            with options["file"].open("rb") as file:
                return dataset_upload(
                    file=file, name=options["file"].name, user=user_named(options["user"]), mission=mission,
                    mapping=mapping, source=Dataset.Source.COMMAND,
                )  # fmt: skip
        except FileNotFoundError as error:
            raise CommandError(f"There is no file {options['file']}.") from error


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(f"{path} is not a readable JSON file.") from error

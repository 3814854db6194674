"""What the validation of a dataset found."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from training.management.commands._people import dataset_numbered, print_json
from training.serializers import dataset_json


class Command(BaseCommand):
    help = "Prints the validation report of a dataset."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dataset", type=int)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        dataset = dataset_numbered(options["dataset"])
        report = dataset.report or {}
        if options["json"]:
            print_json(self, dataset_json(dataset) | {"report": report})
            return
        self.stdout.write(f"{dataset}: {dataset.get_status_display()}. {dataset.reason}")
        for mission, counts in report.get("missions", {}).items():
            self.stdout.write(f"  {mission}: " + ", ".join(f"{n:,} {word}" for word, n in counts.items()))
        for problem in report.get("problems", []):
            self.stdout.write(f"  {problem['sentence']}")
        for overlap in report.get("overlaps", []):
            words = f"{overlap['shared']:,} signals shared, {overlap['contradictions']:,} with another disposition"
            self.stdout.write(f"  {overlap['name']}: {words}")
        for shift in report.get("shifts", []):
            if shift["size"] != "none":
                words = f"shift {shift['index']:.2f} over {shift['signals']:,} values"
                self.stdout.write(f"  {shift['mission']}, {shift['label']}: {words}")

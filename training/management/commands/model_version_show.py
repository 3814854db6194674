"""One model version: lineage, figures, drift, how to make it again, and its files."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from training.artifacts import artifact_zip
from training.management.commands._people import print_json, version_named
from training.models import ModelVersion
from training.pages import reproduce_command
from training.serializers import version_json
from training.services_drift import input_shifts


class Command(BaseCommand):
    help = "Shows a model version: tables, figures, when it served, and how far inputs have drifted."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("version")
        parser.add_argument("--download", type=Path, metavar="FILE", help="Write its files into a ZIP file.")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        version = version_named(options["version"])
        if options["download"]:
            options["download"].write_bytes(artifact_zip(version.artifact, version.name))
        if options["json"]:
            print_json(
                self, version_json(version) | {"drift": _drift(version), "reproduce": reproduce_command(version)}
            )
            return
        self.stdout.write(f"{version.name}  {'in service' if version.is_active else ''}  {version.notes}".rstrip())
        for table in version.metadata.get("tables", []):
            self.stdout.write(f"  {table['sha256'][:16]}  {table['signals']:>7,} signals  {table['file']}")
        for name, value in version_json(version)["headline"].items():
            self.stdout.write(f"  {name.replace('_', ' '):<18} {'not known' if value is None else f'{value:.4f}'}")
        for drift in _drift(version):
            self.stdout.write(f"  {drift['mission']}: {drift['signals']:,} classified; {drift['words']}")
        self.stdout.write(f"  classifier.joblib  {version.sha256}\n\n{reproduce_command(version)}")


def _drift(version: ModelVersion) -> list[dict[str, Any]]:
    found = []
    for mission, (signals, shifts) in input_shifts(version).items():
        moved = [f"{shift.feature} {shift.index:.2f}" for shift in shifts if shift.size != "none"]
        words = f"shifted: {', '.join(moved)}" if moved else "no input has shifted, as far as the numbers tell"
        found.append({"mission": mission, "signals": signals, "shifted": moved, "words": words})
    return found

"""The model versions, newest first."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from training.management.commands._people import print_json
from training.models import ModelVersion
from training.serializers import version_json


class Command(BaseCommand):
    help = "Lists the model versions; the one in service is marked."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        versions = ModelVersion.objects.all()
        if options["json"]:
            print_json(self, [version_json(version) for version in versions])
            return
        for version in versions:
            mark = "in service" if version.is_active else ""
            self.stdout.write(f"{version.name}  {version.get_origin_display():<26} {mark:<11} {version.notes}")

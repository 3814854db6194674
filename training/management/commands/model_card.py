"""``manage.py model_card``: the model card of a version, on standard output or into a file."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from training.ml.model_card import render
from training.models import ModelVersion


class Command(BaseCommand):
    help = "Write the model card of a model version (the one in service unless named) as Markdown."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--model-version", metavar="NAME")
        parser.add_argument("--to", type=Path, metavar="FILE")

    def handle(self, *args: object, **options: Any) -> None:
        try:
            name = options["model_version"]
            version = ModelVersion.objects.get(name=name) if name else ModelVersion.objects.active()
        except ModelVersion.DoesNotExist as error:
            raise CommandError("There is no such model version, or none is in service.", returncode=2) from error
        card = render(version.metadata)
        if options["to"]:
            options["to"].write_text(card, encoding="utf-8")
        else:
            self.stdout.write(card, ending="")

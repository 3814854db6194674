"""``manage.py model_card``: the model card of a version, on standard output or into a file."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from training.ml.evaluation.famous import FAMOUS
from training.ml.evaluation.model_card import SWEEPS, render
from training.ml.evaluation.sweep_plot import sweep_svg
from training.ml.evaluation.sweeps import sweeps
from training.versions.models import ModelVersion


class Command(BaseCommand):
    help = "Write the model card of a model version (the one in service unless named) as Markdown."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--model-version", metavar="NAME")
        parser.add_argument(
            "--to",
            type=Path,
            metavar="FILE",
            help=f"beside it {SWEEPS} is drawn: ten known signals",
        )

    def handle(self, *args: object, **options: Any) -> None:
        try:
            name = options["model_version"]
            version = ModelVersion.objects.get(name=name) if name else ModelVersion.objects.active()
        except ModelVersion.DoesNotExist as error:
            raise CommandError(
                "There is no such model version, or none is in service.", returncode=2
            ) from error
        if not options["to"]:
            self.stdout.write(render(version.metadata), ending="")
            return
        drawing = options["to"].parent / SWEEPS
        drawing.parent.mkdir(exist_ok=True)
        drawing.write_text(sweep_svg(sweeps(version.classifier, FAMOUS)), encoding="utf-8")
        options["to"].write_text(render(version.metadata, SWEEPS), encoding="utf-8")

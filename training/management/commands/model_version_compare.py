"""Two model versions on the same held-out stars."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from training.management.commands._people import in_words, print_json, version_named
from training.services_versions import headline_words, versions_compare


class Command(BaseCommand):
    help = "Compares two model versions: every figure, and the 95 % interval of its difference."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("first")
        parser.add_argument("second")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        with in_words():
            comparison = versions_compare(version_named(options["first"]), version_named(options["second"]))
        if options["json"]:
            print_json(self, comparison.as_json())
            return
        self.stdout.write(headline_words(comparison))
        for group, figures in comparison.groups.items():
            for figure in figures:
                self.stdout.write(
                    f"  {group:<7} {figure.label:<34} {figure.first:.4f} → {figure.second:.4f}  "
                    f"{figure.difference:+.4f} ({figure.low:+.4f} to {figure.high:+.4f}) {figure.verdict}"
                )
        self.stdout.write(f"{len(comparison.changes):,} signals change their disposition.")

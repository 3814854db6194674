"""``manage.py bundled_complete``: what the bundled classifier lacks beside its fitted state, from
the tables that it was trained on. Nothing of its answers changes."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from training.management.commands.train_model import add_table_arguments, chosen_tables
from training.ml.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from training.ml.fitting.lineage import TableFacts
    from training.ml.model import ExoplanetClassifier


class Command(BaseCommand):
    help = (
        "Put into training/ml/fitting/bundled what pages show beside the classifier: the signals"
        " that it has learnt from by period and radius. Asks for the very tables that it was"
        " trained on."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_table_arguments(parser)
        parser.add_argument(
            "--firmness",
            action="store_true",
            help="measure whether fragile verdicts are less accurate, by fitting its folds again",
        )
        parser.add_argument(
            "--evaluation",
            type=Path,
            metavar="FILE",
            help="what `evaluate --json` printed, for the model card",
        )
        parser.add_argument("--threads", type=int, default=1)

    def handle(self, *args: object, **options: Any) -> None:
        from training.ml.fitting.again import firmness_of
        from training.ml.fitting.bundling import bundle_beside, bundled_classifier
        from training.ml.fitting.lineage import read_tables
        from training.ml.fitting.points import known_points
        from training.ml.fitting.training_set import gather

        classifier = bundled_classifier()
        try:
            tables, facts = read_tables(chosen_tables(options))
        except UserError as error:
            raise CommandError(error.message, returncode=2) from error
        _check_tables(classifier, facts)
        classifier.points = known_points(tables)
        self.stdout.write(f"{len(classifier.points):,} signals by period and radius")
        if options["firmness"]:
            figures = firmness_of(classifier, gather(tables, facts), threads=options["threads"])
            classifier.metadata["metrics"]["firmness"] = figures
            self.stdout.write(json.dumps(figures, indent=1))
        if options["evaluation"]:
            classifier.metadata["evaluation"] = json.loads(options["evaluation"].read_text())
        bundle_beside(classifier)


def _check_tables(classifier: ExoplanetClassifier, facts: Sequence[TableFacts]) -> None:
    """Refuse tables that the bundled classifier has not learnt from, and any that is left out."""
    learnt = {table["sha256"]: table["file"] for table in classifier.metadata["tables"]}
    given = {fact.sha256: fact.file for fact in facts}
    if learnt.keys() != given.keys():
        raise CommandError(
            f"The bundled classifier was trained on {', '.join(learnt.values())}; give these files,"
            " as they were then.",
            returncode=2,
        )

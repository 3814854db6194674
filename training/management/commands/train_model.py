"""``manage.py train_model``: tables in, a stored and optionally active model version out."""

from __future__ import annotations

import json
import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from training.ml.errors import UserError
from training.ml.schema import Mission

if TYPE_CHECKING:
    from collections.abc import Sequence

    from training.ml.model import ExoplanetClassifier
    from training.ml.tables.signal_table import SignalTable

TABLE_OPTIONS = {"kepler": Mission.KEPLER, "tess": Mission.TESS, "k2": Mission.K2}


def add_table_arguments(parser: ArgumentParser) -> None:
    """--kepler, --tess and --k2, each optional."""
    for option, mission in TABLE_OPTIONS.items():
        parser.add_argument(
            f"--{option}", type=Path, metavar="FILE", help=f"a {mission} table of the NASA archive"
        )


def chosen_tables(options: dict[str, Any]) -> dict[Mission, Path]:
    """The tables named on the command line; refuses to go on without any or with a file that is not
    there."""
    paths = {
        mission: options[option] for option, mission in TABLE_OPTIONS.items() if options[option]
    }
    if not paths:
        raise CommandError(
            "Name at least one table: --kepler FILE, --tess FILE or --k2 FILE.", returncode=2
        )
    for path in paths.values():
        if not path.is_file():
            raise CommandError(f"There is no file {path}.", returncode=2)
    return paths


def _add_choices(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--seed", type=int, default=0, help="the same seed and tables give the same classifier"
    )
    parser.add_argument("--balance", choices=("smote", "weights", "none"), default="smote")
    parser.add_argument(
        "--search",
        type=int,
        nargs="?",
        const=10,
        default=0,
        metavar="TRIALS",
        help="try this many random choices of hyperparameters first (10 if no number is given)",
    )
    parser.add_argument(
        "--search-minutes",
        type=float,
        metavar="MINUTES",
        help="begin no further choice after this time",
    )
    parser.add_argument(
        "--accept-doubts",
        action="store_true",
        help="train although units look mistaken: they are right",
    )
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)


def _add_destination(parser: ArgumentParser) -> None:
    parser.add_argument("--activate", action="store_true", help="put the new version in service")
    parser.add_argument(
        "--bundle",
        action="store_true",
        help="write it into training/ml/fitting/bundled instead",
    )
    parser.add_argument(
        "--evaluation",
        type=Path,
        metavar="FILE",
        help="with --bundle: what `evaluate --json` printed",
    )
    parser.add_argument(
        "--backtest",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="with --bundle: what `backtest --json` printed, for the model card (repeatable)",
    )
    parser.add_argument(
        "--json", action="store_true", help="print version, metrics and metadata as JSON"
    )


class Command(BaseCommand):
    help = "Train a classifier on up to three tables and store it as a model version."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_table_arguments(parser)
        _add_choices(parser)
        _add_destination(parser)

    def handle(self, *args: object, **options: Any) -> None:
        import pandas as pd

        from training.accounts.audit import command_line_user
        from training.ml.fitting.lineage import read_tables
        from training.runs.services import Choices
        from training.runs.training import classifier_train, version_from_classifier
        from training.versions.plots import plots_draw

        paths = chosen_tables(options)
        choices = Choices(
            seed=options["seed"],
            balance=options["balance"],
            search_trials=options["search"],
            search_minutes=options["search_minutes"],
        )
        try:
            tables, facts = read_tables(paths)
            self._ask_about_doubts(paths, tables, accepted=options["accept_doubts"])
            classifier = classifier_train(
                tables,
                facts,
                choices,
                threads=options["threads"],
                progress=None if options["json"] else self._show,
            )
        except UserError as error:
            raise CommandError(error.message, returncode=2) from error
        if options["bundle"]:
            self._bundle(classifier, options)
            return
        version = version_from_classifier(
            classifier=classifier, user=command_line_user(), activate=options["activate"]
        )
        plots_draw(version, pd.concat([table.frame for table in tables], ignore_index=True))
        report = {"model_version": version.name, "active": version.is_active, **version.metadata}
        self.stdout.write(json.dumps(report, indent=1) if options["json"] else summary(report))

    def _ask_about_doubts(
        self, paths: dict[Mission, Path], tables: Sequence[SignalTable], *, accepted: bool
    ) -> None:
        """A classifier that learnt from mistaken units is wrong for everybody."""
        from training.ml.tables.doubting.doubts import find_doubts

        said = [
            f"{path.name}: {doubt.sentence}"
            for path, table in zip(paths.values(), tables, strict=True)
            for doubt in find_doubts(table)
        ]
        for sentence in said:
            self.stderr.write(sentence)
        if said and not accepted:
            raise CommandError(
                "Units look mistaken, so nothing was trained. Correct the table, or say that they"
                " are right: --accept-doubts.",
                returncode=3,
            )

    def _bundle(self, classifier: ExoplanetClassifier, options: dict[str, Any]) -> None:
        from training.ml.evaluation.famous import FAMOUS
        from training.ml.evaluation.sweeps import sweep_facts, sweeps
        from training.ml.fitting.bundling import bundle

        if options["evaluation"]:
            classifier.metadata["evaluation"] = json.loads(options["evaluation"].read_text())
        results = [json.loads(path.read_text()) for path in options["backtest"]]
        classifier.metadata["backtests"] = {result["mission"]: result for result in results}
        curves = sweeps(classifier, FAMOUS)
        classifier.metadata["sweeps"] = sweep_facts(classifier, FAMOUS, curves)
        self.stdout.write(f"bundled, SHA-256 {bundle(classifier)}")

    def _show(self, words: str, share: float, figures: dict[str, Any]) -> None:
        known = "  ".join(
            f"{name} {value:.4g}" for name, value in figures.items() if value is not None
        )
        print(f"{share:4.0%}  {words}  {known}".rstrip(), file=sys.stderr, flush=True)


def summary(report: dict[str, Any]) -> str:
    """The version and its headline figures as a table."""
    lines = [
        f"model version {report['model_version']}" + (" (in service)" if report["active"] else ""),
        f"{report['signals']:,} signals on {report['stars']:,} stars, seed {report['seed']}",
        "",
        f"{'held-out signals':28}{'signals':>9}{'accuracy':>10}{'macro-F1':>10}"
        f"{'ROC-AUC':>10}{'calibr.':>10}",
    ]
    for protocol, words in (("cross_validation", "cross-validated"), ("test", "test stars")):
        for regime, blocks in report["metrics"][protocol].items():
            lines += [
                _row(f"{words}, {mission}, {regime}", block) for mission, block in blocks.items()
            ]
    return "\n".join(lines)


def _row(title: str, block: dict[str, Any]) -> str:
    auc = "–" if block["roc_auc"] is None else f"{block['roc_auc']:.4f}"
    return (
        f"{title:36}{block['signals']:>7,}{block['accuracy']:>10.4f}{block['macro_f1']:>10.4f}"
        f"{auc:>10}{block['calibration_error']:>10.4f}"
    )

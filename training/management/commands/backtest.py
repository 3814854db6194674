"""``manage.py backtest``: train on a table as it stood,
score the signals that were decided later."""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from training.ml.errors import UserError


class Command(BaseCommand):
    help = (
        "Train on a table as it stood, score the signals that were decided later, print and store"
        " the result."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--then", type=Path, required=True, metavar="FILE", help="the older table"
        )
        parser.add_argument(
            "--now",
            type=Path,
            required=True,
            metavar="FILE",
            help="the newer table of the same mission",
        )
        parser.add_argument(
            "--with",
            type=Path,
            action="append",
            default=[],
            dest="others",
            metavar="FILE",
            help="another table of the older day, for training only (repeatable)",
        )
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
        parser.add_argument(
            "--bundle",
            action="store_true",
            help="put what was said of each open signal, and what became of it, beside the bundled"
            " classifier (training/ml/fitting/bundled/open_then.npz)",
        )
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: object, **options: Any) -> None:
        from training.versions.evaluation import backtest_run

        for path in (options["then"], options["now"], *options["others"]):
            if not path.is_file():
                raise CommandError(f"There is no file {path}.", returncode=2)
        try:
            result = backtest_run(
                then=options["then"],
                now=options["now"],
                others=options["others"],
                seed=options["seed"],
                threads=options["threads"],
                bundled=options["bundle"],
            )
        except UserError as error:
            raise CommandError(error.message, returncode=2) from error
        self.stdout.write(json.dumps(result, indent=1) if options["json"] else scorecard(result))


def scorecard(result: dict[str, Any]) -> str:
    """The result in words and figures."""
    low, high = result["roc_auc_interval"]
    lines = [
        (
            f"{result['mission']}: trained on {result['then']['file']}, outcomes from"
            f" {result['now']['file']}"
        ),
        (
            f"{result['decided']:,} of {result['open_then']:,} open signals were decided since: "
            f"{result['confirmed']:,} CONFIRMED, {result['false_positive']:,} FALSE POSITIVE"
        ),
        (
            f"ROC-AUC of the planet score {result['roc_auc']:.4f} (95 % by star: {low:.4f} to"
            f" {high:.4f})"
        ),
        f"ROC-AUC on what was decided already then {result['same_day_roc_auc']:.4f}",
        f"coverage of prediction sets {result['prediction_sets']['coverage']:.3f}",
        *(
            f"of the {n} highest scores {share:.0%} were confirmed"
            for n, share in result["precision_at"].items()
        ),
        f"stored as {result['stored_as']}",
    ]
    return "\n".join(lines)

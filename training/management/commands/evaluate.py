"""``manage.py evaluate``: what the training procedure is worth, over five folds by star and several seeds."""

from __future__ import annotations

import json
import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from training.management.commands.train_model import add_table_arguments, chosen_tables
from training.ml.errors import UserError


class Command(BaseCommand):
    help = "Judge the training procedure: five folds by star, mean and spread over seeds. Stores nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_table_arguments(parser)
        parser.add_argument("--seeds", default="0,1,2,3,4", help="comma-separated whole numbers")
        parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: object, **options: Any) -> None:
        from training.services_evaluation import procedure_evaluate

        try:
            seeds = [int(seed) for seed in options["seeds"].split(",")]
        except ValueError as error:
            raise CommandError(f"--seeds {options['seeds']}: write whole numbers like 0,1,2.", returncode=2) from error
        try:
            figures = procedure_evaluate(
                paths=chosen_tables(options), seeds=seeds, threads=options["threads"],
                report=lambda words: print(words, file=sys.stderr, flush=True),
            )  # fmt: skip
        except UserError as error:
            raise CommandError(error.message, returncode=2) from error
        self.stdout.write(json.dumps(figures, indent=1) if options["json"] else table(figures))


def table(figures: dict[str, Any]) -> str:
    """The figures as plain-text tables."""
    lines = [f"{figures['signals']:,} signals on {figures['stars']:,} stars, seeds {figures['seeds']}", ""]
    lines.append(
        f"{'columns, mission':22}{'accuracy':>16}{'macro-F1':>16}{'ROC-AUC':>16}{'calibr.':>16}  coverage  set"
    )
    for regime, missions in figures["figures"].items():
        lines += [_figures_row(f"{regime}, {mission}", block) for mission, block in missions.items()]
    for title, rows in (
        ("ROC-AUC by view", figures["views"]),
        ("ROC-AUC of classifiers trained on these columns only", figures["specialists"]),
        ("ROC-AUC of classifiers trained on one mission only", figures["one_mission"]),
    ):
        lines += ["", title, *(f"  {name:34}{_named(values)}" for name, values in rows.items())]
    lines += ["", "ROC-AUC on a mission never seen", *(f"  {k:34}{_number(v)}" for k, v in figures["transfer"].items())]
    lines += ["", "ablation (pooled, all columns)"]
    lines += [
        f"  {name:10}" + "  ".join(f"{figure} {value['mean']:.4f}" for figure, value in blocks["pooled"].items())
        for name, blocks in figures["ablation"].items()
    ]
    return "\n".join(lines)


def _figures_row(title: str, block: dict[str, Any]) -> str:
    cells = [
        f"{block[name]['mean']:.4f} ± {block[name]['std']:.4f}" if name in block else "–"
        for name in ("accuracy", "macro_f1", "roc_auc", "calibration_error")
    ]
    sets = block["prediction_sets"]
    return (
        f"{title:22}"
        + "".join(f"{cell:>16}" for cell in cells)
        + f"  {sets['coverage']:.3f}     {sets['mean_size']:.2f}"
    )


def _named(values: dict[str, Any]) -> str:
    return "  ".join(f"{name} {_number(value)}" for name, value in values.items())


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"

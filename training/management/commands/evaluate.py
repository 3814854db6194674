"""``manage.py evaluate``: what the training procedure is worth, over five folds by star and several
seeds."""

from __future__ import annotations

import json
import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from training.management.commands.train_model import add_table_arguments, chosen_tables
from training.ml.errors import UserError
from training.ml.evaluation.shapes import OPEN_GROUPS
from training.ml.numbers import fixed
from training.ml.schema import DISPOSITIONS


class Command(BaseCommand):
    help = (
        "Judge the training procedure: five folds by star, mean and spread over seeds. Stores"
        " nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_table_arguments(parser)
        parser.add_argument("--seeds", default="0,1,2,3,4", help="comma-separated whole numbers")
        parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: object, **options: Any) -> None:
        from training.versions.evaluation import procedure_evaluate

        try:
            seeds = [int(seed) for seed in options["seeds"].split(",")]
        except ValueError as error:
            raise CommandError(
                f"--seeds {options['seeds']}: write whole numbers like 0,1,2.", returncode=2
            ) from error
        try:
            figures = procedure_evaluate(
                paths=chosen_tables(options),
                seeds=seeds,
                threads=options["threads"],
                report=lambda words: print(words, file=sys.stderr, flush=True),
            )
        except UserError as error:
            raise CommandError(error.message, returncode=2) from error
        self.stdout.write(json.dumps(figures, indent=1) if options["json"] else table(figures))


def table(figures: dict[str, Any]) -> str:
    """The figures as plain-text tables."""
    lines = [
        f"{figures['signals']:,} signals on {figures['stars']:,} stars, seeds {figures['seeds']}",
        "",
    ]
    lines.append(
        f"{'columns, mission':22}{'accuracy':>16}{'macro-F1':>16}{'ROC-AUC':>16}{'calibr.':>16} "
        " coverage  set"
    )
    for regime, missions in figures["figures"].items():
        lines += [
            _figures_row(f"{regime}, {mission}", block) for mission, block in missions.items()
        ]
    for title, rows in (
        ("ROC-AUC by view", figures["views"]),
        ("ROC-AUC of classifiers trained on these columns only", figures["specialists"]),
        ("ROC-AUC of classifiers trained on one mission only", figures["one_mission"]),
    ):
        lines += ["", title, *(f"  {name:34}{_named(values)}" for name, values in rows.items())]
    lines += [
        "",
        "ROC-AUC on a mission never seen",
        *(f"  {k:34}{fixed(v, 4)}" for k, v in figures["transfer"].items()),
    ]
    lines += ["", "ablation (pooled, all columns)"]
    lines += [
        f"  {name:10}"
        + "  ".join(f"{figure} {value['mean']:.4f}" for figure, value in blocks["pooled"].items())
        for name, blocks in figures["ablation"].items()
    ]
    return "\n".join([*lines, "", *_subset_lines(figures)])


def _subset_lines(figures: dict[str, Any]) -> list[str]:
    """By how much is given: coverage per disposition, size of the sets, calibration errors, ROC-AUC
    and what it lacks to a classifier trained on these columns only; then the same of the sets for
    open signals."""
    title = "what is given, mission"
    head = (
        f"{title:38}{'CONF.':>7}{'CAND.':>7}{'FALSE P.':>9}{'set':>6}{'calibr.':>9}{'planet':>8}"
        f"{'ROC-AUC':>9}{'lacks':>8}   open: {'planet':>7}{'false p.':>9}{'set':>6}{'calibr.':>9}"
    )
    rows = [
        _subset_row(view, mission, block, figures["specialists"].get(view, {}).get(mission))
        for view, missions in figures["subsets"].items()
        for mission, block in missions.items()
    ]
    return ["coverage of sets and calibration error by what is given", head, *rows]


def _subset_row(view: str, mission: str, block: dict[str, Any], specialist: float | None) -> str:
    auc, opened = block["roc_auc"], block["open"]
    lacks = None if specialist is None or auc is None else specialist - auc
    covered = block["coverage"]
    found = [
        f"{f'{view}, {mission}':38}",
        *(_cell(covered[name], 9 if "FALSE" in name else 7) for name in DISPOSITIONS),
        _cell(block["mean_size"], 6, 2),
        _cell(block["calibration_error"], 9),
        _cell(block["planet_calibration_error"], 8),
        _cell(auc, 9, 4),
        _cell(lacks, 8, 4),
    ]
    if opened:
        found += ["         ", *(_cell(opened["coverage"][name], 8) for name in OPEN_GROUPS)]
        found += [_cell(opened["mean_size"], 6, 2), _cell(opened["calibration_error"], 9)]
    return "".join(found)


def _cell(value: float | None, width: int, digits: int = 3) -> str:
    return f"{'–' if value is None else f'{value:.{digits}f}':>{width}}"


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
    return "  ".join(f"{name} {fixed(value, 4)}" for name, value in values.items())

"""``manage.py training_run VERB``: trainings on datasets of the site."""

from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from training.datasets.services import datasets_clean_up
from training.management.commands._people import (
    add_user,
    dataset_numbered,
    in_words,
    print_json,
    run_numbered,
    user_named,
)
from training.management.commands._verbs import Options, Verb, VerbCommand
from training.runs.models import TrainingRun
from training.runs.process import training_run_here
from training.runs.serializers import run_json
from training.runs.services import (
    Choices,
    training_run_cancel,
    training_run_start,
    training_runs_clean_up,
)


def start_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("datasets", type=int, nargs="+", metavar="DATASET")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--balance", choices=("smote", "weights", "none"), default="smote")
    parser.add_argument("--no-masking", action="store_true")
    parser.add_argument("--search", type=int, default=0, metavar="TRIALS")
    parser.add_argument(
        "--search-minutes", type=int, help="Begin no further choice after this time."
    )
    parser.add_argument("--rounds", type=int, help="Most boosting rounds of each booster.")
    parser.add_argument("--notes", default="")
    parser.add_argument(
        "--accept-doubts",
        action="store_true",
        help="Train although units of a dataset look mistaken: they are right.",
    )
    parser.add_argument(
        "--wait", action="store_true", help="Run it here instead of leaving it to a worker."
    )
    parser.add_argument("--json", action="store_true")
    add_user(parser)


def start_run(command: BaseCommand, options: Options) -> None:
    with in_words():
        run = training_run_start(
            datasets=[dataset_numbered(number) for number in options["datasets"]],
            choices=_choices(options),
            user=user_named(options["user"]),
            notes=options["notes"],
            accept_doubts=options["accept_doubts"],
            enqueue=not options["wait"],
        )
    if options["wait"]:
        training_run_here(run)
    if options["json"]:
        print_json(command, run_json(run))
    else:
        command.stdout.write(
            f"{run} is {run.get_status_display()}. {run.model_version or run.reason}"
        )
    if run.status == TrainingRun.Status.FAILED:
        raise CommandError(run.reason)


def _choices(options: Options) -> Choices:
    return Choices(
        seed=options["seed"],
        balance=options["balance"],
        masking=not options["no_masking"],
        search_trials=options["search"],
        rounds=options["rounds"],
        search_minutes=options["search_minutes"],
    )


def list_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true")


def list_run(command: BaseCommand, options: Options) -> None:
    runs = TrainingRun.objects.select_related("model_version").defer("model_version__metadata")
    if options["json"]:
        print_json(command, [run_json(run) for run in runs])
        return
    for run in runs:
        words = run.model_version or run.reason or f"{run.progress:.0%} {run.stage}"
        command.stdout.write(
            f"{run.pk:>5}  {run.created_at:%Y-%m-%d %H:%M}  {run.status:<10} {words}"
        )


def cancel_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("run", type=int)
    add_user(parser)


def cancel_run(command: BaseCommand, options: Options) -> None:
    run = run_numbered(options["run"])
    with in_words():
        training_run_cancel(run, user_named(options["user"]))
    command.stdout.write(f"{run} is cancelled.")


def clean_up_run(command: BaseCommand, options: Options) -> None:
    datasets_clean_up()
    command.stdout.write(f"{training_runs_clean_up()} runs had died.")


class Command(VerbCommand):
    help = "Trainings on datasets of the site; a version that they make serves nobody by itself."
    verbs = {
        "start": Verb("Start a training, in the background.", start_run, start_arguments),
        "list": Verb("List the training runs with their status.", list_run, list_arguments),
        "cancel": Verb(
            "Cancel a training run, whether it waits or runs.", cancel_run, cancel_arguments
        ),
        "clean-up": Verb(
            "Do what the janitor does every minute: end runs whose process has died.",
            clean_up_run,
        ),
    }

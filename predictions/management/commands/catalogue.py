"""``manage.py catalogue VERB``: the catalogue of known signals and stars."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from time import perf_counter

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from predictions.catalogue.filling.models import CatalogueFill
from predictions.catalogue.filling.services import fill_execute, fill_request, table_sentence
from predictions.catalogue.foresight.services import cards_update
from predictions.catalogue.models import CatalogueTable
from predictions.catalogue.others.pages import lists_context
from predictions.catalogue.scoring import scores_make
from predictions.catalogue.services import ChargeHeld, charge_create, table_execute
from predictions.management.commands._other_lists import (
    list_arguments,
    list_run,
    remove_arguments,
    remove_run,
)
from predictions.reviewing.making import queue_follow
from predictions.reviewing.models import ReviewItem
from training.datasets.models import Dataset
from training.datasets.services import dataset_upload
from training.figures import counted
from training.management.commands._people import add_user, in_words, user_named
from training.management.commands._verbs import Options, Verb, VerbCommand
from training.ml.schema import Mission

MISSIONS = {"kepler": Mission.KEPLER, "tess": Mission.TESS, "k2": Mission.K2}


def fill_arguments(parser: ArgumentParser) -> None:
    for option, mission in MISSIONS.items():
        parser.add_argument(
            f"--{option}",
            metavar="FILE",
            type=Path,
            action="append",
            default=[],
            help=f"A {mission} table of the archive; several in the order of their dates.",
        )
    parser.add_argument(
        "--yes", action="store_true", help="Also where something speaks against a table."
    )
    add_user(parser)


def fill_run(command: BaseCommand, options: Options) -> None:
    files = [(mission, path) for option, mission in MISSIONS.items() for path in options[option]]
    user, start = user_named(options["user"]), perf_counter()
    if not files:
        _fetch(command, user)
    for mission, path in files:
        with in_words():
            _fill(command, mission, path, user, sure=options["yes"])
    score_run(command, options)
    command.stdout.write(f"Done in {perf_counter() - start:.0f} s.")


def _fetch(command: BaseCommand, user: User) -> None:
    """The three tables of the archive, as the button on the page does it."""
    with in_words():
        fill = fill_request(user=user, enqueue=False)
    fill_execute(fill.pk, lambda stage: command.stdout.write(f"  {stage}"))
    fill.refresh_from_db()
    for part in fill.parts:
        command.stdout.write(f"{part['mission']}: {part['state']}. {part['sentence']}")
    if fill.status != CatalogueFill.Status.DONE:
        steps = [step for part in fill.troubled for step in part["steps"]]
        said = fill.reason or f"The filling is {fill.get_status_display()}."
        raise CommandError("\n  ".join([said, *steps]))


def _fill(command: BaseCommand, mission: Mission, path: Path, user: User, *, sure: bool) -> None:
    command.stdout.write(f"{mission}: {path.name}")
    dataset = _dataset(mission, path, user)
    try:
        table = charge_create(dataset=dataset, user=user, sure=sure)
    except ChargeHeld as error:
        raise CommandError(f"{' '.join(error.against)} Say --yes to put it in charge.") from error
    if table.status == CatalogueTable.Status.READY:
        command.stdout.write("  It is in charge already; nothing was counted again.")
        return
    table_execute(table.pk, lambda stage: command.stdout.write(f"  {stage}"))
    table.refresh_from_db()
    if table.status != CatalogueTable.Status.READY:
        raise CommandError(table.reason or f"Another process is at it: {table.stage}")
    command.stdout.write(f"  {table_sentence(table)}")


def _dataset(mission: Mission, path: Path, user: User) -> Dataset:
    try:
        with path.open("rb") as file:
            return dataset_upload(
                file=file,
                name=path.name,
                user=user,
                mission=mission,
                source=Dataset.Source.COMMAND,
            ).dataset
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error


def score_run(command: BaseCommand, options: Options) -> None:
    command.stdout.write("Asking the version in service about every signal.")
    done = scores_make(lambda done: command.stdout.write(f"  {counted(done, 'signal')}"))
    command.stdout.write(f"{counted(done, 'signal')} scored.")
    if queue_follow():
        listed = counted(ReviewItem.objects.count(), "signal")
        command.stdout.write(f"The review queue was made anew: {listed}.")
    cards_update()


def state_run(command: BaseCommand, options: Options) -> None:
    tables = CatalogueTable.objects.current().select_related("dataset").order_by("mission")
    for table in tables:
        command.stdout.write(f"{table}: {table_sentence(table)} Dataset {table.dataset_id}.")
    if not tables:
        command.stdout.write("The catalogue is empty; manage.py catalogue fill --help says how.")


def lists_run(command: BaseCommand, options: Options) -> None:
    for whole in lists_context()["lists"]:
        table = whole.current[0] if whole.current else None
        state = f"state of {table.as_of}, dataset {table.dataset_id}" if table else "empty"
        command.stdout.write(
            f"{whole}: {counted(whole.listed, 'signal')}, {whole.same} also a mission's; {state}."
            f" {whole.citation}, {whole.source}"
        )


class Command(VerbCommand):
    help = "The catalogue of known signals and stars."
    verbs = {
        "fill": Verb(
            "Put tables in charge of their missions; without files those of the archive.",
            fill_run,
            fill_arguments,
        ),
        "score": Verb("Let the version in service score what it has not yet.", score_run),
        "state": Verb("Say which tables are in charge.", state_run),
        "list": Verb(
            "Put a table in charge of another list, which is no mission's.",
            list_run,
            list_arguments,
        ),
        "lists": Verb("Say which other lists there are.", lists_run),
        "remove": Verb("Remove another list with its signals.", remove_run, remove_arguments),
    }

"""``manage.py catalogue list`` and ``remove``: lists that are no mission's."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from predictions.catalogue.others.models import OtherTable, list_named
from predictions.catalogue.others.services import (
    Described,
    list_remove,
    other_charge_create,
    other_table_execute,
)
from predictions.catalogue.scoring import scores_make
from predictions.catalogue.services import ChargeHeld
from predictions.management.commands._mappings import mapping_named
from training.datasets.models import Dataset
from training.datasets.services import dataset_upload
from training.figures import counted
from training.management.commands._people import add_user, in_words, user_named
from training.management.commands._verbs import Options
from training.ml.schema import Mission


def list_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path, help="The list's table.")
    parser.add_argument("--name", required=True, help="Its short name, as CTOI.")
    parser.add_argument("--source", help="The address where it is published.")
    parser.add_argument("--citation", help="A DOI, or how it wants to be cited.")
    parser.add_argument(
        "--mission",
        choices=[str(m) for m in Mission],
        help="Of whose light curves it is; else as its columns tell.",
    )
    parser.add_argument(
        "--mapping",
        metavar="FILE or NAME",
        help="Which column feeds which input, where the site does not know the columns.",
    )
    parser.add_argument(
        "--yes", action="store_true", help="Also where something speaks against the table."
    )
    add_user(parser)


def list_run(command: BaseCommand, options: Options) -> None:
    user = user_named(options["user"])
    with in_words():
        dataset = _dataset(options, user)
        described = _described(options, dataset)
        try:
            table = other_charge_create(
                dataset=dataset, described=described, user=user, sure=options["yes"]
            )
        except ChargeHeld as error:
            raise CommandError(
                f"{' '.join(error.against)} Say --yes to put it in charge."
            ) from error
        if table.status == OtherTable.Status.READY:
            command.stdout.write("It is in charge already; nothing was counted again.")
        else:
            _enter(command, table)
    command.stdout.write("Asking the version in service about what it has not scored.")
    command.stdout.write(f"{counted(scores_make(), 'signal')} scored.")


def _dataset(options: Options, user: User) -> Dataset:
    path: Path = options["file"]
    try:
        with path.open("rb") as file:
            return dataset_upload(
                file=file,
                name=path.name,
                user=user,
                mission=Mission(options["mission"]) if options["mission"] else None,
                mapping=mapping_named(options["mapping"]),
                source=Dataset.Source.COMMAND,
            ).dataset
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error


def _described(options: Options, dataset: Dataset) -> Described:
    """What is not said is as it was, where the list is known."""
    known = list_named(options["name"])
    return Described(
        name=known.name if known else options["name"],
        source=options["source"] or (known.source if known else ""),
        citation=options["citation"] or (known.citation if known else ""),
        mission=options["mission"] or (known.mission if known else dataset.mission),
    )


def _enter(command: BaseCommand, table: OtherTable) -> None:
    other_table_execute(table.pk, lambda stage: command.stdout.write(f"  {stage}"))
    table.refresh_from_db()
    if table.status != OtherTable.Status.READY:
        raise CommandError(table.reason or f"Another process is at it: {table.stage}")
    said = counted(table.signals, "signal")
    unnamed = f" {counted(table.unnamed, 'row')} without a name left out." if table.unnamed else ""
    command.stdout.write(
        f"  {said}{', the first table' if table.is_first else f': {table.counts_text}'}.{unnamed}"
    )


def remove_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="LIST", help="Its short name.")
    add_user(parser)


def remove_run(command: BaseCommand, options: Options) -> None:
    whole = list_named(options["name"])
    if whole is None:
        raise CommandError(
            f"There is no list “{options['name']}”; manage.py catalogue lists shows all."
        )
    count = list_remove(whole=whole, user=user_named(options["user"]))
    command.stdout.write(f"{options['name']} is gone, with {counted(count, 'signal')}.")

"""``manage.py dataset VERB``: tables to train on."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from training.datasets.models import Dataset
from training.datasets.serializers import dataset_json
from training.datasets.services import (
    Received,
    dataset_archive,
    dataset_fetch,
    dataset_restore,
    dataset_upload,
)
from training.management.commands._people import (
    add_user,
    dataset_numbered,
    in_words,
    print_json,
    user_named,
)
from training.management.commands._verbs import Options, Verb, VerbCommand
from training.ml.schema import Mission, parse_mission
from training.ml.tables.data_loader import ColumnMapping

FETCHED = [str(Mission.KEPLER), str(Mission.TESS), str(Mission.K2)]


def list_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--archived", action="store_true", help="Those put away, too.")
    parser.add_argument("--json", action="store_true")


def list_run(command: BaseCommand, options: Options) -> None:
    datasets = Dataset.objects.received() if options["archived"] else Dataset.objects.current()
    if options["json"]:
        print_json(command, [dataset_json(dataset) for dataset in datasets])
        return
    for dataset in datasets:
        command.stdout.write(
            f"{dataset.pk:>5}  {dataset.created_at:%Y-%m-%d} "
            f" {dataset.get_status_display():<16} {dataset.signals:>7,}"
            f" {dataset.mission or 'several':<8} {dataset.name}"
        )


def upload_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path)
    parser.add_argument(
        "--mission", help="Where the columns do not tell: Kepler, TESS, K2 or other."
    )
    parser.add_argument(
        "--mapping", type=Path, help="A JSON file that says which column feeds which feature."
    )
    parser.add_argument("--json", action="store_true")
    add_user(parser)


def upload_run(command: BaseCommand, options: Options) -> None:
    with in_words():
        received = _receive(options)
    dataset = received.dataset
    if options["json"]:
        print_json(command, dataset_json(dataset) | {"known": received.known})
        return
    said = "was there already" if received.known else "is ready"
    for doubt in dataset.doubts:
        command.stderr.write(doubt)
    command.stdout.write(
        f"Dataset {dataset.pk} {said}: {dataset.signals:,} signals in {dataset.rows:,} rows."
    )


def _receive(options: Options) -> Received:
    path, mapping = options["file"], options["mapping"]
    mission = parse_mission(options["mission"]) if options["mission"] else None
    try:
        with path.open("rb") as file:
            return dataset_upload(
                file=file,
                name=path.name,
                user=user_named(options["user"]),
                mission=mission,
                mapping=ColumnMapping.from_json(_json(mapping)) if mapping else None,
                source=Dataset.Source.COMMAND,
            )
    except FileNotFoundError as error:
        raise CommandError(f"There is no file {path}.") from error


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(f"{path} is not a readable JSON file.") from error


def report_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("dataset", type=int)
    parser.add_argument("--json", action="store_true")


def report_run(command: BaseCommand, options: Options) -> None:
    dataset = dataset_numbered(options["dataset"])
    report = dataset.report or {}
    if options["json"]:
        print_json(command, dataset_json(dataset) | {"report": report})
        return
    command.stdout.write(f"{dataset}: {dataset.get_status_display()}. {dataset.reason}")
    for line in _report_lines(report):
        command.stdout.write(f"  {line}")


def _report_lines(report: dict[str, Any]) -> Iterator[str]:
    for mission, counts in report.get("missions", {}).items():
        yield f"{mission}: " + ", ".join(f"{n:,} {word}" for word, n in counts.items())
    for problem in report.get("problems", []):
        yield problem["sentence"]
    for overlap in report.get("overlaps", []):
        yield (
            f"{overlap['name']}: {overlap['shared']:,} signals shared,"
            f" {overlap['contradictions']:,} with another disposition"
        )
    for shift in report.get("shifts", []):
        if shift["size"] != "none":
            words = f"shift {shift['index']:.2f} over {shift['signals']:,} values"
            yield f"{shift['mission']}, {shift['label']}: {words}"


def fetch_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("mission", choices=FETCHED)
    add_user(parser)


def fetch_run(command: BaseCommand, options: Options) -> None:
    mission, user = Mission(options["mission"]), user_named(options["user"])
    with in_words():
        dataset = dataset_fetch(mission=mission, user=user)
    if dataset.status == Dataset.Status.REFUSED:
        raise CommandError(dataset.reason)
    command.stdout.write(
        f"Dataset {dataset.pk} is {dataset.get_status_display()}; a worker fetches it."
    )


def archive_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("dataset", type=int)
    parser.add_argument("--restore", action="store_true", help="Take it out of the archive.")
    add_user(parser)


def archive_run(command: BaseCommand, options: Options) -> None:
    dataset, user = dataset_numbered(options["dataset"]), user_named(options["user"])
    (dataset_restore if options["restore"] else dataset_archive)(dataset, user)
    command.stdout.write(
        f"Dataset {dataset.pk} is {'in use again' if options['restore'] else 'archived'}."
    )


class Command(VerbCommand):
    help = "Tables to train on: bring, look at and put away."
    verbs = {
        "list": Verb("List the datasets.", list_run, list_arguments),
        "upload": Verb(
            "Read a labelled table, report on it and keep it.", upload_run, upload_arguments
        ),
        "report": Verb("Print the validation report of a dataset.", report_run, report_arguments),
        "fetch": Verb(
            "Ask a worker to fetch a mission's newest table from the NASA Exoplanet Archive.",
            fetch_run,
            fetch_arguments,
        ),
        "archive": Verb(
            "Put a dataset away: not offered for training any more, and nothing of it lost.",
            archive_run,
            archive_arguments,
        ),
    }

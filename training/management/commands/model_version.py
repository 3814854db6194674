"""``manage.py model_version VERB``: trained classifiers, and which of them is in service."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from training.management.commands._people import (
    add_user,
    in_words,
    print_json,
    user_named,
    version_named,
)
from training.management.commands._verbs import Options, Verb, VerbCommand
from training.versions.artifacts import artifact_zip
from training.versions.comparison import headline_words, versions_compare
from training.versions.drift import input_shifts
from training.versions.models import ModelVersion
from training.versions.pages import reproduce_command
from training.versions.serializers import version_json
from training.versions.services import (
    version_delete,
    version_put_in_service,
    version_roll_back,
)


def list_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true")


def list_run(command: BaseCommand, options: Options) -> None:
    versions = ModelVersion.objects.all()
    if options["json"]:
        print_json(command, [version_json(version) for version in versions])
        return
    for version in versions:
        mark = "in service" if version.is_active else ""
        command.stdout.write(
            f"{version.name}  {version.get_origin_display():<26} {mark:<11} {version.notes}"
        )


def show_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("version")
    parser.add_argument(
        "--download", type=Path, metavar="FILE", help="Write its files into a ZIP file."
    )
    parser.add_argument("--json", action="store_true")


def show_run(command: BaseCommand, options: Options) -> None:
    version = version_named(options["version"])
    if options["download"]:
        options["download"].write_bytes(artifact_zip(version.artifact, version.name))
    if options["json"]:
        more = {"drift": _drift(version), "reproduce": reproduce_command(version)}
        print_json(command, version_json(version) | more)
        return
    for line in _version_lines(version):
        command.stdout.write(line)


def _version_lines(version: ModelVersion) -> Iterator[str]:
    mark = "in service" if version.is_active else ""
    yield f"{version.name}  {mark}  {version.notes}".rstrip()
    for table in version.metadata.get("tables", []):
        yield f"  {table['sha256'][:16]}  {table['signals']:>7,} signals  {table['file']}"
    for name, value in version_json(version)["headline"].items():
        figure = "not known" if value is None else f"{value:.4f}"
        yield f"  {name.replace('_', ' '):<18} {figure}"
    for drift in _drift(version):
        yield f"  {drift['mission']}: {drift['signals']:,} classified; {drift['words']}"
    yield f"  classifier.joblib  {version.sha256}\n\n{reproduce_command(version)}"


def _drift(version: ModelVersion) -> list[dict[str, Any]]:
    found = []
    for mission, (signals, shifts) in input_shifts(version).items():
        moved = [f"{shift.feature} {shift.index:.2f}" for shift in shifts if shift.size != "none"]
        words = (
            f"shifted: {', '.join(moved)}"
            if moved
            else "no input has shifted, as far as the numbers tell"
        )
        found.append({"mission": mission, "signals": signals, "shifted": moved, "words": words})
    return found


def compare_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("first")
    parser.add_argument("second")
    parser.add_argument("--json", action="store_true")


def compare_run(command: BaseCommand, options: Options) -> None:
    first, second = version_named(options["first"]), version_named(options["second"])
    with in_words():
        comparison = versions_compare(first, second)
    if options["json"]:
        print_json(command, comparison.as_json())
        return
    command.stdout.write(headline_words(comparison))
    for group, figures in comparison.groups.items():
        for figure in figures:
            command.stdout.write(
                f"  {group:<7} {figure.label:<34} {figure.first:.4f} → {figure.second:.4f} "
                f" {figure.difference:+.4f} ({figure.low:+.4f} to {figure.high:+.4f})"
                f" {figure.verdict}"
            )
    command.stdout.write(f"{len(comparison.changes):,} signals change their disposition.")


def activate_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("version")
    parser.add_argument("--reason", required=True)
    parser.add_argument(
        "--override", action="store_true", help="Even if something speaks against it; recorded."
    )
    add_user(parser)


def activate_run(command: BaseCommand, options: Options) -> None:
    version, user = version_named(options["version"]), user_named(options["user"])
    with in_words():
        version_put_in_service(
            version=version, user=user, reason=options["reason"], override=options["override"]
        )
    command.stdout.write(f"{version} is in service.")


def roll_back_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--reason", default="")
    add_user(parser)


def roll_back_run(command: BaseCommand, options: Options) -> None:
    user = user_named(options["user"])
    with in_words():
        version = version_roll_back(user=user, reason=options["reason"])
    command.stdout.write(f"{version} is in service.")


def delete_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("version")
    add_user(parser)


def delete_run(command: BaseCommand, options: Options) -> None:
    with in_words():
        version_delete(version_named(options["version"]), user_named(options["user"]))
    command.stdout.write(f"{options['version']} is deleted.")


class Command(VerbCommand):
    help = "Trained classifiers, and which of them is in service."
    verbs = {
        "list": Verb(
            "List the model versions; the one in service is marked.", list_run, list_arguments
        ),
        "show": Verb(
            "Show tables, figures, how to make it again, and how far inputs have drifted.",
            show_run,
            show_arguments,
        ),
        "compare": Verb(
            "Compare two versions: every figure, and the 95 %% interval of its difference.",
            compare_run,
            compare_arguments,
        ),
        "activate": Verb(
            "Put a version in service, unless it is certainly worse than the one that is.",
            activate_run,
            activate_arguments,
        ),
        "roll-back": Verb(
            "Put the version in service that was before the present one.",
            roll_back_run,
            roll_back_arguments,
        ),
        "delete": Verb(
            "Delete a version that has never been in service.", delete_run, delete_arguments
        ),
    }

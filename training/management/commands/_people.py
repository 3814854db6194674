"""What the commands share: who acts, and how a user's error ends a command."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from training.accounts.audit import command_line_user
from training.datasets.models import Dataset
from training.ml.errors import UserError
from training.runs.models import TrainingRun
from training.versions.models import ModelVersion


def add_user(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--user",
        metavar="NAME",
        help="Whose action this is; else that of the operating system's user.",
    )


def user_named(name: str | None) -> User:
    if name is None:
        return command_line_user()
    user: User | None = get_user_model().objects.filter(username=name).first()
    if user is None:
        raise CommandError(f"There is no user “{name}”.")
    return user


def version_named(name: str) -> ModelVersion:
    version = ModelVersion.objects.filter(name=name).first()
    if version is None:
        raise CommandError(
            f"There is no model version “{name}”; manage.py model_version list shows all."
        )
    return version


def dataset_numbered(number: int) -> Dataset:
    dataset = Dataset.objects.received().filter(pk=number).first()
    if dataset is None:
        raise CommandError(f"There is no dataset {number}; manage.py dataset list shows all.")
    return dataset


def run_numbered(number: int) -> TrainingRun:
    run = TrainingRun.objects.filter(pk=number).first()
    if run is None:
        raise CommandError(f"There is no training run {number}.")
    return run


@contextmanager
def in_words() -> Iterator[None]:
    try:
        yield
    except UserError as error:
        raise CommandError(error.message) from error


def print_json(command: BaseCommand, value: Any) -> None:
    command.stdout.write(json.dumps(value, indent=1, ensure_ascii=False))

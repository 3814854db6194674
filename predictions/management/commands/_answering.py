"""What `manage.py predict` needs for tables of either kind: a version, and its closing words."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, ProgrammingError

from training.ml.errors import UserError, join_words
from training.ml.schema import DISPOSITIONS
from training.models import ModelVersion

if TYPE_CHECKING:
    from training.ml.model import ExoplanetClassifier
    from training.ml.tables.doubting.doubts import Doubts

UNUSABLE_FILE = 2  # exit status
DOUBTED = 3  # exit status, with --strict


def find_version(name: str | None) -> ModelVersion:
    try:
        return ModelVersion.objects.get(name=name) if name else ModelVersion.objects.active()
    except (OperationalError, ProgrammingError) as error:
        raise CommandError(
            f"The database cannot be used ({error}); run manage.py migrate first."
        ) from error
    except ModelVersion.DoesNotExist as error:
        if not name:
            raise CommandError(
                "No model version is in service; train one with manage.py train_model --activate."
            ) from error
        known = join_words(list(ModelVersion.objects.values_list("name", flat=True)[:10])) or "none"
        raise CommandError(
            f"There is no model version {name}. Known: {known}.", returncode=UNUSABLE_FILE
        ) from error


def load_classifier(version: ModelVersion) -> ExoplanetClassifier:
    try:
        return version.classifier
    except UserError as error:  # the version's fault, not the file's
        raise CommandError(error.message) from error


def summary(rows: int, counts: Counter[str], target: Path) -> str:
    classified = join_words(
        [f"{counts[disposition]:,} {disposition}" for disposition in DISPOSITIONS]
    )
    unusable = (
        f"; {counts['']:,} could not be used, each with its reason in the column warnings"
        if counts[""]
        else ""
    )
    return f"{rows:,} rows written to {target}: {classified}{unusable}."


def print_doubts(command: BaseCommand, doubts: Doubts, *, strict: bool) -> None:
    """Units that look mistaken, on stderr; with ``strict`` they end the command with status 3."""
    found = doubts.found()
    for doubt in found:
        command.stderr.write(doubt.sentence)
    if found and strict:
        raise CommandError(
            "Units look mistaken, so nothing was written (--strict).", returncode=DOUBTED
        )

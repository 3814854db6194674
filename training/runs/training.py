"""From tables to a classifier and its stored version: one way for the command line and for runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib.auth.models import User
from django.db import transaction

from training.runs.services import Choices
from training.versions.models import ModelVersion
from training.versions.services import model_version_activate, model_version_create

if TYPE_CHECKING:
    from training.ml.fitting.lineage import TableFacts
    from training.ml.model import ExoplanetClassifier
    from training.ml.tables.signal_table import SignalTable
    from training.ml.train import Progress


def classifier_train(
    tables: Sequence[SignalTable],
    facts: Sequence[TableFacts],
    choices: Choices,
    *,
    threads: int,
    created: datetime | None = None,
    progress: Progress | None = None,
) -> ExoplanetClassifier:
    """Train on harmonised tables as a person has chosen. Raises the ``UserError``s of ``train``."""
    from training.ml.fitting.parameters import Balance, Parameters
    from training.ml.train import train

    parameters = Parameters(balance=Balance(choices.balance), masking=choices.masking)
    return train(
        tables,
        seed=choices.seed,
        facts=facts,
        parameters=parameters.at_most(choices.rounds) if choices.rounds else parameters,
        search_trials=choices.search_trials,
        search_seconds=60 * choices.search_minutes if choices.search_minutes else None,
        threads=threads,
        created=created,
        progress=progress,
    )


@transaction.atomic
def version_from_classifier(
    *, classifier: ExoplanetClassifier, user: User, activate: bool = False, notes: str = ""
) -> ModelVersion:
    """Store a classifier trained on the command line, and put it in service where asked."""
    version = model_version_create(
        classifier, origin=ModelVersion.Origin.COMMAND, created_by=user, notes=notes
    )
    return (
        model_version_activate(version, user, "Trained with --activate.") if activate else version
    )

"""Training on the command line and in a training run: from files to a stored model version."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from django.contrib.auth.models import User
from django.db import transaction

from training.ml.schema import Mission
from training.models import ModelVersion
from training.services import model_version_activate, model_version_create

if TYPE_CHECKING:
    from training.ml.model import ExoplanetClassifier
    from training.ml.train import Progress


def classifier_train(
    *,
    paths: Mapping[Mission, Path],
    seed: int = 0,
    balance: str = "smote",
    masking: bool = True,
    search_trials: int = 0,
    search_seconds: float | None = None,
    threads: int = 1,
    progress: Progress | None = None,
) -> ExoplanetClassifier:
    """Read the tables, harmonise them and train. Raises a ``UserError`` that says what is wrong with a table."""
    from training.ml.lineage import read_tables
    from training.ml.preprocess import Balance, Parameters
    from training.ml.train import train

    tables, facts = read_tables(paths)
    return train(
        tables,
        seed=seed,
        facts=facts,
        parameters=Parameters(balance=Balance(balance), masking=masking),
        search_trials=search_trials,
        search_seconds=search_seconds,
        threads=threads,
        progress=progress,
    )


@transaction.atomic
def version_from_classifier(
    *, classifier: ExoplanetClassifier, user: User, activate: bool = False, notes: str = ""
) -> ModelVersion:
    """Store a classifier trained on the command line, and put it in service where asked."""
    version = model_version_create(classifier, origin=ModelVersion.Origin.COMMAND, created_by=user, notes=notes)
    return model_version_activate(version, user, "Trained with --activate.") if activate else version

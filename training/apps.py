from __future__ import annotations

import sys
from typing import IO, TYPE_CHECKING, Any

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.models.signals import post_migrate

if TYPE_CHECKING:
    from training.versions.models import Activation


class TrainingConfig(AppConfig):
    name = "training"
    verbose_name = "Training"

    def ready(self) -> None:
        from training.accounts import sign_in
        from training.background import tracing

        post_migrate.connect(register_bundled_version, sender=self)
        sign_in.connect()
        tracing.connect()


def register_bundled_version(
    using: str, verbosity: int, stdout: IO[str] | None = None, **kwargs: Any
) -> None:
    """After `migrate` the site classifies at once, without a further command."""
    from training.versions.bundled import BundledClassifierError, bundled_version_register
    from training.versions.models import Activation

    if using != DEFAULT_DB_ALIAS or not _is_current(using):
        return  # migrated backwards, to what this code does not know
    before = Activation.objects.first()
    try:
        bundled_version_register()
    except BundledClassifierError as error:
        if verbosity:
            (stdout or sys.stdout).write(f"{error}\n")
    _say_what_took_over(before)


def _say_what_took_over(before: Activation | None) -> None:
    """However quiet `migrate` is: from now on another classifier answers."""
    from training.versions.models import Activation

    latest = Activation.objects.select_related("model_version", "previous").first()
    if latest and latest.previous and latest != before:
        sys.stderr.write(
            f"{latest.model_version} is in service now instead of {latest.previous}."
            f" {latest.reason}{_who_cannot_read(latest)}\n"
        )


def _who_cannot_read(change: Activation) -> str:
    """A site that is upgraded without a pause would stop answering here."""
    new, old = (
        [version.metadata.get(fact) for fact in ("format_version", "schema")]
        for version in (change.model_version, change.previous)
        if version
    )
    if new == old:
        return ""
    return (
        " Processes of the release before cannot read it and answer 503 until they are replaced;"
        " with KEEP_VERSION=on, migrate would have waited."
    )


def _is_current(using: str) -> bool:
    """Whether the tables of this app are as its models have them."""
    executor = MigrationExecutor(connections[using])
    return not executor.migration_plan(executor.loader.graph.leaf_nodes(TrainingConfig.name))

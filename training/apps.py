import sys
from typing import IO, Any

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models.signals import post_migrate


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

    if not _has_table(using):
        return  # migrated backwards, to before there were model versions
    try:
        bundled_version_register()
    except BundledClassifierError as error:
        if verbosity:
            (stdout or sys.stdout).write(f"{error}\n")


def _has_table(using: str) -> bool:
    return (
        using == DEFAULT_DB_ALIAS
        and "training_activation" in connections[using].introspection.table_names()
    )

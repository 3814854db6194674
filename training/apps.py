from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class TrainingConfig(AppConfig):
    name = "training"
    verbose_name = "Training"

    def ready(self) -> None:
        post_migrate.connect(register_bundled_version, sender=self)


def register_bundled_version(using: str, **kwargs: Any) -> None:
    """After `migrate` the site classifies at once, without a further command."""
    from training.services import bundled_version_register

    if using == "default":
        bundled_version_register()

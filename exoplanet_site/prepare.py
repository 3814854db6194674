"""`python -m exoplanet_site.prepare`: database, bundled classifier, static files, first account.

Prints the first account's name for what calls it, and its password where it made it just now; what
a person should read goes to where errors go.
"""

from __future__ import annotations

import os
import sys

import django
from django.conf import settings
from django.core.management import call_command

from exoplanet_site.processes import run_until_stopped
from exoplanet_site.static_files import static_files_collect
from training.background.private_files import UMASK, keep_private


def prepare() -> None:
    os.umask(UMASK)
    django.setup()
    if count := keep_private(settings.DATA_DIR):
        say(
            f"Other users of this machine could read {count} of the files and folders in "
            f"{settings.DATA_DIR}; now they cannot."
        )
    call_command("migrate", verbosity=0)
    static_files_collect()
    say_if_nothing_is_in_service()
    name, password = first_account()
    print(name, password or "")


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def say_if_nothing_is_in_service() -> None:
    from training.models import ModelVersion

    if not ModelVersion.objects.filter(is_active=True).exists():
        say(
            "No model version is in service yet, so nothing can be classified; "
            "train one: manage.py train_model --kepler FILE --tess FILE --k2 FILE --activate"
        )


def first_account() -> tuple[str, str | None]:
    from training.accounts.services import FIRST_ADMINISTRATOR, first_administrator_create

    return FIRST_ADMINISTRATOR, first_administrator_create()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exoplanet_site.settings")
    sys.exit(run_until_stopped(prepare, "preparation"))

"""The first account of a new site."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from training.accounts.services import FIRST_ADMINISTRATOR, first_administrator_create


class Command(BaseCommand):
    help = (
        "Makes the first account and prints its password, once; does nothing where there are"
        " accounts already."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if password := first_administrator_create():
            self.stdout.write(
                f"Sign in as “{FIRST_ADMINISTRATOR}” with the password {password} (shown once)."
            )
        else:
            self.stdout.write("Sign in with your account.")

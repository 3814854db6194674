"""``manage.py demo``: fill a site with a simulated example, or remove that."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from predictions.demo.services import demo_fill, demo_remove, parts_possible
from training.management.commands._people import add_user, in_words, user_named


class Command(BaseCommand):
    help = "Fill a site with a simulated example, and wait until all of it is there."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--remove", action="store_true", help="Remove everything simulated instead."
        )
        add_user(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        user = _first_administrator() if options["user"] is None else user_named(options["user"])
        if options["remove"]:
            demo_remove(user or user_named(None))
            self.stdout.write("Everything simulated is gone.")
            return
        if user is None:
            raise CommandError(
                "Nobody could look at it: there is no account yet. Make one with"
                " manage.py first_administrator, or start the site."
            )
        self._fill(user)

    def _fill(self, user: User) -> None:
        self.stdout.write("Simulating, classifying and training; this takes about a minute …")
        with in_words():
            demo_fill(user, here=True)
        for part in parts_possible():
            self.stdout.write(f"  {part.words}")
        self.stdout.write(
            f"It belongs to “{user.username}”; manage.py demo --remove removes all of it."
        )


def _first_administrator() -> User | None:
    return User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first()

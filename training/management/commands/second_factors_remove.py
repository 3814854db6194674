"""`manage.py second_factors_remove USER`: for who has lost phone, keys and recovery codes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from training.management.commands._people import add_user, user_named
from training.second_factors.services import second_factors_remove


class Command(BaseCommand):
    help = "Take away all second factors of ACCOUNT, so that its password alone signs in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("account", help="user name")
        add_user(parser)

    def handle(self, *, account: str, user: str | None, **options: Any) -> None:
        second_factors_remove(user=user_named(account), by=user_named(user))
        self.stdout.write(f"“{account}” signs in with the password alone from now on.")

"""`manage.py create_token USER`: a token for programs, shown once."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from knox.models import AuthToken

LONGEST = 3650  # days; a token that outlives its author's memory should be made anew


class Command(BaseCommand):
    help = "Make an API token for USER and print it. It is shown only now: the site keeps nothing but its hash."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="user name")
        parser.add_argument("--days", type=int, default=30, help="how long it is valid (default: 30)")

    def handle(self, *, user: str, days: int, **options: Any) -> None:
        if not 0 < days <= LONGEST:
            raise CommandError(f"--days must be from 1 to {LONGEST}, not {days}.")
        account = User.objects.filter(username=user).first()
        if account is None:
            raise CommandError(f"There is no user named “{user}”; make the account first: manage.py createsuperuser")
        if not account.is_active:
            raise CommandError(f"The account “{user}” is not active, so a token would not work.")
        _, token = AuthToken.objects.create(account, expiry=timedelta(days=days))
        self.stderr.write(f"A token for {user}, valid for {days} days. Send it as “Authorization: Token …”.")
        self.stdout.write(token)

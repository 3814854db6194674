"""`manage.py create_token USER`: a token for programs, shown once."""

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from training.accounts.models import UNGRANTED, Scope
from training.accounts.services import token_create

LONGEST = 3650  # days; a token that outlives its author's memory should be made anew


class Command(BaseCommand):
    help = (
        "Make an API token for USER and print it. It is shown only now: the site keeps nothing but"
        " its hash."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="user name")
        parser.add_argument(
            "--days", type=int, default=30, help="how long it is valid (default: 30)"
        )
        parser.add_argument(
            "--name", default="command line", help="what it is called on the page of tokens"
        )
        parser.add_argument(
            "--scope",
            dest="scopes",
            action="append",
            choices=Scope.values,
            help="what it may do; may be repeated (default: read and classify)",
        )

    def handle(
        self, *, user: str, days: int, name: str, scopes: list[str] | None, **options: Any
    ) -> None:
        if not 0 < days <= LONGEST:
            raise CommandError(f"--days must be from 1 to {LONGEST}, not {days}.")
        account = User.objects.filter(username=user).first()
        if account is None:
            raise CommandError(
                f"There is no user named “{user}”; make the account first: manage.py"
                " createsuperuser"
            )
        if not account.is_active:
            raise CommandError(f"The account “{user}” is not active, so a token would not work.")
        _, token = token_create(user=account, name=name, scopes=scopes or UNGRANTED, days=days)
        self.stderr.write(
            f"A token for {user}, valid for {days} days. Send it as “Authorization: Token …”."
        )
        self.stdout.write(token)

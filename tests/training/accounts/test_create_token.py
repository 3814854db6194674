from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone
from knox.auth import TokenAuthentication
from knox.models import AuthToken


def create_token(*arguments: str) -> str:
    out = StringIO()
    call_command("create_token", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue().strip()


def test_the_token_is_the_only_thing_printed_and_it_works(member: User) -> None:
    token = create_token("member")
    user, row = TokenAuthentication().authenticate_credentials(token.encode())
    assert user == member
    assert token not in (row.digest, row.token_key)


def test_its_days_are_counted(member: User) -> None:
    create_token("member", "--days", "7")
    left = AuthToken.objects.get().expiry - timezone.now()
    assert timedelta(days=6.99) < left < timedelta(days=7.01)


@pytest.mark.parametrize("days", ["0", "-1", "99999"])
def test_impossible_days_are_refused(member: User, days: str) -> None:
    with pytest.raises(CommandError, match="--days must be from 1 to 3650"):
        create_token("member", f"--days={days}")
    assert not AuthToken.objects.exists()


def test_an_unknown_user_is_named(db: None) -> None:
    with pytest.raises(CommandError, match="There is no user named “nobody”"):
        create_token("nobody")


def test_an_inactive_user_gets_none(member: User) -> None:
    member.is_active = False
    member.save()
    with pytest.raises(CommandError, match="not active"):
        create_token("member")

"""Tokens and invitations: made, used and taken back, each step in the audit trail."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import timedelta

from django.contrib.auth.models import Group, User
from django.db import transaction
from django.utils import timezone
from knox.models import AuthToken

from training.accounts.audit import ADDITION, COMMAND_LINE, DELETION, record
from training.accounts.models import Invitation, TokenGrant

INVITATION_DAYS = 14
FIRST_ADMINISTRATOR = "admin"


@transaction.atomic
def token_create(
    *, user: User, name: str, scopes: Iterable[str], days: int
) -> tuple[TokenGrant, str]:
    """A grant and the token itself, which is known to nobody after this call."""
    token, text = AuthToken.objects.create(user, expiry=timedelta(days=days))
    grant = TokenGrant.objects.create(
        token=token, name=name, scopes=[str(scope) for scope in scopes]
    )
    record(
        user, grant, f"Made a token to {', '.join(grant.scopes)}, valid for {days} days.", ADDITION
    )
    return grant, text


@transaction.atomic
def token_revoke(*, user: User, grant: TokenGrant) -> None:
    record(user, grant, "Revoked the token.", DELETION)
    grant.token.delete()


@transaction.atomic
def tokens_revoke_all(*, user: User) -> int:
    """Of somebody whose password is another now:
    who knew the old one may have made tokens with it."""
    tokens = AuthToken.objects.filter(user=user)
    count: int = tokens.count()
    tokens.delete()
    if count:
        record(
            user, user, f"Revoked {count} token{'s' if count > 1 else ''} with the old password."
        )
    return count


@transaction.atomic
def profile_save(*, user: User, changed: list[str]) -> None:
    """The e-mail address is where a new password can be asked for, so its change is noted, too."""
    user.save(update_fields=["first_name", "last_name", "email"])
    if changed:
        record(user, user, f"Changed the profile: {', '.join(changed)}.".replace("_", " "))


@transaction.atomic
def invitation_create(*, user: User, note: str) -> tuple[Invitation, str]:
    """An invitation and its code, which stands in the link and nowhere else."""
    code = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        digest=_digest(code),
        note=note,
        created_by=user,
        expires_at=timezone.now() + timedelta(days=INVITATION_DAYS),
    )
    record(user, invitation, "Made an invitation.", ADDITION)
    return invitation, code


def invitation_find(code: str) -> Invitation | None:
    return Invitation.objects.open().filter(digest=_digest(code)).first()


@transaction.atomic
def account_open(*, user: User, code: str = "") -> bool:
    """Save a new account as a member; with a code,
    only if nobody else has used it in the meantime."""
    user.save()
    user.groups.add(Group.objects.get_or_create(name="member")[0])
    if code and not Invitation.objects.open().filter(digest=_digest(code)).update(used_by=user):
        transaction.set_rollback(True)
        return False
    record(user, user, "Opened the account.", ADDITION)
    return True


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def first_administrator_create() -> str | None:
    """The first account of an empty site, and its password;
    None when there are accounts already."""
    if User.objects.exclude(username__endswith=COMMAND_LINE).exists():
        return None
    password = secrets.token_urlsafe(12)
    user = User.objects.create_superuser(FIRST_ADMINISTRATOR, password=password)
    user.groups.set(Group.objects.filter(name__in=("member", "curator", "administrator")))
    return password

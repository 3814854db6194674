"""Who sends a request by token, and what that token may do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from hmac import compare_digest
from typing import TYPE_CHECKING, Any, Final

from django.contrib.auth.models import User
from django.utils import timezone
from knox.auth import TokenAuthentication
from knox.crypto import hash_token
from knox.models import AuthToken
from knox.settings import CONSTANTS
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from training.accounts.models import Scope, TokenGrant, token_grant, token_scopes

if TYPE_CHECKING:  # the framework imports this module while it is itself being imported
    from rest_framework.views import APIView


NOT_OURS: Final = "The token is not one of ours."


class SiteTokenAuthentication(TokenAuthentication):
    """Knox's own with one query instead of two, and it notes when a token was last used."""

    def authenticate_credentials(self, token: bytes) -> tuple[Any, Any]:
        try:
            text = token.decode()
        except UnicodeDecodeError as error:
            raise AuthenticationFailed(NOT_OURS) from error
        for row in _tokens(text[: CONSTANTS.TOKEN_KEY_LENGTH]):
            if not self._cleanup_token(row) and compare_digest(hash_token(text), row.digest):
                user, row = self.validate_user(row)
                if grant := token_grant(row):
                    grant.used()
                return user, row
        raise AuthenticationFailed(NOT_OURS)

    def _cleanup_token(self, auth_token: Any) -> bool:
        """Knox looks through all tokens of the person with every request; here that waits until one
        has expired."""
        if auth_token.expiry is None or auth_token.expiry >= timezone.now():
            return False
        expired: bool = super()._cleanup_token(auth_token)
        return expired


# In the order of their models, as `from_db` asks.
_PERSON: Final = ("id", "is_superuser", "username", "is_staff", "is_active")
_GRANT: Final = ("id", "token_id", "name", "scopes", "last_used_at")


def _tokens(key: str) -> Iterator[Any]:
    """Tokens with this key, their people and grants, by one statement that is written once: Django
    takes three times as long to build it as to ask it. What else is known of a person is read when
    it is asked for."""
    for row in AuthToken.objects.raw(_tokens_sql(), [key]):
        found = vars(row)
        database = str(row._state.db)
        row.user = User.from_db(database, _PERSON, [found[f"person_{name}"] for name in _PERSON])
        if found["grant_id"]:
            values = {name: found[f"grant_{name}"] for name in _GRANT}
            values["scopes"] = json.loads(values["scopes"])
            values["last_used_at"] = _aware(values["last_used_at"])
            row.grant = TokenGrant.from_db(database, _GRANT, list(values.values()))
        yield row


def _aware(moment: datetime | None) -> datetime | None:
    """SQLite gives moments without their zone, which is UTC."""
    return moment.replace(tzinfo=UTC) if moment else None


@cache
def _tokens_sql() -> str:
    token, person, grant = (model._meta.db_table for model in (AuthToken, User, TokenGrant))
    people = ", ".join(f"person.{name} AS person_{name}" for name in _PERSON)
    grants = ", ".join(f"may.{name} AS grant_{name}" for name in _GRANT)
    return (
        f"SELECT token.*, {people}, {grants} FROM {token} token"  # noqa: S608  # nosec B608  # our own names
        f" JOIN {person} person ON person.id = token.user_id"
        f" LEFT JOIN {grant} may ON may.token_id = token.digest WHERE token.token_key = %s"
    )


class TokenScope(BasePermission):
    """Reading needs “read”. Everything else needs what the view names, and “train”, the most, if it
    names nothing."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if request.auth is None:
            return True  # a session may do what its person may
        needed = (
            Scope.READ
            if request.method in SAFE_METHODS
            else getattr(view, "token_scope", Scope.TRAIN)
        )
        if needed not in token_scopes(request.auth):
            raise PermissionDenied(
                f"This token may not {needed}; make one that may on your page of tokens."
            )
        return True

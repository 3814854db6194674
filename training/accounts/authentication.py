"""Who sends a request by token, and what that token may do."""

from __future__ import annotations

from hmac import compare_digest
from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone
from knox.auth import TokenAuthentication
from knox.crypto import hash_token
from knox.models import AuthToken
from knox.settings import CONSTANTS
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from training.accounts.models import Scope, token_grant, token_scopes

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
        tokens = AuthToken.objects.filter(token_key=text[: CONSTANTS.TOKEN_KEY_LENGTH])
        for row in tokens.select_related("user", "grant"):
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

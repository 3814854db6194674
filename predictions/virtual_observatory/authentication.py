"""Programs of the Virtual Observatory send a name and a password: here the password is a token."""

from __future__ import annotations

from typing import Any

from rest_framework.authentication import BasicAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from training.accounts.authentication import NOT_OURS, SiteTokenAuthentication


class TokenAsPassword(BasicAuthentication):
    """No password of an account is taken here, so none can be guessed: a token is random."""

    www_authenticate_realm = "exoplanet-site, a token as password"

    def authenticate_credentials(
        self, userid: str, password: str, request: Request | None = None
    ) -> tuple[Any, Any]:
        user, token = SiteTokenAuthentication().authenticate_credentials(password.encode())
        if user.get_username() != userid:
            raise AuthenticationFailed(NOT_OURS)
        return user, token

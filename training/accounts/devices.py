"""From where an account is known: a device that it has signed in from, or an address.

Who guesses one account's password from many addresses is held up as a whole, so that the number of
guesses does not grow with theirs. The account's owner is not: a known device or address still gets
in. The limit of one address stays beside it (django-axes).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from axes.backends import AxesStandaloneBackend
from axes.exceptions import AxesBackendPermissionDenied
from axes.models import AccessAttempt, AccessLog
from django.conf import settings
from django.contrib.auth.models import User
from django.core import signing
from django.db.models import Sum
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.crypto import constant_time_compare

ADDRESSES: Final = 10
"""As many wrong passwords as so many addresses may send hold up all others, for the same time."""
KNOWN_FOR: Final = timedelta(days=180)
COOKIE: Final = "known_device"
_SALT: Final = "training.accounts.devices"
_SIGNED_IN: Final = "exoplanet_site.signed_in"


class AccountBackend(AxesStandaloneBackend):
    """Signs nobody in: refuses before a password is looked at."""

    def authenticate(
        self,
        request: HttpRequest,
        username: str | None = None,
        password: str | None = None,
        **credentials: Any,
    ) -> None:
        super().authenticate(request, username, password, **credentials)
        if username and is_guessed(username) and not is_known(request, username):
            request.axes_locked_out = True  # type: ignore[attr-defined]  # answered like axes' own
            raise AxesBackendPermissionDenied("This account is being guessed from many addresses.")


def is_guessed(username: str) -> bool:
    since = timezone.now() - settings.AXES_COOLOFF_TIME
    attempts = AccessAttempt.objects.filter(username=username, attempt_time__gte=since)
    failures = attempts.aggregate(total=Sum("failures_since_start"))["total"] or 0
    return bool(failures >= ADDRESSES * settings.AXES_FAILURE_LIMIT)


def is_known(request: HttpRequest, username: str) -> bool:
    return _is_known_device(request, username) or _is_known_address(request, username)


def _is_known_address(request: HttpRequest, username: str) -> bool:
    address = getattr(request, "axes_ip_address", None)
    since = timezone.now() - KNOWN_FOR
    came = AccessLog.objects.filter(username=username, attempt_time__gte=since)
    return bool(address) and came.filter(ip_address=address).exists()


def _is_known_device(request: HttpRequest, username: str) -> bool:
    try:
        name, hashed = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=KNOWN_FOR)
    except (signing.BadSignature, ValueError, TypeError):
        return False
    user = User.objects.filter(username=username).first()
    if user is None or name != username:
        return False
    return constant_time_compare(hashed, user.get_session_auth_hash())


def signed_in(request: HttpRequest | None, user: User) -> None:
    """The answer to this request tells the device that it is known."""
    if request is not None:
        request.META[_SIGNED_IN] = user


def device_remember(request: HttpRequest, response: HttpResponseBase) -> None:
    """Until the password changes: what is signed holds a hash of it, as a session does."""
    user: User | None = request.META.get(_SIGNED_IN)
    if user is None:
        return
    response.set_cookie(
        COOKIE,
        signing.dumps((user.get_username(), user.get_session_auth_hash()), salt=_SALT),
        max_age=KNOWN_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )

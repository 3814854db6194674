"""Notes in the audit trail who comes and goes, at whichever page: the site's own page or Django's
administration."""

from typing import Any

from axes.signals import user_locked_out
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest

from training.accounts.audit import record
from training.accounts.devices import signed_in


def connect() -> None:
    user_logged_in.connect(_record_sign_in, dispatch_uid="audit")
    user_logged_out.connect(_record_sign_out, dispatch_uid="audit")
    user_login_failed.connect(_record_failure, dispatch_uid="audit")
    user_locked_out.connect(_record_pause, dispatch_uid="audit")


def _record_sign_in(user: User, request: HttpRequest | None = None, **_: Any) -> None:
    signed_in(request, user)
    record(user, user, "Signed in.")


def _record_sign_out(user: User | None, **_: Any) -> None:
    if user is not None:
        record(user, user, "Signed out.")


def _record_failure(
    credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any
) -> None:
    """A name that is nobody's is not kept: it may be a password in the wrong field."""
    if not getattr(request, "axes_locked_out", False):
        _record_about(
            credentials.get("username"), request, "A sign-in with a wrong password failed"
        )


def _record_pause(username: str | None, request: HttpRequest, **_: Any) -> None:
    """Once, and not for each further attempt while the pause lasts."""
    if getattr(request, "axes_failures_since_start", 0) == settings.AXES_FAILURE_LIMIT:
        _record_about(
            username, request, "Locked out for a while after repeated failures to sign in"
        )


def _record_about(username: str | None, request: HttpRequest | None, words: str) -> None:
    user = User.objects.filter(username=username or "").first()
    if user is not None:
        record(
            user,
            user,
            f"{words}, from {getattr(request, 'axes_ip_address', None) or 'an unknown address'}.",
        )

"""Whether it is still the person who signed in: asked before a way in is made or taken away."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils import timezone

from training.accounts.requests import SignedInRequest

FRESH = timedelta(minutes=10)


def is_still_the_person(request: HttpRequest | SignedInRequest) -> bool:
    """By the present password, whose failures count as those of a sign-in; who has none must have
    signed in a moment ago."""
    user = request.user
    if not user.is_authenticated:
        return False
    if not user.has_usable_password():
        return user.last_login is not None and timezone.now() - user.last_login < FRESH
    given = request.POST.get("password", "")
    return authenticate(request, username=user.get_username(), password=given) == user


SENTENCE = (
    "To do that, give your present password; who has none here signs in anew and does it within ten"
    " minutes."
)

"""From a person who has given the first factor to one who is signed in: the one door for all."""

from __future__ import annotations

import time
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme

from training.second_factors import passkeys, services

BACKEND: Final = "django.contrib.auth.backends.ModelBackend"
SECONDS: Final = 600
"""So long is the first factor remembered."""
_HALF_WAY: Final = "half_way"


def enter(request: HttpRequest, user: User, wanted: str) -> HttpResponse:
    """Signed in at once, or to the page that asks for the second factor."""
    if not services.is_asked(user):
        return _sign_in(request, user, wanted)
    request.session.cycle_key()
    request.session[_HALF_WAY] = {
        "user": user.pk,
        "password": user.get_session_auth_hash(),
        "next": wanted,
        "at": time.time(),
    }
    if services.has_passkeys(user):
        challenge_anew(request, user)
    return redirect("second_factor")


def half_way(request: HttpRequest) -> User | None:
    """Who has given the first factor in this browser a while ago, and no second one yet."""
    kept = request.session.get(_HALF_WAY)
    if not settings.SECOND_FACTORS or not kept or time.time() - kept["at"] > SECONDS:
        return None
    user = User.objects.filter(pk=kept["user"], is_active=True).first()
    if user and constant_time_compare(kept["password"], user.get_session_auth_hash()):
        return user
    return None


def challenge(request: HttpRequest) -> str:
    """What the browser is given to ask a passkey, "" for nothing."""
    return str(request.session[_HALF_WAY].get("options", ""))


def challenge_anew(request: HttpRequest, user: User) -> None:
    options, state = passkeys.asking_begin(request, user)
    kept: dict[str, Any] = request.session[_HALF_WAY]
    request.session[_HALF_WAY] = kept | {"options": options, "state": state}


def challenge_answered(request: HttpRequest, user: User, answer: str) -> bool:
    """Counted like a code; the challenge is gone, whether the answer fits or not."""
    state = request.session[_HALF_WAY].get("state")
    if not state:
        return False
    services.attempt_count(user=user)
    challenge_anew(request, user)
    if not passkeys.asking_finish(request, user, state, answer):
        return False
    services.attempts_forget(user=user)
    return True


def enter_with_both(request: HttpRequest, user: User) -> HttpResponse:
    return _sign_in(request, user, str(request.session.pop(_HALF_WAY)["next"]))


def _sign_in(request: HttpRequest, user: User, wanted: str) -> HttpResponse:
    login(request, user, backend=BACKEND)
    return HttpResponseRedirect(_inside(request, wanted))


def _inside(request: HttpRequest, wanted: str) -> str:
    inside = wanted.startswith("/") and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if inside else reverse("home")

"""To a provider and back."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from training.accounts.confirming import SENTENCE, is_still_the_person
from training.accounts.requests import SignedInRequest
from training.confirmations import Confirmation, confirm
from training.identities import services
from training.identities.models import ExternalIdentity
from training.identities.providers import (
    CannotSignIn,
    ProviderIsAway,
    Returned,
    address_to_leave_for,
    person_returned,
    provider_name,
)
from training.second_factors.entering import enter


@never_cache
@require_POST
def identity_begin(request: HttpRequest, key: str) -> HttpResponse:
    _known(key)
    return _leave(request, key, next_page=request.POST.get("next", ""))


@sensitive_post_parameters("password")
@never_cache
@require_POST
@login_required
def identity_connect(request: SignedInRequest, key: str) -> HttpResponse:
    """The password is asked for: who finds a signed-in browser must not leave a way in."""
    _known(key)
    if not is_still_the_person(request):
        messages.error(request, SENTENCE)
        return redirect("profile")
    return _leave(request, key, link_to=request.user.pk)


def _leave(
    request: HttpRequest, key: str, *, next_page: str = "", link_to: int | None = None
) -> HttpResponse:
    """A page that leads there: a redirection of a form would have to be allowed for each address
    that the provider itself leads on to (Content-Security-Policy, form-action)."""
    try:
        address = address_to_leave_for(
            request, key, _back(request, key), next_page=next_page, link_to=link_to
        )
    except (CannotSignIn, ProviderIsAway) as error:
        return _refused(request, error)
    context = {"address": address, "name": provider_name(key)}
    return render(request, "training/identities/leaving.html", context)


def _back(request: HttpRequest, key: str) -> str:
    return request.build_absolute_uri(reverse("identity_return", args=[key]))


@never_cache
@require_GET
def identity_return(request: HttpRequest, key: str) -> HttpResponse:
    _known(key)
    try:
        returned = person_returned(request, key)
        if returned.link_to is not None:
            return _connected(request, returned)
        user = services.identity_user(returned.person)
    except (CannotSignIn, ProviderIsAway) as error:
        return _refused(request, error)
    return enter(request, user, returned.next)


def _connected(request: HttpRequest, returned: Returned) -> HttpResponse:
    if not request.user.is_authenticated or request.user.pk != returned.link_to:
        raise CannotSignIn("You are not signed in any more as who wanted to connect this account.")
    services.identity_link(user=request.user, person=returned.person)
    messages.success(request, f"Connected: {provider_name(returned.person.provider)}.")
    return redirect("profile")


@require_http_methods(["GET", "POST"])
@login_required
def identity_disconnect(request: SignedInRequest, pk: int) -> HttpResponse:
    identity = get_object_or_404(ExternalIdentity, pk=pk, user=request.user)
    if request.method == "GET":
        return confirm(request, _disconnection_asked(identity))
    try:
        services.identity_unlink(user=request.user, identity=identity)
    except CannotSignIn as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "Disconnected.")
    return redirect("profile")


def _disconnection_asked(identity: ExternalIdentity) -> Confirmation:
    return Confirmation(
        question="Disconnect this account?",
        about=str(identity),
        address=reverse("profile"),
        changes=["You cannot sign in with it any more."],
        stays=["Your account here, and all that is in it."],
        undo="Connect it again on your profile.",
        button="Disconnect it",
        keep="Keep it",
    )


def _known(key: str) -> None:
    if key not in settings.IDENTITY_PROVIDERS:
        raise Http404


def _refused(request: HttpRequest, error: CannotSignIn | ProviderIsAway) -> HttpResponse:
    status = 502 if isinstance(error, ProviderIsAway) else 403
    context = {"sentence": error.message}
    return render(request, "training/identities/refused.html", context, status=status)

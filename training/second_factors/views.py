"""Pages of second factors: asked at a sign-in, set up and taken away on one's own."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from training.accounts.confirming import SENTENCE, is_still_the_person
from training.accounts.requests import SignedInRequest
from training.second_factors import entering, passkeys, services
from training.second_factors.models import Passkey, RecoveryCode
from training.second_factors.pictures import qr_path

_ADDING: Final = "passkey_adding"
page_or_form = require_http_methods(["GET", "HEAD", "POST"])
View = Callable[..., HttpResponse]


def where_on(view: View) -> View:
    @wraps(view)
    def found_or_not(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.SECOND_FACTORS:
            raise Http404
        return view(request, *args, **kwargs)

    return found_or_not


def confirmed(view: View) -> View:
    """After a form with the present password."""

    @sensitive_post_parameters("password")
    @never_cache
    @require_POST
    @login_required
    @where_on
    @wraps(view)
    def asked(request: SignedInRequest) -> HttpResponse:
        if is_still_the_person(request):
            return view(request)
        messages.error(request, SENTENCE)
        return redirect("second_factors")

    return asked


# --- At a sign-in ---------------------------------------------------------------------------------


@sensitive_post_parameters("code", "passkey")
@never_cache
@page_or_form
@where_on
def second_factor(request: HttpRequest) -> HttpResponse:
    user = entering.half_way(request)
    if user is None:
        return redirect("login")
    wrong = ""
    if request.method == "POST":
        try:
            if _fits(request, user):
                return entering.enter_with_both(request, user)
            wrong = "That did not fit. A code holds for half a minute, and once."
        except services.TooManyCodes as error:
            wrong = error.message
    context = {
        "wrong": wrong,
        "options": entering.challenge(request),
        "has_codes": services.has_codes(user),
    }
    return render(
        request, "training/second_factors/asked.html", context, status=400 if wrong else 200
    )


def _fits(request: HttpRequest, user: Any) -> bool:
    if answer := request.POST.get("passkey", ""):
        return entering.challenge_answered(request, user, answer)
    return services.code_check(user=user, code=request.POST.get("code", "")[:100])


# --- One's own ------------------------------------------------------------------------------------


@never_cache
@require_GET
@login_required
@where_on
def second_factors(request: SignedInRequest) -> HttpResponse:
    unused = RecoveryCode.objects.filter(user=request.user, used_at=None)
    context = {
        "has_codes": services.has_codes(request.user),
        "passkeys": Passkey.objects.filter(user=request.user),
        "codes_left": unused.count(),
    }
    return render(request, "training/second_factors/list.html", context)


@confirmed
def codes_begin(request: SignedInRequest) -> HttpResponse:
    services.codes_begin(user=request.user)
    return redirect("second_factor_codes")


@sensitive_post_parameters("code")
@never_cache
@page_or_form
@login_required
@where_on
def codes(request: SignedInRequest) -> HttpResponse:
    """The secret is shown until a code of it has come back, and never after."""
    secret = services.pending_secret(request.user)
    if not secret:
        return redirect("second_factors")
    if request.method == "POST":
        code = request.POST.get("code", "")[:100]
        if recovery := services.codes_confirm(user=request.user, code=code):
            return _recovery(request, recovery)
    return _codes_page(request, secret)


def _codes_page(request: SignedInRequest, secret: str) -> HttpResponse:
    import pyotp

    issuer = f"Exoplanet Site ({request.get_host()})".replace(":", " ")
    name = request.user.get_username()
    address = pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)
    path, side = qr_path(address)
    is_wrong = request.method == "POST"
    context = {"secret": secret, "path": path, "side": side, "is_wrong": is_wrong}
    page = "training/second_factors/codes.html"
    return render(request, page, context, status=400 if is_wrong else 200)


@confirmed
def recovery_codes(request: SignedInRequest) -> HttpResponse:
    return _recovery(request, services.recovery_codes_make(user=request.user))


def _recovery(request: SignedInRequest, codes: list[str]) -> HttpResponse:
    return render(request, "training/second_factors/recovery.html", {"codes": codes})


@confirmed
def passkey_begin(request: SignedInRequest) -> HttpResponse:
    name = request.POST.get("name", "").strip()[:60] or "Passkey"
    options, state = passkeys.adding_begin(request, request.user)
    request.session[_ADDING] = {"name": name, "state": state}
    context = {"name": name, "options": options}
    return render(request, "training/second_factors/passkey.html", context)


@never_cache
@require_POST
@login_required
@where_on
def passkey_finish(request: SignedInRequest) -> HttpResponse:
    asked = request.session.pop(_ADDING, None)
    answer = request.POST.get("passkey", "")
    if asked and passkeys.adding_finish(
        request, request.user, asked["name"], asked["state"], answer
    ):
        messages.success(request, f"“{asked['name']}” is asked for from now on.")
        if not RecoveryCode.objects.filter(user=request.user, used_at=None).exists():
            return _recovery(request, services.recovery_codes_make(user=request.user))
    else:
        messages.error(request, "The passkey could not be added. Begin anew.")
    return redirect("second_factors")


@confirmed
def second_factors_off(request: SignedInRequest) -> HttpResponse:
    services.second_factors_remove(user=request.user, by=request.user)
    messages.success(request, "From now on your password alone signs you in.")
    return redirect("second_factors")

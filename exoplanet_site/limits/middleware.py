"""The limits of `exoplanet_site.limits.rates` for pages; apart from them because errors need the
whole framework."""

from __future__ import annotations

from collections.abc import Callable
from threading import BoundedSemaphore
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponseBase

from exoplanet_site.errors import too_many, unavailable
from exoplanet_site.limits.addresses import client_address
from exoplanet_site.limits.rates import ALLOWANCE, CannotCount, spend, work_of, work_of_reader
from training.accounts.devices import device_remember

HASHING: Final = frozenset(
    {"login", "sign_up", "password_change", "password_reset_confirm", "identity_connect"}
    | {
        "admin_sign_in",
        "second_factor_codes_begin",
        "recovery_codes",
        "passkey_begin",
        "second_factors_off",
    }
)
"""Addresses, by name, at which a password is hashed: slow on purpose, on a thread of the server."""
AT_ONCE: Final = 2
"""Passwords that one process hashes at the same time; its other threads answer everybody else."""
SLOTS: Final = BoundedSemaphore(AT_ONCE)
BUSY_SECONDS: Final = 2.0
_SLOT: Final = "exoplanet_site.hashing"


class LimitMiddleware:
    """For pages: counts before the view begins. For both: says what is left."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            response = self.get_response(request)
        finally:
            if request.META.pop(_SLOT, False):
                SLOTS.release()
        device_remember(request, response)
        if allowance := request.META.get(ALLOWANCE):
            for name, value in allowance.headers.items():
                response[name] = value
        return response

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if "\0" in request.path:
            raise Http404  # no name holds it, and PostgreSQL fails when it is asked for one
        match = request.resolver_match
        if request.method == "POST" and match and match.url_name in HASHING:
            if not SLOTS.acquire(blocking=False):
                return too_many(request, BUSY_SECONDS, "signing_in")
            request.META[_SLOT] = True
        work = work_of(request)
        if not work and getattr(view, "is_public", False) and not request.user.is_authenticated:
            work = work_of_reader(request, view)
        if not work or hasattr(view, "cls"):  # a view of the API counts for itself, with the token
            return None
        who: list[tuple[str, object]] = [("address", client_address(request))]
        if request.user.is_authenticated:
            who.append(("user", request.user.pk))
        try:
            allowance = request.META[ALLOWANCE] = spend(work, who)
        except CannotCount:
            return unavailable(request, "cannot_count")
        refused = allowance is not None and allowance.remaining < 0
        return too_many(request, allowance.wait) if allowance and refused else None

"""The limits of `exoplanet_site.limits` for pages; apart from them because errors need the whole framework."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from exoplanet_site.addresses import client_address
from exoplanet_site.errors import too_many, unavailable
from exoplanet_site.limits import ALLOWANCE, CannotCount, spend, work_of


class LimitMiddleware:
    """For pages: counts before the view begins. For both: says what is left."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if allowance := request.META.get(ALLOWANCE):
            for name, value in allowance.headers.items():
                response[name] = value
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        work = work_of(request)
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

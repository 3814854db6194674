"""Parts of pages that renew themselves, by htmx, while something is under way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

STOP_POLLING: Final = 286
"""htmx's own status: swap this answer in and ask no more."""


def live_part(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, is_over: bool
) -> HttpResponse:
    """The part as it is now; once all ``is_over`` the whole page is loaded anew."""
    response = render(request, template, context)
    if is_over:
        response.status_code = STOP_POLLING
        response["HX-Refresh"] = "true"
    return response

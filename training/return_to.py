"""Back to where somebody was."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme


def return_to(request: HttpRequest, default: str, *args: Any) -> HttpResponse:
    """To the address that the form names as ``next``, if it is one of this site's, or to
    ``default``, an address or its name."""
    wanted = request.POST.get("next", "")
    # A text without a stroke would be taken for the name of a page.
    if wanted.startswith("/") and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}
    ):
        return HttpResponseRedirect(wanted)
    return redirect(default, *args)

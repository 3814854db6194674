"""The page that fills a site with a simulated example, or removes it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from predictions.demo.asking import fill_asked, removal_asked
from predictions.demo.services import demo_fill, demo_remove, is_filled
from training.accounts.requests import SignedInRequest
from training.accounts.roles import administrator_required
from training.confirmations import confirm
from training.ml.errors import UserError


@administrator_required
@require_http_methods(["GET", "POST"])
def demo(request: SignedInRequest) -> HttpResponse:
    """The form carries what the person has seen: a double click must not remove what the first one
    has made."""
    wish = request.POST.get("wish")
    if wish == "fill":
        return _fill(request)
    if wish == "remove":
        demo_remove(request.user)
        messages.success(request, "Everything simulated is gone.")
        return redirect("home")
    return confirm(request, removal_asked() if is_filled() else fill_asked())


def _fill(request: SignedInRequest) -> HttpResponse:
    try:
        demo_fill(request.user)
    except UserError as error:
        messages.error(request, error.message)
        return redirect("demo")
    messages.success(
        request,
        "The simulated example is here; its batch, its training and its catalogue are under way.",
    )
    return redirect("batch_list")

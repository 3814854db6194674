"""The page that fills the catalogue from the archive and shows how far that is."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from predictions.catalogue.filling.apart import CatalogueSimulated
from predictions.catalogue.filling.models import CatalogueFill
from predictions.catalogue.filling.pages import filling_page, work_context
from predictions.catalogue.filling.services import fill_cancel, fill_request
from training.accounts.public import public_reading
from training.accounts.roles import curator_required, is_administrator
from training.datasets.models import Dataset
from training.live import live_part


@require_GET
@public_reading
def catalogue_filling(request: HttpRequest) -> HttpResponse:
    return render(request, "predictions/catalogue/filling/page.html", filling_page())


@require_GET
@public_reading
def catalogue_filling_live(request: HttpRequest) -> HttpResponse:
    context = work_context()
    return live_part(
        request, "predictions/catalogue/filling/live.html", context, is_over=context["is_over"]
    )


@curator_required
@require_POST
def catalogue_fill(request: HttpRequest) -> HttpResponse:
    try:
        fill_request(user=request.user)  # type: ignore[arg-type]
    except CatalogueSimulated as error:
        return refer_to_example(request, error, "catalogue_filling")
    return redirect("catalogue_filling")


def refer_to_example(
    request: HttpRequest, error: CatalogueSimulated, back: str | Dataset
) -> HttpResponse:
    """Who can take the example away is asked whether to."""
    messages.warning(request, error.message)
    return redirect("demo" if is_administrator(request.user) else back)


@curator_required
@require_POST
def catalogue_fill_cancel(request: HttpRequest) -> HttpResponse:
    """The filling that the person has seen: a late click must not end the next one."""
    fill = CatalogueFill.objects.unfinished().first()
    if fill and str(fill.pk) == request.POST.get("fill"):
        fill_cancel(fill=fill, user=request.user)  # type: ignore[arg-type]
        messages.info(request, "Cancelled. Tables that are in charge already stay there.")
    return redirect("catalogue_filling")

"""The one thing that a person sends about a row."""

from __future__ import annotations

from typing import cast

import numpy as np
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from predictions.batches.models import Batch
from predictions.batches.outcome import row_nearest
from predictions.batches.results import index_kept, rows_read
from predictions.triage import services
from predictions.triage.forms import RowMarkForm
from predictions.triage.marking import mark_given, mark_json
from training.ml.numbers import quantity
from training.return_to import return_to

KEPT_ROWS = 50


@login_required
@require_POST
def row_mark(request: HttpRequest, pk: str, row: int) -> HttpResponse:
    """Back to where the person was; a script is answered with what now holds."""
    batch = get_object_or_404(Batch, pk=pk, owner_id=request.user.pk)
    if not batch.is_done or not 1 <= row <= (batch.rows or 0):
        raise Http404
    form = RowMarkForm(request.POST)
    by_script = request.headers.get("Accept") == "application/json"
    if not form.is_valid():
        said = " ".join(message for found in form.errors.values() for message in map(str, found))
        if by_script:
            return JsonResponse({"error": said}, status=422)
        messages.error(request, said)
        return return_to(request, "batch_row", batch.pk, row)
    mark = mark_given(batch, row, cast(User, request.user), **form.given)
    if by_script:
        return JsonResponse(mark_json(row, mark))
    return return_to(request, "batch_row", batch.pk, row)


@login_required
@require_GET
def row_kept_list(request: HttpRequest) -> HttpResponse:
    """What somebody has kept, of all batches of theirs."""
    kept = services.kept_by(cast(User, request.user))
    page = Paginator(kept, KEPT_ROWS).get_page(request.GET.get("page"))
    return render(request, "predictions/triage/kept.html", {"page_obj": page})


@login_required
@require_GET
def batch_nearest(request: HttpRequest, pk: str) -> HttpResponse:
    """The signal that stands nearest to a place of the period–radius plot."""
    batch = get_object_or_404(Batch.objects.visible_to(request.user), pk=pk)
    if not batch.is_done:
        raise Http404
    row = row_nearest(
        index_kept(batch.index_file),
        period=_positive(request.GET.get("period")),
        radius=_positive(request.GET.get("radius")),
    )
    if row is None:
        raise Http404
    return JsonResponse(nearest_json(batch, row))


def nearest_json(batch: Batch, row: int) -> dict[str, object]:
    columns = ["identifier", "predicted_disposition", "orbital_period", "planet_radius"]
    found = rows_read(batch.stored_chunks(), np.array([row - 1]), columns).iloc[0]
    name = found["identifier"] if isinstance(found["identifier"], str) else f"row {row:,}"
    period, radius = quantity(found["orbital_period"], "d"), quantity(found["planet_radius"], "R⊕")
    return {
        "row": row,
        "words": f"{name}: {found['predicted_disposition']}, {period}, {radius}",
        "address": reverse("batch_row", args=[batch.pk, row]),
    }


def _positive(text: str | None) -> float:
    """A number of an address; 1 where it is none."""
    try:
        value = float(text or 1)
    except ValueError:
        return 1.0
    return value if 0 < value < float("inf") else 1.0

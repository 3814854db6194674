"""Two batches compared, for whoever may read both."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from predictions.batches.models import Batch
from predictions.comparing.changes import batches_compare
from predictions.comparing.forms import OtherBatchForm
from training.ml.schema import DISPOSITIONS

CHANGES_PER_PAGE = 50


@login_required
@require_GET
def batch_compare(request: HttpRequest, pk: str) -> HttpResponse:
    done = Batch.objects.visible_to(request.user).filter(status=Batch.Status.SUCCEEDED)
    batch = get_object_or_404(done.with_version(), pk=pk)
    asked = request.GET if "other" in request.GET else None
    form = OtherBatchForm(asked, batch=batch, user=request.user)
    context: dict[str, Any] = {"batch": batch, "form": form}
    if form.is_valid():
        other = done.with_version().get(pk=form.cleaned_data["other"].pk)
        context |= _compared(other, batch, request.GET.get("page"))
    status = 422 if form.errors else 200
    return render(request, "predictions/comparing/batches.html", context, status=status)


def _compared(other: Batch, batch: Batch, page: str | None) -> dict[str, Any]:
    found = batches_compare(other, batch)
    changes = found.changes
    page_obj = Paginator([int(place) for place in changes], CHANGES_PER_PAGE).get_page(page)
    rows = zip(DISPOSITIONS, found.matrix, strict=True)
    return {
        "other": other,
        "shared": len(found.first),
        "changed": len(changes),
        "only_before": len(found.before.rows) - len(found.first),
        "only_after": len(found.after.rows) - len(found.first),
        "unnamed": found.before.unnamed + found.after.unnamed,
        "dispositions": [str(disposition) for disposition in DISPOSITIONS],
        "matrix": [
            {
                "disposition": str(disposition),
                "cells": [
                    {"count": count, "to": str(to), "same": to == disposition}
                    for to, count in zip(DISPOSITIONS, counts, strict=True)
                ],
            }
            for disposition, counts in rows
        ],
        "page_obj": page_obj,
        "changes": found.shown(list(page_obj.object_list)),
    }

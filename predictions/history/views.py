"""Pages of a history: the list, its file, and what is done with what was selected in it."""

from __future__ import annotations

import uuid
from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from predictions.history.asking import deletion_asked, view_deletion_asked
from predictions.history.forms import LabelForm, ViewForm, ViewNameForm, on_them
from predictions.history.lists import HistoryForm, csv_lines
from predictions.history.models import SavedView
from predictions.history.pages import views_of_history
from predictions.history.services import (
    labels_change,
    labels_of,
    predictions_delete,
    view_named,
    view_save,
)
from predictions.signals.models import Prediction
from training.accounts.requests import SignedInRequest
from training.confirmations import confirm
from training.ml.errors import UserError
from training.return_to import return_to

PAGE_ROWS = 50
MAX_SELECTED = 500


@require_GET
@login_required
def prediction_list(request: SignedInRequest) -> HttpResponse:
    form = HistoryForm(request.GET, request.user)
    # Keys alone are read from an index, so that the last page of a long history costs little more
    # than the first.
    page = Paginator(form.shown().values_list("pk", flat=True), PAGE_ROWS).get_page(
        request.GET.get("page")
    )
    rows = Prediction.objects.defer("inputs", "answer")
    if form.shelf.labels:
        rows = rows.prefetch_related("labels")
    found = rows.in_bulk(list(page))
    context = {
        "form": form,
        "page_obj": page,
        "predictions": [found[key] for key in page],
        "saved": views_of_history(form.shelf.views, request.GET),
    }
    return render(request, "predictions/history/list.html", context)


@require_GET
@login_required
def prediction_list_csv(request: SignedInRequest) -> StreamingHttpResponse:
    form = HistoryForm(request.GET, request.user)
    headers = {"Content-Disposition": 'attachment; filename="predictions.csv"'}
    return StreamingHttpResponse(
        csv_lines(form.found()), content_type="text/csv; charset=utf-8", headers=headers
    )


# --- what was selected ----------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def prediction_delete(request: SignedInRequest) -> HttpResponse:
    """One prediction or those that were selected; asks first, for they cannot be brought back."""
    chosen = _chosen(request, "Nothing was deleted")
    if not chosen:
        return redirect("prediction_list")
    if request.method != "POST":
        return confirm(request, deletion_asked(chosen))
    predictions_delete(user=request.user, predictions=chosen)
    messages.success(request, f"{_so_many(chosen)} deleted.")
    return redirect("prediction_list")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def prediction_label(request: SignedInRequest) -> HttpResponse:
    """Labels of those that were selected: a page that names them, then the change."""
    chosen = _chosen(request, "Nothing was labelled")
    if not chosen:
        return redirect("prediction_list")
    data = request.POST if request.method == "POST" else None
    form = LabelForm(data, on_them=on_them(request.user, chosen))
    if data is not None and form.is_valid() and _relabelled(request, form, chosen):
        return return_to(request, "prediction_list")
    context = {
        "form": form,
        "chosen": chosen,
        "keys": " ".join(str(prediction.pk) for prediction in chosen),
        "own": labels_of(request.user),
    }
    status = 200 if data is None else 400
    return render(request, "predictions/history/label.html", context, status=status)


def _relabelled(request: SignedInRequest, form: LabelForm, chosen: list[Prediction]) -> bool:
    given = form.cleaned_data
    try:
        labels_change(user=request.user, predictions=chosen, add=given["add"], take=given["take"])
    except UserError as error:
        form.add_error("add", error.message)
        return False
    messages.success(request, f"{_so_many(chosen)} labelled anew.")
    return True


def _chosen(request: SignedInRequest, otherwise: str) -> list[Prediction]:
    """The predictions of one's own that an address or a form names; none, with a sentence, where
    these are too many or nobody's."""
    keys = _keys(request)
    if len(keys) > MAX_SELECTED:
        messages.error(request, f"Select at most {MAX_SELECTED} predictions at a time.")
        return []
    own = Prediction.objects.owned_by(request.user)
    chosen = list(own.filter(pk__in=keys).defer("inputs", "answer"))
    if not chosen:
        messages.error(request, f"{otherwise}: select at least one of your predictions.")
    return chosen


def _so_many(chosen: list[Prediction]) -> str:
    return "1 prediction is" if len(chosen) == 1 else f"{len(chosen)} predictions are"


def _keys(request: SignedInRequest) -> set[uuid.UUID]:
    """What is no key is nobody's."""
    data = request.POST if request.method == "POST" else request.GET
    keys = set()
    for text in " ".join(data.getlist("key")).split():
        with suppress(ValueError):
            keys.add(uuid.UUID(text))
    return keys


# --- saved views ----------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def view_list(request: SignedInRequest) -> HttpResponse:
    """All that somebody has saved, to rename and delete; a POST saves another one."""
    if request.method == "POST":
        return _view_saved(request)
    saved = SavedView.objects.filter(owner=request.user)
    return render(request, "predictions/history/views.html", {"saved": saved})


def _view_saved(request: SignedInRequest) -> HttpResponse:
    form = ViewForm(request.POST)
    try:
        if form.is_valid():
            view = view_save(user=request.user, **form.cleaned_data)
            messages.success(request, f"“{view.name}” is kept among the views of this page.")
        else:
            messages.error(request, _said(form))
    except UserError as error:
        messages.error(request, error.message)
    return return_to(request, "view_list")


@require_POST
@login_required
def view_rename(request: SignedInRequest, pk: int) -> HttpResponse:
    view = get_object_or_404(SavedView, owner=request.user, pk=pk)
    form = ViewNameForm(request.POST)
    if not form.is_valid():
        messages.error(request, _said(form))
    elif view_named(view=view, name=form.cleaned_data["name"]):
        messages.success(request, "Saved.")
    else:
        messages.error(request, f"“{form.cleaned_data['name']}” is the name of another view.")
    return redirect("view_list")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def view_delete(request: SignedInRequest, pk: int) -> HttpResponse:
    view = get_object_or_404(SavedView, owner=request.user, pk=pk)
    if request.method != "POST":
        return confirm(request, view_deletion_asked(view))
    view.delete()
    messages.success(request, f"The view “{view.name}” is deleted.")
    return redirect("view_list")


def _said(form: Any) -> str:
    return " ".join(message for found in form.errors.values() for message in map(str, found))

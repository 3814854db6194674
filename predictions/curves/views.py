"""Pages of light curves."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from predictions.curves import searching
from predictions.curves.asking import STAR_FACTS, Asked
from predictions.curves.downloads import light_rows, signal_rows
from predictions.curves.folders.models import CurveFolder
from predictions.curves.forms import AskedForm, CurveUploadForm, PeriodForm, StarForm
from predictions.curves.known_stars import catalogue_facts
from predictions.curves.models import CurveSearch
from predictions.curves.pages import (
    asked_signal,
    cancel_asked,
    deletion_asked,
    limits,
    progress_context,
    search_context,
)
from predictions.curves.plots import plot_named, plots_of
from predictions.curves.remeasuring import search_measured, stated_as_found, stated_otherwise
from training.accounts.requests import SignedInRequest
from training.confirmations import confirm
from training.datasets.uploads import form_status, upload_answered
from training.live import live_part
from training.ml.errors import UserError

SEARCHES_PER_PAGE = 25
FOLDERS_SHOWN = 25


@require_GET
@login_required
def curve_list(request: SignedInRequest) -> HttpResponse:
    searches = CurveSearch.objects.owned_by(request.user).alone().light()
    page = Paginator(searches, SEARCHES_PER_PAGE).get_page(request.GET.get("page"))
    folders = CurveFolder.objects.owned_by(request.user)[:FOLDERS_SHOWN]
    context = {"page_obj": page, "folders": folders, "limits": limits()}
    return render(request, "predictions/curves/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def curve_upload(request: SignedInRequest) -> HttpResponse:
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = CurveUploadForm(*sent, request=request)
    if request.method == "POST" and form.is_valid():
        try:
            searching.upload_check(form.uploads)
            search = searching.search_create(
                owner=request.user, files=[(file.name or "", file) for file in form.uploads]
            )
        except UserError as error:
            form.add_error("file", error.message)
        else:
            return upload_answered(request, "curve_check", search.pk)
    context = {"form": form, "limits": limits()}
    status = form_status(request, form)
    return render(request, "predictions/curves/upload.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def curve_check(request: SignedInRequest, pk: str) -> HttpResponse:
    """The star as its files tell it, and what they leave open."""
    search = _own(request, pk)
    if not search.is_draft:
        return redirect("curve_detail", search.pk)
    told = search.glanced
    columns = told.get("columns", ()) if told.get("asks_columns") else ()
    known = {} if search.asked else catalogue_facts(told.get("star", {}))
    sent = request.POST if request.method == "POST" else None
    form = AskedForm(sent, initial=known | _first_values(search), columns=columns)
    if request.method == "POST" and form.is_valid():
        try:
            searching.search_start(search, form.asked(known))
        except UserError as error:
            form.add_error(None, error.message)
        else:
            return redirect("curve_detail", search.pk)
    context = {
        "search": search,
        "form": form,
        "open_fields": form.reading_fields(told),
        "from_catalogue": [form.fields[name].label for name in known],
    }
    status = 422 if form.errors else 200
    return render(request, "predictions/curves/check.html", context, status=status)


def _first_values(search: CurveSearch) -> dict[str, Any]:
    """What was asked before, or else what the files say."""
    before = Asked.from_json(search.asked)
    reading = {
        "time_column": before.reading.time_column,
        "flux_column": before.reading.flux_column,
        "time_unit": before.reading.unit,
        "time_zero": before.reading.zero,
    }
    mission = {"mission": str(before.reading.mission)} if before.reading.mission else {}
    return {**search.glanced.get("star", {}), **before.star, **mission, **reading}


@require_GET
@login_required
def curve_detail(request: SignedInRequest, pk: str) -> HttpResponse:
    search = _visible(request, pk)
    if search.is_draft:
        return redirect("curve_check", search.pk)
    if not search.is_done:
        return render(request, "predictions/curves/progress.html", progress_context(search))
    return _done_page(request, search)


def _done_page(
    request: SignedInRequest,
    search: CurveSearch,
    star_form: StarForm | None = None,
    period_form: PeriodForm | None = None,
) -> HttpResponse:
    context = search_context(search, request.GET.get("signal", ""))
    chosen = context["chosen"]
    period = chosen.signal["period"] if chosen else None
    result = search.result or {}
    first = {
        "period": f"{period['value']:.8g}" if period else "",
        "signal": chosen.order if chosen else 1,
    }
    order = chosen.order if chosen else 0
    is_own = search.owner_id == request.user.pk
    context |= {
        "is_own": is_own,
        "address": request.build_absolute_uri(search.get_absolute_url()),
        "plots": plots_of(search.plots, result, order),
        "star_form": star_form or StarForm(initial=result.get("star", {})),
        "period_form": period_form or PeriodForm(initial=first, has_zero=_has_zero(search)),
        "prediction": _prediction(search, chosen.order) if chosen and is_own else None,
    }
    wrong = bool((star_form and star_form.errors) or (period_form and period_form.errors))
    return render(request, "predictions/curves/done.html", context, status=422 if wrong else 200)


def _has_zero(search: CurveSearch) -> bool:
    """Whether the times of its light are Julian dates."""
    return bool(search.result and search.result["curve"]["time_zero"] is not None)


def _prediction(search: CurveSearch, order: int) -> Any:
    """What the history keeps of a signal, unless its owner has deleted it."""
    kept = search.signals.filter(order=order).select_related("prediction").first()
    return kept.prediction if kept else None


@require_GET
@login_required
def curve_progress(request: SignedInRequest, pk: str) -> HttpResponse:
    """What the page of a search that is under way asks for every other second."""
    search = _own(request, pk)
    context = progress_context(search) | {"names_the_tab": True}
    template = "predictions/curves/progress_live.html"
    return live_part(request, template, context, is_over=not search.is_open)


@require_POST
@login_required
def curve_again(request: SignedInRequest, pk: str) -> HttpResponse:
    """The same light with another star, or a signal at another period: a search of its own."""
    search = _own(request, pk)
    if not search.is_done:
        return redirect(search)
    form: PeriodForm | StarForm = StarForm(request.POST)
    if "period" in request.POST:
        form = PeriodForm(request.POST, has_zero=_has_zero(search))
    if form.is_valid():
        try:
            return _shown_again(_again(search, form), form)
        except UserError as error:
            form.add_error(None, error.message)
    if isinstance(form, PeriodForm):
        return _done_page(request, search, period_form=form)
    return _done_page(request, search, star_form=form)


def _again(search: CurveSearch, form: PeriodForm | StarForm) -> CurveSearch:
    given = form.cleaned_data
    if isinstance(form, PeriodForm):
        stated = stated_otherwise(search, given["signal"], given["period"], given["epoch"])
        return search_measured(search, stated)
    star: dict[str, Any] = {name: given.get(name) or None for name in STAR_FACTS}
    mission = form.mission_chosen
    return search_measured(search, stated_as_found(search), star=star, mission=mission)


def _shown_again(again: CurveSearch, form: PeriodForm | StarForm) -> HttpResponse:
    """The signal that was changed."""
    order = form.cleaned_data.get("signal", 1)
    shown = f"?signal={order}" if again.is_done and order > 1 else ""
    return redirect(f"{again.get_absolute_url()}{shown}")


@require_POST
@login_required
def curve_share(request: SignedInRequest, pk: str) -> HttpResponse:
    search = _own(request, pk)
    searching.search_share(search, shared=request.POST.get("shared") == "yes")
    messages.success(
        request,
        f"Everybody who is signed in can read this page until {search.kept_until:%-d %B %Y}."
        if search.shared and search.kept_until
        else "Everybody who is signed in can read this page now."
        if search.shared
        else "This page is private again.",
    )
    return redirect(search)


@require_POST
@login_required
def curve_restart(request: SignedInRequest, pk: str) -> HttpResponse:
    search = _own(request, pk)
    try:
        searching.search_restart(search)
    except UserError as error:
        messages.error(request, error.message)
    return redirect(search)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def curve_cancel(request: SignedInRequest, pk: str) -> HttpResponse:
    search = _own(request, pk)
    if request.method != "POST":
        return confirm(request, cancel_asked(search)) if search.is_open else redirect(search)
    try:
        searching.search_cancel(search)
    except UserError as error:
        messages.error(request, error.message)
    return redirect(search)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def curve_delete(request: SignedInRequest, pk: str) -> HttpResponse:
    """Asks first: what is deleted cannot be brought back."""
    search = _own(request, pk)
    if request.method != "POST":
        return confirm(request, deletion_asked(search))
    searching.search_delete(search)
    messages.success(request, f"“{search.name}” and its light curves are deleted.")
    return redirect("curve_list")


@require_GET
@login_required
def curve_light(request: SignedInRequest, pk: str) -> HttpResponseBase:
    """The joined light, with and without its trend."""
    search = _done(request, pk)
    try:
        rows = light_rows(search)
    except UserError as error:
        messages.error(request, error.message)
        return redirect(search)
    return _attached(StreamingHttpResponse(rows), search, "light.csv")


@require_GET
@login_required
def curve_signals(request: SignedInRequest, pk: str) -> HttpResponseBase:
    """What was measured, as a table that can be classified again."""
    search = _done(request, pk)
    return _attached(HttpResponse(signal_rows(search)), search, "signals.csv")


@require_GET
@login_required
def curve_plot(request: SignedInRequest, pk: str, figure: str) -> HttpResponseBase:
    """A plot as a file of its own: titled, on white; or as the page shows it, ``on`` a light or a
    dark ground."""
    search = _done(request, pk)
    order = asked_signal(request.GET.get("signal", ""))
    plot = plot_named(figure, search.plots, search.result or {}, order)
    if plot is None:
        raise Http404
    on = request.GET.get("on", "")
    if on in ("light", "dark"):
        page = {"plot": plot, "dark": on == "dark"}
        kind = "image/svg+xml"
        shown = render(request, "predictions/curves/plot_image.svg", page, content_type=kind)
        shown["Cache-Control"] = "private, max-age=3600"  # what a search has found stays the same
        return shown
    context = {"plot": plot, "height": round(plot.height) + 48, "name": search.name}
    answer = render(request, "predictions/curves/plot_file.svg", context)
    return _attached(answer, search, f"{figure}.svg", "image/svg+xml")


def _attached(
    answer: HttpResponseBase, search: CurveSearch, name: str, kind: str = "text/csv; charset=utf-8"
) -> HttpResponseBase:
    stem = "".join(c if c.isalnum() else "-" for c in search.name)[:60]
    answer["Content-Type"] = kind
    answer["Content-Disposition"] = (
        content_disposition_header(True, f"{stem}-{name}") or "attachment"
    )
    return answer


def _own(request: HttpRequest, pk: str) -> CurveSearch:
    """What is not one's own is not there."""
    searches = CurveSearch.objects.owned_by(request.user).select_related("model_version", "owner")
    return get_object_or_404(searches, pk=pk)


def _visible(request: HttpRequest, pk: str) -> CurveSearch:
    """Nor what was not shared; what others have not started or shared is theirs."""
    searches = CurveSearch.objects.visible_to(request.user)
    search = get_object_or_404(searches.select_related("model_version", "owner"), pk=pk)
    if search.owner_id != request.user.pk and not search.is_done:
        raise Http404
    return search


def _done(request: HttpRequest, pk: str) -> CurveSearch:
    search = _visible(request, pk)
    if not search.is_done:
        raise Http404
    return search

"""Pages of training runs."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from training.accounts.roles import curator_required
from training.confirmations import confirm
from training.datasets.models import Dataset
from training.figures import duration_words
from training.live import live_part
from training.ml.errors import UserError
from training.runs.enough import too_few_signals
from training.runs.forms import TrainingRunForm
from training.runs.models import TrainingRun
from training.runs.pages import cancel_asked, run_context
from training.runs.services import (
    place_in_queue,
    seconds_expected,
    training_run_cancel,
    training_run_start,
)
from training.versions.models import ModelVersion


@curator_required
@require_GET
def training_run_list(request: HttpRequest) -> HttpResponse:
    runs = TrainingRun.objects.select_related("created_by", "model_version").defer(
        "log", "model_version__metadata"
    )
    page = Paginator(runs, 25).get_page(request.GET.get("page"))
    return render(request, "training/runs/list.html", {"page_obj": page})


@curator_required
def training_run_create(request: HttpRequest) -> HttpResponse:
    """Choose, then see what will happen, then start."""
    asked = request.GET.get("dataset", "")
    form = TrainingRunForm(
        request.POST if request.method == "POST" else None, initial=_initial(asked)
    )
    if request.method != "POST" or not form.is_valid() or "back" in request.POST:
        context = {"form": form, "datasets": Dataset.objects.usable().defer("report")}
        wrong = request.method == "POST" and bool(form.errors)
        return render(request, "training/runs/form.html", context, status=422 if wrong else 200)
    if "confirmed" not in request.POST:
        return _confirm(request, form)
    try:
        run = training_run_start(
            datasets=form.cleaned_data["datasets"],
            choices=form.choices(),
            user=request.user,  # type: ignore[arg-type]
            notes=form.cleaned_data["notes"],
            accept_doubts=form.cleaned_data["accept_doubts"],
        )
    except UserError as error:
        messages.error(request, error.message)
        return redirect("training_run_create")
    return redirect(run)


def _initial(asked: str = "") -> dict[str, object]:
    """The tables of the version in service, where the site has them, and the one asked for."""
    version = ModelVersion.objects.filter(is_active=True).first()
    hashes = (
        [table.get("sha256") for table in version.metadata.get("tables", [])] if version else []
    )
    named = Q(pk=int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 18 else Q()
    usable = Dataset.objects.usable()
    return {
        "datasets": usable.filter(Q(sha256__in=hashes) | named if named else Q(sha256__in=hashes))
    }


def _confirm(request: HttpRequest, form: TrainingRunForm) -> HttpResponse:
    datasets = form.cleaned_data["datasets"]
    signals = sum(dataset.signals for dataset in datasets)
    seconds = seconds_expected(signals, form.choices().as_json())
    context = {
        "form": form,
        "datasets": datasets,
        "signals": signals,
        "waiting": TrainingRun.objects.open().count(),
        "too_few": too_few_signals(datasets),
        "expected": duration_words(timedelta(seconds=seconds)) if seconds else "",
        "in_service": ModelVersion.objects.filter(is_active=True).first(),
    }
    return render(request, "training/runs/confirm.html", context)


@curator_required
@require_GET
def training_run_detail(request: HttpRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(
        TrainingRun.objects.select_related("created_by", "model_version"), pk=pk
    )
    context = run_context(run) | {"before": place_in_queue(run) if run.is_open else 0}
    return render(request, "training/runs/detail.html", context)


@curator_required
@require_GET
def training_run_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """What the page of a running training asks for every other second."""
    run = get_object_or_404(TrainingRun.objects.select_related("model_version"), pk=pk)
    context = run_context(run) | {"before": place_in_queue(run) if run.is_open else 0}
    return live_part(
        request,
        "training/runs/live.html",
        context | {"names_the_tab": True},
        is_over=not run.is_open,
    )


@curator_required
@require_http_methods(["GET", "POST"])
def training_run_cancel_page(request: HttpRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(TrainingRun, pk=pk)
    if request.method == "GET":
        return confirm(request, cancel_asked(run)) if run.is_open else redirect(run)
    try:
        training_run_cancel(run, request.user)  # type: ignore[arg-type]
    except UserError as error:
        messages.error(request, error.message)
    return redirect(run)

"""Pages of training runs."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from training.forms import TrainingRunForm
from training.ml.errors import UserError
from training.models import Dataset, ModelVersion, TrainingRun
from training.pages import duration_words, run_facts
from training.roles import curator_required
from training.services_runs import (
    place_in_queue,
    seconds_expected,
    training_run_cancel,
    training_run_start,
    training_runs_glance,
)

STOP_POLLING = 286


@curator_required
@require_GET
def training_run_list(request: HttpRequest) -> HttpResponse:
    training_runs_glance()
    runs = TrainingRun.objects.select_related("created_by", "model_version").defer("log", "model_version__metadata")
    page = Paginator(runs, 25).get_page(request.GET.get("page"))
    return render(request, "training/training_run_list.html", {"page_obj": page})


@curator_required
def training_run_create(request: HttpRequest) -> HttpResponse:
    """Choose, then see what will happen, then start."""
    form = TrainingRunForm(request.POST if request.method == "POST" else None, initial=_initial())
    if request.method != "POST" or not form.is_valid() or "back" in request.POST:
        facts = {"form": form, "datasets": Dataset.objects.usable().defer("report")}
        wrong = request.method == "POST" and bool(form.errors)
        return render(request, "training/training_run_form.html", facts, status=422 if wrong else 200)
    if "confirmed" not in request.POST:
        return _confirm(request, form)
    try:
        run = training_run_start(
            datasets=form.cleaned_data["datasets"], choices=form.choices(), user=request.user,  # type: ignore[arg-type]
            notes=form.cleaned_data["notes"],
        )  # fmt: skip
    except UserError as error:
        messages.error(request, error.message)
        return redirect("training_run_create")
    return redirect(run)


def _initial() -> dict[str, object]:
    """The tables of the version in service, where the site has them."""
    version = ModelVersion.objects.filter(is_active=True).first()
    hashes = [table.get("sha256") for table in version.metadata.get("tables", [])] if version else []
    return {"datasets": Dataset.objects.usable().filter(sha256__in=hashes)}


def _confirm(request: HttpRequest, form: TrainingRunForm) -> HttpResponse:
    datasets = form.cleaned_data["datasets"]
    signals = sum(dataset.signals for dataset in datasets)
    seconds = seconds_expected(signals, form.choices().as_json())
    facts = {
        "form": form, "datasets": datasets, "signals": signals, "waiting": TrainingRun.objects.open().count(),
        "expected": duration_words(timedelta(seconds=seconds)) if seconds else "",
        "in_service": ModelVersion.objects.filter(is_active=True).first(),
    }  # fmt: skip
    return render(request, "training/training_run_confirm.html", facts)


@curator_required
@require_GET
def training_run_detail(request: HttpRequest, pk: int) -> HttpResponse:
    training_runs_glance()
    run = get_object_or_404(TrainingRun.objects.select_related("created_by", "model_version"), pk=pk)
    facts = run_facts(run) | {"before": place_in_queue(run) if run.is_open else 0}
    return render(request, "training/training_run_detail.html", facts)


@curator_required
@require_GET
def training_run_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """What the page of a running training asks for every other second."""
    training_runs_glance()
    run = get_object_or_404(TrainingRun.objects.select_related("model_version"), pk=pk)
    facts = run_facts(run) | {"before": place_in_queue(run) if run.is_open else 0}
    response = render(request, "training/training_run_live.html", facts)
    if not run.is_open:
        response.status_code = STOP_POLLING
        response["HX-Refresh"] = "true"
    return response


@curator_required
@require_POST
def training_run_cancel_page(request: HttpRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(TrainingRun, pk=pk)
    try:
        training_run_cancel(run, request.user)  # type: ignore[arg-type]
    except UserError as error:
        messages.error(request, error.message)
    return redirect(run)

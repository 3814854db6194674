"""Pages of model versions: everybody signed in may read, curators decide."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from training import pages
from training.artifacts import artifact_zip
from training.forms import ActivateForm, CompareForm, NotesForm
from training.ml.errors import UserError
from training.ml.profile import LEAST_COMPARED
from training.ml.validation import shift_json
from training.model_card_page import has_card, model_card
from training.models import Activation, ModelVersion
from training.roles import curator_required, is_curator
from training.serializers import headline
from training.services_drift import WINDOW_DAYS, input_shifts
from training.services_versions import (
    activation_objections,
    headline_words,
    version_annotate,
    version_before,
    version_delete,
    version_put_in_service,
    version_roll_back,
    versions_compare,
)


@login_required
@require_GET
def model_version_list(request: HttpRequest) -> HttpResponse:
    versions = ModelVersion.objects.select_related("created_by", "training_run")
    page = Paginator(versions, 25).get_page(request.GET.get("page"))
    facts = {
        "page_obj": page,
        "rows": [{"version": version, "headline": headline(version), "took": _took(version)} for version in page],
        "activations": Activation.objects.select_related("model_version", "user").defer("model_version__metadata")[:50],
        "before": version_before(),
        "can_decide": is_curator(request.user),
    }
    return render(request, "training/model_version_list.html", facts)


def _took(version: ModelVersion) -> str:
    run = getattr(version, "training_run", None)
    return pages.duration_words(run.duration) if run else ""


@login_required
@require_GET
def model_version_detail(request: HttpRequest, name: str) -> HttpResponse:
    version = get_object_or_404(ModelVersion.objects.select_related("created_by"), name=name)
    drift = [
        {"mission": mission, "signals": signals, "enough": signals >= LEAST_COMPARED,
         "plots": pages.shift_plots(shift_json(shift) for shift in shifts), "compared": len(shifts)}
        for mission, (signals, shifts) in input_shifts(version).items()
    ]  # fmt: skip
    facts = {
        "version": version, "headline": headline(version), "blocks": pages.mission_blocks(version),
        "command": pages.reproduce_command(version), "took": _took(version), "drift": drift,
        "drift_days": WINDOW_DAYS, "least": LEAST_COMPARED, "can_decide": is_curator(request.user),
        "compare_form": CompareForm(version=version, initial=_other(version)),
        "notes_form": NotesForm(initial={"notes": version.notes}),
        "has_card": has_card(version),
        "activations": version.activations.select_related("user", "previous"),
        "can_delete": not version.is_active and not version.activations.exists() and version.origin != "bundled",
    }  # fmt: skip
    return render(request, "training/model_version_detail.html", facts)


@login_required
@require_GET
def model_version_card(request: HttpRequest, name: str) -> HttpResponse:
    version = get_object_or_404(ModelVersion, name=name)
    if not has_card(version):
        raise Http404
    return render(request, "training/model_version_card.html", {"version": version, "card": model_card(version)})


def _other(version: ModelVersion) -> dict[str, str]:
    in_service = ModelVersion.objects.filter(is_active=True).exclude(pk=version.pk).first()
    return {"other": in_service.name} if in_service else {}


@login_required
@require_GET
def model_version_compare(request: HttpRequest, name: str) -> HttpResponse:
    version = get_object_or_404(ModelVersion, name=name)
    asked = request.GET if "other" in request.GET else _other(version) or None  # unasked, with the one in service
    form = CompareForm(asked, version=version)
    facts = {"version": version, "form": form}
    if form.is_valid():
        other = form.cleaned_data["other"]
        try:
            comparison = versions_compare(other, version)
            facts |= {"other": other, "words": headline_words(comparison)} | pages.comparison_facts(comparison)
        except UserError as error:
            form.add_error("other", error.message)
    return render(request, "training/model_version_compare.html", facts)


@curator_required
def model_version_activate(request: HttpRequest, name: str) -> HttpResponse:
    version = get_object_or_404(ModelVersion, name=name)
    form = ActivateForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            version_put_in_service(
                version=version, user=request.user, reason=given["reason"], override=given["override"]  # type: ignore[arg-type]
            )  # fmt: skip
        except UserError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, f"{version} is in service.")
            return redirect(version)
    try:
        against = activation_objections(version)
    except UserError as error:
        against = [error.message]
    in_service = ModelVersion.objects.filter(is_active=True).first()
    facts = {"version": version, "form": form, "against": against, "in_service": in_service}
    return render(request, "training/model_version_activate.html", facts, status=422 if form.errors else 200)


@curator_required
@require_POST
def model_version_roll_back(request: HttpRequest) -> HttpResponse:
    try:
        version = version_roll_back(user=request.user)  # type: ignore[arg-type]
    except UserError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"{version} is in service again.")
    return redirect("model_version_list")


@curator_required
@require_POST
def model_version_notes(request: HttpRequest, name: str) -> HttpResponse:
    version = get_object_or_404(ModelVersion, name=name)
    form = NotesForm(request.POST)
    if form.is_valid():
        version_annotate(version, request.user, form.cleaned_data["notes"])  # type: ignore[arg-type]
        messages.success(request, "The notes are kept.")
    return redirect(version)


@curator_required
@require_POST
def model_version_delete(request: HttpRequest, name: str) -> HttpResponse:
    version = get_object_or_404(ModelVersion, name=name)
    try:
        version_delete(version, request.user)  # type: ignore[arg-type]
    except UserError as error:
        messages.error(request, error.message)
        return redirect(version)
    messages.success(request, f"{name} is deleted. It had never been in service.")
    return redirect("model_version_list")


@curator_required
@require_GET
def model_version_artifact(request: HttpRequest, name: str) -> HttpResponse:
    """Classifier, metadata and signature in one file."""
    return artifact_response(get_object_or_404(ModelVersion, name=name))


def artifact_response(version: ModelVersion) -> HttpResponse:
    response = HttpResponse(artifact_zip(version.artifact, version.name), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{version.name}.zip"'
    response["X-Classifier-SHA256"] = version.sha256
    return response

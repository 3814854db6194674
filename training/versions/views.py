"""Pages of model versions: everybody signed in may read, curators decide."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from training.accounts.public import public_reading
from training.accounts.roles import curator_required, is_curator
from training.confirmations import confirm
from training.datasets.shift_plots import shift_plots
from training.figures import duration_words
from training.ml.errors import UserError
from training.ml.evaluation.dataset_report import shift_json
from training.ml.evaluation.drift import MIN_COMPARED
from training.versions import pages
from training.versions.artifacts import artifact_zip
from training.versions.asking import activation_asked, roll_back_asked, version_deletion_asked
from training.versions.card import has_card, model_card
from training.versions.comparison import comparisons_kept, headline_words, versions_compare
from training.versions.drift import WINDOW_DAYS, input_shifts
from training.versions.forms import ActivateForm, CompareForm, NameForm, NotesForm
from training.versions.models import Activation, ModelVersion
from training.versions.over_time import figures_context
from training.versions.plots import plot_png, plots_of
from training.versions.serializers import headline
from training.versions.services import (
    NothingBefore,
    activation_objections,
    version_annotate,
    version_before,
    version_delete,
    version_name,
    version_put_in_service,
    version_roll_back_seen,
)
from training.versions.side_by_side import together_context


@login_required
@require_GET
def model_version_list(request: HttpRequest) -> HttpResponse:
    chosen = request.GET.get("label", "")
    versions = ModelVersion.objects.select_related("created_by", "training_run").labelled(chosen)
    page = Paginator(versions, 25).get_page(request.GET.get("page"))
    current = ModelVersion.objects.filter(is_active=True).defer("metadata").first()
    kept = comparisons_kept(current)
    context = {
        "page_obj": page,
        "labels": ModelVersion.objects.all().all_labels(),
        "chosen": chosen,
        "rows": [
            {"version": version, "kept": kept.get(version.pk), "took": _training_time(version)}
            for version in page
        ],
        "current": current,
        "activations": Activation.objects.select_related("model_version", "user").defer(
            "model_version__metadata"
        )[:50],
        "before": version_before(),
        "can_decide": is_curator(request.user),
    }
    return render(request, "training/versions/list.html", context)


@login_required
@require_GET
def model_version_figures(request: HttpRequest) -> HttpResponse:
    """All versions, or those that the address names, side by side on the stars that they share."""
    versions = list(ModelVersion.objects.all())
    wanted = set(request.GET.getlist("version"))
    chosen = [version for version in versions if version.name in wanted]
    context = figures_context(versions, chosen) | together_context(chosen)
    return render(request, "training/versions/figures.html", context)


def _training_time(version: ModelVersion) -> str:
    run = getattr(version, "training_run", None)
    return duration_words(run.duration) if run else ""


@login_required
@require_GET
def model_version_detail(request: HttpRequest, name: str) -> HttpResponse:
    return _version_page(request, name)


def _version_page(
    request: HttpRequest, name: str, name_form: NameForm | None = None
) -> HttpResponse:
    version = get_object_or_404(ModelVersion.objects.select_related("created_by"), name=name)
    drift = [
        {
            "mission": mission,
            "signals": signals,
            "enough": signals >= MIN_COMPARED,
            "plots": shift_plots(shift_json(shift, mission) for shift in shifts),
            "compared": len(shifts),
        }
        for mission, (signals, shifts) in input_shifts(version).items()
    ]
    plots = plots_of(version)
    context = {
        "version": version,
        "headline": headline(version),
        "blocks": pages.mission_blocks(version),
        "command": pages.reproduce_command(version),
        "took": _training_time(version),
        "drift": drift,
        "drift_days": WINDOW_DAYS,
        "least": MIN_COMPARED,
        "can_decide": is_curator(request.user),
        "compare_form": CompareForm(version=version, initial=_other(version)),
        "name_form": name_form
        or NameForm(initial={"title": version.title, "labels": version.labels}),
        "notes_form": NotesForm(initial={"notes": version.notes}),
        "has_card": has_card(version),
        "beeswarms": [plot for plot in plots if plot["kind"] == "beeswarm"],
        "dependences": [plot for plot in plots if plot["kind"] == "dependence"],
        "activations": version.activations.select_related("user", "previous"),
        "can_delete": not version.is_active
        and not version.activations.exists()
        and version.origin != "bundled",
    }
    status = 422 if name_form else 200
    return render(request, "training/versions/detail.html", context, status=status)


@public_reading
@require_GET
def model_version_card(request: HttpRequest, name: str) -> HttpResponse:
    version = get_object_or_404(ModelVersion, name=name)
    if not has_card(version):
        raise Http404
    return render(
        request, "training/versions/card.html", {"version": version, "card": model_card(version)}
    )


@login_required
@require_GET
@cache_control(private=True, max_age=3600)
def model_version_plot(request: HttpRequest, name: str, plot: str) -> HttpResponse:
    """One of its SHAP plots, for whoever may read its page."""
    png = plot_png(get_object_or_404(ModelVersion, name=name), plot)
    if png is None:
        raise Http404
    return HttpResponse(png, content_type="image/png")


def _other(version: ModelVersion) -> dict[str, str]:
    in_service = ModelVersion.objects.filter(is_active=True).exclude(pk=version.pk).first()
    return {"other": in_service.name} if in_service else {}


@login_required
@require_GET
def model_version_compare(request: HttpRequest, name: str) -> HttpResponse:
    version = get_object_or_404(ModelVersion, name=name)
    asked = (
        request.GET if "other" in request.GET else _other(version) or None
    )  # unasked, with the one in service
    form = CompareForm(asked, version=version)
    context = {"version": version, "form": form}
    if form.is_valid():
        other = form.cleaned_data["other"]
        try:
            comparison = versions_compare(other, version)
            context |= {
                "other": other,
                "words": headline_words(comparison),
            } | pages.comparison_context(comparison)
        except UserError as error:
            form.add_error("other", error.message)
    return render(request, "training/versions/compare.html", context)


@curator_required
def model_version_activate(request: HttpRequest, name: str) -> HttpResponse:
    version = get_object_or_404(ModelVersion, name=name)
    form = ActivateForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            version_put_in_service(
                version=version,
                user=request.user,  # type: ignore[arg-type]
                reason=given["reason"],
                override=given["override"],
            )
        except UserError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, f"{version} is in service.")
            return redirect(version)
    in_service = ModelVersion.objects.filter(is_active=True).exclude(pk=version.pk).first()
    words = ""
    try:
        against = activation_objections(version)
        if in_service and version.metrics.get("test"):
            words = headline_words(versions_compare(in_service, version))
    except UserError as error:
        against = [error.message]
    context = {
        "version": version,
        "form": form,
        "against": against,
        "words": words,
        "in_service": in_service,
        "confirmation": activation_asked(version, in_service),
    }
    return render(
        request, "training/versions/activate.html", context, status=422 if form.errors else 200
    )


@curator_required
@require_http_methods(["GET", "POST"])
def model_version_roll_back(request: HttpRequest) -> HttpResponse:
    """Asks first. The form carries what is left and what is returned to, so that a double click
    does not bring back what was just left."""
    current, before = ModelVersion.objects.filter(is_active=True).first(), version_before()
    if "leaves" in request.POST:
        return _roll_back(request)
    if current is None or before is None:
        messages.error(request, NothingBefore().message)
        return redirect("model_version_list")
    return confirm(request, roll_back_asked(current, before))


def _roll_back(request: HttpRequest) -> HttpResponse:
    seen = {name: request.POST.get(name, "") for name in ("leaves", "returns")}
    try:
        version = version_roll_back_seen(user=request.user, **seen)  # type: ignore[arg-type]
    except UserError as error:
        messages.info(request, error.message)
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
def model_version_name(request: HttpRequest, name: str) -> HttpResponse:
    version = get_object_or_404(ModelVersion, name=name)
    form = NameForm(request.POST)
    if not form.is_valid():
        return _version_page(request, name, form)
    version_name(version, request.user, **form.cleaned_data)  # type: ignore[arg-type]
    messages.success(request, "Name and labels are kept.")
    return redirect(version)


@curator_required
@require_http_methods(["GET", "POST"])
def model_version_delete(request: HttpRequest, name: str) -> HttpResponse:
    version = get_object_or_404(ModelVersion, name=name)
    if request.method == "GET":
        return confirm(request, version_deletion_asked(version))
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
    response = HttpResponse(
        artifact_zip(version.artifact, version.name), content_type="application/zip"
    )
    response["Content-Disposition"] = f'attachment; filename="{version.name}.zip"'
    response["X-Classifier-SHA256"] = version.sha256
    return response

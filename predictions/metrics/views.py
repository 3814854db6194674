"""The page that says how good a classifier is, and its plots as files."""

from __future__ import annotations

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from predictions.catalogue.foresight.became import became_of_open
from predictions.catalogue.foresight.pages import since
from predictions.metrics import plots as metrics_plots
from predictions.metrics.open_signals import csv_text
from predictions.metrics.pages import MetricsPage
from predictions.metrics.time_machine import TimeMachine
from training.accounts.public import public_reading
from training.ml.errors import ArtifactError
from training.ml.evaluation.open_then import OpenThen
from training.models import ModelVersion
from training.versions.evaluation import backtests_latest
from training.versions.scorecard import Scorecard

KEPT_SECONDS: Final = 24 * 60 * 60
IMPORTANCE: Final = "importance"
NOTHING_SAID: Final = (
    "{name} carries nothing of an earlier day. The classifier that comes with the site does:"
    " training on tables of 2017 and 2021 is no part of a training."
)


@require_GET
@public_reading
def model_metrics(request: HttpRequest) -> HttpResponse:
    version = _version_asked(request)
    page = MetricsPage(version.metadata, backtests_latest(), since(version)) if version else None
    context = {"version": version, "page": page, "whole": "whole" in request.GET}
    return render(request, "predictions/metrics/page.html", context)


@require_GET
@public_reading
def time_machine(request: HttpRequest) -> HttpResponse:
    """What an earlier day's classifier said of open signals, and what became of them."""
    version = _version_asked(request)
    parts, fault = _said_then(version)
    context = {
        "version": version,
        "asked": "version" in request.GET,
        "machine": TimeMachine(parts, request.GET),
        "fault": fault,
        "other": _bundled_beside(version) if fault else None,
        "own_tables": became_of_open(),
    }
    return render(request, "predictions/metrics/time_machine.html", context)


@require_GET
@public_reading
def time_machine_csv(request: HttpRequest) -> HttpResponse:
    """The signals that the page lists, all pages of them."""
    parts, _ = _said_then(_version_asked(request))
    answer = HttpResponse(
        csv_text(TimeMachine(parts, request.GET).signals), content_type="text/csv"
    )
    answer["Content-Disposition"] = 'attachment; filename="open-signals.csv"'
    return answer


def _said_then(version: ModelVersion | None) -> tuple[tuple[OpenThen, ...], str]:
    """What the version carries of an earlier day; or a sentence why that is nothing."""
    if version is None:
        return (), "No model version is in service. A curator can put one in service."
    try:
        parts = version.classifier.open_then
    except ArtifactError as error:
        return (), error.message
    return parts, "" if parts else NOTHING_SAID.format(name=version.titled)


def _bundled_beside(version: ModelVersion | None) -> ModelVersion | None:
    bundled = ModelVersion.objects.filter(origin=ModelVersion.Origin.BUNDLED)
    return (bundled.exclude(pk=version.pk) if version else bundled).first()


def _version_asked(request: HttpRequest) -> ModelVersion | None:
    """The version that the address names, or the one in service."""
    if name := request.GET.get("version"):
        return get_object_or_404(ModelVersion, name=name)
    return ModelVersion.objects.filter(is_active=True).first()


@require_GET
@public_reading
@cache_control(private=True, max_age=KEPT_SECONDS)  # the figures of a version do not change
def metrics_plot(request: HttpRequest, version: str, plot: str) -> HttpResponse:
    """One plot of one version: `?dark` for the night, `?download` with its title on white."""
    card = Scorecard(get_object_or_404(ModelVersion, name=version).metrics)
    download = "download" in request.GET
    image = _draw(card, plot, dark="dark" in request.GET and not download, titled=download)
    answer = HttpResponse(image, content_type="image/svg+xml")
    if download:
        answer["Content-Disposition"] = f'attachment; filename="{plot}-{version}.svg"'
    return answer


def _draw(card: Scorecard, plot: str, *, dark: bool, titled: bool) -> bytes:
    if plot == IMPORTANCE and (bars := card.main_importance):
        title = "What the classifier looks at" if titled else ""
        return metrics_plots.importance_svg(bars, dark=dark, title=title)
    for mission in card.missions:
        if plot == f"reliability-{mission.key}" and mission.reliability:
            title = f"{mission.title}: {mission.reliability_sentence}" if titled else ""
            return metrics_plots.reliability_svg(mission.reliability, dark=dark, title=title)
    raise Http404

"""The page that says how good a classifier is, and its plots as files."""

from __future__ import annotations

from typing import Final

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from predictions.metrics import plots as metrics_plots
from predictions.metrics.pages import MetricsPage
from training.models import ModelVersion
from training.versions.evaluation import backtests_latest
from training.versions.scorecard import Scorecard

KEPT_SECONDS: Final = 24 * 60 * 60
IMPORTANCE: Final = "importance"


@require_GET
@login_required
def model_metrics(request: HttpRequest) -> HttpResponse:
    version = _version_asked(request)
    page = MetricsPage(version.metadata, backtests_latest()) if version else None
    context = {"version": version, "page": page, "whole": "whole" in request.GET}
    return render(request, "predictions/metrics/page.html", context)


def _version_asked(request: HttpRequest) -> ModelVersion | None:
    """The version that the address names, or the one in service."""
    if name := request.GET.get("version"):
        return get_object_or_404(ModelVersion, name=name)
    return ModelVersion.objects.filter(is_active=True).first()


@require_GET
@login_required
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

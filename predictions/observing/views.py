"""Tonight: which open candidates transit over a place."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from predictions.catalogue.models import Signal
from predictions.observing import pages
from predictions.observing.downloads import CALENDAR_ROWS, as_calendar, as_csv
from predictions.observing.forms import NightForm
from predictions.observing.services import NightPlan, night_plan
from training.accounts.public import public_reading


@require_GET
@public_reading
def tonight(request: HttpRequest) -> HttpResponse:
    form = NightForm(request.GET, timezone.now().date())
    context: dict[str, object] = {"form": form, "is_empty": not Signal.objects.exists()}
    if not form.is_valid():
        return render(request, "predictions/observing/tonight.html", context, status=400)
    plan = _plan(form)
    page = Paginator(plan.visits, pages.ROWS).get_page(request.GET.get("page"))
    context |= {
        "plan": plan,
        "page_obj": page,
        "shown": pages.shown(plan, list(page.object_list), form.cleaned_data["lowest"] or 0),
        "width": pages.WIDTH,
        "height": pages.HEIGHT,
        "calendar_rows": CALENDAR_ROWS,
    }
    return render(request, "predictions/observing/tonight.html", context)


@require_GET
@public_reading
def tonight_download(request: HttpRequest, key: str) -> HttpResponse:
    form = NightForm(request.GET, timezone.now().date())
    if not form.is_valid():
        context = {"form": form, "is_empty": not Signal.objects.exists()}
        return render(request, "predictions/observing/tonight.html", context, status=400)
    visits, name = _plan(form).visits, f"transits-{form.cleaned_data['day']:%Y-%m-%d}.{key}"
    if key == "ics":
        address = request.build_absolute_uri("/").rstrip("/")
        content: str | bytes = as_calendar(visits, form.place_name, address, timezone.now())
        response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    else:
        response = HttpResponse(as_csv(visits), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


def _plan(form: NightForm) -> NightPlan:
    asked = form.cleaned_data
    return night_plan(
        form.place,
        asked["day"],
        twilight=float(asked["twilight"] or form.USUAL["twilight"]),
        lowest=asked["lowest"] or 0,
        share=(asked["share"] or 0) / 100,
        magnitude=asked["magnitude"],
        score=asked["score"],
        error=asked["error"],
        sort=asked["sort"] or form.USUAL["sort"],
    )

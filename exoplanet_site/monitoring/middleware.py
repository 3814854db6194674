"""/livez, /readyz and /metrics: for health checks and monitoring, by whatever host name and without
https."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.cache import never_cache


class OperationsMiddleware:
    """Before everything that asks for a session, a known host or https."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.views = {"/livez": livez, "/readyz": readyz}
        if settings.METRICS:
            from exoplanet_site.monitoring.metrics import metrics, watched

            self.views["/metrics"] = metrics
            self.get_response = watched(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        view = self.views.get(request.path)
        return (
            view(request)
            if view and request.method in ("GET", "HEAD")
            else self.get_response(request)
        )


@never_cache
def livez(request: HttpRequest) -> HttpResponse:
    """The process answers; it asks nobody else, so a database that is away restarts nothing."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    from exoplanet_site.monitoring.readiness import (
        OK,
        readiness,
    )  # models, which the middleware comes before

    checks = readiness()
    status = 200 if set(checks.values()) == {OK} else 503
    return JsonResponse({"ready": status == 200, "checks": checks}, status=status)

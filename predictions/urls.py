"""Addresses of the pages to classify, room by room."""

from django.urls import include, path

urlpatterns = [
    path("", include("predictions.pages.urls")),
    path("", include("predictions.rest.urls")),
    path("", include("predictions.signals.urls")),
    path("", include("predictions.history.urls")),
    path("", include("predictions.batches.urls")),
    path("", include("predictions.triage.urls")),
    path("", include("predictions.catalogue.filling.urls")),
    path("", include("predictions.catalogue.others.urls")),
    path("", include("predictions.curves.folders.urls")),
    path("", include("predictions.curves.urls")),
    path("", include("predictions.catalogue.urls")),
    path("", include("predictions.observing.urls")),
    path("", include("predictions.reviewing.urls")),
    path("", include("predictions.virtual_observatory.urls")),
    path("", include("predictions.watching.urls")),
    path("", include("predictions.comparing.urls")),
    path("", include("predictions.metrics.urls")),
    path("", include("predictions.demo.urls")),
]

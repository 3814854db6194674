"""Addresses of the pages of single signals."""

from django.urls import path

from predictions.signals import views

urlpatterns = [
    path("classify/", views.classify, name="classify"),
    path("predictions/<uuid:key>/", views.prediction_detail, name="prediction_detail"),
    path("predictions/<uuid:key>.json", views.prediction_json, name="prediction_json"),
    path(
        "predictions/<uuid:key>/waterfall.png",
        views.prediction_waterfall,
        name="prediction_waterfall",
    ),
    path("known-signals/<str:version>.svg", views.known_signals, name="known_signals"),
    path("predictions/<uuid:key>/edit/", views.prediction_edit, name="prediction_edit"),
    path("predictions/<uuid:key>/share/", views.prediction_share, name="prediction_share"),
    path("predictions/<uuid:key>/what-if/", views.prediction_what_if, name="prediction_what_if"),
    path("predictions/<uuid:key>/again/", views.prediction_again, name="prediction_again"),
]

"""Addresses of the pages to classify."""

from django.urls import path

from predictions import batch_urls, metrics_views, views

urlpatterns = [
    path("", views.home, name="home"),
    path("glossary/", views.glossary, name="glossary"),
    path("classify/", views.classify, name="classify"),
    path("model/", metrics_views.model_metrics, name="model_metrics"),
    path("model/<str:version>/<slug:plot>.svg", metrics_views.metrics_plot, name="metrics_plot"),
    path("predictions/", views.prediction_list, name="prediction_list"),
    path("predictions/predictions.csv", views.prediction_list_csv, name="prediction_list_csv"),
    path("predictions/<uuid:key>/", views.prediction_detail, name="prediction_detail"),
    path("predictions/<uuid:key>.json", views.prediction_json, name="prediction_json"),
    path("predictions/<uuid:key>/waterfall.png", views.prediction_waterfall, name="prediction_waterfall"),
    path("predictions/<uuid:key>/edit/", views.prediction_edit, name="prediction_edit"),
    path("predictions/<uuid:key>/share/", views.prediction_share, name="prediction_share"),
    path("predictions/<uuid:key>/again/", views.prediction_again, name="prediction_again"),
    *batch_urls.urlpatterns,
]

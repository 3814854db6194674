"""Addresses of the page that says how good a classifier is."""

from django.urls import path

from predictions.metrics import views

urlpatterns = [
    path("model/", views.model_metrics, name="model_metrics"),
    path("model/<str:version>/<slug:plot>.svg", views.metrics_plot, name="metrics_plot"),
]

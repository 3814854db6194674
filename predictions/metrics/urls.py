"""Addresses of the page that says how good a classifier is."""

from django.urls import path

from predictions.metrics import views

urlpatterns = [
    path("model/", views.model_metrics, name="model_metrics"),
    path("model/time-machine/", views.time_machine, name="time_machine"),
    path("model/time-machine/open-signals.csv", views.time_machine_csv, name="time_machine_csv"),
    path("model/<str:version>/<slug:plot>.svg", views.metrics_plot, name="metrics_plot"),
]

"""Addresses for programs, mounted at the root and under /api/v1/."""

from django.urls import path

from predictions import api

urlpatterns = [
    path("predict", api.PredictView.as_view(), name="predict"),
    path("model/metrics", api.ModelMetricsView.as_view(), name="model_metrics_api"),
]

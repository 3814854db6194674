"""Addresses for programs, mounted at the root and under /api/v1/."""

from django.urls import path

from predictions import api, batch_api

urlpatterns = [
    path("predict", api.PredictView.as_view(), name="predict"),
    path("predict_batch", batch_api.PredictBatchView.as_view(), name="predict_batch"),
    path("model/metrics", api.ModelMetricsView.as_view(), name="model_metrics_api"),
]

"""Addresses for programs, mounted at the root and under /api/v1/."""

from django.urls import path

from predictions.batches.api import PredictBatchView
from predictions.metrics.api import ModelMetricsView
from predictions.signals.api import PredictView

urlpatterns = [
    path("predict", PredictView.as_view(), name="predict"),
    path("predict_batch", PredictBatchView.as_view(), name="predict_batch"),
    path("model/metrics", ModelMetricsView.as_view(), name="model_metrics_api"),
]

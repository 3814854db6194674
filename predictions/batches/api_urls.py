"""Addresses of batches for programs, under /api/v1/ only: at the root they would be the pages'."""

from django.urls import path

from predictions.batches import api as batch_api
from predictions.batches import preview_api as batch_preview_api

urlpatterns = [
    path("batches", batch_api.BatchListView.as_view(), name="batch_list_api"),
    path("batches/preview", batch_preview_api.BatchPreviewView.as_view(), name="batch_preview_api"),
    path("batches/<uuid:pk>", batch_api.BatchView.as_view(), name="batch_api"),
    path("batches/<uuid:pk>/cancel", batch_api.BatchCancelView.as_view(), name="batch_cancel_api"),
    path("batches/<uuid:pk>/resume", batch_api.BatchResumeView.as_view(), name="batch_resume_api"),
    path(
        "batches/<uuid:pk>/results/<slug:key>",
        batch_api.BatchResultView.as_view(),
        name="batch_result_api",
    ),
]

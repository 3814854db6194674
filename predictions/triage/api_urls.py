"""Addresses of decisions about rows for programs, under /api/v1/ only."""

from django.urls import path

from predictions.triage import api

urlpatterns = [
    path("batches/<uuid:pk>/marks", api.RowMarkListView.as_view(), name="batch_marks_api"),
    path("batches/<uuid:pk>/rows/<int:row>/mark", api.RowMarkView.as_view(), name="row_mark_api"),
]

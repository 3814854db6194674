"""Addresses of the pages of batches."""

from django.urls import path

from predictions.batches import views

urlpatterns = [
    path("batches/", views.batch_list, name="batch_list"),
    path("batches/new/", views.batch_upload, name="batch_create"),
    path("batches/template.csv", views.batch_template, name="batch_template"),
    path("batches/<uuid:pk>/", views.batch_detail, name="batch_detail"),
    path("batches/<uuid:pk>/check/", views.batch_check, name="batch_check"),
    path("batches/<uuid:pk>/progress/", views.batch_progress, name="batch_progress"),
    path("batches/<uuid:pk>/rows/<int:row>/", views.batch_row, name="batch_row"),
    path("batches/<uuid:pk>/download/<slug:key>/", views.batch_download, name="batch_download"),
    path("batches/<uuid:pk>/plots/<slug:figure>.svg", views.batch_plot, name="batch_plot"),
    path("batches/<uuid:pk>/cancel/", views.batch_cancel, name="batch_cancel"),
    path("batches/<uuid:pk>/resume/", views.batch_resume, name="batch_resume"),
    path("batches/<uuid:pk>/share/", views.batch_share, name="batch_share"),
    path("batches/<uuid:pk>/delete/", views.batch_delete, name="batch_delete"),
]

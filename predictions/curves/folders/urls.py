"""Addresses of the pages of folders of light curves."""

from django.urls import path

from predictions.curves.folders import views

urlpatterns = [
    path("curves/folders/new/", views.folder_upload, name="curve_folder_create"),
    path("curves/folders/<uuid:folder_id>/", views.folder_detail, name="curve_folder"),
    path(
        "curves/folders/<uuid:folder_id>/progress/",
        views.folder_progress,
        name="curve_folder_progress",
    ),
    path(
        "curves/folders/<uuid:folder_id>/cancel/", views.folder_cancel, name="curve_folder_cancel"
    ),
    path(
        "curves/folders/<uuid:folder_id>/resume/", views.folder_resume, name="curve_folder_resume"
    ),
    path(
        "curves/folders/<uuid:folder_id>/delete/", views.folder_delete, name="curve_folder_delete"
    ),
]

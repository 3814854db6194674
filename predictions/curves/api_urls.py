"""Addresses of light curves for programs, under /api/v1/ only."""

from django.urls import path

from predictions.curves import api
from predictions.curves.folders import api as folders

urlpatterns = [
    path("curves/folders", folders.FolderListView.as_view(), name="curve_folder_list_api"),
    path("curves/folders/<uuid:folder_id>", folders.FolderView.as_view(), name="curve_folder_api"),
    path(
        "curves/folders/<uuid:folder_id>/cancel",
        folders.FolderCancelView.as_view(),
        name="curve_folder_cancel_api",
    ),
    path(
        "curves/folders/<uuid:folder_id>/resume",
        folders.FolderResumeView.as_view(),
        name="curve_folder_resume_api",
    ),
    path("curves", api.CurveListView.as_view(), name="curve_list_api"),
    path("curves/<uuid:pk>", api.CurveView.as_view(), name="curve_api"),
    path("curves/<uuid:pk>/again", api.CurveAgainView.as_view(), name="curve_again_api"),
    path("curves/<uuid:pk>/cancel", api.CurveCancelView.as_view(), name="curve_cancel_api"),
]

"""Addresses of light curves for programs, under /api/v1/ only."""

from django.urls import path

from predictions.curves import api

urlpatterns = [
    path("curves", api.CurveListView.as_view(), name="curve_list_api"),
    path("curves/<uuid:pk>", api.CurveView.as_view(), name="curve_api"),
    path("curves/<uuid:pk>/cancel", api.CurveCancelView.as_view(), name="curve_cancel_api"),
]

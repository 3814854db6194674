"""Addresses of the pages of light curves."""

from django.urls import path

from predictions.curves import views

urlpatterns = [
    path("curves/", views.curve_list, name="curve_list"),
    path("curves/new/", views.curve_upload, name="curve_create"),
    path("curves/<uuid:pk>/", views.curve_detail, name="curve_detail"),
    path("curves/<uuid:pk>/check/", views.curve_check, name="curve_check"),
    path("curves/<uuid:pk>/progress/", views.curve_progress, name="curve_progress"),
    path("curves/<uuid:pk>/cancel/", views.curve_cancel, name="curve_cancel"),
    path("curves/<uuid:pk>/restart/", views.curve_restart, name="curve_restart"),
    path("curves/<uuid:pk>/again/", views.curve_again, name="curve_again"),
    path("curves/<uuid:pk>/share/", views.curve_share, name="curve_share"),
    path("curves/<uuid:pk>/delete/", views.curve_delete, name="curve_delete"),
    path("curves/<uuid:pk>/light.csv", views.curve_light, name="curve_light"),
    path("curves/<uuid:pk>/plots/<slug:figure>.svg", views.curve_plot, name="curve_plot"),
    path("curves/<uuid:pk>/signals.csv", views.curve_signals, name="curve_signals"),
]
